import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CanaryStep, ReleasePolicy } from '../spec/types.ts';
import { canary, instance, rolling, Story, weight } from './story.fixture.ts';

const one = { count: 1 };
const none = { count: 0 };
const drainMs = 5_000;

const missing = rolling({ maxSurge: none, maxUnavailable: one });
const smoke = [{ path: '/', method: 'GET', status: 200, timeoutMs: 1_000, contains: null }];

function story(policy: Partial<ReleasePolicy>): Story {
  const told = new Story();
  told.replicas = 3;
  return told.install().request('2.0.0', policy).validated().seconds(1);
}

/** Ports of the instances that get requests of each side. */
function routed({ state }: Story): string {
  const ports = (side: 'stable' | 'candidate') => state.route.want?.[side]?.endpoints.map(({ port }) => port).join(' ') || 'none';
  return `${ports('stable')} | ${ports('candidate')} ${state.route.want?.weight}`;
}

/** Past the watch of the batch that has just been started, to the end of what it replaces. */
function batch(told: Story): Story {
  return told.settle().confirm().seconds(11).confirm();
}

test('a batch beyond the usual number: started, ready, its share, watched, and only then does one of stable end', () => {
  const told = story(rolling());
  assert.equal(told.now, 'growing 0');
  assert.equal(told.sizes, '1.0.0 3, 2.0.0 1');
  assert.equal(told.traffic, 'none');
  told.settle();
  assert.equal(routed(told), '1000 1001 1002 | 2000 33');
  told.confirm().seconds(11);
  assert.equal(told.now, 'applying 3');
  // It gets no more requests, and still runs: the router has to say so, and then it may finish what it has.
  assert.equal(routed(told), '1000 1001 | 2000 33');
  assert.equal(told.sizes, '1.0.0 3, 2.0.0 1');
  told.confirm();
  assert.equal(told.now, 'draining 3');
  assert.equal(told.sizes, '1.0.0 3, 2.0.0 1');
  told.wait(drainMs);
  assert.equal(told.now, 'shrinking 3');
  assert.equal(told.sizes, '1.0.0 2, 2.0.0 1');
  // No other is started before it has gone.
  told.tell({
    kind: 'instances',
    version: '1.0.0',
    instances: [0, 1, 2].map((ordinal) => instance('1.0.0', ordinal, ordinal === 2 ? 'stopping' : 'ready')),
  });
  assert.equal(told.now, 'shrinking 3');
  told.settle();
  assert.equal(told.now, 'growing 4');
  assert.equal(told.sizes, '1.0.0 2, 2.0.0 2');
});

test('one missing: room is made first, the others get its share, and the last comes when stable has gone', () => {
  const told = story(missing);
  assert.equal(told.now, 'applying 0');
  assert.equal(routed(told), '1000 1001 | none 0');
  told.confirm().wait(drainMs).settle();
  assert.equal(told.sizes, '1.0.0 2, 2.0.0 1');
  batch(told);
  assert.equal(routed(told), '1000 | 2000 50');
  told.seconds(6).settle();
  assert.equal(told.sizes, '1.0.0 1, 2.0.0 2');
  batch(told);
  assert.equal(told.now, 'observing 9');
  assert.equal(routed(told), '1000 | 2000 2001 100');
  told.seconds(11);
  assert.equal(told.now, 'committing 10');
  assert.equal(told.sizes, '2.0.0 2, 1.0.0 1');
  told.confirm();
  assert.equal(told.sizes, '2.0.0 2');
  told.retire();
  assert.equal(told.now, 'succeeded');
  assert.equal(told.sizes, '2.0.0 3');
});

test('every new instance has to answer the checks before it gets requests', () => {
  const told = story({ ...rolling(), smoke });
  told.settle();
  assert.deepEqual(told.effects, ['smoke:r2:before:0']);
  assert.equal(told.traffic, 'none');
  told.smoked();
  assert.equal(told.traffic, '2.0.0 33');
  const refused = story({ ...rolling(), smoke })
    .settle()
    .smoked(false);
  assert.equal(refused.now, 'rolling-back check');
  assert.match(refused.said ?? '', /fails its checks before any traffic/);
});

test('a batch that does not become ready in time, or crashes again and again, goes back', () => {
  const late = story(rolling()).instances('2.0.0', 'starting').wait(20_000);
  assert.match(late.said ?? '', /goes back: 2\.0\.0 did not become ready in time/);
  const crashing = story(rolling());
  crashing.tell({ kind: 'instances', version: '2.0.0', instances: [instance('2.0.0', 0, 'crashed', 3)] });
  assert.match(crashing.said ?? '', /goes back: 2\.0\.0 crashes again and again/);
  // Of stable those that would stay have to be ready, too: nothing is taken from it while it is short of instances.
  const short = story(rolling()).settle().confirm().instances('1.0.0', 'unready', 'ready', 'ready').confirm().seconds(11);
  assert.equal(short.now, 'growing 3');
});

test('the first batch that fails goes back at once: stable has all of its instances', () => {
  const told = story(rolling()).settle().confirm().seconds(5).verb('abort');
  assert.equal(told.now, 'rolling-back route');
  assert.equal(routed(told), '1000 1001 1002 | none 0');
});

