import type { Language } from '../analysis/sentence.ts';
import { phaseName } from '../release/phase-name.ts';
import type { Outcome, ReleaseState, ServiceState } from '../release/types.ts';
import type { Instance } from '../targets/target.ts';
import { type HealthReason, healthText } from './health-text.ts';
import type { Signals } from './signals.ts';

/** How a service is. Never `healthy` without evidence: where nothing is known it is `unknown`. */
export const healthLevels = ['critical', 'degraded', 'unknown', 'healthy'] as const;
export type HealthLevel = (typeof healthLevels)[number];

/** Why a service is as it is: one sentence with its numbers for each reason, the gravest first. */
export type Health = { readonly level: HealthLevel; readonly reasons: readonly string[] };

/** Above these, users are hurt (critical), or something is wrong that users may not notice yet (degraded). Shares 0–1, milliseconds. */
const limits = {
  critical: { errorShare: 0.05, p95Ms: 2_000, p99Ms: 5_000 },
  degraded: { errorShare: 0.01, p95Ms: 1_000 },
} as const;

/** Outcomes of releases that had users. */
const tellingOutcomes: readonly Outcome[] = ['rolled-back', 'succeeded'];

/** How long a candidate that was taken back is a reason to look. */
const takenBackMs = 15 * 60_000;

/**
 * How a service is at a moment (unix milliseconds), from what is on record of it and from its users' last minute.
 *
 * @param signals - null: nothing is known of its requests.
 */
export function health(state: ServiceState, signals: Signals | null, nowMs: number, language: Language): Health {
  const critical = [
    ...instancesGone(state),
    ...routeNotInForce(state),
    ...databaseNotBack(state),
    ...aboveLimits(signals, 'critical'),
  ];
  const degraded = [
    // Of a number that is critical already, nobody needs to read again that it is not fine.
    ...(critical.some(({ kind }) => isOfUsers(kind)) ? [] : aboveLimits(signals, 'degraded')),
    ...instancesNotWell(state),
    ...heldRelease(state),
    ...takenBack(state, nowMs),
  ];
  const tell = (reasons: readonly HealthReason[]): readonly string[] => reasons.map((reason) => healthText(reason, language));
  if (critical.length > 0) return { level: 'critical', reasons: tell([...critical, ...degraded]) };
  if (degraded.length > 0) return { level: 'degraded', reasons: tell(degraded) };
  if (state.stable === null) return { level: 'unknown', reasons: tell([{ kind: 'no-stable' }]) };
  if (signals === null) return { level: 'unknown', reasons: tell([{ kind: 'no-data' }]) };
  return { level: 'healthy', reasons: tell(signals.requestsPerSecond > 0 ? [] : [{ kind: 'no-traffic' }]) };
}

function instancesGone({ stable, instances }: ServiceState): readonly HealthReason[] {
  if (!stable) return [];
  const all = instances[stable.version] ?? [];
  if (all.some(({ state }) => state === 'ready')) return [];
  return [{ kind: 'none-ready', version: stable.version, all: all.length, problem: problemOf(all) }];
}

/** What was only just asked for is no fault; what a router has refused or not answered once is. */
function routeNotInForce({ route, retries, live }: ServiceState): readonly HealthReason[] {
  if (live?.phase.kind === 'rolling-back' && live.phase.failing && live.phase.part !== 'database')
    return [{ kind: 'rollback-failed', of: 'route', version: live.version, why: retries[`route:${route.seq}`]?.reason ?? null }];
  if (route.want === null || route.status === 'confirmed') return [];
  const retry = retries[`route:${route.seq}`] ?? retries[`read:${route.seq}`];
  const isHeld = live?.phase.kind === 'held' && live.phase.reason === 'router';
  if (!retry && !isHeld) return [];
  return [{ kind: 'route', tries: retry?.attempts ?? 0, why: retry?.reason ?? null }];
}

/** Users are on stable, and its database is not the one that it was made for. */
function databaseNotBack({ retries, live }: ServiceState): readonly HealthReason[] {
  if (live?.phase.kind !== 'rolling-back' || live.phase.part !== 'database' || !live.phase.failing) return [];
  const why = retries[`undo:${live.id}:${live.compensate.at(-1)}`]?.reason ?? null;
  return [{ kind: 'rollback-failed', of: 'database', version: live.version, why }];
}

function aboveLimits(signals: Signals | null, level: 'critical' | 'degraded'): readonly HealthReason[] {
  if (!signals) return [];
  const limit: { readonly errorShare: number; readonly p95Ms: number; readonly p99Ms?: number } = limits[level];
  const found: HealthReason[] = [];
  if (signals.errorShare !== null && signals.errorShare > limit.errorShare)
    found.push({ kind: 'errors', share: signals.errorShare, limit: limit.errorShare, perSecond: signals.requestsPerSecond });
  if (signals.p95Ms !== null && signals.p95Ms > limit.p95Ms)
    found.push({ kind: 'latency', quantile: 'p95', ms: signals.p95Ms, limitMs: limit.p95Ms });
  if (limit.p99Ms !== undefined && signals.p99Ms !== null && signals.p99Ms > limit.p99Ms)
    found.push({ kind: 'latency', quantile: 'p99', ms: signals.p99Ms, limitMs: limit.p99Ms });
  return found;
}

function isOfUsers(kind: HealthReason['kind']): boolean {
  return kind === 'errors' || kind === 'latency';
}

/** A stable version has all of its instances ready; one that is only just being started is not expected to. */
function instancesNotWell({ stable, instances }: ServiceState): readonly HealthReason[] {
  return Object.entries(instances).flatMap(([version, all]) => {
    const ready = all.filter(({ state }) => state === 'ready').length;
    if (version === stable?.version && ready === 0) return [];
    const bad = all.filter(
      ({ state }) => state === 'unready' || state === 'crashed' || (state === 'starting' && version === stable?.version),
    );
    if (bad.length === 0) return [];
    return [{ kind: 'instances' as const, version, bad: bad.length, all: all.length, problem: problemOf(bad) }];
  });
}

function problemOf(instances: readonly Instance[]): string | null {
  return instances.find(({ problem }) => problem !== undefined)?.problem ?? null;
}

function heldRelease({ live }: ServiceState): readonly HealthReason[] {
  return live && phaseName(live) === 'held' ? [{ kind: 'held', release: live }] : [];
}

function takenBack({ live, ended }: ServiceState, nowMs: number): readonly HealthReason[] {
  if (live && phaseName(live) === 'rolling-back' && live.phase.kind === 'rolling-back')
    return [{ kind: 'going-back', release: live, cause: live.phase.cause }];
  // The newest that told something about the service: a version that has succeeded since is what there is to know.
  const last = ended.find(({ phase }) => phase.kind === 'ended' && tellingOutcomes.includes(phase.outcome));
  if (last?.phase.kind !== 'ended' || last.phase.outcome !== 'rolled-back' || !isRecent(last, nowMs)) return [];
  return [{ kind: 'taken-back', release: last, agoMs: nowMs - endedAtMs(last) }];
}

function isRecent(release: ReleaseState, nowMs: number): boolean {
  return nowMs - endedAtMs(release) < takenBackMs;
}

function endedAtMs({ phase }: ReleaseState): number {
  return phase.kind === 'ended' ? phase.atMs : 0;
}
