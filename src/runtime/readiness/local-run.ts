import { UserError } from '../../errors.ts';
import { signaturesFor } from '../../readiness/canonical.ts';
import { judgeReadiness } from '../../readiness/judge.ts';
import type { ResolvedChecklist } from '../../readiness/resolved.ts';
import type { Confirmation, Exemption, ItemResult, ReadinessReport } from '../../readiness/types.ts';
import { nearest } from '../../spec/nearest.ts';
import type { ReportInput } from '../../views/readiness/report-input.ts';
import type { CheckPlace } from './check-once.ts';
import { reportHash } from './report-hash.ts';
import { atOnceMax, type RunProgress, runChecks } from './run-checks.ts';
import { RunFile, type SavedRun } from './run-file.ts';
import { Slots } from './slots.ts';
import { unproven } from './unproven.ts';

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
  const ids = new Set(run.checklist.phases.flatMap(({ items }) => items.map(({ id }) => id)));
  // What is outside of the part that is looked at stays as it was found.
  const kept = before.filter(({ item }) => ids.has(item) && !wanted.has(item));
  const results = new Map(kept.map((result) => [result.item, result]));
  const { service, version } = place;
  const saved = (report: ReadinessReport | null): SavedRun => ({
    format: 1,
    service,
    version,
    checklist: asked,
    results: [...results.values()],
    report,
    roles: checklist.signOffs,
  });
  const file = save === null ? null : new RunFile(save, () => saved(null));
  // What cannot be kept is told before anything is looked at.
  await file?.write(saved(null));
  const progress: RunProgress = {
    ...run.progress,
    ended(result) {
      results.set(result.item, result);
      file?.changed();
      run.progress.ended?.(result);
    },
  };
  try {
    await runChecks({ checklist, wanted, known, place, slots: new Slots(atOnceMax), progress }, signal);
  } finally {
    await file?.settled();
  }
  const report = judgeReadiness(checklist, place, { results: [...results.values()], confirmations, exemptions }, place.now());
  await file?.write(saved(report));
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
      if (!known.includes(name)) {
        const near = nearest(name, known);
        throw new UserError('E_INPUT', `checklist ${checklist.name} has no ${name}`, {
          where: option,
          fix: near ? `did you mean ${near}?` : `use one of ${within(name, known).join(', ')}`,
        });
      }
  const phases = checklist.phases
    .map((phase) => ({
      ...phase,
      items: phase.items.filter(({ id }) => only.phases.includes(phase.id) || only.items.includes(id)),
    }))
    .filter(({ items }) => items.length > 0);
  return { ...checklist, phases };
}

/** The names of the same phase; those of all of them are more than anybody reads. */
function within(name: string, known: readonly string[]): readonly string[] {
  const same = known.filter((one) => one.startsWith(`${name.split('.')[0]}.`));
  return same.length > 0 ? same : known.length <= 20 ? known : ['those that `rampart checklists show` names'];
}
