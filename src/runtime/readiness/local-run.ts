import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import { signaturesFor } from '../../readiness/canonical.ts';
import { judgeReadiness } from '../../readiness/judge.ts';
import type { ResolvedChecklist } from '../../readiness/resolved.ts';
import type { Confirmation, Exemption, ItemResult, ReadinessReport } from '../../readiness/types.ts';
import type { SignOffRole } from '../../spec/checklist-types.ts';
import { replaceFile } from '../../system/replace-file.ts';
import type { ReportInput } from '../../views/readiness/report-input.ts';
import type { CheckPlace } from './check-once.ts';
import { reportHash } from './report-hash.ts';
import { atOnceMax, type RunProgress, runChecks } from './run-checks.ts';
import { Slots } from './slots.ts';
import { unproven } from './unproven.ts';

/** A run as a file keeps it, so that it goes on where it was broken off, and reports are made of it later. */
export type SavedRun = {
  readonly format: 1;
  readonly service: string;
  readonly version: string | null;
  readonly checklist: string;
  readonly results: readonly ItemResult[];
  /** What came of it; null: it has not ended. */
  readonly report: ReadinessReport | null;
  /** Whose signatures it would need. */
  readonly roles: readonly SignOffRole[];
};

const saved = z.looseObject({
  format: z.literal(1),
  service: z.string(),
  version: z.string().nullable(),
  checklist: z.string(),
  results: z.array(z.looseObject({ item: z.string(), asked: z.string(), startedMs: z.number(), status: z.string() })),
  report: z.looseObject({ phases: z.array(z.unknown()) }).nullable(),
  roles: z.array(z.looseObject({ role: z.string() })),
});

/** Largest file of a run that is read. */
const bytesMax = 64 * 1_048_576;

/**
 * A run that a file keeps; null when there is no such file.
 *
 * @throws UserError `E_RUN_FILE` when it cannot be read or is none.
 */
export async function readRun(file: string): Promise<SavedRun | null> {
  const wrong = (what: string, cause?: unknown) =>
    new UserError('E_RUN_FILE', what, { where: file, fix: 'name a file that `rampart check --save` has written', cause });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw wrong(`cannot read it: ${messageOf(error)}`, error);
  }
  if (text.length > bytesMax) throw wrong('it is larger than any run');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong('it is no JSON', error);
  }
  if (!saved.safeParse(value).success) throw wrong('it is not the run of a checklist');
  return value as SavedRun;
}

/** What is checked without any controller. */
export type LocalRun = {
  readonly checklist: ResolvedChecklist;
  /** As it was asked for. */
  readonly asked: string;
  readonly place: CheckPlace;
  readonly confirmations: readonly Confirmation[];
  readonly exemptions: readonly Exemption[];
  /** Ids of phases and items that are looked at; null: all. */
  readonly only: { readonly phases: readonly string[]; readonly items: readonly string[] } | null;
  /** File that keeps it. */
  readonly save: string | null;
  readonly progress: RunProgress;
};

/**
 * Checks what nothing proves yet, and answers the report.
 *
 * @param before - Results that are known, of a run before.
 */
export async function runLocally(run: LocalRun, before: readonly ItemResult[], signal: AbortSignal): Promise<ReportInput> {
  const { asked, place, confirmations, exemptions, save } = run;
  const checklist = onlyOf(run.checklist, run.only);
  const nowMs = place.now();
  const { wanted, known } = unproven(checklist, before, null, nowMs);
  const results = new Map(before.filter(({ item }) => known.has(item)).map((result) => [result.item, result]));
  const file = async (report: ReadinessReport | null): Promise<void> => {
    if (save === null) return;
    const { service, version } = place;
    const value: SavedRun = {
      format: 1,
      service,
      version,
      checklist: asked,
      results: [...results.values()],
      report,
      roles: checklist.signOffs,
    };
    await replaceFile(save, `${JSON.stringify(value)}\n`, { durable: false, mode: 0o600 });
  };
  // One after the other, each with all that is known by then.
  let writing: Promise<void> = Promise.resolve();
  let failed: unknown = null;
  const progress: RunProgress = {
    ...run.progress,
    ended(result) {
      results.set(result.item, result);
      writing = writing.then(() => file(null)).catch((error: unknown) => void (failed ??= error));
      run.progress.ended?.(result);
    },
  };
  try {
    await runChecks({ checklist, wanted, known, place, slots: new Slots(atOnceMax), progress }, signal);
  } finally {
    await writing;
  }
  if (failed !== null)
    throw new UserError('E_RUN_FILE', `the run cannot be kept: ${messageOf(failed)}`, {
      where: save ?? '',
      fix: 'make room there, or name another file',
      cause: failed,
    });
  const report = judgeReadiness(checklist, place, { results: [...results.values()], confirmations, exemptions }, place.now());
  await file(report);
  const hash = reportHash(report);
  const roles = checklist.signOffs;
  const names = roles.map(({ role }) => role);
  return { report, hash, roles, ...signaturesFor(hash, [], names), comparison: null };
}

/**
 * A part of a checklist.
 *
 * @throws UserError `E_INPUT` when it has no such phase or item.
 */
export function onlyOf(checklist: ResolvedChecklist, only: LocalRun['only']): ResolvedChecklist {
  if (only === null || (only.phases.length === 0 && only.items.length === 0)) return checklist;
  const ids = checklist.phases.map(({ id }) => id);
  const all = checklist.phases.flatMap(({ items }) => items.map(({ id }) => id));
  for (const [names, known, option] of [[only.phases, ids, '--phase'] as const, [only.items, all, '--item'] as const])
    for (const name of names)
      if (!known.includes(name))
        throw new UserError('E_INPUT', `checklist ${checklist.name} has no ${name}`, {
          where: option,
          fix: `use one of ${known.join(', ')}`,
        });
  const phases = checklist.phases
    .map((phase) => ({
      ...phase,
      items: phase.items.filter(({ id }) => only.phases.includes(phase.id) || only.items.includes(id)),
    }))
    .filter(({ items }) => items.length > 0);
  return { ...checklist, phases };
}
