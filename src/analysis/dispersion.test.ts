import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addGroup,
  addPair,
  addSplit,
  dispersion,
  openGroupSpread,
  openPairSpread,
  openSplitSpread,
  restartSplit,
  splitDispersion,
} from './dispersion.ts';
import { blockDispersion, openHistory, remember, shareOf } from './history.ts';
import { uniform } from './simulated-traffic.fixture.ts';

/** Failures of 100 requests a second that come one by one, or in clusters of that size. */
function* failures(seconds: number, cluster: number, random: () => number): Generator<number> {
  for (let t = 0; t < seconds; t++) {
    let bad = 0;
    for (let i = 0; i < 100; i++) if (random() < 0.02 / cluster) bad += cluster;
    yield bad;
  }
}

test('independent failures have a dispersion near 1, clusters one near their size', () => {
  for (const [cluster, low, high] of [
    [1, 1, 1.5],
    [4, 2.5, 5.5],
  ] as const) {
    const random = uniform(3);
    const pair = openPairSpread();
    const group = openGroupSpread();
    const history = openHistory();
    for (const bad of failures(1200, cluster, random)) {
      addPair(pair, bad, 100);
      addGroup(group, bad, 100, 1);
      remember(history, bad, 100, 1);
    }
    for (const found of [dispersion(pair), dispersion(group), blockDispersion(history)]) {
      assert.ok(found >= low && found <= high, `clusters of ${cluster}: ${found}`);
    }
  }
});

test('a lasting fault of the candidate is not taken for roughness', () => {
  const random = uniform(4);
  const split = openSplitSpread();
  const candidate = failures(1200, 1, random);
  for (let t = 0; t < 1200; t++) addSplit(split, candidate.next().value ?? 0, 100, random() < 0.1 ? 1 : 0, 100, 1);
  assert.ok(splitDispersion(split) < 1.4, String(splitDispersion(split)));
});

test('noise of each version by itself is', () => {
  const random = uniform(5);
  const split = openSplitSpread();
  let rates = [0.02, 0.02];
  for (let t = 0; t < 2400; t++) {
    if (t % 15 === 0) rates = [0.06 * random(), 0.06 * random()];
    const draw = (rate = 0) => {
      let bad = 0;
      for (let i = 0; i < 100; i++) if (random() < rate) bad++;
      return bad;
    };
    addSplit(split, draw(rates[0]), 100, draw(rates[1]), 100, 1);
  }
  assert.equal(splitDispersion(split), 4);
  restartSplit(split);
  assert.deepEqual(split.blocks, []);
});

test('a history holds ten minutes, and knows its share', () => {
  const history = openHistory();
  assert.equal(shareOf(history, 0.5), 0.5);
  for (let t = 0; t < 2000; t++) remember(history, t < 1000 ? 1 : 0, 10, 1);
  assert.equal(history.bad, 0);
  assert.ok(history.n >= 6000 && history.n <= 6150);
  assert.equal(history.blocks.length, 80);
  assert.equal(shareOf(history, 0.5), 1 / history.n);
  assert.equal(blockDispersion(history), 1);
});
