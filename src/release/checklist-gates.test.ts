import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phaseName } from './phase-name.ts';
import { planRelease } from './plan.ts';
import { stepText } from './step-text.ts';
import { canary, cutover, database, preflight, rolling, Story, verified, weight } from './story.fixture.ts';
import { isApproval, verbRefusal } from './verbs.ts';

const kinds = ({ live }: Story) => live.plan.steps.map((step) => (step.kind === 'weight' ? `weight ${step.percent}` : step.kind));
const one = canary(weight(10));
const asks = (more: object = {}) =>
  new Story()
    .install()
    .request('2.0.0', { ...one, ...preflight(more) })
    .validated();
const cutting = (more: object = {}) =>
  new Story()
    .release({ ...one, ...cutover(more) })
    .confirm()
    .seconds(11);

test('the preflight is asked before the database and before anything of the candidate runs', () => {
  const story = new Story()
    .install()
    .request('2.0.0', { ...one, ...preflight(), ...database(['a']) })
    .validated();
  assert.deepEqual(kinds(story), ['gate', 'backup', 'migrate', 'weight 10', 'observe', 'promote', 'bake', 'retire']);
  assert.deepEqual([story.now, phaseName(story.live), story.wanted], ['running 0', 'preparing', ['1.0.0']]);
  assert.equal(story.hookWanted?.hook.action.kind, 'checklist');
  story.hook().hook().hook();
  assert.deepEqual([story.now, story.wanted], ['preparing instances', ['1.0.0', '2.0.0']]);
});

test('a preflight that is not ready holds the release with nothing begun, asks again, and goes on by itself once it is ready', () => {
  const story = asks().hook(false);
  assert.equal(story.now, 'held gate 0');
  assert.deepEqual(story.wanted, ['1.0.0'], 'nothing of the candidate runs');
  assert.equal(story.said, 'held: exit code 1');
  assert.equal(story.hookWanted, undefined);
  assert.equal(story.wait(9_999).hookWanted, undefined);
  const second = story.wait(1).hookWanted;
  assert.match(second?.key ?? '', /:again2$/);
  assert.equal(story.now, 'held gate 0', 'it is held all the while');
  story.hook(false);
  assert.equal(story.said, null, 'the same again is no news');
  assert.equal(story.live.findings.length, 1);
  assert.equal(story.wait(10_000).hook().now, 'preparing instances');
});

test('a preflight that does not become ready in time ends the release, and nothing has begun', () => {
  const story = asks().hook(false).wait(60_000);
  assert.equal(story.now, 'rejected');
  assert.deepEqual(story.wanted, ['1.0.0']);
  assert.deepEqual(story.effects, []);
  assert.equal(asks({ then: 'refuse' }).hook(false).now, 'rejected');
  assert.equal(asks().verb('abort').now, 'cancelled');
});

test('going on past a checklist takes a reason and the right to approve', () => {
  const story = asks().hook(false);
  const id = story.live.id;
  assert.match(verbRefusal(story.state, id, 'resume', 'anna', 'en', '') ?? '', /needs a reason/);
  assert.match(verbRefusal(story.state, id, 'resume', 'anna', 'ru', '') ?? '', /нужна причина/);
  assert.equal(verbRefusal(story.state, id, 'resume', 'anna', 'en', 'seen'), null);
  assert.ok(isApproval(story.live, 'resume'));
  assert.equal(story.verb('resume').now, 'held gate 0');
  story.verb('resume', id, 'seen by hand');
  assert.equal(story.now, 'preparing instances');
  assert.equal(story.said, 'resume by anna (seen by hand); goes on although exit code 1; starts 2.0.0');
  const held = cutting().hook(false);
  assert.ok(isApproval(held.live, 'promote'));
  assert.equal(held.verb('promote').now, 'held gate 2');
  assert.equal(held.verb('promote', undefined, 'seen').now, 'applying 3');
  const before = new Story()
    .release({ ...one, ...cutover() })
    .confirm()
    .seconds(3);
  assert.ok(isApproval(before.live, 'promote'), 'also before it has been asked');
  assert.ok(
    !isApproval(
      new Story()
        .release({ ...one, ...cutover({ mode: 'dry-run' }) })
        .confirm()
        .seconds(3).live,
      'promote',
    ),
  );
});

test('retry asks at once', () => {
  const story = asks().hook(false).verb('retry');
  assert.equal(story.now, 'held gate 0');
  assert.equal(story.hook().now, 'preparing instances');
});

test('a dry run records what it would have said, and the release goes on', () => {
  const story = asks({ mode: 'dry-run' }).hook(false);
  assert.equal(story.now, 'preparing instances');
  assert.match(story.said ?? '', /^checklist ours has not passed: exit code 1; goes on all the same; /);
  assert.deepEqual(story.live.findings, [{ what: 'checklist ours', ok: false, detail: 'exit code 1' }]);
});

