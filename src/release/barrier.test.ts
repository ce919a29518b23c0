import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulatedService } from '../../test/simulation/spec.ts';
import { Story } from './story.fixture.ts';
import { verbRefusal } from './verbs.ts';

const group = { name: 'mall', id: 'g1', barrierMs: 30_000 };

/** A release of 2.0.0 in a group, over 1.0.0. */
function member(restore = false): Story {
  const story = restore ? new Story().install('2.0.0').request('1.0.0') : new Story().install();
  if (restore)
    story
      .validated()
      .instances('1.0.0', 'ready')
      .confirm()
      .seconds(11)
      .confirm()
      .seconds(11)
      .confirm()
      .seconds(11)
      .confirm()
      .retire();
  const spec = simulatedService();
  story.tell({ kind: 'requested', release: 'm1', version: '2.0.0', spec, by: 'anna', why: '', restore, group });
  return story;
}

/** The same at its first barrier, with half of the traffic. */
function atBarrier(): Story {
  const story = member().validated().instances('2.0.0', 'ready').confirm().seconds(11).confirm().seconds(11);
  assert.equal(story.now, 'asking 4');
  return story;
}

const open = (story: Story, step: number, release = 'm1') =>
  story.tell({ kind: 'barrier-opened', release, step, by: 'group mall for anna' });

test('a release of a group waits before all traffic and before it becomes stable; one that brings a version back waits for nobody', () => {
  const kinds = (story: Story) => story.live.plan.steps.map(({ kind }) => kind);
  assert.deepEqual(kinds(member()), [
    'weight',
    'observe',
    'weight',
    'observe',
    'barrier',
    'promote',
    'bake',
    'barrier',
    'retire',
  ]);
  assert.deepEqual(kinds(member(true)), ['promote', 'bake', 'retire']);
});

test('only its group opens a barrier, once, and the one it waits at', () => {
  const story = atBarrier();
  for (const verb of ['approve', 'promote'] as const) {
    assert.match(verbRefusal(story.state, 'm1', verb, 'boris') ?? '', /^only its group mall lets it go on/);
    assert.match(verbRefusal(story.state, 'm1', verb, 'boris', 'ru') ?? '', /^дальше его пустит только группа mall/);
    story.verb(verb, 'm1');
    assert.equal(story.now, 'asking 4');
  }
  for (const [step, release] of [
    [7, 'm1'],
    [4, 'm0'],
    [5, 'm1'],
  ] as const)
    assert.equal(open(story, step, release).said, null);
  assert.equal(open(story, 4).said, 'group mall for anna lets it go on; step 6 of 9: send all requests');
  assert.equal(story.now, 'applying 5');
  assert.equal(open(story, 4).said, null);
  story.confirm().seconds(11);
  assert.equal(story.now, 'asking 7');
  assert.equal(story.state.stable?.version, '1.0.0', 'the version before is still there');
  open(story, 7);
  assert.equal(story.state.stable?.version, '2.0.0');
});

test('promote does not jump over a barrier that is still to come, nor past one where it was paused', () => {
  const story = member().validated().instances('2.0.0', 'ready').confirm().seconds(3);
  assert.match(verbRefusal(story.state, 'm1', 'promote', 'boris') ?? '', /^only its group/);
  const paused = atBarrier().verb('pause');
  assert.equal(paused.now, 'held operator 4');
  assert.match(verbRefusal(paused.state, 'm1', 'promote', 'boris') ?? '', /^only its group/);
  open(paused, 4);
  assert.equal(paused.now, 'held operator 4', 'a person has paused it');
  assert.equal(paused.verb('resume').now, 'asking 4');
});

test('a release that its group forgets goes back at its deadline, and the guard works on at the barrier', () => {
  const forgotten = atBarrier().wait(28_000);
  assert.equal(forgotten.now, 'asking 4');
  forgotten.wait(2_001);
  assert.match(forgotten.said ?? '', /goes back: its group did not let it go on in time/);
  assert.match(atBarrier().seconds(20, 0.5).state.live?.cause?.by ?? '', /guard/);
});
