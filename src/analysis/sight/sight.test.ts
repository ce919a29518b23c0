import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GuardPolicy } from '../guard.ts';
import { assumedEnglish, sightEnglish } from './english.ts';
import { errorSeconds } from './errors.ts';
import { slowdownSeconds, slowRequestsSeconds } from './latency.ts';
import { assumedRussian, sightRussian } from './russian.ts';
import { sight } from './sight.ts';
import { histogramOf, lognormal } from './simulated-fault.fixture.ts';
import { type SightInput, stepOf } from './step.ts';

const p95 = { quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 2_000 };
const policy: GuardPolicy = { errors: { worseByPpm: 5_000, maxPpm: 50_000 }, latency: [p95], minRequests: 20 };
const shape = histogramOf(lognormal(60, 0.5), 12_000);

function at(requestsPerSecond: number, weight: number, more: Partial<SightInput> = {}): SightInput {
  const traffic = { requestsPerSecond, errorPpm: 1_000, histogram: shape };
  return { traffic, weight, stepS: 600, stepsBefore: 0, historyRequests: 300 * requestsPerSecond, policy, ...more };
}

const unmeasured = { requestsPerSecond: 40, errorPpm: null, histogram: [] };
const cases: readonly [name: string, SightInput, english: RegExp[], russian: RegExp[]][] = [
  [
    'usual traffic: errors and latency, in one sentence each',
    at(40, 10),
    [
      /^at 10 % of 40 requests\/s you will notice 1\.\d+ % more errors within 10 min, 5 % within \d\d s and 20 % within \d\d s$/,
      /^by p95 you will notice that all answers are 3\d % slower within 10 min, 50 % within (\d+ min|\d+ s) and 100 % within \d+ s$/,
    ],
    [
      /^при 10 % от 40 запр\.\/с будет замечен рост доли ошибок на 1,\d+ п\. п\. за 10 мин, на 5 п\. п\. за \d\d с и на 20 п\. п\. за \d\d с$/,
      /^по p95 будет замечено замедление всех ответов на 3\d % за 10 мин, на 50 % за (\d+ мин|\d+ с) и на 100 % за \d+ с$/,
    ],
  ],
  [
    'one request a minute',
    at(1 / 60, 10),
    [
      /^at 10 % of 0\.0167 requests\/s you will not notice errors within 10 min: too few requests$/,
      /^by p95 you will not notice slower answers within 10 min: too few requests$/,
    ],
    [/^при 10 % от 0,0167 запр\.\/с за 10 мин ошибки замечены не будут: слишком мало запросов$/, /замедление замечено не будет/],
  ],
  [
    'a million a second: no better than the accepted rise',
    at(1_000_000, 50),
    [
      /^at 50 % of 1,000,000 requests\/s you will notice 0\.6\d % more errors within 10 min, 1 % within \d+ s, 5 % within 1 s and 20 % within 1 s$/,
      /2\d % slower within 10 min/,
    ],
    [/от 1\u00a0000\u00a0000 запр\.\/с/, /на 2\d % за 10 мин/],
  ],
  [
    'no traffic',
    at(0, 10),
    [/^there is no traffic now: the guard will see nothing and the step will be held$/],
    [/^сейчас запросов нет/],
  ],
  [
    'unknown errors and latency: errors alone are forecast',
    at(40, 10, { traffic: unmeasured }),
    [/^at 10 % of 40 requests\/s you will notice/],
    [/^при 10 %/],
  ],
  [
    'no concurrent stable',
    at(40, 100),
    [/^at 100 % of 40 requests\/s you will notice \d\.\d+ % more errors within 10 min, 5 % within \d+ s/, /slower within 10 min/],
    [/^при 100 %/, /^по p95/],
  ],
  [
    'a first release: limits alone',
    at(40, 100, { historyRequests: null }),
    [/^at 100 % of 40 requests\/s, by the limits alone, you will notice 6\.\d+ % errors within 10 min and 20 % within \d s$/],
    [/^при 100 % от 40 запр\.\/с, только по пределам, будет замечена доля ошибок 6,\d+ % за 10 мин и 20 % за \d с$/],
  ],
  [
    'a first release without a limit',
    at(40, 100, { historyRequests: null, policy: { ...policy, errors: { worseByPpm: 5_000, maxPpm: 1_000_000 } } }),
    [/^at 100 % of 40 requests\/s, by the limits alone, you will not notice errors within 10 min: there is no limit$/],
    [/предел не задан$/],
  ],
  [
    'another judge compares',
    at(40, 10, { policy: { ...policy, judge: { kind: 'kayenta', valueS: 60, everyS: 300, passMin: 95, marginalMin: 75 } } }),
    [
      /^Kayenta's judge compares after every 5m of traffic; .*; at 10 % of 40 requests\/s, by the limits alone, you will notice \d+\.\d+ % more errors/,
    ],
    [/^судья Kayenta сравнивает через каждые 5 мин трафика.*только по пределам/],
  ],
  [
    'a step shorter than the warm-up',
    at(1_000, 10, { stepS: 30 }),
    [/more errors within 30 s/, /^by p95 you will not notice slower answers within 30 s: the first 60 s of a step are warm-up$/],
    [/за 30 с/, /первые 60 с шага уходят на прогрев$/],
  ],
];
for (const [name, input, english, russian] of cases)
  test(name, () => {
    for (const [said, expected] of [
      [sightEnglish(sight(input), []), english],
      [sightRussian(sight(input), []), russian],
    ] as const) {
      assert.equal(said.length, expected.length, said.join('\n'));
      for (const [i, sentence] of said.entries()) assert.match(sentence, expected[i] ?? /^$/);
    }
  });

