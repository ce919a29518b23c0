import { detectMsOf, resetMsOf, thresholdOf } from '../../slo/policy.ts';
import { compare, minus, one, over, type Rational, rational, times } from '../../slo/rational.ts';
import type { Tier } from '../../slo/types.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';
import { burnAlert, sliceRecord } from './burn-rules.ts';
import { type Driven, drivenBy } from './driven.ts';
import { exactly } from './exact.ts';
import type { Watched } from './objective.ts';
import { counted, type InputSeries, notation, type Phase, within } from './timeline.ts';

/** One test of promtool: series, and what has to be so at moments of it. */
export type UnitTest = {
  readonly name: string;
  /** Between two samples in milliseconds: a tick. */
  readonly intervalMs: number;
  /** Ticks between two evaluations of the rules; 1 where it is left out. */
  readonly evaluatedEvery?: number;
  readonly input: readonly InputSeries[];
  readonly expected: readonly Expected[];
};

/** Whether an expression finds anything at a moment; `value`: what it has to be. */
export type Expected = { readonly expr: string; readonly tick: number; readonly value: number | null };

/** Samples in a short window. Of a long one there are as many more as it is longer. */
const shortTicks = 5;
/** A test in which a window has more samples takes longer than people wait. */
const longTicksMax = 2_000;

/** Tests of every tier of an objective, or why one has none. */
export function burnTests(watched: Watched): { readonly tests: readonly UnitTest[]; readonly says: readonly string[] } {
  const says: string[] = [];
  const tests = watched.policy.flatMap((tier, index) => {
    const scale = scaleOf(tier);
    if (scale === null) {
      says.push(`${watched.objective.name} ${tier.name}: no test, because its windows have too little in common.`);
      return [];
    }
    return tierTests(watched, tier, index, scale);
  });
  return { tests, says };
}

/** Whole intervals in both windows of a tier. */
type Scale = { readonly intervalMs: number; readonly long: number; readonly short: number };

function scaleOf({ longMs, shortMs }: Tier): Scale | null {
  const common = greatestCommonDivisor(longMs, shortMs);
  let parts = Math.ceil((shortTicks * common) / shortMs);
  while (common % parts !== 0) parts += 1;
  const intervalMs = common / parts;
  return longMs / intervalMs > longTicksMax ? null : { intervalMs, long: longMs / intervalMs, short: shortMs / intervalMs };
}

function tierTests(watched: Watched, tier: Tier, index: number, scale: Scale): readonly UnitTest[] {
  const { policy, target } = watched;
  const driven = watched.objective.slices ? null : drivenBy(watched.events);
  const inputs = (phases: readonly Phase[]) => (driven ? counted(driven, phases) : recorded(watched, tier, scale, phases));
  const story = { watched, tier, scale, inputs, driven };
  const threshold = thresholdOf(tier, target);
  if (compare(threshold, one) >= 0) return [];
  const fastest = policy.slice(0, index).map((faster) => thresholdOf(faster, target));
  const cap = [one, times(threshold, rational(2)), ...fastest].reduce((least, other) =>
    compare(other, least) < 0 ? other : least,
  );
  const slow = decimalBetween(threshold, cap);
  // A slice is good or bad, and there is nothing between.
  const isWhole = watched.objective.slices !== undefined;
  return [
    outage(story, one, index === 0),
    ...(slow && !isWhole ? [outage(story, slow, true)] : []),
    ...(isWhole ? [] : [justBelow(story, threshold)]),
    ...(tier.minBad > 1 && !isWhole ? fewBad(story) : []),
    ...(driven && index === 0 && scale.intervalMs === watched.intervalMs ? [away(story)] : []),
    ...(driven && index === 0 ? noFailureYet(story, driven) : []),
  ];
}

type Story = {
  readonly watched: Watched;
  readonly tier: Tier;
  readonly scale: Scale;
  readonly inputs: (phases: readonly Phase[]) => readonly InputSeries[];
  readonly driven: readonly Driven[] | null;
};

