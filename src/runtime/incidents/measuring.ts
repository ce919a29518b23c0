import type { CountCell, MeasuredObjective, MeasureInput, SuspectRelease } from '../../incidents/impact/types.ts';
import type { Incident } from '../../incidents/types.ts';
import type { ReleaseState, ServiceState } from '../../release/types.ts';
import type { BurnTier } from '../../spec/types.ts';
import type { ObjectiveKeeper } from '../objectives/objective-keeper.ts';
import type { RunningObjective } from '../objectives/running-objective.ts';

/** Objectives of one incident that are measured; those with alerts come first. */
const objectivesMax = 20;
/** How long before it was known of an incident may have begun, at least. */
const lookBackMinMs = 3_600_000;
/** Most that is looked at before its beginning. */
const baselineMaxMs = 86_400_000;
/** How long after its end counts may still say that it ended then. */
const afterMs = 600_000;

/** What measuring needs of a controller. */
export type MeasuringWorld = {
  readonly objectives: ObjectiveKeeper;
  /** Events of a whole period of an objective, for its allowance. */
  readonly expected: (running: RunningObjective) => number;
};

/** What an incident is measured by: the objectives of its service, and whatever else has an alert in it. */
export function measureInput({ objectives, expected }: MeasuringWorld, incident: Incident, nowMs: number): MeasureInput {
  const { service, alerts, openedAtMs, startedAtMs, startedBy, actions } = incident;
  const concerned = objectives.all.filter(
    ({ id, known }) => (service !== null && known.service === service) || alerts.some(({ key }) => key.startsWith(`${id}/`)),
  );
  const isNoticed = concerned.some((running) => tierOf(running, incident) !== null);
  const own = concerned
    // Where others have noticed it, any objective may show when it began.
    .map((running) => ({ running, tier: isNoticed ? tierOf(running, incident) : (running.sums.policy[0] ?? null) }))
    .toSorted((a, b) => Number(b.tier !== null) - Number(a.tier !== null) || (a.running.id < b.running.id ? -1 : 1))
    .slice(0, objectivesMax);
  const lookBackMs = Math.max(lookBackMinMs, ...own.map(({ tier }) => tier?.longMs ?? 0));
  const endedAtMs = incident.mitigatedAtMs ?? incident.resolvedAtMs ?? nowMs;
  const overAtMs = Math.min(nowMs, (incident.resolvedAtMs ?? nowMs) + afterMs);
  const begin = Math.min(startedAtMs, openedAtMs - lookBackMs);
  const fromMs = begin - Math.min(baselineMaxMs, Math.max(lookBackMinMs, overAtMs - begin));
  return {
    startedAtMs,
    isStartGiven: startedBy !== null,
    guardedFromMs: alerts
      .filter(({ origin }) => origin === 'release')
      .reduce<number | null>((least, { sinceMs }) => Math.min(least ?? sinceMs, sinceMs), null),
    detectedAtMs: openedAtMs,
    endedAtMs,
    overAtMs,
    lookBackMs,
    actions: actions
      .filter(({ kind, outcome }) => (kind === 'restart' || kind === 'rollback' || kind === 'runbook') && outcome !== 'skipped')
      .flatMap(({ id, begunAtMs, endedAtMs: doneAtMs }) => (doneAtMs === null ? [] : [{ id, begunAtMs, endedAtMs: doneAtMs }])),
    objectives: own.map(
      ({ running, tier }): MeasuredObjective => ({
        id: running.id,
        name: running.objective.name,
        targetPpm: running.objective.targetPpm,
        windowMs: running.objective.windowMs,
        expected: expected(running),
        tier,
        cells: objectives.cells(running, fromMs, openedAtMs - lookBackMinMs, overAtMs + afterMs).map(cellOf),
      }),
    ),
  };
}

function cellOf({ fromS, toS, version, isLeftOut, bad, total }: CountCell): CountCell {
  return { fromS, toS, version, isLeftOut, bad, total };
}

/** The most urgent tier of the objective that has an alert in the incident. */
function tierOf({ id, sums }: RunningObjective, { alerts }: Incident): BurnTier | null {
  return sums.policy.find(({ name }) => alerts.some(({ key }) => key === `${id}/${name}`)) ?? null;
}

/** The release that an incident is attributed to, as far as its service still knows it. */
export function suspectOf({ attribution }: Incident, service: ServiceState | undefined): SuspectRelease | null {
  const found = attribution?.release ?? null;
  if (!found) return null;
  const release = service && [service.live, ...service.ended].find((one) => one?.id === found.id);
  return {
    ...found,
    percentMax: release ? percentMax(release) : null,
    safeAtMs: release?.safeAtMs ?? null,
    backBy: release?.cause?.by ?? null,
  };
}

/** The most of its steps up to the last one that changed its share. */
function percentMax({ plan, exposedBy, exposedAtMs }: ReleaseState): number | null {
  if (exposedAtMs === null) return 0;
  const shares = plan.steps
    .slice(0, exposedBy + 1)
    .flatMap((step) => (step.kind === 'weight' ? [step.percent] : step.kind === 'promote' ? [100] : []));
  return shares.length === 0 ? null : Math.max(...shares);
}
