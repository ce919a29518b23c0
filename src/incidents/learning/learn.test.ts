import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { BacktestPiece } from '../../slo/backtest.ts';
import { defaultPolicy } from '../../slo/policy.ts';
import { burnPolicy } from '../../spec/objective.ts';
import { detectionCase, judged, learn, recordedCounts, replayCase } from './learn.ts';
import { tierLine } from './tier-line.ts';
import type { LearningInput } from './types.ts';

const day = 86_400_000;
const begin = 1_764_352_800;
const [pages] = defaultPolicy;

/** Slots of ten seconds with 100 requests each. */
function slots(count: number, badOf: (slot: number) => number): readonly BacktestPiece[] {
  return Array.from({ length: count }, (_, slot) => {
    const fromS = begin + slot * 10;
    return { fromS, toS: fromS + 10, total: 100, bad: badOf(slot) };
  });
}
const at = (slot: number) => (begin + slot * 10) * 1_000;

/** Five in a hundred fail from slot 1,000 on; slot 300 to 312 is a blip of which nobody made an incident. */
function input(more: Partial<LearningInput> = {}): LearningInput {
  const pieces = slots(1_600, (slot) => (slot >= 1_000 && slot < 1_500 ? 5 : slot >= 300 && slot < 312 ? 30 : 0));
  return {
    objective: { id: 'shop/availability', name: 'availability', targetPpm: 999_000, windowMs: 30 * day, alerts: defaultPolicy },
    pieces: pieces.slice(640),
    history: pieces,
    startedAtMs: at(1_000),
    endedAtMs: at(1_500),
    knownAtMs: at(1_500),
    incidents: [{ fromMs: at(1_000), toMs: at(1_500) }],
    ...more,
  };
}

test('each lesson is earlier, says at what price in false alarms, and the cheapest comes first', () => {
  const lessons = learn(input(), 'P0');
  assert.ok(lessons.length > 0);
  for (const { now, then, earlierMs, extraFalseAlarms } of lessons) {
    assert.equal(earlierMs, (now.detectedMs ?? Number.NaN) - (then.detectedMs ?? Number.NaN));
    assert.ok(earlierMs >= 10_000);
    assert.equal(extraFalseAlarms, then.falseAlarms - now.falseAlarms);
    assert.equal(then.judgedMs, 16_000_000);
  }
  // Whoever asks for fewer bad events has to gain something by it.
  const shapes = lessons.map(({ then: { tier }, earlierMs }) => `${tier.sharePpm} ${tier.longMs} ${earlierMs}`);
  assert.deepEqual(shapes, [...new Set(shapes)]);
  const prices = lessons.map(({ extraFalseAlarms }) => extraFalseAlarms);
  assert.deepEqual(
    prices,
    prices.toSorted((a, b) => a - b),
  );
  // A quarter of the budget in a quarter of the time: 14.4 times the even burn as before, and a quarter of the way there.
  const quarter = lessons.find(({ then }) => then.tier.sharePpm === 5_000);
  assert.equal(quarter?.then.tier.longMs, 900_000);
  const wait = (ms: number | null | undefined) => Math.round((ms ?? 0) / 10_000);
  assert.ok(Math.abs(wait(quarter?.now.detectedMs) / wait(quarter?.then.detectedMs) - 4) < 0.6);
});

test('an alert where there was no incident counts as false, and one in an incident does not', () => {
  assert(pages);
  const sensitive = { ...pages, sharePpm: 5_000, longMs: 900_000, shortMs: 80_000 };
  assert.equal(judged(sensitive, input()).falseAlarms, 1);
  const both = [...input().incidents, { fromMs: at(295), toMs: at(320) }];
  assert.equal(judged(sensitive, input({ incidents: both })).falseAlarms, 0);
});

test('an incident that nobody noticed is noticed by a lesson, and one that is noticed at once teaches nothing', () => {
  const slow = slots(1_600, (slot) => (slot >= 1_000 && slot < 1_100 ? 4 : 0));
  const silent = input({
    pieces: slow.slice(640),
    history: slow,
    endedAtMs: at(1_100),
    knownAtMs: at(1_100),
    incidents: [{ fromMs: at(1_000), toMs: at(1_100) }],
  });
  const [first] = learn(silent, 'P0');
  assert.equal(first?.now.detectedMs, null);
  assert.equal(first?.earlierMs, 1_000_000 - (first?.then.detectedMs ?? 0));
  assert.deepEqual(learn({ ...silent, knownAtMs: at(1_001) }, 'P0')[0], first, 'whoever else has told of it');
  assert(pages);
  const alerts = [{ ...pages, sharePpm: 10, longMs: 20_000, shortMs: 10_000, minBad: 1 }];
  const quick = input({ objective: { ...input().objective, alerts } });
  assert.deepEqual(learn(quick, 'P0'), []);
  assert.deepEqual(learn(quick, 'P7'), []);
});

test('where something else had told of it, a lesson is as much earlier as it is before that, and one that is not teaches nothing', () => {
  const [first] = learn(input(), 'P0');
  assert(first?.then.detectedMs);
  const known = (afterMs: number) => learn(input({ knownAtMs: at(1_000) + afterMs }), 'P0').find(({ id }) => id === first.id);
  assert.equal(known(first.then.detectedMs + 30_000)?.earlierMs, 30_000);
  assert.equal(known(first.then.detectedMs), undefined);
});

test('the diff is of lines that a document takes, and gives the very policy that was replayed', () => {
  const [lesson] = learn(input(), 'P0');
  assert(lesson);
  const after = lesson.diff
    .split('\n')
    .slice(3)
    .filter((line) => !line.startsWith('-'))
    .map((line) => line.slice(1))
    .join('\n');
  const { alerts } = parse(after) as { alerts: unknown };
  const read = burnPolicy.parse(alerts);
  assert.deepEqual(
    read,
    defaultPolicy.map((tier) => (tier.name === 'P0' ? lesson.then.tier : tier)),
  );
  assert.ok(lesson.diff.includes(`-  - ${tierLine(lesson.now.tier)}`));
});

test('an accepted lesson is a test for ever: the new policy passes it, the one before fails it', () => {
  const [lesson] = learn(input(), 'P0');
  assert(lesson);
  const found = detectionCase('shop-20261129-1', recordedCounts(input()), lesson.then);
  assert(found);
  const stored = JSON.parse(JSON.stringify(found)) as typeof found;
  const after = defaultPolicy.map((tier) => (tier.name === 'P0' ? lesson.then.tier : tier));
  const replayed = (alerts: typeof defaultPolicy, targetPpm = 999_000) =>
    replayCase(stored, { targetPpm, windowMs: 30 * day, alerts });
  assert.deepEqual(replayed(after), { ok: true, detectedMs: lesson.then.detectedMs });
  const before = replayed(defaultPolicy);
  assert.equal(before.ok, false);
  assert.equal(before.detectedMs, lesson.now.detectedMs);
  assert.deepEqual(replayed([]), { ok: false, detectedMs: null });
  // A target that promises less makes the same alert fire at more failures than the incident had.
  assert.deepEqual(replayed(after, 900_000), { ok: false, detectedMs: null });
});
