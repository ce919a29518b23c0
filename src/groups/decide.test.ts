import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulatedService } from '../../test/simulation/spec.ts';
import { Play } from './play.fixture.ts';

const chain = { api: [], worker: ['api'], front: ['worker'] };

const sights = (play: Play): readonly string[] => play.release.members.map(({ sight }) => sight.kind);
const stables = (play: Play): readonly (string | undefined)[] =>
  [...play.stories.values()].map(({ state }) => state.stable?.version);

test('members start one behind the other, get all traffic in order once all are ready, and become stable together', () => {
  const play = new Play(chain).begin();
  play.until('the first is ready', () => play.release.members[0]?.sight.kind === 'ready');
  assert.deepEqual(play.done, ['request api', 'request worker'], 'the second began when the first waited');
  const end = play.end();
  assert.deepEqual(end.phase.kind === 'ended' && end.phase.outcome, 'succeeded');
  assert.deepEqual(play.done, [
    'request api',
    'request worker',
    'request front',
    'open api',
    'open worker',
    'open front',
    'open api',
    'open worker',
    'open front',
  ]);
  assert.deepEqual(stables(play), ['2.0.0', '2.0.0', '2.0.0']);
});

test('members without an order start at once', () => {
  const play = new Play({ a: [], b: [], c: ['a', 'b'] }).begin().second();
  assert.deepEqual(play.done, ['request a', 'request b']);
});

test('a member that fails takes all back, last ones first, and those that never began stay as they are', () => {
  const play = new Play(chain).begin();
  const end = play.end({ worker: 0.5 });
  assert(end.phase.kind === 'ended');
  assert.equal(end.phase.outcome, 'rolled-back');
  assert.equal(end.phase.cause?.service, 'worker');
  assert.match(end.phase.sentence, /^all went back: worker 2\.0\.0 went back: /);
  assert.deepEqual(sights(play), ['gone', 'gone', 'absent']);
  assert.deepEqual(play.done, ['request api', 'request worker', 'abort api']);
});

test('one that fails with all traffic takes back the others, which go one after the other', () => {
  const play = new Play(chain).begin();
  play.until('all have all traffic', () => sights(play).every((kind) => kind === 'promoted'));
  play.before = (action) => {
    const { live } = play.story('front').state;
    const isBack = live === null || (live.phase.kind === 'rolling-back' && live.phase.part !== 'route');
    if (action === 'abort api') assert(isBack, 'the last one is back before the first one goes');
  };
  play.second({ worker: 0.9 }).until('it goes back', () => play.release.phase.kind === 'rolling-back', { worker: 0.9 });
  play.end();
  assert.deepEqual(play.done.slice(-2), ['abort front', 'abort api']);
  assert.deepEqual(stables(play), ['1.0.0', '1.0.0', '1.0.0']);
});

test('one that is stable already gets its version before back', () => {
  const play = new Play(chain, simulatedService({ retire: { afterMs: 20_000 } })).begin();
  // The last one of the three has less patience for its own version before.
  play.until('all become stable', () => play.release.phase.kind === 'finishing');
  play.second();
  const early = play.story('api');
  early.wait(21_000);
  play.until('the first is stable', () => play.release.members[0]?.sight.kind === 'stable');
  play.abort();
  const end = play.end();
  assert(end.phase.kind === 'ended');
  assert.deepEqual([end.phase.outcome, end.phase.cause?.service], ['rolled-back', null]);
  assert.deepEqual(stables(play), ['1.0.0', '1.0.0', '1.0.0']);
  assert.deepEqual(play.done.slice(-3), ['abort front', 'abort worker', 'restore api']);
});

test('a member that does not come back does not keep those in front of it waiting for long, and is named', () => {
  const play = new Play(chain).begin();
  play.until('all have all traffic', () => sights(play).every((kind) => kind === 'promoted'));
  play.abort();
  // The router of the last one answers nobody.
  for (let seconds = 0; seconds < 20; seconds += 1) {
    play.at += 1_000;
    for (const service of ['api', 'worker']) play.serve(service);
    play.story('front').tell({ kind: 'woke' });
    play.hear();
    for (const action of play.wanted) play.act(action);
  }
  assert.deepEqual(sights(play), ['gone', 'gone', 'going-back'], play.done.join());
  play.at += 3_600_000;
  play.story('front').tell({ kind: 'woke' });
  play.hear();
  assert(play.release.phase.kind === 'ended');
  assert.equal(play.release.phase.outcome, 'rollback-failed');
  assert.match(play.release.phase.sentence, /^not back in time: front; the group went back because aborted by anna/);
});

test('a group that nobody answers at its barrier goes back at its deadline', () => {
  const play = new Play(chain).begin();
  play.until('the first is ready', () => play.release.members[0]?.sight.kind === 'ready');
  // The second never gets anywhere: somebody has paused it.
  play.until('the second has traffic', () => play.story('worker').traffic !== 'none');
  play.story('worker').verb('pause');
  const end = play.end();
  assert(end.phase.kind === 'ended');
  assert.match(
    end.phase.sentence,
    /worker 2\.0\.0 went back: held for too long: paused by anna|its group did not let it go on in time/,
  );
  assert(!play.members.some((member) => play.isPast(member)));
});

test('a release of a service alone has no barrier, whatever group the one before belonged to', () => {
  const play = new Play({ api: [] }).begin();
  play.end();
  const story = play.story('api').request('3.0.0');
  assert(!story.live.plan.steps.some(({ kind }) => kind === 'barrier'));
});
