import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectsOf, nextWakeMs, readyEndpoints, relevel, wantedRoute } from './levels.ts';
import { places } from './places.fixture.ts';
import { canary, instance, Story, undoable, weight } from './story.fixture.ts';

/** What runs, what the candidate gets, and what has to be done, in every place. */
const levels: Readonly<Record<string, readonly [wanted: string, traffic: string, effects: string]>> = {
  validating: ['1.0.0', 'none', 'validate'],
  'awaiting-approval': ['1.0.0', 'none', ''],
  'preparing instances': ['1.0.0 2.0.0', 'none', ''],
  'preparing smoke': ['1.0.0 2.0.0', 'none', 'smoke'],
  'applying 0': ['1.0.0 2.0.0', '2.0.0 10', 'set-route'],
  'observing 1': ['1.0.0 2.0.0', '2.0.0 10', ''],
  'running 2': ['1.0.0 2.0.0', '2.0.0 10', 'run-hook'],
  'waiting 3': ['1.0.0 2.0.0', '2.0.0 10', ''],
  'waiting 4': ['1.0.0 2.0.0', '2.0.0 10', ''],
  'asking 5': ['1.0.0 2.0.0', '2.0.0 10', ''],
  'held operator 1': ['1.0.0 2.0.0', '2.0.0 10', ''],
  'held evidence 1': ['1.0.0 2.0.0', '2.0.0 10', ''],
  'held router 0': ['1.0.0 2.0.0', '2.0.0 10', 'set-route'],
  'held evidence 6': ['1.0.0 2.0.0', '2.0.0 10', ''],
  'applying 2': ['1.0.0 2.0.0', '2.0.0 100', 'set-route'],
  'observing 3': ['1.0.0 2.0.0', '2.0.0 100', ''],
  'held operator 3': ['1.0.0 2.0.0', '2.0.0 100', ''],
  'settling 4': ['1.0.0 2.0.0', '2.0.0 100', ''],
  'held operator 4': ['1.0.0 2.0.0', '2.0.0 100', ''],
  // The version before stays until nothing points at it any more.
  'committing 4': ['2.0.0 1.0.0', 'none', 'set-route'],
  'retiring 4': ['2.0.0', 'none', 'retire'],
  'rolling-back route': ['1.0.0 2.0.0', 'none', 'set-route'],
  'rolling-back compensate': ['1.0.0 2.0.0', 'none', 'run-hook'],
  'rolling-back drain': ['1.0.0 2.0.0', 'none', ''],
  'rolling-back retire': ['1.0.0', 'none', 'retire'],
  'running 0': ['1.0.0', 'none', 'run-hook'],
  'running 1': ['1.0.0', 'none', 'run-hook'],
  'observing 4': ['1.0.0 2.0.0', '2.0.0 10', ''],
  'held irreversible 4': ['1.0.0 2.0.0', '2.0.0 10', ''],
  'rolling-back database': ['1.0.0', 'none', 'run-hook'],
  'rolling-back database failing': ['1.0.0', 'none', 'run-hook'],
  'rolling-back decide': ['1.0.0', 'none', ''],
  'held gate 0': ['1.0.0', 'none', ''],
  'held gate 2': ['1.0.0 2.0.0', '2.0.0 10', ''],
  'growing 0': ['1.0.0 2.0.0', 'none', ''],
  'growing 4': ['1.0.0 2.0.0', '2.0.0 33', ''],
  'draining 3': ['1.0.0 2.0.0', '2.0.0 33', ''],
  'shrinking 3': ['1.0.0 2.0.0', '2.0.0 33', ''],
  // The candidate keeps what stable has no capacity for.
  'rolling-back restore': ['1.0.0 2.0.0', '2.0.0 33', 'set-route'],
  cancelled: ['1.0.0', 'none', ''],
};

test('the table names every place', () => assert.deepEqual(Object.keys(levels), Object.keys(places)));

for (const [place, [wanted, traffic, effects]] of Object.entries(levels)) {
  test(`${place}: ${wanted} run, the candidate gets ${traffic}, and ${effects || 'nothing'} is to be done`, () => {
    const story = (places[place] as (story: Story) => Story)(new Story());
    assert.equal(story.wanted.join(' '), wanted);
    assert.equal(story.traffic, traffic);
    assert.equal(
      effectsOf(story.state)
        .map(({ kind }) => kind)
        .join(' '),
      effects,
    );
    assert.equal(relevel(story.state), story.state);
  });
}

