import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counts, Story } from './story.fixture.ts';
import { isLive, releaseSummary } from './summary.ts';
import type { ReleaseState } from './types.ts';

function ended(story: Story): ReleaseState {
  const [release] = story.state.ended;
  if (!release) throw new Error('nothing has ended');
  return release;
}

test('a release that lives has no summary', () => {
  const story = new Story().release();
  assert.equal(releaseSummary(story.live), null);
  assert.equal(isLive(story.live), true);
});

test('a good release has its counts, its steps and nobody hurt', () => {
  const story = new Story().release();
  for (let i = 0; i < 3; i += 1) story.confirm().seconds(11);
  story.confirm().retire();
  const summary = releaseSummary(ended(story));
  const { totals, requestedAtMs } = ended(story);
  assert.deepEqual(summary, {
    release: 'r2',
    service: 'shop',
    version: '2.0.0',
    outcome: 'succeeded',
    reason: '2.0.0 is stable',
    secondsToSafety: null,
    failedRequests: 0,
    candidateRequests: totals.candidate.requests,
    steps: 7,
    startedAtMs: requestedAtMs,
    endedAtMs: story.at,
  });
  // Of 60 requests a second: ten seconds on each of 10 %, 50 % and 100 %, and one each in which the router takes the next two.
  assert.equal(totals.candidate.requests, 10 * (6 + 30 + 60) + 30 + 60);
  assert.equal(isLive(ended(story)), false);
});

test('seconds to safety go from the first failure to all traffic on stable at the router, and failures count to the last', () => {
  const story = new Story().release().confirm().seconds(8);
  const faultAtMs = story.at;
  story.seconds(2, 1);
  while (story.now !== 'rolling-back route') story.seconds(1, 1);
  // The router takes 300 ms; what the candidate fails meanwhile still counts.
  story.at += 300;
  const late = {
    ...story.sample(1),
    second: Math.floor(story.at / 1_000),
    candidate: counts(3, 3),
  };
  story.confirm();
  const safeAtMs = story.at;
  const before = story.live.totals.candidate.errors;
  story.tell({ kind: 'sampled', samples: [late] });
  story.seconds(3).retire();
  const summary = releaseSummary(ended(story));
  assert.equal(summary?.outcome, 'rolled-back');
  assert.equal(summary?.failedRequests, before + 3);
  assert.equal(summary?.secondsToSafety, (safeAtMs - faultAtMs) / 1_000);
});

test('a release that went back before any traffic hurt nobody', () => {
  const story = new Story().install().request('2.0.0').validated().wait(20_000).retire();
  const summary = releaseSummary(ended(story));
  assert.equal(summary?.outcome, 'rolled-back');
  assert.equal(summary?.secondsToSafety, null);
  assert.equal(summary?.candidateRequests, 0);
  assert.equal(summary?.steps, 0);
});

test('a step whose route was confirmed only after a hold was carried out too', () => {
  const story = new Story().release().wait(11_000);
  assert.equal(story.now, 'held router 0');
  story.confirm();
  assert.equal(story.now, 'observing 1');
  assert.equal(story.live.stepsDone, 1);
});
