import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playHistory } from './history.ts';

/** Plays histories one after the other, from a seed on. In several files, so that two processors have something to do. */
export function testHistories(from: number, count: number): void {
  test(`${count} histories from seed ${from} on, with crashes, lost answers, two controllers and clock jumps, keep every invariant`, {
    timeout: 400_000,
  }, async () => {
    const outcomes = new Map<string, number>();
    for (let seed = from; seed < from + count; seed += 1) {
      const result = await playHistory(seed);
      assert.deepEqual(result.violations, [], `${result.story}\nreproduce it with: npm run simulate -- --seed ${seed}`);
      for (const outcome of result.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    // A simulation in which nothing happens would find nothing.
    for (const outcome of ['1.0.0 succeeded', '2.0.0 succeeded', '2.0.0 rolled-back', '3.0.0 succeeded', 'restart done'])
      for (const how of ['', ' in batches'])
        assert.ok((outcomes.get(outcome + how) ?? 0) > count / 250, `${outcome}${how}: ${outcomes.get(outcome + how)}`);
  });
}