test('a service that never had a version wants no route', () => {
  const story = new Story();
  assert.equal(wantedRoute(story.state), null);
  assert.deepEqual(story.effects, []);
  assert.equal(nextWakeMs(story.state, 0), Number.POSITIVE_INFINITY);
});

test('without a version nobody is asked to write a route', () => {
  const story = new Story()
    .request('1.0.0')
    .validated()
    .instances('1.0.0', 'ready')
    .confirm()
    .verb('abort')
    .confirm()
    .seconds(3)
    .retire();
  assert.equal(story.now, 'rolled-back');
  story.tell({ kind: 'controller-started' });
  assert.equal(story.state.route.status, 'wanted');
  assert.deepEqual(story.effects, []);
});

test('a route is written, then read: never both at once', () => {
  const story = new Story().release();
  const { seq } = story.state.route;
  assert.deepEqual(story.effects, [`route:${seq}`]);
  story.tell({ kind: 'route-accepted', seq });
  assert.deepEqual(story.effects, [`read:${seq}`]);
});

test('more ready instances are a new route, and another order is not', () => {
  const story = new Story().release().confirm();
  const { seq } = story.state.route;
  story.tell({ kind: 'instances', version: '1.0.0', instances: [instance('1.0.0', 1, 'ready'), instance('1.0.0', 0, 'ready')] });
  assert.equal(story.state.route.seq, seq + 1);
  story.tell({ kind: 'instances', version: '1.0.0', instances: [instance('1.0.0', 0, 'ready'), instance('1.0.0', 1, 'ready')] });
  assert.equal(story.state.route.seq, seq + 1);
});

test('stable keeps its traffic when none of its instances is ready, because one that recovers must find it', () => {
  const story = new Story().install().instances('1.0.0', 'unready');
  assert.deepEqual(story.state.route.want?.stable?.endpoints, [{ host: '127.0.0.1', port: 1_000 }]);
});

test('a back-off that nothing waits for is forgotten', () => {
  const story = new Story().release();
  const key = `route:${story.state.route.seq}`;
  story.tell({ kind: 'effect-failed', key, reason: 'refused' });
  assert.deepEqual(Object.keys(story.state.retries), [key]);
  story.tell({ kind: 'effect-failed', key: 'hook:r0:1:1', reason: 'too late' });
  assert.deepEqual(Object.keys(story.state.retries), [key]);
  story.confirm();
  assert.deepEqual(story.state.retries, {});
});

test('a hook learns what it is part of', () => {
  const story = new Story()
    .release(canary(weight(10), { kind: 'hook', hook: undoable }))
    .confirm()
    .seconds(11);
  const [effect] = effectsOf(story.state);
  assert.deepEqual(effect?.kind === 'run-hook' && effect.environment, {
    RAMPART_SERVICE: 'shop',
    RAMPART_RELEASE: 'r2',
    RAMPART_VERSION: '2.0.0',
    RAMPART_STABLE: '1.0.0',
    RAMPART_WEIGHT: '10',
    RAMPART_IDEMPOTENCY_KEY: 'r2:2',
    RAMPART_ATTEMPT: '1',
  });
});

test('the next moment is the first deadline or end of a back-off that is still to come', () => {
  const story = new Story().release().confirm();
  const { phase } = story.live;
  assert.ok(phase.kind === 'stepping' && phase.part.kind === 'observing');
  assert.equal(nextWakeMs(story.state, story.at), phase.part.minUntilMs);
  assert.equal(nextWakeMs(story.state, phase.part.minUntilMs), phase.part.untilMs);
  assert.equal(nextWakeMs(story.state, phase.part.untilMs), Number.POSITIVE_INFINITY);
});

test('only ready instances are endpoints, by port', () => {
  const endpoints = readyEndpoints([
    instance('1.0.0', 2, 'ready'),
    instance('1.0.0', 0, 'starting'),
    instance('1.0.0', 1, 'ready'),
  ]);
  assert.deepEqual(
    endpoints.map(({ port }) => port),
    [1_001, 1_002],
  );
});
