import type { CheckPlugin } from '../../checks/check.ts';
import { checks } from '../../checks/registry.ts';
import { askedOf } from '../../readiness/asked.ts';
import type { ResolvedChecklist, ResolvedItem } from '../../readiness/resolved.ts';
import type { ItemResult } from '../../readiness/types.ts';
import { type CheckPlace, checkOnce } from './check-once.ts';
import type { Slots } from './slots.ts';

/** Checks that are under way at the same time, of all runs of a process. */
export const atOnceMax = 32;

export type RunProgress = {
  /** An item is looked at now. */
  began?(item: string): void;
  said?(item: string, text: string): void;
  ended?(result: ItemResult): void;
};

/** What is run, where, and who hears of it. */
export type CheckRun = {
  readonly checklist: ResolvedChecklist;
  /** Ids of items; others are left alone. */
  readonly wanted: ReadonlySet<string>;
  /** What is proven already: items that others need, and that are not run. */
  readonly known: ReadonlySet<string>;
  readonly place: CheckPlace;
  readonly slots: Slots;
  readonly progress: RunProgress;
  readonly plugins?: Readonly<Record<string, CheckPlugin>>;
};

/**
 * Runs the checks of some items, each once those that it needs have passed.
 *
 * @throws only when the signal aborts; what has ended by then was told.
 */
export async function runChecks(
  { checklist, wanted, known, place, slots, progress, plugins = checks }: CheckRun,
  signal: AbortSignal,
): Promise<readonly ItemResult[]> {
  const items = checklist.phases.flatMap((phase) => phase.items);
  const byId = new Map(items.map((item) => [item.id, item]));
  const begun = new Map<string, Promise<ItemResult | null>>();
  const begin = (item: ResolvedItem): Promise<ItemResult | null> => {
    const other = begun.get(item.id);
    if (other) return other;
    const work = one(item);
    begun.set(item.id, work);
    return work;
  };
  const one = async (item: ResolvedItem): Promise<ItemResult | null> => {
    const { check } = item;
    if (!check || item.applies !== true || !wanted.has(item.id)) return null;
    const unmet: string[] = [];
    for (const need of item.needs) {
      const needed = byId.get(need);
      if (needed?.applies !== true) continue;
      const result = await begin(needed);
      if (result ? result.status !== 'pass' && result.status !== 'warn' : !known.has(need)) unmet.push(need);
    }
    signal.throwIfAborted();
    const result = await (unmet.length > 0 ? notRun(item, unmet, place.now()) : looked(item));
    progress.ended?.(result);
    return result;
  };
  const looked = (item: ResolvedItem): Promise<ItemResult> => {
    const { check } = item;
    const plugin = check && plugins[check.kind];
    if (!plugin) throw new Error(`no check of kind ${check?.kind}`);
    return slots.take(plugin.capabilities.alone, async () => {
      signal.throwIfAborted();
      progress.began?.(item.id);
      const startedMs = place.now();
      const startMs = performance.now();
      const answer = await checkOnce(plugin, check, place, (text) => progress.said?.(item.id, text), signal);
      const tookMs = Math.round(performance.now() - startMs);
      return { item: item.id, kind: check.kind, asked: askedOf(check), startedMs, tookMs, ...answer };
    });
  };
  const all = await Promise.allSettled(items.map(begin));
  signal.throwIfAborted();
  return all.flatMap((settled) => {
    if (settled.status === 'rejected') throw settled.reason;
    return settled.value ? [settled.value] : [];
  });
}

async function notRun({ id, check }: ResolvedItem, unmet: readonly string[], startedMs: number): Promise<ItemResult> {
  const names = unmet.join(', ');
  return {
    item: id,
    kind: check?.kind ?? '',
    asked: check ? askedOf(check) : '',
    startedMs,
    tookMs: 0,
    status: 'unproven',
    lookedAt: id,
    found: { en: `it needs ${names}, which did not pass`, ru: `нужно, чтобы прошло ${names}` },
    expected: { en: `${names} passes first`, ru: `сначала проходит ${names}` },
    fix: { en: `mend ${names} first`, ru: `сначала исправьте ${names}` },
    evidence: [],
    figures: {},
  };
}