test('no answer in time is no yes', () => {
  const story = asks().wait(41_000);
  assert.equal(story.now, 'held gate 0');
  assert.match(story.said ?? '', /no answer in time/);
});

test('the cutover is asked before the step that brings all of the traffic, and its hold keeps the traffic as it is, guarded', () => {
  const story = cutting();
  assert.deepEqual(kinds(story), ['weight 10', 'observe', 'gate', 'promote', 'bake', 'retire']);
  assert.equal(story.hook(false).traffic, '2.0.0 10');
  assert.equal(story.seconds(5, 1).now, 'rolling-back route', 'the guard looks on');
  assert.equal(cutting({ then: 'rollback' }).hook(false).now, 'rolling-back route');
  const blueGreen = { kind: 'blueGreen', test: null, approve: null, hook: null, keepMs: 0 } as const;
  assert.deepEqual(kinds(new Story().release({ strategy: blueGreen, ...cutover() })), ['gate', 'promote', 'bake', 'retire']);
});

test('a release that is verified is asked after all of the traffic has come, in the midst of its bake', () => {
  const story = new Story()
    .release({ ...one, ...verified() })
    .confirm()
    .seconds(11)
    .confirm();
  const steps = story.live.plan.steps.slice(2).map((step) => (step.kind === 'bake' ? `bake ${step.minMs}` : step.kind));
  assert.deepEqual(steps, ['promote', 'gate', 'bake 3000', 'gate', 'bake 3000', 'gate', 'bake 4000', 'retire']);
  assert.deepEqual([story.now, phaseName(story.live)], ['running 3', 'baking']);
  assert.equal(story.hook().seconds(5).now, 'running 5');
  assert.equal(story.hook(false).now, 'rolling-back route');
  const told = new Story()
    .release({ ...one, ...verified({ then: 'report' }) })
    .confirm()
    .seconds(11)
    .confirm();
  assert.equal(told.hook(false).now, 'observing 4');
  const held = new Story()
    .release({ ...one, ...verified({ then: 'hold' }) })
    .confirm()
    .seconds(11)
    .confirm();
  assert.equal(held.hook(false).now, 'held gate 3');
  assert.equal(held.traffic, '2.0.0 100');
});

test('a rollback drill comes once the candidate is ready, before its first traffic', () => {
  const drilled = new Story().release({ ...one, ...preflight({ drill: true }) });
  assert.equal(drilled.now, 'running 0');
  assert.deepEqual(kinds(drilled), ['gate', 'gate', 'weight 10', 'observe', 'promote', 'bake', 'retire']);
  const batch = { ...rolling(), ...preflight({ drill: true }) };
  const plan = planRelease(
    { ...drilled.live.spec, release: { ...drilled.live.spec.release, ...batch } },
    '1.0.0',
    '2.0.0',
    false,
  );
  const index = plan.steps.findIndex((step) => step.kind === 'gate' && step.hook.action.kind === 'drill');
  assert.ok(
    plan.steps.slice(0, index).some(({ kind }) => kind === 'scale'),
    'where instances come by steps, behind the first',
  );
});

test('a version that comes back is asked nothing, the first one only what does not need another', () => {
  const all = { ...one, ...preflight({ drill: true }), ...cutover(), ...verified() };
  const { spec } = new Story().release(all).live;
  const asked = (stable: string | null, restore: boolean) =>
    planRelease(spec, stable, '2.0.0', restore).steps.flatMap((step) =>
      step.kind === 'gate' && step.hook.action.kind === 'checklist' ? [step.hook.action.of] : [],
    );
  assert.deepEqual(asked('1.0.0', true), []);
  assert.deepEqual(asked(null, false), ['preflight', 'verify', 'verify', 'verify']);
});

test('people read what is asked, in both languages', () => {
  const { plan } = new Story().release({
    ...one,
    ...preflight({ drill: true, phases: ['code'], signOffs: ['product'] }),
    ...verified(),
  }).live;
  const texts = plan.steps
    .filter(({ kind }) => kind === 'gate')
    .map((step) => [stepText(step, '1.0.0'), stepText(step, '1.0.0', 'ru')]);
  assert.deepEqual(texts.slice(0, 3), [
    ['ask checklist ours (code), signed by product', 'пройти чек-лист ours (code), с подписями: product'],
    ['drill the rollback on the router', 'провести учебный откат на маршрутизаторе'],
    ['ask checklist ours (smoke) at T+0s', 'пройти чек-лист ours (smoke) в T+0s'],
  ]);
});