/** Fires when the long window has seen enough, and resolves when the short one has seen enough of what is good again. */
function outage(story: Story, ratio: Rational, isAlone: boolean): UnitTest {
  const { watched, tier, scale, inputs } = story;
  const { target, policy } = watched;
  const ticksOf = (ms: Rational | null) => over(ms ?? rational(0), rational(scale.intervalMs));
  const isSlices = watched.objective.slices !== undefined;
  const detect = ticksOf(detectMsOf(tier, target, ratio));
  const reset = ticksOf(resetMsOf(tier, target, ratio));
  const least = isSlices ? tier.minBad : 1;
  // Slices are counted with both ends of a window, so one more than it is long.
  const slack = isSlices ? 2 : 0;
  const fires = Math.max(floor(detect) + 1, least) + slack;
  const silent =
    Math.max(0, isWholeNumber(detect) ? floor(detect) - 1 : floor(detect), isSlices ? least - 1 : 0) - (isSlices ? 1 : 0);
  const waits = Math.ceil((tier.forMs ?? 0) / scale.intervalMs);
  const { healthy, failing } = traffic(story, ratio);
  const begins = scale.long;
  const ends = begins + fires + waits + scale.short + 1;
  const phases = [
    { ticks: begins, events: healthy },
    { ticks: ends - begins, events: failing },
    { ticks: scale.short + slack + 1, events: healthy },
  ];
  const resolved = ceil(reset) + slack;
  // Prometheus 3 leaves the sample at the beginning of a window out, and then one interval less has been seen.
  const stillBurns = Math.max(0, ceil(times(reset, rational(scale.short - 1, scale.short))) - 1 - slack);
  const alerts = `count(ALERTS{alertname="${burnAlert}",alertstate="firing",${watched.labels},tier="${tier.name}"})`;
  const slower = policy.slice(policy.indexOf(tier) + 1).map(({ name }) => name);
  const others = `count(ALERTS{alertname="${burnAlert}",alertstate="firing",${watched.labels},tier=~"${slower.join('|')}"})`;
  const expected = [
    ...condition(story, begins, null),
    ...condition(story, begins + Math.max(0, silent), null),
    ...condition(story, begins + fires, 1),
    ...condition(story, ends + stillBurns, 1),
    ...condition(story, ends + resolved, null),
    ...(isAlone
      ? [
          ...(waits > 0 ? [{ expr: alerts, tick: begins + fires + waits - 1, value: null }] : []),
          { expr: alerts, tick: begins + fires + waits, value: 1 },
          { expr: alerts, tick: ends + resolved, value: null },
          // One alert at a time, while it fires and just after it.
          ...(slower.length > 0 && policy[0] === tier
            ? [
                { expr: others, tick: begins + fires + waits, value: null },
                { expr: others, tick: ends + resolved, value: null },
              ]
            : []),
        ]
      : []),
  ];
  const what = compare(ratio, one) === 0 ? 'everything fails' : `${exactly(ratio)} of all fail`;
  return {
    ...base(story, what),
    input: inputs(phases),
    expected,
  };
}

/** However long it lasts. */
function justBelow(story: Story, threshold: Rational): UnitTest {
  const { scale, inputs } = story;
  const ratio = decimalBetween(times(threshold, rational(1, 2)), threshold) ?? times(threshold, rational(1, 2));
  const phases = [{ ticks: scale.long + scale.short, events: traffic(story, ratio).failing }];
  return {
    ...base(story, `${exactly(ratio)} of all fail, not more than the threshold`),
    input: inputs(phases),
    expected: condition(story, scale.long + scale.short, null),
  };
}

/** However large their part of all events is. */
function fewBad(story: Story): readonly UnitTest[] {
  const { tier, scale, inputs, driven } = story;
  const parts = partsOf(driven);
  const each = Math.ceil(tier.minBad / 20 / parts) * parts;
  const needed = Math.ceil(tier.minBad / each);
  if (needed + 1 >= scale.long) return [];
  const phases = [
    { ticks: 1, events: { good: 0, bad: 0 } },
    { ticks: needed, events: { good: 0, bad: each } },
  ];
  return [
    {
      ...base(story, `fewer than ${tier.minBad} bad events`),
      input: inputs(phases),
      expected: [...condition(story, needed, null), ...condition(story, needed + 1, 1)],
    },
  ];
}

/** What nobody can see is not over. */
function away(story: Story): UnitTest {
  const { watched, tier, scale, inputs } = story;
  const fires = floor(over(detectMsOf(tier, watched.target, one) ?? rational(0), rational(scale.intervalMs))) + 1;
  const { healthy, failing } = traffic(story, one);
  const begins = scale.long;
  const phases = [
    { ticks: begins, events: healthy },
    { ticks: fires, events: failing },
    { ticks: 3 * scale.short, events: null },
    { ticks: 2 * scale.short, events: healthy },
  ];
  const gone = begins + fires + 3 * scale.short;
  return {
    ...base(story, 'the counters go away while everything fails'),
    input: inputs(phases),
    expected: [...condition(story, gone, 1), ...condition(story, gone + 2 * scale.short, null)],
  };
}