test('what is not known is said', () => {
  const seen = sight(at(40, 10, { traffic: unmeasured }));
  assert.deepEqual(assumedEnglish(seen), [
    'how many of them fail is not known: taken as 0.1 %',
    'how long they take is not known, nor what the guard will notice of it by p95',
  ]);
  assert.deepEqual(assumedRussian(seen), [
    'доля ошибок неизвестна: принято 0,1 %',
    'задержка неизвестна, как и то, что страж заметит по p95',
  ]);
  for (const known of [sight(at(40, 10)), sight(at(0, 10)), sight(at(40, 100, { historyRequests: null }))]) {
    assert.deepEqual(assumedEnglish(known), []);
    assert.deepEqual(assumedRussian(known), []);
  }
});

test('wide buckets, as a scraped histogram has them, still show what is slower', () => {
  // The default buckets of a Prometheus client between 10 ms and 1 s.
  const edges = [20, 28, 34, 40, 48, 54, 60];
  const coarse = new Map<number, number>();
  for (let i = 0; i < shape.length; i += 2) {
    const edge = edges.find((one) => one >= (shape[i] ?? 0)) ?? 60;
    coarse.set(edge, (coarse.get(edge) ?? 0) + (shape[i + 1] ?? 0));
  }
  const fine = sight(at(200, 50));
  const wide = sight(at(200, 50, { traffic: { requestsPerSecond: 200, errorPpm: 1_000, histogram: [...coarse].flat() } }));
  assert(fine.kind === 'forecast' && wide.kind === 'forecast');
  const [fineRise, wideRise] = [fine, wide].map(({ latency }) => latency[0]?.noticed?.smallestRisePpm ?? Number.NaN);
  assert.ok(fineRise !== undefined && wideRise !== undefined && wideRise > 200_000 && wideRise < 2 * fineRise, `${wideRise}`);
});

test('a rise that the policy accepts is never noticed', () => {
  const input = at(1_000_000, 50);
  assert.equal(errorSeconds(stepOf(input), 4_900), Number.POSITIVE_INFINITY);
  assert.equal(slowdownSeconds(stepOf(input), p95, 190_000), Number.POSITIVE_INFINITY);
});

const rates = fc.double({ min: 0.5, max: 2_000, noNaN: true });
const rises = fc.integer({ min: 2_000, max: 900_000 });

test('twice the traffic never notices later what is clearly worse than is accepted', () => {
  // Hardly above what is accepted (0.5 points of errors, 20 % of latency) that is not so: failures that come in clusters count for less the
  // more there are in a second, and of a difference that is hardly one nothing is left then.
  const errors = fc.integer({ min: 10_000, max: 900_000 });
  const slower = fc.integer({ min: 300_000, max: 4_500_000 });
  fc.assert(
    fc.property(rates, fc.integer({ min: 1, max: 100 }), errors, slower, (perSecond, weight, rise, slowdown) => {
      const [less, more] = [stepOf(at(perSecond, weight)), stepOf(at(2 * perSecond, weight))];
      assert.ok(errorSeconds(more, rise) <= errorSeconds(less, rise));
      assert.ok(slowdownSeconds(more, p95, slowdown) <= slowdownSeconds(less, p95, slowdown));
    }),
    { numRuns: 100 },
  );
});

test('what takes more than a day is not noticed', () => {
  const step = stepOf(at(887, 29));
  assert.equal(slowdownSeconds(step, p95, 231_330), Number.POSITIVE_INFINITY);
  assert.ok(slowdownSeconds(step, p95, 240_000) <= 86_400);
});

test('a larger rise never takes longer, and the smallest that is noticed is noticed within the step', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 1, max: 100 }), rises, rises, (perSecond, weight, a, b) => {
      const input = at(perSecond, weight);
      const step = stepOf(input);
      const [small, large] = [Math.min(a, b), Math.max(a, b)];
      assert.ok(errorSeconds(step, large) <= errorSeconds(step, small));
      assert.ok(slowdownSeconds(step, p95, large) <= slowdownSeconds(step, p95, small));
      assert.ok(slowRequestsSeconds(step, 200, large) <= slowRequestsSeconds(step, 200, small));
      const seen = sight(input);
      assert(seen.kind === 'forecast');
      const { smallestRisePpm } = seen.errors;
      if (smallestRisePpm !== null) assert.ok(errorSeconds(step, smallestRisePpm) <= input.stepS);
      const slower = seen.latency[0]?.noticed?.smallestRisePpm ?? null;
      if (slower !== null) assert.ok(slowdownSeconds(step, p95, slower) <= input.stepS);
    }),
    { numRuns: 60 },
  );
});
