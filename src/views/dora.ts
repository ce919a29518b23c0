import type { Outcome } from '../release/types.ts';

/** What DORA's figures need of a release. Times are unix milliseconds. */
export type DoraRelease = {
  readonly version: string;
  readonly requestedAtMs: number;
  /** null while it lives: it does not count yet. */
  readonly endedAtMs: number | null;
  readonly outcome: Outcome | null;
  /** When its version became the stable one; null when it never did. */
  readonly stableAtMs: number | null;
  /** When the change was committed, where whoever asked has said so. */
  readonly committedAtMs: number | null;
  /** From the first request that the fault hurt to all traffic on stable; null when nobody was hurt or it is not on record. */
  readonly secondsToSafety: number | null;
  /** Whether it brought an earlier version back. */
  readonly restore: boolean;
  /** Whether nothing ran before it. */
  readonly first: boolean;
  /** Whether users' requests reached it. */
  readonly exposed: boolean;
};

/** How a service is delivered, over the last `days` days of 24 hours. */
export type Dora = {
  readonly days: number;
  /** Changes that became the stable version (count). */
  readonly deployments: number;
  readonly perDay: number;
  /** From commit to stable version: the median in milliseconds, null when no commit's time is known; `known`: of how many. */
  readonly leadTimeMs: { readonly median: number | null; readonly known: number };
  /** Changes that reached users (`total`) and had to be taken back (`failed`); `rate` is their ratio, 0–1, null without any. */
  readonly changeFailure: { readonly rate: number | null; readonly failed: number; readonly total: number };
  /** From users being hurt to service as it was: the median in milliseconds, null when nothing had to be restored. */
  readonly restoreMs: { readonly median: number | null; readonly count: number };
};

const dayMs = 86_400_000;

/** A change that reached users: what DORA calls a deployment, whether it stayed or not. */
type Change = { readonly version: string; readonly atMs: number; readonly release: DoraRelease };

/**
 * DORA's four keys of one service. A first version replaces nothing and a restore delivers nothing new, so neither is a deployment; a
 * candidate that no user's request reached has changed nothing in production and counts nowhere.
 *
 * A change has failed when it was rolled back before it was stable, or when a restore to an earlier version took it back afterwards.
 * Recovery of the first kind is measured from the first request that was hurt. Of the second kind nobody has recorded that moment: it
 * is measured from when the restore was asked for, so what it took to notice is not in it.
 *
 * @param releases - Releases of the service in any order. A restore in the window may take back a change from before it: without
 * that one among them it counts as no recovery.
 * @param days - Length of the window (count, > 0).
 * @param nowMs - Its end, in unix milliseconds; what happens at this very moment is in it.
 * @throws RangeError if `days` is not above 0; the route refuses such values first, so this is our bug.
 * @see https://dora.dev/guides/dora-metrics-four-keys/ for change lead time, deployment frequency, change fail rate and failed
 * deployment recovery time.
 */
export function dora(releases: readonly DoraRelease[], days: number, nowMs: number): Dora {
  if (!(days > 0)) throw new RangeError(`days: ${days} is not above 0`);
  const fromMs = nowMs - days * dayMs;
  const isIn = (atMs: number): boolean => atMs > fromMs && atMs <= nowMs;
  const changes = changesIn(releases);
  const takenBack = takenBackBy(changes, releases);
  const counted = changes.filter(({ atMs }) => isIn(atMs));
  const deployed = counted.filter(({ release }) => isStable(release));
  const leads = deployed.map(leadMs).filter((lead) => lead !== null);
  const failed = counted.filter(
    ({ release }) => !isStable(release) || takenBack.some(({ change }) => change.release === release),
  );
  const recoveries = [
    ...counted.flatMap(({ release }) =>
      isStable(release) || release.secondsToSafety === null ? [] : [release.secondsToSafety * 1_000],
    ),
    ...takenBack.filter(({ by }) => isIn(by.atMs)).map(({ by }) => Math.max(0, by.atMs - by.release.requestedAtMs)),
  ];
  return {
    days,
    deployments: deployed.length,
    perDay: deployed.length / days,
    leadTimeMs: { median: median(leads), known: leads.length },
    changeFailure: {
      rate: counted.length === 0 ? null : failed.length / counted.length,
      failed: failed.length,
      total: counted.length,
    },
    restoreMs: { median: median(recoveries), count: recoveries.length },
  };
}

/** Changes that reached users, in the order in which they were decided. */
function changesIn(releases: readonly DoraRelease[]): readonly Change[] {
  return releases
    .filter(({ restore, first, exposed }) => !restore && !first && exposed)
    .flatMap(decided)
    .sort((a, b) => a.atMs - b.atMs);
}

/** When it was decided whether the release stays: with the end of one that went back, and not with the clearing up after one that did not. */
function decided(release: DoraRelease): readonly Change[] {
  const { version, outcome, endedAtMs } = release;
  if (endedAtMs === null || (outcome !== 'succeeded' && outcome !== 'rolled-back')) return [];
  return [{ version, atMs: isStable(release) ? (release.stableAtMs ?? endedAtMs) : endedAtMs, release }];
}

function isStable({ outcome }: DoraRelease): boolean {
  return outcome === 'succeeded';
}

/**
 * Changes that were stable and that a restore took back, each with the first restore that did. Only the change that is in force can be
 * taken back, and only for an earlier one: bringing a version back that was taken back by mistake blames nobody.
 */
function takenBackBy(
  changes: readonly Change[],
  releases: readonly DoraRelease[],
): readonly { readonly change: Change; readonly by: Change }[] {
  const stable = changes.filter(({ release }) => isStable(release));
  const restores = releases.filter((release) => release.restore && isStable(release)).flatMap(decided);
  const found = new Map<DoraRelease, { readonly change: Change; readonly by: Change }>();
  // Index in `stable` of what is in force; -1: something from before all of them.
  let inForce = -1;
  for (const event of [...stable, ...restores].sort((a, b) => a.atMs - b.atMs)) {
    if (!event.release.restore) {
      inForce = stable.indexOf(event);
      continue;
    }
    const back = stable.findLastIndex(({ version, atMs }) => version === event.version && atMs < event.atMs);
    const change = stable[inForce];
    if (change && back < inForce && !found.has(change.release)) found.set(change.release, { change, by: event });
    inForce = back;
  }
  return [...found.values()];
}

/** A commit from after the deployment is a clock or a hand that was wrong: it tells nothing. */
function leadMs({ atMs, release: { committedAtMs } }: Change): number | null {
  return committedAtMs === null || committedAtMs > atMs ? null : atMs - committedAtMs;
}

/** The value in the middle; of an even number the mean of both, in whole milliseconds. null when there is none. */
function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  if (upper === undefined) return null;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[(sorted.length >> 1) - 1] ?? upper);
  return Math.round((lower + upper) / 2);
}