/** A counter of failures often appears with the first of them; until then none of the events was bad. */
function noFailureYet({ watched, tier, scale }: Story, driven: readonly Driven[]): readonly UnitTest[] {
  const { events, labels, objective } = watched;
  if (events.kind !== 'ratio' || events.count !== 'bad') return [];
  const phases = [{ ticks: scale.short, events: { good: partsOf(driven), bad: 0 } }];
  const ratio = `slo:bad_ratio:increase${durationText(tier.shortMs)}{${labels}}`;
  return [
    {
      name: `${objective.name} ${tier.name}: no counter of failures yet`,
      intervalMs: scale.intervalMs,
      input: counted(
        driven.filter(({ good }) => good > 0),
        phases,
      ),
      expected: [{ expr: `sum(${ratio})`, tick: scale.short, value: 0 }],
    },
  ];
}

function base({ watched, tier, scale }: Story, what: string) {
  const { objective } = watched;
  return { name: `${objective.name} (${percentText(objective.targetPpm)}) ${tier.name}: ${what}`, intervalMs: scale.intervalMs };
}

function condition({ watched, tier }: Story, tick: number, value: number | null): readonly Expected[] {
  return [{ expr: `count(slo:burning{${watched.labels},tier="${tier.name}"})`, tick, value }];
}

type Counts = { readonly good: number; readonly bad: number };

/** Even traffic: as many events in each interval, of which exactly this part is bad while it fails, and enough for the tier. */
function traffic({ watched, tier, driven }: Story, { n, d }: Rational): { readonly healthy: Counts; readonly failing: Counts } {
  if (watched.objective.slices) return { healthy: { good: 1, bad: 0 }, failing: { good: 0, bad: 1 } };
  const parts = BigInt(partsOf(driven));
  const least = BigInt(Math.max(1, tier.minBad));
  const times = parts * ((least + n - 1n) / n);
  return { healthy: { good: Number(d * times), bad: 0 }, failing: { good: Number((d - n) * times), bad: Number(n * times) } };
}

function partsOf(driven: readonly Driven[] | null): number {
  return Math.max(1, ...(driven ?? []).map(({ of }) => of));
}

/** What the rules would have recorded, where it is not known which series their queries choose. */
function recorded(
  { labels, objective }: Watched,
  tier: Tier,
  { long, short }: Scale,
  phases: readonly Phase[],
): readonly InputSeries[] {
  const ticks = phases.reduce((sum, phase) => sum + phase.ticks, 0);
  const present = { series: `slo:has_data{${labels}}`, values: notation(Array<number>(ticks + 1).fill(1)) };
  if (objective.slices) {
    const slices = within(phases, 1, 'bad');
    return [present, { series: `${sliceRecord(objective.slices.everyMs)}{${labels}}`, values: notation(slices) }];
  }
  const windows = [
    [durationText(tier.longMs), long],
    [durationText(tier.shortMs), short],
  ] as const;
  return [
    present,
    ...windows.flatMap(([window, length]) => {
      const bad = within(phases, length, 'bad');
      const total = within(phases, length, 'total');
      const ratios = bad.map((value, at) => value / Math.max(1, total[at] ?? 0));
      return [
        { series: `slo:bad:increase${window}{${labels}}`, values: notation(bad) },
        { series: `slo:bad_ratio:increase${window}{${labels}}`, values: ratios.join(' ') },
      ];
    }),
  ];
}

/** The largest decimal with the fewest digits that is above `low` and not above `high`. */
function decimalBetween(low: Rational, high: Rational): Rational | null {
  for (let scale = 10n; scale <= 10n ** 12n; scale *= 10n) {
    const found = rational((high.n * scale) / high.d, scale);
    if (compare(found, low) > 0 && compare(minus(one, found), rational(0)) > 0) return found;
  }
  return null;
}

function floor({ n, d }: Rational): number {
  return Number(n / d);
}

function ceil({ n, d }: Rational): number {
  return Number((n + d - 1n) / d);
}

function isWholeNumber({ d }: Rational): boolean {
  return d === 1n;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
