import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sample } from '../analysis/sample.ts';
import { canary, Story, weight } from './story.fixture.ts';

/** A release that has just begun to be observed at 10 %, and a sample over `seconds` that ended `agoS` ago. */
function observing(): Story {
  return new Story()
    .release(canary(weight(10)))
    .seconds(1)
    .confirm();
}

function told(story: Story, more: Partial<Sample>): { requests: number; seconds: number } {
  const counts = { n: 100, errors: 0, classes: {}, histogram: [4, 100], slower: [0] };
  const sample = { ...story.sample(), stable: { ...counts, n: 900 }, candidate: counts, ...more };
  story.tell({ kind: 'sampled', samples: [sample] });
  const { phase } = story.live;
  assert(phase.kind === 'stepping' && phase.part.kind === 'observing');
  return { requests: phase.part.requests, seconds: phase.part.seconds };
}

const fromSecond = (story: Story): number => {
  const { phase } = story.live;
  return phase.kind === 'stepping' && phase.part.kind === 'observing' ? phase.part.fromSecond : assert.fail();
};

test('a sample over several seconds counts for all of them', () => {
  const story = observing();
  assert.deepEqual(told(story, { second: fromSecond(story) + 4, seconds: 5 }), { requests: 100, seconds: 5 });
});

test('of one that began before the observation only the part inside counts', () => {
  const story = observing();
  assert.deepEqual(told(story, { second: fromSecond(story) + 1, seconds: 5 }), { requests: 40, seconds: 2 });
});

test('of one during which the weight was in force for a part of the time only that part was observed', () => {
  const story = observing();
  assert.deepEqual(told(story, { second: fromSecond(story) + 9, seconds: 10, weight: 4 }), { requests: 100, seconds: 4 });
});

test('one without the weight in force is none that was observed', () => {
  const story = observing();
  assert.deepEqual(told(story, { second: fromSecond(story) + 4, seconds: 5, weight: 0 }), { requests: 100, seconds: 0 });
});
