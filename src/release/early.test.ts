import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CanaryStep } from '../spec/types.ts';
import { canary, Story } from './story.fixture.ts';

const minutes = 60_000;

/** A step of ten minutes at 50 %, which gives 150 candidate requests in five seconds. */
function step(earlyMs?: number): CanaryStep {
  const early = earlyMs === undefined ? {} : { earlyMs };
  return { kind: 'weight', weightPpm: 500_000, minMs: 10 * minutes, ...early, maxMs: 20 * minutes, minRequests: 0 };
}

/** Seconds that the step was observed before something else began, of at most ten minutes. */
function observedS(story: Story, failing = 0): number {
  story.confirm();
  for (let s = 0; s < 600; s++) {
    if (!story.now.startsWith('observing 1')) return s;
    story.seconds(1, failing, 60);
  }
  return 600;
}

test('a step that may end early does once the candidate is proven good, and says so', () => {
  const story = new Story().release(canary(step(2 * minutes)));
  const seconds = observedS(story);
  // The proof takes two minutes of compared traffic at least, and some hundred requests without a failure.
  assert.ok(seconds >= 120 && seconds <= 300, `${seconds} s`);
  assert.match(story.said ?? '', /^2\.0\.0 is proven good; step 3 of/);
});

test('without leave the step takes its time, however good the candidate is', () => {
  assert.ok(observedS(new Story().release(canary(step()))) >= 599);
});

test('no proof comes before the time that the plan asks for', () => {
  const seconds = observedS(new Story().release(canary(step(5 * minutes))));
  assert.ok(seconds >= 299 && seconds <= 310, `${seconds} s`);
});

test('a candidate whose failures are accepted but not few is not proven', () => {
  // 1 % of failures is within the policy's margin of the story, and twice what the proof allows.
  const story = new Story().release(canary(step(2 * minutes)));
  story.confirm();
  for (let s = 0; s < 300 && story.now.startsWith('observing 1'); s++) story.seconds(1, s % 3 === 0 ? 1 / 30 : 0, 60);
  assert.equal(story.live.verdict?.proven ?? false, false);
});
