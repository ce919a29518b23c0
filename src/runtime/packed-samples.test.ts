import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Counts, noCounts, type Sample } from '../analysis/sample.ts';
import { simulate, uniform } from '../analysis/simulated-traffic.fixture.ts';
import { UserError } from '../errors.ts';
import { packSamples, unpackSamples } from './packed-samples.ts';

/** As they come back from the log: through its text. */
const kept = (samples: readonly Sample[]): readonly Sample[] => unpackSamples(JSON.parse(JSON.stringify(packSamples(samples))));
/** As JSON has them: it knows no -0. */
const asText = (samples: readonly Sample[]): unknown => JSON.parse(JSON.stringify(samples));

const count = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 1_000_000 }), fc.maxSafeNat());
const reading = fc.oneof(
  fc.record({ bad: count, n: count }),
  fc.record({ value: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
);
const histogram = fc
  .uniqueArray(fc.tuple(fc.oneof(fc.nat({ max: 99 }), fc.nat()), count), { selector: ([bucket]) => bucket, maxLength: 60 })
  .map((pairs) => pairs.sort(([a], [b]) => a - b).flat());
const second = fc.oneof(fc.integer({ min: 1_700_000_000, max: 1_700_000_030 }), fc.maxSafeInteger());
const counts: fc.Arbitrary<Counts> = fc.record(
  {
    n: count,
    errors: count,
    classes: fc.record({ status: count, connect: count, timeout: count, broken: count }, { requiredKeys: [] }),
    histogram: fc.oneof({ weight: 5, arbitrary: histogram }, fc.array(fc.double({ noNaN: true }), { maxLength: 5 })),
    slower: fc.oneof(fc.array(count, { minLength: 2, maxLength: 2 }), fc.array(count, { maxLength: 4 })),
    firstErrorAtMs: fc.oneof(fc.integer({ min: 1_700_000_000_000, max: 1_700_000_030_999 }), fc.double({ noNaN: true })),
    metrics: fc.dictionary(fc.oneof(fc.constantFrom('declined', 'cpu', '__proto__'), fc.string()), reading, { maxKeys: 4 }),
  },
  { requiredKeys: ['n', 'errors', 'classes', 'histogram', 'slower'] },
);
const sample: fc.Arbitrary<Sample> = fc.record(
  {
    second,
    seconds: fc.oneof(fc.nat({ max: 60 }), fc.maxSafeNat()),
    edgesMs: fc.oneof(fc.constant([500, 2_000]), fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { maxLength: 4 })),
    weight: fc.oneof(fc.constantFrom(0, 0.01, 10, 100), fc.double({ noNaN: true, min: 0, max: 100 })),
    stable: fc.option(counts),
    candidate: fc.option(counts),
  },
  { requiredKeys: ['second', 'edgesMs', 'weight', 'stable', 'candidate'] },
);

test('whatever samples are packed, the same come back', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 12 }), (samples) => assert.deepEqual(kept(samples), asText(samples))),
    { numRuns: 1_000 },
  );
});

const second0 = 1_700_000_000;
const failing: Counts = {
  n: 53,
  errors: 3,
  classes: { status: 2, timeout: 1 },
  histogram: [18, 20, 19, 30, 75, 3],
  slower: [3],
  firstErrorAtMs: second0 * 1_000 + 417,
};
const one: Sample = { second: second0, edgesMs: [500], weight: 12.5, stable: { ...noCounts, slower: [0] }, candidate: failing };

test('the form is the one that is described', () => {
  assert.deepEqual(packSamples([one, { ...one, second: second0 + 1, candidate: null, seconds: 2 }]), {
    packed: 1,
    edgesMs: [[500]],
    weights: [12.5],
    //        second (±, 7 digits), edges 0, weight 0 · nothing is there · 1 + 2 + 4: classes 2, –, 1, –; errors as the classes;
    //        417 ms; 3 slower; then 4·19 + 3 and 15 more, 4·29 + 0, 4·2 + 3 and 52 more.
    samples: ['gw4vqlDAA A HDACAAia' + 'D' + 'vCP' + '0D' + 'L0B', 'CAAC A -'],
  });
});

