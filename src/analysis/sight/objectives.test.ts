import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Objective } from '../../spec/types.ts';
import type { GuardPolicy } from '../guard.ts';
import { planSightEnglish, sightEnglish } from './english.ts';
import { needOf, objectiveSight, stepObjectives } from './objectives.ts';
import { planSight, watchedStep } from './plan-sight.ts';
import { planSightRussian, sightRussian } from './russian.ts';
import { sight } from './sight.ts';
import { histogramOf, lognormal } from './simulated-fault.fixture.ts';
import type { SightInput } from './step.ts';

const dayMs = 86_400_000;
const availability: Objective = { name: 'availability', targetPpm: 999_000, windowMs: 30 * dayMs, belowMs: null };
const fast: Objective = { name: 'latency', targetPpm: 990_000, windowMs: 30 * dayMs, belowMs: 250 };
const policy: GuardPolicy = {
  errors: { worseByPpm: 5_000, maxPpm: 50_000 },
  latency: [{ quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 2_000 }],
  minRequests: 20,
};
const histogram = histogramOf(lognormal(60, 0.5), 12_000);

function at(requestsPerSecond: number, weight: number, stepS: number, more: Partial<SightInput> = {}): SightInput {
  const traffic = { requestsPerSecond, errorPpm: 500, histogram };
  return { traffic, weight, stepS, stepsBefore: 0, historyRequests: 300 * requestsPerSecond, policy, ...more };
}

const planOf = (steps: readonly SightInput[], objectives: readonly Objective[]) =>
  planSight(
    steps.map((input) => watchedStep(input, objectives)),
    objectives,
  );
const bestOf = (input: SightInput, objective: Objective) => objectiveSight([watchedStep(input, [objective])], objective);

test('an objective needs to see what would page: 2 % of its budget an hour, and never what ends within the budget', () => {
  const cases: readonly [objective: Partial<Objective>, burn: number, risePpm: number][] = [
    [{}, 14.4, 14_400],
    [{ windowMs: 28 * dayMs }, 13.44, 13_440],
    [{ windowMs: 7 * dayMs, targetPpm: 995_000 }, 3.36, 16_800],
    [{ windowMs: dayMs }, 1, 1_000],
    [{ targetPpm: 900_000 }, 14.4, 1_000_000],
  ];
  for (const [given, burn, risePpm] of cases) {
    const need = needOf({ ...availability, ...given });
    assert.ok(Math.abs(need.pagingBurn - burn) < 1e-9);
    assert.equal(need.neededRisePpm, risePpm);
  }
});

test('a step is marked by the largest fault that it lets through, with what that costs there and burns afterwards', () => {
  const input = at(40, 10, 600);
  const seen = sight(input);
  assert(seen.kind === 'forecast');
  const [found] = stepObjectives(input, [availability]);
  assert(found?.unseen);
  assert.equal(found.unseen.risePpm, seen.errors.smallestRisePpm);
  assert.equal(found.seen, found.unseen.risePpm <= 14_400);
  assert.ok(Math.abs(found.unseen.burn - found.unseen.risePpm / 1_000) < 1e-9);
  // A tenth of the traffic for ten minutes of thirty days, burning so many times too fast.
  assert.ok(Math.abs(found.unseen.costPpm - (1e6 * found.unseen.burn * 0.1 * 600) / (30 * 86_400)) < 1e-6);
  const short = { ...at(40, 10, 60), stepsBefore: 1 };
  assert.equal(stepObjectives(short, [availability])[0]?.seen, false);
  assert.match(
    sightEnglish(sight(short), stepObjectives(short, [availability, fast])).at(-1) ?? '',
    /^too little for availability/,
  );
  assert.match(
    sightRussian(sight(short), stepObjectives(short, [availability])).at(-1) ?? '',
    /^мало для availability \(рост доли ошибок на 1,44 п\. п\.\)$/,
  );
});

test('nothing is said where nothing is promised yet, nobody asks, or nothing is known', () => {
  assert.deepEqual(stepObjectives(at(40, 100, 600, { historyRequests: null }), [availability]), []);
  assert.deepEqual(stepObjectives(at(0, 10, 600), [availability]), []);
  assert.equal(bestOf(at(0, 10, 600), availability), null);
  const unmeasured = at(40, 50, 600, { traffic: { requestsPerSecond: 40, errorPpm: null, histogram: [] } });
  assert.deepEqual(
    stepObjectives(unmeasured, [availability, fast]).map(({ seen }) => seen),
    [true, null],
  );
  assert.equal(planOf([unmeasured], [fast]).problem, null);
  const judge = { kind: 'kayenta', valueS: 60, everyS: 300, passMin: 95, marginalMin: 75 } as const;
  assert.equal(planOf([at(0.1, 10, 60, { policy: { ...policy, judge } })], [availability]).problem, null);
});

