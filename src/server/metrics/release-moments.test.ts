import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canary, Story, startMs, weight } from '../../release/story.fixture.ts';
import { ReleaseMoments } from './release-moments.ts';

/** A story of which every state is noticed. */
class Noticed extends Story {
  readonly moments = new ReleaseMoments(null);

  override tell(...happening: Parameters<Story['tell']>): ReturnType<Story['tell']> {
    const decision = super.tell(...happening);
    this.moments.take(this.state);
    return decision;
  }

  get told(): readonly string[] {
    return this.moments.all.map(({ version, kind, step }) => `${version} ${kind}${step}`);
  }
}

test('each step of a release is a moment at which it began, and so is its end', () => {
  const story = new Noticed();
  story.release(canary(weight(10), weight(50)));
  const stepped = story.at;
  story.confirm().seconds(1).verb('abort');
  const [first] = story.moments.all.filter(({ version, kind }) => version === '2.0.0' && kind === 'weight');
  assert.deepEqual(
    { ...first, release: '' },
    { release: '', version: '2.0.0', kind: 'weight', step: '1', text: 'send 10 % of requests', atMs: stepped },
  );
  const ofSecond = story.told.filter((one) => one.startsWith('2.0.0'));
  assert.deepEqual(ofSecond.slice(-2), ['2.0.0 observe2', '2.0.0 rolling-back']);
  assert(story.moments.all.every(({ atMs }) => atMs >= startMs && atMs <= story.at));
});

test('the moments of two releases are kept, and no more', () => {
  const story = new Noticed();
  story.release(canary(weight(10)));
  assert(story.told.includes('1.0.0 succeeded') && story.told.includes('2.0.0 weight1'), story.told.join(', '));
  story.request('3.0.0').validated();
  story.verb('abort').confirm().seconds(5).settle().confirm().seconds(5).retire().seconds(1);
  const versions = new Set(story.moments.all.map(({ version }) => version));
  assert(versions.size <= 2, story.told.join(', '));
});

test('what begins again after a hold is one moment with a later time', () => {
  const story = new Noticed();
  story
    .release(canary(weight(10)))
    .confirm()
    .seconds(1)
    .verb('pause')
    .seconds(3)
    .verb('resume');
  const observing = story.moments.all.filter(({ kind }) => kind === 'observe');
  assert.equal(observing.length, 1);
  assert.equal(observing[0]?.atMs, story.at);
  assert(story.told.some((one) => one.includes('held')));
});

test('where a controller begins anew in the middle of a release it invents no moment', () => {
  const story = new Story();
  story.release(canary(weight(10))).confirm();
  const moments = new ReleaseMoments(story.state);
  moments.take(story.state);
  assert.deepEqual(moments.all, []);
  story.verb('pause');
  moments.take(story.state);
  assert.deepEqual(
    moments.all.map(({ kind }) => kind),
    ['held'],
  );
});