const ordinary: readonly [what: string, sample: Sample][] = [
  ['counts of many requests', { ...one, candidate: { ...failing, n: 40_000_000, histogram: [1, 39_999_999, 99, 1] } }],
  ['several seconds at once', { ...one, seconds: 15 }],
  ['readings', { ...one, candidate: { ...failing, metrics: { declined: { bad: 1, n: 9 }, cpu: { value: -0.1 } } } }],
  ['more requests than latencies', { ...one, candidate: { ...failing, n: 60 } }],
  ['errors without a class', { ...one, candidate: { ...failing, classes: {} } }],
  ['a first error before its second', { ...one, candidate: { ...failing, firstErrorAtMs: second0 * 1_000 - 1 } }],
];
for (const [what, given] of ordinary) {
  test(`${what} are packed, and come back`, () => {
    assert.equal(typeof packSamples([given]).samples[0], 'string');
    assert.deepEqual(kept([one, given, one]), [one, given, one]);
  });
}

const strange: readonly [what: string, sample: Sample][] = [
  ['a field that is not known here', { ...one, candidate: { ...failing, retries: 2 } as Counts }],
  ['half a millisecond', { ...one, candidate: { ...failing, firstErrorAtMs: second0 * 1_000 + 0.5 } }],
  ['an empty bucket', { ...one, candidate: { ...failing, histogram: [18, 0] } }],
  ['buckets out of order', { ...one, candidate: { ...failing, histogram: [19, 1, 18, 1] } }],
  ['counts for other edges', { ...one, edgesMs: [500, 900] }],
  ['a class that is not known here', { ...one, candidate: { ...failing, classes: { refused: 3 } as Counts['classes'] } }],
];
for (const [what, given] of strange) {
  test(`with ${what} a sample is kept as it came`, () => {
    assert.deepEqual(packSamples([one, given]).samples[1], given);
    assert.deepEqual(kept([one, given, one]), [one, given, one]);
  });
}

test('a record from before there was a packed form is read as it is', () =>
  assert.deepEqual(unpackSamples({ samples: [one] }), [one]));

test('a form that is not known, and a text that is none, are named', () => {
  const readable = packSamples([one]);
  const wrong: readonly [unknown, RegExp][] = [
    [{ ...readable, packed: 2 }, /form 2, and this version knows form 1/],
    [{ ...readable, samples: ['gw4vqlDAA A'] }, /a number is missing/],
    [{ ...readable, samples: ['gw4vqlDAA A A A'] }, /more than three parts/],
    [{ ...readable, samples: ['gw4vqlDAA A !'] }, /a number is missing/],
    [{ ...readable, samples: ['gw4vqlDBA A A'] }, /there is no entry 1/],
    [{ ...readable, samples: [`A${'g'.repeat(20)} A A`] }, /a number is missing/],
  ];
  for (const [stored, message] of wrong)
    assert.throws(
      () => unpackSamples(stored as Parameters<typeof unpackSamples>[0]),
      (error) => error instanceof UserError && error.code === 'E_LOG_CORRUPT' && message.test(error.message),
    );
});

test('a second of 100 requests over forty buckets takes less than 100 bytes', () => {
  const traffic = { requestsPerSecond: 100, weight: 50, errorsS: () => 0.002, errorsC: () => 0.002, edgesMs: [500, 2_000] };
  const samples = [...simulate(traffic, 0, 300, uniform(7))].map(({ sample: made }) => made);
  const spread = samples.map((made) => spreadOut(made));
  const bytes = (text: unknown) => JSON.stringify(text).length / samples.length;
  const packed = Array.from({ length: 30 }, (_, i) => packSamples(spread.slice(10 * i, 10 * i + 10)));
  assert.deepEqual(packed.flatMap(unpackSamples), spread);
  assert(bytes(packed) < 100, `${bytes(packed)} bytes, ${bytes(spread)} before`);
  assert(bytes(spread) > 400);
});

/** Latencies over forty buckets instead of the fifteen of the made-up traffic. */
function spreadOut(made: Sample): Sample {
  const random = uniform(made.second);
  const wide = (counts: Counts | null): Counts | null => {
    if (counts === null) return null;
    const buckets = new Map<number, number>();
    for (let i = 0; i < counts.n; i += 1) {
      const bucket = 10 + Math.floor(20 * (random() + random()));
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
    }
    return { ...counts, histogram: [...buckets].sort(([a], [b]) => a - b).flat() };
  };
  return { ...made, stable: wide(made.stable), candidate: wide(made.candidate) };
}
