import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval, ReleasePolicy } from '../spec/types.ts';
import { places } from './places.fixture.ts';
import { canary, Story, undoable, weight } from './story.fixture.ts';
import type { Verb } from './types.ts';
import { isApproval, verbRefusal } from './verbs.ts';

const verbs: readonly Verb[] = ['pause', 'resume', 'approve', 'promote', 'abort', 'retry'];

/** Where each verb leads from each place; verbs that are not named do nothing there and say why. */
const leads: Readonly<Record<string, Partial<Record<Verb, string>>>> = {
  validating: { abort: 'cancelled' },
  'awaiting-approval': { approve: 'preparing instances', abort: 'cancelled' },
  'preparing instances': { abort: 'rolling-back retire' },
  'preparing smoke': { abort: 'rolling-back check' },
  'applying 0': { pause: 'held operator 0', promote: 'applying 8', abort: 'rolling-back route' },
  'observing 1': { pause: 'held operator 1', promote: 'applying 8', abort: 'rolling-back route' },
  // The hook goes on: the hold comes when it has ended.
  'running 2': { pause: 'running 2', abort: 'rolling-back route' },
  'waiting 3': { resume: 'waiting 4', promote: 'applying 8', abort: 'rolling-back route' },
  'waiting 4': { pause: 'held operator 4', resume: 'asking 5', promote: 'applying 8', abort: 'rolling-back route' },
  'asking 5': { pause: 'held operator 5', approve: 'applying 6', promote: 'applying 8', abort: 'rolling-back route' },
  'held operator 1': { resume: 'observing 1', promote: 'applying 8', abort: 'rolling-back route' },
  'held evidence 1': { pause: 'held operator 1', retry: 'observing 1', promote: 'applying 8', abort: 'rolling-back route' },
  'held router 0': { pause: 'held operator 0', retry: 'applying 0', promote: 'applying 8', abort: 'rolling-back route' },
  'held evidence 6': { pause: 'held operator 6', retry: 'held evidence 6', promote: 'applying 8', abort: 'rolling-back route' },
  'applying 2': { pause: 'held operator 2', abort: 'rolling-back route' },
  'observing 3': { pause: 'held operator 3', abort: 'rolling-back route' },
  // A bake that is cut short still ends with the commit.
  'held operator 3': { resume: 'observing 3', promote: 'committing 4', abort: 'rolling-back route' },
  'settling 4': { pause: 'held operator 4', promote: 'committing 4', abort: 'rolling-back route' },
  'held operator 4': { resume: 'settling 4', promote: 'settling 4', abort: 'rolling-back route' },
  'committing 4': {},
  'retiring 4': {},
  'rolling-back route': {},
  'rolling-back compensate': {},
  'rolling-back drain': {},
  'rolling-back retire': {},
  // Nothing of the candidate runs yet, so there is nothing to wait for.
  'running 0': { abort: 'rolled-back' },
  'running 1': { abort: 'rolled-back' },
  'observing 4': { pause: 'held operator 4', promote: 'applying 5', abort: 'rolling-back route' },
  'held irreversible 4': { retry: 'observing 4', promote: 'applying 5', abort: 'rolling-back route' },
  'rolling-back database': {},
  // A person may leave the database as it is.
  'rolling-back database failing': { retry: 'rolling-back database failing', abort: 'rolled-back' },
  'rolling-back decide': { abort: 'rolled-back' },
  // Going on all the same needs a reason, so both others do nothing here.
  'held gate 0': { retry: 'held gate 0', abort: 'cancelled' },
  'held gate 2': { pause: 'held operator 2', retry: 'held gate 2', abort: 'rolling-back route' },
  'growing 0': { pause: 'held operator 0', promote: 'growing 0', abort: 'rolling-back retire' },
  'growing 4': { pause: 'held operator 4', promote: 'growing 4', abort: 'rolling-back restore' },
  'draining 3': { pause: 'held operator 3', promote: 'draining 3', abort: 'rolling-back route' },
  // Who waits for the others to end waits in a new turn; nothing of it is lost.
  'shrinking 3': { pause: 'held operator 3', promote: 'draining 3', abort: 'rolling-back restore' },
  'rolling-back restore': {},
  cancelled: {},
};

