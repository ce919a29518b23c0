import type { AlertsRecorded } from '../../runtime/alerts/alert-records.ts';
import type { Controller } from '../../runtime/controller.ts';
import type { Cell } from '../../runtime/objectives/count-store.ts';
import { unknownObjective } from '../../runtime/objectives/objective-changes.ts';
import type { ObjectiveKeeper } from '../../runtime/objectives/objective-keeper.ts';
import type { RunningObjective } from '../../runtime/objectives/running-objective.ts';
import { concerns } from '../../slo/corrections.ts';
import { sumOf } from '../../slo/events.ts';
import { type Period, periodBefore } from '../../slo/period.ts';
import type { Events } from '../../slo/types.ts';
import { burnDownPoints, objectiveView, sumText } from '../../views/make-objective-view.ts';
import type { BurnDownView, CorrectionView, ObjectiveView } from '../../views/objective-view.ts';

type World = {
  readonly controller: Pick<Controller, 'service'>;
  readonly objectives: ObjectiveKeeper;
  readonly alerts: AlertsRecorded;
};

/** Points of a burn-down: as many as a chart can show. */
const pointsMax = 240;

/** An objective that there is. @throws UserError `E_UNKNOWN_OBJECTIVE`. */
export function knownObjective(objectives: ObjectiveKeeper, id: string): RunningObjective {
  const found = objectives.get(id);
  if (!found) throw unknownObjective(id);
  return found;
}

/**
 * An objective as it is now.
 *
 * @param isBrief - Without what each version did: in a list of thousands nobody waits for that.
 */
export function viewOf({ controller, objectives, alerts }: World, running: RunningObjective, isBrief = false): ObjectiveView {
  const { id, known, objective, sums } = running;
  const nowMs = objectives.nowMs();
  const { fromMs, toMs, bad, total } = running.period(nowMs);
  const period = { fromMs, toMs };
  const corrections = correctionsOf(objectives, running, period, nowMs);
  const counted = { bad, total };
  const all = corrections.length === 0 ? counted : sumOf(cellsOf(objectives, running, period, nowMs));
  return objectiveView({
    id,
    service: known.service,
    objective,
    source: sourceOf(controller, running),
    reading: objectives.read(running),
    notes: running.notes,
    nowMs,
    period,
    counted,
    all,
    knownFromMs: sums.knownFromS * 1_000,
    knownToMs: sums.knownToS * 1_000,
    before: eventsBefore(objectives, running, nowMs),
    corrections,
    versions: known.versions.map(({ sinceMs, objective: { targetPpm, windowMs }, by }) => ({ sinceMs, targetPpm, windowMs, by })),
    byVersion: isBrief ? [] : objectives.byVersion(running, fromMs, nowMs),
    open: alerts.state.open,
  });
}

/** Events of a whole period of an objective: what its allowance is reckoned with. */
export function expectedOf(world: World, running: RunningObjective): number {
  const { allowedEvents, totalEvents } = viewOf(world, running, true).budget;
  const allowedPpm = 1_000_000 - running.objective.targetPpm;
  return allowedPpm === 0 ? totalEvents : Math.round((allowedEvents * 1_000_000) / allowedPpm);
}

/** What was left of its budget over the period, with what was released in it. */
export function burnDownOf(world: World, running: RunningObjective): BurnDownView {
  const { controller, objectives } = world;
  const view = viewOf(world, running);
  const nowMs = objectives.nowMs();
  const { fromMs } = view.period;
  const endMs = Math.min(nowMs, view.period.toMs);
  const everyMs = pieceMs(endMs - fromMs);
  const sums = new Map<number, Events>();
  for (const cell of cellsOf(objectives, running, view.period, nowMs)) {
    if (cell.isLeftOut) continue;
    const at = Math.floor((cell.fromS * 1_000 - fromMs) / everyMs);
    const sum = sums.get(at) ?? { bad: 0, total: 0 };
    sums.set(at, { bad: sum.bad + cell.bad, total: sum.total + cell.total });
  }
  const count = Math.max(0, Math.ceil((endMs - fromMs) / everyMs));
  const pieces = Array.from({ length: count }, (_, at) => {
    const found = sums.get(at);
    return found ? { fromMs: fromMs + at * everyMs, ...found } : { fromMs: fromMs + at * everyMs, bad: null };
  });
  const service = running.known.service === null ? undefined : controller.service(running.known.service);
  const releases = (service ? [...service.ended, ...(service.live ? [service.live] : [])] : [])
    .filter(({ requestedAtMs }) => requestedAtMs >= fromMs)
    .map(({ id, version, requestedAtMs, exposedAtMs, phase }) => ({
      id,
      version,
      atMs: exposedAtMs ?? requestedAtMs,
      outcome: phase.kind === 'ended' ? phase.outcome : null,
    }))
    .sort((a, b) => a.atMs - b.atMs);
  return { everyMs, points: burnDownPoints(pieces, view.budget.allowedEvents), releases, sum: sumText(view) };
}

/** The whole of a minute, five, an hour … of which a chart has no more than it can show. */
function pieceMs(spanMs: number): number {
  const steps = [60_000, 300_000, 900_000, 3_600_000, 3 * 3_600_000, 6 * 3_600_000, 24 * 3_600_000, 72 * 3_600_000];
  return steps.find((ms) => spanMs / ms <= pointsMax) ?? 7 * 24 * 3_600_000;
}

function sourceOf(controller: World['controller'], { known, objective }: RunningObjective): string {
  if (known.standalone) return known.standalone.source?.kind ?? 'none';
  const service = controller.service(known.service ?? '');
  const spec = service?.stable?.spec ?? service?.live?.spec;
  return objective.events ? (spec?.source?.kind ?? 'none') : 'router';
}

function correctionsOf(
  objectives: ObjectiveKeeper,
  running: RunningObjective,
  period: Period,
  nowMs: number,
): readonly CorrectionView[] {
  return objectives.corrections
    .filter((one) => concerns(one, running.id) && one.toMs > period.fromMs && one.fromMs < period.toMs)
    .map(({ id, fromMs, toMs, why, by }) => ({
      id,
      fromMs,
      toMs,
      why,
      by,
      ...sumOf(
        cellsOf(objectives, running, { fromMs: Math.max(fromMs, period.fromMs), toMs }, nowMs).filter(
          ({ isLeftOut }) => isLeftOut,
        ),
      ),
    }));
}

function cellsOf(
  objectives: ObjectiveKeeper,
  { id, countedSinceMs }: RunningObjective,
  { fromMs, toMs }: Period,
  nowMs: number,
): readonly Cell[] {
  const from = Math.floor(Math.max(fromMs, countedSinceMs) / 1_000);
  return objectives.store.cells(id, from, Math.ceil(Math.min(toMs, nowMs) / 1_000));
}

function eventsBefore(
  objectives: ObjectiveKeeper,
  { id, objective, sums, countedSinceMs }: RunningObjective,
  nowMs: number,
): number | null {
  if (!objective.calendar) return null;
  const { fromMs, toMs } = periodBefore(objective, nowMs);
  // A period of which only the end is known says nothing of the next one.
  if (Math.max(sums.knownFromS * 1_000, countedSinceMs) > fromMs + 3_600_000) {
    const [first] = objectives.store.cells(id, Math.floor(fromMs / 1_000), Math.floor(toMs / 1_000), 3_600);
    if (!first || first.fromS * 1_000 > fromMs + 3_600_000) return null;
  }
  return sumOf(objectives.store.cells(id, Math.floor(fromMs / 1_000), Math.floor(toMs / 1_000), 3_600)).total;
}
