import { said } from '../../analysis/figures.ts';
import { backtest } from '../../slo/backtest.ts';
import { lintPolicy } from '../../slo/lint.ts';
import type { DetectionCase } from '../../spec/detection-case.ts';
import type { BurnTier } from '../../spec/types.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';
import { tierLine } from './tier-line.ts';
import type { Judged, Learned, LearningInput, Lesson, RecordedCounts } from './types.ts';

/** Less is no difference: alerts are judged every ten seconds. */
const earlierMinMs = 10_000;
const lessonsMax = 5;
const slotMs = 10_000;

/** Fewer bad events, and less of the budget in a window that is as much shorter: the factor stays, so the same burn fires sooner. */
const changes: readonly { readonly share: number; readonly window: number; readonly minBad: number | null }[] = [
  { share: 1, window: 1, minBad: 5 },
  { share: 1, window: 1, minBad: 3 },
  { share: 2, window: 1, minBad: null },
  { share: 2, window: 2, minBad: null },
  { share: 4, window: 4, minBad: null },
  { share: 2, window: 2, minBad: 5 },
  { share: 4, window: 4, minBad: 5 },
];

/**
 * Which other tiers would have told of an incident earlier, and how many more false alarms each would have given over all the time that is
 * on record; those with the fewest first. Exact as far as the record is fine: the same integers and the same comparison as when alerts are
 * judged. What cannot work (see `lintPolicy`) is not proposed.
 *
 * @param tier - Name of the tier that has told of it, or should have.
 */
export function learn(input: LearningInput, tier: string): readonly Lesson[] {
  const { objective } = input;
  const index = objective.alerts.findIndex(({ name }) => name === tier);
  const current = objective.alerts[index];
  if (!current) return [];
  const others = changes.flatMap((change) => changedTier(current, change) ?? []);
  const seen = new Set<string>();
  return others
    .filter((other) => {
      const line = tierLine(other);
      const policy = objective.alerts.map((one, at) => (at === index ? other : one));
      const isNew = line !== tierLine(current) && !seen.has(line);
      seen.add(line);
      return isNew && !lintPolicy(policy, objective, null, objective.windowMs).some(({ level }) => level === 'error');
    })
    .map((other) => {
      // Both on the same part of the record: what is fine enough for the shorter of their windows.
      const longestMs = Math.min(current.shortMs, other.shortMs);
      return lessonOf(input, current, judged(current, input, longestMs), judged(other, input, longestMs));
    })
    .filter(({ earlierMs, then }) => then.detectedMs !== null && earlierMs >= earlierMinMs)
    .filter((lesson, _, all) => !all.some((other) => isBetter(other, lesson)))
    .toSorted((a, b) => a.extraFalseAlarms - b.extraFalseAlarms || b.earlierMs - a.earlierMs || (a.id < b.id ? -1 : 1))
    .slice(0, lessonsMax);
}

/** Whether one is as early at the same price and asks for more bad events: less of them would be asked for in vain. */
function isBetter({ then: { tier: one }, ...better }: Lesson, { then: { tier: other }, ...lesson }: Lesson): boolean {
  return (
    one.minBad > other.minBad &&
    one.sharePpm === other.sharePpm &&
    one.longMs === other.longMs &&
    better.earlierMs >= lesson.earlierMs &&
    better.extraFalseAlarms <= lesson.extraFalseAlarms
  );
}

/**
 * What a tier would have done, in the incident and in all the time that is on record.
 *
 * @param longestMs - Longest piece of the record that is judged.
 */
export function judged(
  tier: BurnTier,
  { objective, pieces, history, startedAtMs, endedAtMs, incidents }: LearningInput,
  longestMs = tier.shortMs,
): Judged {
  const detectedAtMs = detectedAt(tier, objective, pieces, startedAtMs, endedAtMs);
  const { firings, judgedMs } = backtest(tier, objective, history, longestMs);
  const falseAlarms = firings.filter(
    ({ fromMs, toMs }) => !incidents.some((one) => fromMs <= one.toMs && (toMs ?? Number.POSITIVE_INFINITY) >= one.fromMs),
  ).length;
  return { tier, detectedMs: detectedAtMs === null ? null : Math.max(0, detectedAtMs - startedAtMs), falseAlarms, judgedMs };
}

/** When it would have fired first between the beginning and the end; null: not at all. */
function detectedAt(
  tier: BurnTier,
  target: Pick<LearningInput['objective'], 'targetPpm' | 'windowMs'>,
  pieces: LearningInput['pieces'],
  startedAtMs: number,
  endedAtMs: number,
): number | null {
  const found = backtest(tier, target, pieces).firings.find(
    ({ fromMs, toMs }) => fromMs <= endedAtMs && (toMs ?? Number.POSITIVE_INFINITY) >= startedAtMs,
  );
  return found?.fromMs ?? null;
}

