import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuardPolicy } from '../analysis/guard.ts';
import { Story } from '../release/story.fixture.ts';
import type { ReleaseState } from '../release/types.ts';
import { ReleaseReplay, type Replay } from './replay.ts';

/** A story whose release r2 is looked at again while it is told. */
class Replayed extends Story {
  readonly replay: ReleaseReplay;
  readonly recorded: { second: number; verdict: string; sentence: string }[] = [];

  constructor(policy: GuardPolicy | null = null, keep?: number) {
    super();
    this.replay = new ReleaseReplay('r2', policy, keep);
  }

  override tell(happening: Parameters<Story['tell']>[0]): ReturnType<Story['tell']> {
    const before = this.state;
    const decision = super.tell(happening);
    this.replay.take(before, { ...happening, at: this.at } as never, this.state);
    const live: ReleaseState | null = this.state.live;
    // Once the candidate is stable the guard looks no more, and its last word stays.
    if (happening.kind === 'sampled' && live?.id === 'r2' && live.verdict && live.guard?.second === live.lastSecond)
      this.recorded.push({ second: live.lastSecond, verdict: live.verdict.kind, sentence: live.verdict.sentence });
    return decision;
  }

  get result(): Replay {
    assert(this.replay.result);
    return this.replay.result;
  }

  good(): this {
    this.release();
    for (let i = 0; i < 3; i += 1) this.confirm().seconds(11);
    return this.confirm().retire();
  }

  bad(): this {
    this.release().confirm().seconds(8);
    while (this.now !== 'rolling-back route') this.seconds(1, 0.5);
    return this.confirm().seconds(5).retire();
  }
}

const strict: GuardPolicy = { errors: { worseByPpm: 0, maxPpm: 1_000 }, latency: [], minRequests: 1 };
const lax: GuardPolicy = { errors: { worseByPpm: 900_000, maxPpm: 999_999 }, latency: [], minRequests: 1 };

test('with its own policy a good release gives the recorded verdicts, second by second', () => {
  const story = new Replayed().good();
  const { points, abort, recorded } = story.result;
  assert.equal(recorded?.outcome, 'succeeded');
  assert.equal(abort, null);
  const byLook = new Map(points.map(({ second, verdict, sentence }) => [second, { second, verdict, sentence }]));
  assert(story.recorded.length > 25, `${story.recorded.length} recorded`);
  // The seconds before the first traffic are no part of the series; all others have to be there.
  const first = points[0]?.second ?? 0;
  const since = story.recorded.filter(({ second }) => second >= first);
  assert(since.length > 25, `${since.length} of ${story.recorded.length} are in the series`);
  for (const verdict of since) assert.deepEqual(byLook.get(verdict.second), verdict);
});

test('with its own policy a bad release goes back in the same second, for the same reason', () => {
  const story = new Replayed().bad();
  const [ended] = story.state.ended;
  const { abort, recordedByGuard, recorded } = story.result;
  assert.equal(recordedByGuard, true);
  assert.equal(recorded?.outcome, 'rolled-back');
  assert.equal(abort?.atMs, ended?.cause?.decidedAtMs);
  assert.equal(abort?.sentence, ended?.cause?.sentence);
  assert.equal(abort?.faultAtMs, ended?.cause?.faultAtMs);
  assert(abort && abort.failedRequests > 0 && abort.failedRequests <= (recorded?.failedRequests ?? 0));
  assert(abort.secondsFromFault !== null && abort.secondsFromFault > 0);
});

test('a lax policy does not abort up to the rollback that was recorded', () => {
  const { abort, recorded, policy } = new Replayed(lax).bad().result;
  assert.equal(recorded?.outcome, 'rolled-back');
  assert.equal(abort, null);
  assert.equal(policy, lax);
});

test('a strict policy aborts no later than the release’s own', () => {
  const own = new Replayed().bad().result.abort;
  const other = new Replayed(strict).bad().result.abort;
  assert(own && other && other.second <= own.second);
});

test('a strict policy lets a release without failures succeed', () =>
  assert.equal(new Replayed(strict).good().result.abort, null));

test('only the newest points are kept, which is said, and the outcome needs none', () => {
  const all = new Replayed().good().result;
  assert.equal(all.complete, true);
  const newest = new Replayed(null, 5).good().result;
  assert.deepEqual(newest.points, all.points.slice(-5));
  assert.equal(newest.complete, false);
  const none = new Replayed(null, 0).good().result;
  const { points, marks, differences } = none;
  assert.deepEqual([points, marks, differences], [[], [], []]);
  assert.deepEqual({ ...none, points: all.points, marks: all.marks, differences: all.differences }, all);
});

test('a point has the counts, the evidence and the difference of the second', () => {
  const { points } = new Replayed().bad().result;
  const last = points.at(-1);
  assert.equal(last?.verdict, 'fail');
  const errors = last.metrics.find(({ metric }) => metric === 'errors');
  assert.equal(errors?.kind, 'fail');
  assert((errors.difference ?? 0) > 0);
  assert(errors.logEvidence !== null && errors.logThreshold !== null && errors.limitLogEvidence !== null);
  assert((last.candidate?.errors ?? 0) > 0 && (last.stable?.requests ?? 0) > 0);
});

test('steps, turns of the verdict and the abort are marked', () => {
  const { marks, points, abort } = new Replayed().bad().result;
  const kinds = marks.map(({ kind }) => kind);
  assert.deepEqual([kinds[0], kinds.at(-1)], ['step', 'abort']);
  assert.equal(marks.at(-1)?.second, abort?.second);
  const turns = points.filter((point, index) => point.verdict !== points[index - 1]?.verdict);
  assert.deepEqual(
    marks.flatMap((mark) => (mark.kind === 'verdict' ? [[mark.second, mark.verdict]] : [])),
    turns.map(({ second, verdict }) => [second, verdict]),
  );
  const good = new Replayed().good().result;
  assert.deepEqual(
    good.marks.flatMap((mark) => (mark.kind === 'step' ? [mark.weight] : [])),
    [10, 50, 100],
  );
});

test('values begin anew with each step, and the last difference of each metric stays', () => {
  const { marks, points, differences } = new Replayed().good().result;
  const steps = marks.filter(({ kind }) => kind === 'step');
  for (const point of points) {
    const began = steps.findLast(({ second }) => second <= point.second);
    assert.equal(point.metrics[0]?.since, began?.second);
  }
  // The last step has all the traffic, so there is nothing to compare with.
  assert.equal(points.at(-1)?.metrics[0]?.difference, null);
  assert.deepEqual(
    differences.map(({ metric, weight, difference }) => ({ metric, weight, difference })),
    [
      { metric: 'errors', weight: 50, difference: 0 },
      { metric: 'latency-p95', weight: 50, difference: 0 },
    ],
  );
});

test('before it is requested there is nothing to replay', () => assert.equal(new ReleaseReplay('r9', null).result, null));
