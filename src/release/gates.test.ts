import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phaseName } from './phase-name.ts';
import { stepText } from './step-text.ts';
import { canary, Story, weight } from './story.fixture.ts';

const gate = { slo: ['availability'], windowMs: null, leftPpm: 100_000 };
const budget = (then: 'refuse' | 'shrink' | 'ask') => ({ ...canary(weight(10), weight(50)), budget: { keepPpm: 0, then } });
const kinds = ({ live }: Story) => live.plan.steps.map((step) => (step.kind === 'weight' ? `weight ${step.percent}` : step.kind));
/** The gate that is being asked now answers. */
function answers(story: Story, ok: boolean, fits?: number): Story {
  const effect = story.hookWanted;
  assert(effect, `no gate is asked in ${story.now}`);
  story.tell({ kind: 'hook-ended', key: effect.key, ok, detail: 'the numbers', ...(fits === undefined ? {} : { fits }) });
  return story;
}

test('a gate among the steps is asked in its place, and sends the release back when objectives are not kept', () => {
  const steps = canary(weight(10), { kind: 'gate', gate }, weight(50));
  const story = new Story().release(steps).confirm().seconds(11);
  assert.equal(story.now, 'running 2');
  assert.deepEqual(kinds(story), ['weight 10', 'observe', 'gate', 'weight 50', 'observe', 'promote', 'bake', 'retire']);
  assert.equal(story.hookWanted?.hook.action.kind, 'gate');
  assert.equal(answers(story, true).now, 'applying 3');
  const refused = answers(new Story().release(steps).confirm().seconds(11), false);
  assert.equal(refused.now, 'rolling-back route');
  assert.match(refused.live.cause?.sentence ?? '', /^availability, 10% of the budget left failed: the numbers$/);
});

test('the last gate is asked after all of the traffic for its window, before the version becomes stable', () => {
  const last = { ...canary(weight(10)), gate: { slo: null, windowMs: 60_000, leftPpm: null } };
  const story = new Story().release(last).confirm().seconds(11).confirm();
  assert.deepEqual(kinds(story), ['weight 10', 'observe', 'promote', 'bake', 'gate', 'retire']);
  assert.equal(story.live.plan.steps[3]?.kind === 'bake' && story.live.plan.steps[3].minMs, 60_000, 'the bake is as long');
  story.seconds(61);
  assert.deepEqual([story.now, phaseName(story.live)], ['running 4', 'baking']);
  assert.equal(answers(story, false).now, 'rolling-back route');
});

test('before each step that brings traffic the budget is asked, with what the step asks of it', () => {
  const story = new Story().release(budget('refuse'));
  assert.deepEqual(kinds(story), [
    'gate',
    'weight 10',
    'observe',
    'gate',
    'weight 50',
    'observe',
    'gate',
    'promote',
    'bake',
    'retire',
  ]);
  assert.deepEqual(
    story.live.plan.steps.flatMap((step) =>
      step.kind === 'gate' && step.hook.action.kind === 'budget' ? [step.hook.action.percent] : [],
    ),
    [10, 50, 100],
  );
  assert.equal(answers(story, false).now, 'rolling-back retire', 'nothing has moved yet');
});

test('a step that the budget does not bear gets as much traffic as fits, or somebody is asked', () => {
  const smaller = answers(new Story().release(budget('shrink')), false, 3);
  assert.equal(smaller.now, 'applying 1');
  assert.deepEqual([kinds(smaller)[1], smaller.live.exposure.weight], ['weight 3', 3]);
  assert.match(smaller.said ?? '', /^the numbers; /);
  for (const fits of [0, undefined]) {
    const asked = answers(new Story().release(budget('shrink')), false, fits);
    assert.equal(asked.now, 'held operator 1');
  }
  const asked = answers(new Story().release(budget('ask')), false, 3);
  assert.equal(asked.now, 'held operator 1');
  assert.equal(asked.live.phase.kind === 'held' && asked.live.phase.sentence, 'the numbers; resume it to go on all the same');
  assert.equal(asked.verb('resume').now, 'applying 1');
  assert.deepEqual(kinds(asked)[1], 'weight 10');
});

test('a version that comes back, and the first one, are not kept waiting by a budget', () => {
  const story = new Story().request('1.0.0', budget('refuse'));
  assert.ok(!kinds(story).includes('gate'), kinds(story).join());
});

test('whoever promotes asks no gate', () => {
  const story = answers(new Story().release(budget('ask')), true)
    .confirm()
    .seconds(3);
  assert.equal(story.now, 'observing 2');
  assert.equal(story.verb('promote').now, 'applying 7');
});

test('people read what is asked', () => {
  const story = new Story().release({ ...budget('ask'), gate: { slo: null, windowMs: 3_600_000, leftPpm: null } });
  const texts = story.live.plan.steps
    .filter(({ kind }) => kind === 'gate')
    .map((step) => [stepText(step, '1.0.0'), stepText(step, '1.0.0', 'ru')]);
  assert.deepEqual(texts[0], ['ask error budget for 10 %', 'проверить бюджет ошибок']);
  assert.deepEqual(texts.at(-1), ['ask all objectives, over 1h', 'проверить цели: all objectives, over 1h']);
});