test('the table names every place', () => assert.deepEqual(Object.keys(leads), Object.keys(places)));

for (const [place, go] of Object.entries(places)) {
  for (const verb of verbs) {
    const lead = leads[place]?.[verb];
    test(`${verb} in ${place} ${lead === undefined ? 'does nothing, and says why' : `leads to ${lead}`}`, () => {
      const story = go(new Story());
      assert.equal(story.now, place);
      const before = story.state;
      const id = before.live?.id ?? before.ended[0]?.id ?? '';
      const refusal = verbRefusal(before, id, verb, 'anna', 'en', '');
      story.verb(verb);
      if (lead === undefined) {
        assert.equal(story.state, before);
        assert.equal(story.said, `${verb} by anna: ${refusal}`);
        return;
      }
      assert.equal(refusal, null);
      assert.notEqual(story.state, before);
      assert.equal(story.now, lead);
      assert.match(story.said ?? '', new RegExp(`^${verb} by anna`));
    });
  }
}

test('a release that waits can only be aborted', () => {
  const story = new Story().release().request('3.0.0');
  const id = story.state.queued?.id ?? '';
  for (const verb of verbs)
    assert.equal(
      verbRefusal(story.state, id, verb, 'anna'),
      verb === 'abort' ? null : `release ${id} waits for another release; only abort is possible`,
    );
  story.verb('abort', id);
  assert.equal(story.state.queued, null);
  assert.equal(story.state.ended[0]?.id, id);
  assert.equal(story.now, 'applying 0');
});

test('a release that nobody knows is named', () => {
  assert.equal(verbRefusal(new Story().state, 'r9', 'abort', null), 'there is no release r9 of shop');
});

test('a pause during a hook lets it end, then holds before the next step, and resume runs the hook no second time', () => {
  const story = new Story()
    .release(canary(weight(10), { kind: 'hook', hook: undoable }))
    .confirm()
    .seconds(11);
  const [hook] = story.effects;
  story.verb('pause').verb('pause');
  assert.equal(story.said, 'pause by anna: it is paused already');
  assert.deepEqual(story.effects, [hook]);
  story.hook();
  assert.equal(story.now, 'held operator 3');
  assert.deepEqual(story.effects, []);
  story.verb('resume');
  assert.equal(story.now, 'applying 3');
  assert.deepEqual(story.live.compensate, [2]);
});

test('resume before the hook has ended takes the pause back', () => {
  const story = new Story()
    .release(canary(weight(10), { kind: 'hook', hook: undoable }))
    .confirm()
    .seconds(11);
  story.verb('pause').verb('resume').hook();
  assert.equal(story.now, 'applying 3');
});

test('a pause while the router has not confirmed loses nothing: after resume the step needs no evidence for traffic it has', () => {
  const story = new Story()
    .release(canary(weight(10), weight(50)))
    .confirm()
    .seconds(11);
  assert.equal(story.now, 'applying 2');
  story.verb('pause').wait(15_000).verb('resume');
  assert.equal(story.now, 'applying 2');
  assert.equal(story.traffic, '2.0.0 50');
  story.confirm();
  assert.equal(story.now, 'observing 3');
});

test('promote of a release that is held before its promote step carries that step out', () => {
  const story = new Story()
    .release(canary(weight(10), { kind: 'pause', ms: null }))
    .confirm()
    .seconds(11);
  story.wait(20_000).verb('resume');
  assert.equal(story.now, 'held evidence 3');
  story.verb('promote');
  assert.equal(story.now, 'applying 3');
  assert.equal(story.traffic, '2.0.0 100');
});

test('promote of a release that is paused in its last step makes it stable before it ends', () => {
  const policy = { ...canary(weight(10)), retire: { afterMs: 6_000 } };
  const story = new Story().release(policy).confirm().seconds(11).confirm().seconds(11).verb('pause').verb('promote');
  story.wait(6_000).confirm().retire();
  assert.equal(story.now, 'succeeded');
  assert.equal(story.state.stable?.version, '2.0.0');
});

