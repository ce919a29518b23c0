import { piecesOf } from '../../incidents/impact/cells.ts';
import type { Measure } from '../../incidents/impact/types.ts';
import { learn, recordedCounts } from '../../incidents/learning/learn.ts';
import type { LearningInput, Lesson, RecordedCounts } from '../../incidents/learning/types.ts';
import type { Incident } from '../../incidents/types.ts';
import type { ObjectiveKeeper } from '../objectives/objective-keeper.ts';
import type { RunningObjective } from '../objectives/running-objective.ts';

/** Objectives of one incident that something is learned of: those that were hurt most. */
const objectivesMax = 2;
/** How far back false alarms are looked for. */
const historyMs = 90 * 86_400_000;
/** Counts of one incident that are kept on record, the newest of them. */
const countsMax = 1_000;
/** Replays so much of the time before an incident as the windows of its tier need, and this much more. */
const beforeMs = 600_000;

/** What replaying an incident shows, and what has to be kept for its test cases. Nothing of objectives that nobody counts any more. */
export function learnFrom(
  objectives: ObjectiveKeeper,
  incident: Incident,
  measure: Measure,
  others: readonly Incident[],
): { readonly lessons: readonly Lesson[]; readonly recorded: readonly RecordedCounts[] } {
  const hurt = measure.objectives
    .filter(({ missedMs }) => missedMs > 0)
    .slice(0, objectivesMax)
    .flatMap(({ id }) => objectives.get(id) ?? []);
  const found = hurt.flatMap((running) => {
    const tier = tierOf(running, incident);
    if (tier === undefined) return [];
    const input = inputOf(objectives, running, tier.longMs, measure, incident, others);
    return [{ lessons: learn(input, tier.name), recorded: recordedCounts(input) }];
  });
  return {
    lessons: found.flatMap(({ lessons }) => lessons),
    // Counts without a lesson would be kept for nothing.
    recorded: found.filter(({ lessons }) => lessons.length > 0).map(({ recorded }) => recorded),
  };
}

/** The tier whose alert came first; where none did, the most urgent one. */
function tierOf({ id, sums }: RunningObjective, { alerts }: Incident) {
  const first = alerts.toSorted((a, b) => a.firedAtMs - b.firedAtMs).find(({ key }) => key.startsWith(`${id}/`));
  return sums.policy.find(({ name }) => first?.key === `${id}/${name}`) ?? sums.policy[0];
}

function inputOf(
  objectives: ObjectiveKeeper,
  running: RunningObjective,
  longMs: number,
  { startedAtMs, endedAtMs }: Measure,
  incident: Incident,
  others: readonly Incident[],
): LearningInput {
  const { id, objective, sums } = running;
  const history = piecesOf(objectives.history(running, Math.max(objectives.nowMs() - historyMs, running.countedSinceMs)));
  const fromMs = startedAtMs - longMs - beforeMs;
  // It is looked for until somebody knew of it, too: what is noticed later than that is no gain.
  const toMs = Math.max(endedAtMs, Math.min(incident.openedAtMs, incident.resolvedAtMs ?? Number.POSITIVE_INFINITY));
  return {
    objective: { id, name: objective.name, targetPpm: objective.targetPpm, windowMs: objective.windowMs, alerts: sums.policy },
    pieces: history.filter(({ fromS, toS }) => toS * 1_000 > fromMs && fromS * 1_000 < toMs).slice(-countsMax),
    history,
    startedAtMs,
    endedAtMs: toMs,
    knownAtMs: incident.openedAtMs,
    incidents: [incident, ...others.filter(({ service }) => service === incident.service)].map((one) => ({
      fromMs: one === incident ? startedAtMs : one.startedAtMs,
      toMs: Math.max(one === incident ? toMs : 0, one.resolvedAtMs ?? Number.POSITIVE_INFINITY),
    })),
  };
}
