import type { Language } from '../analysis/sentence.ts';
import { phaseName } from '../release/phase-name.ts';
import type { Outcome, ReleaseState, ServiceState } from '../release/types.ts';
import { assess } from '../signals/assess.ts';
import { signalPolicy } from '../signals/policy.ts';
import type { AssessedSignal, Gauge } from '../signals/types.ts';
import type { Instance } from '../targets/target.ts';
import { type HealthReason, healthText } from './health-text.ts';
import type { Signals } from './signals.ts';

/** How a service is. Never `healthy` without evidence: where nothing is known it is `unknown`. */
export const healthLevels = ['critical', 'degraded', 'unknown', 'healthy'] as const;
export type HealthLevel = (typeof healthLevels)[number];

/** Why a service is as it is: one sentence with its numbers for each reason, the gravest first. */
export type Health = { readonly level: HealthLevel; readonly reasons: readonly string[] };

/** Outcomes of releases that had users. */
const tellingOutcomes: readonly Outcome[] = ['rolled-back', 'succeeded'];

/** How long a candidate that was taken back is a reason to look. */
const takenBackMs = 15 * 60_000;

/**
 * How a service is at a moment (unix milliseconds), from what is on record of it, from its users' last minute, and from how full what it
 * works with is.
 *
 * @param signals - null: nothing is known of its requests.
 * @param gauges - What is known of how full things are.
 */
export function health(
  state: ServiceState,
  signals: Signals | null,
  gauges: readonly Gauge[],
  nowMs: number,
  language: Language,
): Health {
  const assessed = assess(signals, gauges, signalPolicy(state));
  const above = (level: 'critical' | 'warning', isOfUsers: boolean): readonly HealthReason[] =>
    assessed
      .filter(({ state, group }) => state === level && (group !== 'saturation') === isOfUsers)
      .toSorted((a, b) => Number(b.group === 'errors') - Number(a.group === 'errors'))
      .map((signal) => reasonOf(signal, signals));
  const hurt = above('critical', true);
  const critical = [
    ...instancesGone(state),
    ...routeNotInForce(state),
    ...databaseNotBack(state),
    ...hurt,
    ...above('critical', false),
  ];
  const degraded = [
    // Of users who are hurt already, nobody needs to read again that something is not fine.
    ...(hurt.length > 0 ? [] : above('warning', true)),
    ...above('warning', false),
    ...instancesNotWell(state),
    ...heldRelease(state),
    ...takenBack(state, nowMs),
  ];
  const tell = (reasons: readonly HealthReason[]): readonly string[] => reasons.map((reason) => healthText(reason, language));
  if (critical.length > 0) return { level: 'critical', reasons: tell([...critical, ...degraded]) };
  if (degraded.length > 0) return { level: 'degraded', reasons: tell(degraded) };
  if (state.stable === null) return { level: 'unknown', reasons: tell([{ kind: 'no-stable' }]) };
  if (signals === null) return { level: 'unknown', reasons: tell([{ kind: 'no-data' }]) };
  const missing = assessed.filter(({ state: how, isAsked }) => how === 'unknown' && isAsked);
  if (missing.length > 0) return { level: 'unknown', reasons: tell(missing.map((signal) => reasonOf(signal, signals))) };
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

function reasonOf(signal: AssessedSignal, signals: Signals | null): HealthReason {
  const { name, value, state, levels } = signal;
  const limit = state === 'critical' ? levels.critical : levels.warning;
  if (name !== 'errors' || value === null || limit === null) return { kind: 'signal', signal };
  return { kind: 'errors', share: value, limit, perSecond: signals?.requestsPerSecond ?? 0 };
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
