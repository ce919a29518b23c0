import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uniform } from './simulated-traffic.fixture.ts';
import { addTraffic, oddsOf, openTraffic, shareDeviation, shareThreshold, type Traffic } from './traffic.ts';

function after(seconds: number, nC: number, nS: number, weight: number): Traffic {
  const t = openTraffic();
  for (let i = 0; i < seconds; i++) addTraffic(t, { nC, errorsC: 0, nS, errorsS: 0 }, weight, 1, i === 0);
  return t;
}

const cases: readonly [name: string, nC: number, nS: number, weight: number, shortfall: boolean, excess: boolean][] = [
  ['the share that was asked for is fine', 10, 90, 10, false, false],
  ['a tenth less or more is fine', 9, 90, 10, false, false],
  ['a blackhole is a shortfall', 0, 100, 10, true, false],
  ['an eighth of the share is a shortfall', 5, 60, 50, true, false],
  ['three times the share is an excess', 30, 70, 10, false, true],
  ['no traffic at all is neither', 0, 0, 10, false, false],
  ['a weight of 0 asks for nothing', 0, 100, 0, false, false],
];
for (const [name, nC, nS, weight, shortfall, excess] of cases) {
  test(name, () => {
    const t = after(60, nC, nS, weight);
    assert.equal(t.shortfall >= shareThreshold, shortfall);
    assert.equal(t.excess >= shareThreshold, excess);
  });
}

test('a router that takes a few seconds to follow a new weight is not blamed', () => {
  const t = after(60, 10, 90, 10);
  for (let i = 0; i < 5; i++) addTraffic(t, { nC: 10, errorsC: 0, nS: 90, errorsS: 0 }, 50, 1, i === 0);
  assert.ok(t.shortfall < shareThreshold);
});

test('the odds of exposure follow what is seen, and begin with the weight', () => {
  assert.ok(Math.abs((oddsOf(after(300, 20, 80, 10)) ?? 0) - 0.25) < 0.01);
  const started = openTraffic();
  addTraffic(started, { nC: 0, errorsC: 0, nS: 2, errorsS: 0 }, 10, 1, true);
  const start = oddsOf(started) ?? 0;
  assert.ok(start > 0.05 && start < 0.12);
  assert.equal(oddsOf(after(3, 10, 0, 100)), null);
});

test('a new step counts anew', () => {
  const t = after(60, 10, 90, 10);
  addTraffic(t, { nC: 1, errorsC: 1, nS: 2, errorsS: 0 }, 25, 1, true);
  assert.deepEqual([t.nC, t.errorsC, t.nS, t.weightedS], [1, 1, 2, 1]);
});

test('a share is beyond what is accepted once chance cannot explain it', () => {
  assert.equal(shareDeviation(after(600, 10, 90, 10), 100_000), null);
  assert.equal(shareDeviation(after(5, 8, 92, 10), 100_000), null, 'too early to say');
  assert.equal(shareDeviation(after(600, 8, 92, 10), 100_000), 'few');
  assert.equal(shareDeviation(after(600, 13, 87, 10), 100_000), 'many');
  assert.equal(shareDeviation(after(600, 8, 92, 10), 250_000), null, 'within a quarter');
  assert.equal(shareDeviation(after(60, 10, 0, 100), 100_000), null);
});

test('a share that is split by lot hardly ever deviates, however often somebody looks', () => {
  const random = uniform(11);
  let alarms = 0;
  for (let run = 0; run < 200; run++) {
    const t = openTraffic();
    let isOff = false;
    for (let second = 0; second < 300 && !isOff; second++) {
      let nC = 0;
      for (let i = 0; i < 40; i++) if (random() < 0.25) nC++;
      addTraffic(t, { nC, errorsC: 0, nS: 40 - nC, errorsS: 0 }, 25, 1, second === 0);
      isOff = shareDeviation(t, 10_000) !== null;
    }
    if (isOff) alarms++;
  }
  assert.ok(alarms <= 2, `${alarms} of 200`);
});

test('a share is held against the weights that were in force, not against the newest of its step', () => {
  const t = openTraffic();
  for (let second = 0; second < 120; second++) {
    const weight = second < 30 ? 5 : 50;
    const nC = 10 * weight;
    addTraffic(t, { nC, errorsC: 0, nS: 1000 - nC, errorsS: 0 }, weight, 1, second === 0);
    assert.equal(shareDeviation(t, 10_000), null, `second ${second}`);
  }
});
