import type { DependencyCheck, DiagnosisInput, NearRelease, RestartedInstances, SaturatedSignal } from '../../diagnosis/types.ts';
import type { Measure } from '../../incidents/impact/types.ts';
import type { Incident } from '../../incidents/types.ts';
import type { ItemResult } from '../../readiness/types.ts';
import { stepText } from '../../release/step-text.ts';
import type { ReleaseState, ServiceState } from '../../release/types.ts';
import { defaultLevels, type LeveledSignal, leveledSignals, levelsOf } from '../../signals/levels.ts';
import type { SignalPolicy } from '../../spec/signal-policy.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import type { SignalPoint } from '../../views/signal-track.ts';
import type { RunRecord } from '../readiness/readiness-records.ts';
import { recordedIn } from '../record.ts';

/** How long before its beginning a release, a check or a restart may have to do with an incident. */
export const reachMs = 3_600_000;
/** Checks older than this say nothing about how it was before. */
const checkedMaxMs = 7 * 86_400_000;

/** All that is known of the time of an incident, as it is on record and in memory. */
export type Surroundings = {
  readonly services: readonly ServiceState[];
  /** Runs of checklists of its service. */
  readonly runs: readonly RunRecord[];
  /** Events of its service around that time. */
  readonly events: readonly LoggedEvent[];
  /** Minutes of its signals, and what its document says of them. */
  readonly minutes: readonly SignalPoint[];
  readonly signals: SignalPolicy | undefined;
  /** Incidents before it, newest first, and what people wrote of their causes. */
  readonly past: readonly Incident[];
  readonly pastCauses: ReadonlyMap<string, string>;
};

/** What a diagnosis follows from. */
export function diagnosisInput(incident: Incident, measure: Measure | null, around: Surroundings): DiagnosisInput {
  const fromMs = measure?.startedAtMs ?? incident.startedAtMs;
  const toMs = measure?.endedAtMs ?? incident.resolvedAtMs ?? Number.POSITIVE_INFINITY;
  return {
    incident,
    attribution: incident.attribution,
    measure,
    releases: around.services.flatMap(nearReleases).toSorted((a, b) => (b.exposedAtMs ?? 0) - (a.exposedAtMs ?? 0)),
    reachMs,
    checks: checksOf(around.runs, fromMs, toMs),
    restarted: restartsIn(around.events, fromMs - reachMs, toMs),
    saturated: saturatedIn(around.minutes, around.signals, fromMs, toMs),
    past: around.past,
    pastCauses: around.pastCauses,
  };
}

function nearReleases({ name, live, ended }: ServiceState): readonly NearRelease[] {
  return [...(live ? [live] : []), ...ended].map((release): NearRelease => {
    const { id, version, plan, exposedAtMs, safeAtMs, phase } = release;
    return {
      id,
      service: name,
      version,
      stable: plan.stable,
      exposedAtMs,
      safeAtMs,
      endedAtMs: phase.kind === 'ended' ? phase.atMs : null,
      step: stepOf(release),
    };
  });
}

function stepOf({ plan, exposedBy, exposedAtMs }: ReleaseState): string | null {
  const step = exposedAtMs === null ? undefined : plan.steps[exposedBy];
  return step ? stepText(step, plan.stable) : null;
}

type Judged = DependencyCheck['status'];
type JudgedResult = ItemResult & { readonly status: Judged };

/** Checks that were run in the incident, with how they stood before. What was not proven says nothing. */
function checksOf(runs: readonly RunRecord[], fromMs: number, toMs: number): readonly DependencyCheck[] {
  const results = new Map<string, JudgedResult[]>();
  const titles = new Map<string, DependencyCheck['title']>();
  for (const { ended } of runs)
    for (const { items } of ended?.report.phases ?? [])
      for (const { id, title, result } of items) {
        if (!result || result.status === 'unproven' || result.status === 'skipped') continue;
        titles.set(id, title);
        results.set(id, [...(results.get(id) ?? []), result as JudgedResult]);
      }
  return [...results]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([item, all]): readonly DependencyCheck[] => {
      const sorted = all.toSorted((a, b) => b.startedMs - a.startedMs);
      const now = sorted.find(({ startedMs }) => startedMs >= fromMs && startedMs <= toMs);
      if (!now) return [];
      const before = sorted.find(({ startedMs }) => startedMs < fromMs && startedMs > fromMs - checkedMaxMs);
      const { status, found, startedMs: atMs } = now;
      const known = before ? { status: before.status, atMs: before.startedMs } : null;
      return [{ item, title: titles.get(item) ?? item, status, found, atMs, before: known }];
    });
}

/** Ends of instances that came on record in some time: their counters rise. */
function restartsIn(events: readonly LoggedEvent[], fromMs: number, toMs: number): readonly RestartedInstances[] {
  const counts = new Map<string, number>();
  const found = new Map<string, { restarts: number; ids: Set<string>; firstAtMs: number; problem: string | null; seq: number }>();
  for (const logged of events) {
    if (logged.kind !== 'instances' || logged.at > toMs) continue;
    const { event } = recordedIn(logged);
    if (event.kind !== 'instances') continue;
    for (const { id, restarts, problem } of event.instances) {
      const before = counts.get(id);
      counts.set(id, restarts);
      const more = restarts - (before ?? restarts);
      if (more <= 0 || logged.at < fromMs) continue;
      const known = found.get(event.version) ?? {
        restarts: 0,
        ids: new Set(),
        firstAtMs: logged.at,
        problem: null,
        seq: logged.seq,
      };
      known.restarts += more;
      known.ids.add(id);
      known.problem = problem ?? known.problem;
      found.set(event.version, known);
    }
  }
  return [...found].map(([version, { restarts, ids, firstAtMs, problem, seq }]) => ({
    version,
    restarts,
    instances: ids.size,
    firstAtMs,
    problem,
    seq,
  }));
}

function saturatedIn(
  minutes: readonly SignalPoint[],
  policy: SignalPolicy | undefined,
  fromMs: number,
  toMs: number,
): readonly SaturatedSignal[] {
  const within = (from: number, to: number) => minutes.filter((point) => point.from * 1_000 >= from && point.from * 1_000 < to);
  const most = (points: readonly SignalPoint[], name: string): number | null => {
    const values = points.flatMap(({ gauges }) => gauges[name] ?? []);
    return values.length === 0 ? null : Math.max(...values);
  };
  const [before, during] = [within(fromMs - reachMs, fromMs), within(fromMs, toMs)];
  const names = [...new Set(during.flatMap(({ gauges }) => Object.keys(gauges)))].toSorted();
  return names.flatMap((name): readonly SaturatedSignal[] => {
    const value = most(during, name);
    if (value === null) return [];
    const isLeveled = (leveledSignals as readonly string[]).includes(name);
    const named = policy?.more.find((one) => one.name === name);
    const levels = isLeveled ? levelsOf(name as LeveledSignal, policy) : named?.levels;
    if (!levels) return [];
    const isShare = isLeveled ? defaultLevels[name as LeveledSignal].unit === 'ppm' : named?.query.limit != null;
    const level = (ppm: number | null | undefined) => (ppm == null ? null : isShare ? ppm / 1e6 : ppm);
    return [
      {
        name,
        unit: isShare ? 'share' : 'number',
        before: most(before, name),
        during: value,
        warning: level(levels.warning),
        critical: level(levels.critical),
      },
    ];
  });
}