test('one step that sees enough is enough, and then there is no warning', () => {
  const { objectives, problem } = planOf([at(40, 5, 60), at(40, 50, 600), at(40, 100, 1800)], [availability, fast]);
  assert.deepEqual(
    objectives.map(({ seen, weight, remedy }) => [seen, weight, remedy]),
    [
      [true, 50, null],
      [true, 50, null],
    ],
  );
  assert.equal(problem, null);
});

test('where all steps are too weak there is one warning, with the objective, the number and what to do', () => {
  const { problem } = planOf([at(2, 5, 60), at(2, 20, 300), at(2, 100, 1800)], [fast, availability]);
  assert(problem?.kind === 'objectives');
  assert.match(
    planSightEnglish(problem),
    /^objective availability \(99\.9 % over 30 days\): up to \d+\.\d+ % more errors can pass every step before full traffic unnoticed and would then spend the error budget [\d.]+ times too fast, all of it within \d+ h; a step should notice 1\.44 % \(14\.4 times too fast, which pages\): observe 20 % for at least \d+ (min|h) \(fewer steps leave more time for it\); the same goes for latency \(up to \d+\.\d+ % more answers slower than 250ms\)$/,
  );
  assert.match(
    planSightRussian(problem),
    /^цель availability \(99,9 % за 30 сут\): рост доли ошибок до \d+,\d+ п\. п\. может незаметно пройти все шаги до полного трафика, тогда бюджет ошибок будет расходоваться в [\d,]+ раза? быстрее нормы и кончится за \d+ ч; шаг должен замечать 1,44 п\. п\. \(в 14,4 раза быстрее нормы: это вызов дежурного\): наблюдайте 20 % не меньше \d+ (мин|ч) \(меньше шагов, больше времени на каждый\); то же для latency \(рост доли ответов медленнее 250 мс до \d+,\d+ п\. п\.\)$/,
  );
});

test('a margin wider than the objective can bear is named as the reason, for no traffic cures that', () => {
  const strict = { ...availability, targetPpm: 999_900 };
  const { problem } = planOf([at(1_000, 50, 3_600)], [strict]);
  assert(problem?.kind === 'objectives');
  assert.deepEqual(problem.worst.remedy, { kind: 'margin' });
  assert.match(
    planSightEnglish(problem),
    /notice 0\.144 % .*: the guard accepts that, so set `guard\.errors\.worseBy` well below it$/,
  );
  assert.match(planSightRussian(problem), /задайте `guard\.errors\.worseBy` заметно меньше$/);
  const blindToSlow = { ...policy, latency: [] };
  const slow = planOf([at(1_000, 50, 3_600, { policy: blindToSlow })], [fast]).problem;
  assert(slow?.kind === 'objectives');
  assert.match(planSightEnglish(slow), /no latency that the guard compares shows that/);
});

test('where all requests move at once the bake has to see it', () => {
  const { problem } = planOf([at(20, 100, 60)], [availability]);
  assert(problem);
  assert.match(
    planSightEnglish(problem),
    /more errors can last through the bake unnoticed .* observe 100 % for at least \d+ (min|h)$/,
  );
  assert.match(planSightRussian(problem), /за всё время выдержки.* наблюдайте 100 % не меньше \d+ (мин|ч)$/);
  assert.equal(planOf([at(100, 100, 900)], [availability]).problem, null);
});

test('without objectives a plan that would not even see an outage for some is warned about, once', () => {
  const { problem } = planOf([at(0.02, 10, 600), at(0.02, 50, 600)], []);
  assert(problem);
  assert.equal(
    planSightEnglish(problem),
    'too few requests for these steps: none before full traffic will notice 5 % more errors; the one that sees most, 10 % for 10 min, notices not even a total failure',
  );
  assert.match(
    planSightRussian(problem),
    /не заметит роста доли ошибок на 5 п\. п\.; лучший из них, 10 % в течение 10 мин, не заметит даже полного отказа$/,
  );
  assert.match(planSightEnglish(planOf([at(1, 20, 300)], []).problem ?? problem), /notices no fewer than \d+\.\d+ %$/);
  assert.equal(planOf([at(40, 10, 600)], []).problem, null);
});

test('what is advised is enough: with that time, or that weight, the objective is seen', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 300, noNaN: true }),
      fc.constantFrom(1, 5, 20, 50),
      fc.constantFrom(30, 120, 600),
      fc.constantFrom(availability, fast),
      (perSecond, weight, stepS, objective) => {
        const found = bestOf(at(perSecond, weight, stepS), objective);
        assert(found);
        assert.equal(found.remedy === null, found.seen !== false);
        if (found.remedy?.kind !== 'exposure') return;
        const { seconds, weight: more } = found.remedy;
        if (seconds !== null) assert.equal(bestOf(at(perSecond, weight, seconds), objective)?.seen, true);
        if (more !== null) assert.equal(bestOf(at(perSecond, more, stepS), objective)?.seen, true);
      },
    ),
    { numRuns: 60 },
  );
});