function changedTier(tier: BurnTier, { share, window, minBad }: (typeof changes)[number]): BurnTier | null {
  const slots = (ms: number) => Math.max(slotMs, Math.round(ms / window / slotMs) * slotMs);
  const sharePpm = Math.round(tier.sharePpm / share);
  if (sharePpm < 1 || (minBad !== null && minBad >= tier.minBad)) return null;
  return { ...tier, sharePpm, longMs: slots(tier.longMs), shortMs: slots(tier.shortMs), minBad: minBad ?? tier.minBad };
}

function lessonOf(
  { objective, startedAtMs, endedAtMs, knownAtMs }: LearningInput,
  current: BurnTier,
  now: Judged,
  then: Judged,
): Lesson {
  const lastedMs = endedAtMs - startedAtMs;
  // An alert that does not fire at all is worth having, whoever else has told of it.
  const toldMs = now.detectedMs === null ? lastedMs : Math.min(now.detectedMs, Math.max(0, knownAtMs - startedAtMs));
  const earlierMs = toldMs - (then.detectedMs ?? lastedMs);
  const { tier } = then;
  const what = [
    ...(tier.sharePpm === current.sharePpm && tier.longMs === current.longMs
      ? []
      : [`${percentText(tier.sharePpm)}/${durationText(tier.longMs)}/${durationText(tier.shortMs)}`]),
    ...(tier.minBad === current.minBad ? [] : [`minBad ${tier.minBad}`]),
  ].join(', ');
  return {
    id: `${objective.id}/${tier.name}/${what.replaceAll(/[ ,]+/g, '-')}`,
    objective: objective.id,
    change: said(
      () =>
        `let ${tier.name} of ${objective.id} fire at ${percentText(tier.sharePpm)} of the budget in ${durationText(tier.longMs)} (short window ${durationText(tier.shortMs)}), from ${tier.minBad} bad events on`,
      ({ span, n }) =>
        `пусть ${tier.name} цели ${objective.id} срабатывает при расходе ${percentText(tier.sharePpm)} бюджета за ${span(tier.longMs)} (короткое окно ${span(tier.shortMs)}), если плохих событий не меньше ${n(tier.minBad)}`,
    ),
    now,
    then,
    earlierMs,
    extraFalseAlarms: then.falseAlarms - now.falseAlarms,
    diff: diffOf(objective, tier),
  };
}

/** The objective's alerts before and after, as they stand in a document. */
function diffOf({ id, alerts }: LearningInput['objective'], tier: BurnTier): string {
  const lines = alerts.flatMap((one) =>
    one.name === tier.name ? [`-  - ${tierLine(one)}`, `+  - ${tierLine(tier)}`] : [`   - ${tierLine(one)}`],
  );
  return [`--- ${id}`, `+++ ${id}`, `@@ -1,${alerts.length + 1} +1,${alerts.length + 1} @@`, '   alerts:', ...lines].join('\n');
}

/** An incident as a test: the policy has to notice it as soon as this tier does. Null: the tier does not. */
export function detectionCase(incident: string, recorded: RecordedCounts, { tier, detectedMs }: Judged): DetectionCase | null {
  if (detectedMs === null) return null;
  const { objective, startedAtMs, counts } = recorded;
  return {
    kind: 'rampart-detection-case',
    version: 1,
    incident,
    objective: objective.id,
    targetPpm: objective.targetPpm,
    windowMs: objective.windowMs,
    tier: tier.name,
    startedAtMs,
    withinMs: detectedMs,
    counts,
  };
}

/** What has to be kept of an incident for its cases. */
export function recordedCounts({ objective, startedAtMs, endedAtMs, pieces }: LearningInput): RecordedCounts {
  return {
    objective,
    startedAtMs,
    endedAtMs,
    counts: pieces.map(({ fromS, toS, bad, total }) => [fromS, toS, bad, total] as const),
  };
}

/** The lessons of an incident, with the test that each becomes when it is taken. */
export function learnedOf(incident: string, lessons: readonly Lesson[], recorded: readonly RecordedCounts[]): Learned {
  return {
    lessons,
    cases: lessons.flatMap(({ objective, then }) => {
      const found = recorded.find((one) => one.objective.id === objective);
      return (found && detectionCase(incident, found, then)) ?? [];
    }),
  };
}

/** How soon the alerts of an objective, as it is now, notice the incident of a case: by the tier that has to or one that is more urgent. */
export function replayCase(
  one: DetectionCase,
  { alerts, ...target }: Pick<LearningInput['objective'], 'targetPpm' | 'windowMs' | 'alerts'>,
): { readonly ok: boolean; readonly detectedMs: number | null } {
  const pieces = one.counts.map(([fromS, toS, bad, total]) => ({ fromS, toS, bad, total }));
  const endedAtMs = (pieces.at(-1)?.toS ?? 0) * 1_000;
  const last = alerts.findIndex(({ name }) => name === one.tier);
  const found = alerts.slice(0, last + 1).flatMap((tier) => detectedAt(tier, target, pieces, one.startedAtMs, endedAtMs) ?? []);
  const detectedMs = found.length === 0 ? null : Math.max(0, Math.min(...found) - one.startedAtMs);
  return { ok: detectedMs !== null && detectedMs <= one.withinMs, detectedMs };
}