test('a verb says who gave it and why', () => {
  const story = new Story().release();
  story.tell({ kind: 'verb', release: story.live.id, verb: 'abort', by: 'anna', why: 'checkout is red' });
  assert.equal(story.said, 'abort by anna (checkout is red)');
  assert.equal(story.live.cause?.sentence, 'aborted by anna: checkout is red');
});

test('retry of a rollback that the router refuses tries at once', () => {
  const story = new Story().release().confirm().seconds(5).verb('abort');
  const key = `route:${story.state.route.seq}`;
  story.tell({ kind: 'effect-failed', key, reason: 'connect refused' });
  story.wait(10_000);
  assert.equal(story.live.phase.kind === 'rolling-back' && story.live.phase.failing, true);
  assert.equal(verbRefusal(story.state, story.live.id, 'retry', 'anna'), null);
  story.verb('retry');
  assert.deepEqual(story.state.retries, {});
  assert.ok(story.effects.includes(key));
});

const byAnother = { expiresMs: 30_000, by: 'another' } as const;
const startedIt = 'anna has started it, so another has to approve it';

test('whoever has started a release cannot approve it where another has to, and whoever else can', () => {
  const story = new Story().install().request('2.0.0', { approval: byAnother }).validated();
  assert.equal(story.said, 'waits for an approval by somebody who did not start it');
  const { id } = story.live;
  for (const by of ['anna', ' Anna', 'ANNA']) {
    story.tell({ kind: 'verb', release: id, verb: 'approve', by, why: '' });
    assert.equal(story.said, `approve by ${by}: ${startedIt}`);
    assert.equal(story.now, 'awaiting-approval');
  }
  assert.equal(verbRefusal(story.state, id, 'approve', null), null);
  assert.equal(verbRefusal(story.state, id, 'abort', 'anna'), null);
  story.tell({ kind: 'verb', release: id, verb: 'approve', by: 'boris', why: '' });
  assert.equal(story.now, 'preparing instances');
});

test('whoever has started a release cannot promote it past a question that another has to answer', () => {
  const asking = canary(weight(10), { kind: 'approve', ...byAnother }, weight(50));
  const story = new Story().release(asking).confirm().seconds(5);
  const { id } = story.live;
  assert.equal(verbRefusal(story.state, id, 'promote', 'anna'), startedIt);
  assert.equal(verbRefusal(story.state, id, 'promote', 'boris'), null);
  assert.equal(isApproval(story.live, 'promote'), true);
  story.verb('pause');
  assert.equal(verbRefusal(story.state, id, 'promote', 'anna'), startedIt);
  story.verb('resume').confirm().seconds(11);
  assert.equal(story.now, 'asking 2');
  for (const verb of ['approve', 'promote'] as const) assert.equal(verbRefusal(story.state, id, verb, 'anna'), startedIt);
  // A pause of the question is no way around it.
  story.verb('pause').verb('resume');
  assert.equal(story.now, 'asking 2');
  story.tell({ kind: 'verb', release: id, verb: 'approve', by: 'boris', why: '' });
  assert.equal(story.now, 'applying 3');
  assert.equal(verbRefusal(story.state, id, 'promote', 'anna'), null);
  assert.equal(isApproval(story.live, 'promote'), false);
});

test('blue-green asks another as well, and a question to anybody is answered by anybody', () => {
  const switching = (approve: Approval): Partial<ReleasePolicy> => ({
    strategy: { kind: 'blueGreen', test: null, hook: null, approve, keepMs: 0 },
  });
  const story = new Story().release(switching(byAnother));
  assert.equal(story.now, 'asking 0');
  assert.equal(verbRefusal(story.state, story.live.id, 'approve', 'anna'), startedIt);
  const open = new Story().release(switching({ expiresMs: 30_000 }));
  assert.equal(verbRefusal(open.state, open.live.id, 'approve', 'anna'), null);
});