test('a later batch that fails: the candidate keeps what stable has no capacity for, until its instances are back', () => {
  const told = batch(story(rolling())).wait(drainMs).settle();
  batch(told);
  assert.equal(told.now, 'draining 7');
  told.wait(drainMs).settle();
  assert.equal(told.sizes, '1.0.0 1, 2.0.0 3');
  told.settle().seconds(1).verb('abort');
  assert.equal(told.now, 'rolling-back restore');
  // One of three can carry a third; two of the candidate carry the rest, and the third is let go to make room.
  assert.equal(routed(told), '1000 | 2000 2001 67');
  assert.equal(told.sizes, '1.0.0 1, 2.0.0 3');
  told.confirm();
  assert.equal(told.sizes, '1.0.0 1, 2.0.0 2');
  told.settle();
  assert.equal(told.sizes, '1.0.0 2, 2.0.0 2');
  told.settle();
  assert.equal(routed(told), '1000 1001 | 2000 33');
  told.confirm().settle();
  assert.equal(told.sizes, '1.0.0 3, 2.0.0 1');
  told.settle();
  assert.equal(told.now, 'rolling-back route');
  assert.equal(routed(told), '1000 1001 1002 | none 0');
  told.confirm().seconds(3).retire();
  assert.equal(told.now, 'rolled-back');
  assert.equal(told.sizes, '1.0.0 3');
});

test('stable that does not come back in time takes all traffic with what it has, and with nothing people are told', () => {
  const last = (): Story => {
    const told = batch(story(missing).confirm().wait(drainMs).settle());
    told.seconds(6).settle();
    return batch(told).seconds(1);
  };
  assert.equal(last().sizes, '1.0.0 1, 2.0.0 2');
  const short = last().verb('abort');
  assert.equal(short.now, 'rolling-back restore');
  short.confirm().wait(20_000);
  assert.equal(short.now, 'rolling-back route');
  assert.match(short.said ?? '', /only 1 of 3 instances of 1\.0\.0 became ready in time; they take all traffic/);
  const empty = last().instances('1.0.0', 'unready').verb('abort').wait(20_000);
  assert.equal(empty.now, 'rolling-back restore');
  assert.match(empty.said ?? '', /no instance of 1\.0\.0 becomes ready; 2\.0\.0 has to serve on/);
  // With no ready instance of the candidate either there is nothing to wait for.
  empty.instances('2.0.0', 'unready', 'crashed');
  assert.equal(empty.now, 'rolling-back route');
});

test('promote leaves out every wait, and still only as many as are ready get requests', () => {
  const told = story(rolling()).settle().confirm().seconds(2).verb('promote');
  assert.equal(told.now, 'applying 3');
  told.confirm().wait(drainMs).settle().settle();
  assert.equal(told.now, 'applying 5');
  assert.equal(told.traffic, '2.0.0 67');
  told.confirm().confirm().wait(drainMs).settle().settle();
  assert.equal(told.now, 'applying 9');
  assert.equal(told.traffic, '2.0.0 100');
});

test('the way back to an earlier version keeps the number of instances too, and waits for nobody', () => {
  const told = story(rolling()).verb('abort');
  told.confirm().seconds(3).settle().retire();
  assert.equal(told.now, 'rolled-back');
  told.request('0.9.0', rolling(), true).validated().settle();
  assert.equal(told.now, 'applying 1');
  assert.equal(told.traffic, '0.9.0 33');
  assert.equal(told.sizes, '1.0.0 3, 0.9.0 1');
  told.confirm();
  assert.equal(told.now, 'applying 3');
});

test('a pause between two batches holds as it is, and goes on where it was', () => {
  const told = story(rolling()).settle().confirm().seconds(11).confirm();
  assert.equal(told.now, 'draining 3');
  told.verb('pause').wait(60_000 - 1);
  assert.equal(told.now, 'held operator 3');
  assert.equal(told.sizes, '1.0.0 3, 2.0.0 1');
  told.verb('resume');
  assert.equal(told.now, 'draining 3');
});

test('a router that does not confirm the smaller stable holds the release, and it goes on by itself', () => {
  const told = story(rolling()).settle().confirm().seconds(11).wait(10_000);
  assert.equal(told.now, 'held router 3');
  assert.equal(told.sizes, '1.0.0 3, 2.0.0 1');
  told.confirm();
  assert.equal(told.now, 'draining 3');
});

const sized = (percent: number, count: number) => ({ ...weight(percent), replicas: { count } }) as CanaryStep;
const growing = canary(sized(10, 1), sized(50, 2));

test('a canary with its own number of instances: they are ready before it gets more, and all are before it gets all', () => {
  const told = story(growing);
  assert.equal(told.sizes, '1.0.0 3, 2.0.0 1');
  told.settle().confirm().seconds(11);
  assert.equal(told.now, 'growing 2');
  assert.equal(routed(told), '1000 1001 1002 | 2000 10');
  assert.equal(told.sizes, '1.0.0 3, 2.0.0 2');
  told.instances('2.0.0', 'ready', 'starting').seconds(2);
  assert.equal(told.traffic, '2.0.0 10');
  told.settle();
  assert.equal(routed(told), '1000 1001 1002 | 2000 2001 50');
  told.confirm().seconds(11);
  assert.equal(told.sizes, '1.0.0 3, 2.0.0 3');
  assert.equal(told.traffic, '2.0.0 50');
  told.settle();
  assert.equal(routed(told), '1000 1001 1002 | 2000 2001 2002 100');
});

test('promote of such a canary brings all of its instances first, and abort takes everything back at once', () => {
  const told = story(growing).settle().confirm().seconds(3).verb('promote');
  assert.equal(told.now, 'growing 2');
  told.settle();
  assert.equal(told.now, 'growing 5');
  assert.equal(told.sizes, '1.0.0 3, 2.0.0 3');
  assert.equal(told.traffic, '2.0.0 10');
  told.settle();
  assert.equal(told.traffic, '2.0.0 100');
  told.confirm().verb('abort');
  assert.equal(told.now, 'rolling-back route');
  assert.equal(told.traffic, 'none');
});
