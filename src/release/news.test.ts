import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReleasePolicy } from '../spec/types.ts';
import { type ReleaseNews, releaseNews } from './news.ts';
import { canary, preflight, Story, weight } from './story.fixture.ts';

/** A story that keeps what was told of it. */
class Told extends Story {
  readonly news: ReleaseNews[] = [];

  override tell(happening: Parameters<Story['tell']>[0]): ReturnType<Story['tell']> {
    const before = this.state;
    const decision = super.tell(happening);
    this.news.push(...releaseNews(before, this.state));
    return decision;
  }

  /** What was told since, in a line each. */
  get lines(): readonly string[] {
    return this.news
      .splice(0)
      .map(({ kind, step, steps, said, wasHeld, verbs }) =>
        [kind, step === null ? '' : `${step}/${steps}`, said.en, wasHeld ? '(was held)' : '', verbs.join(' ')]
          .filter((part) => part !== '')
          .join(' | '),
      );
  }
}

const installed = (more: Partial<ReleasePolicy> = {}): Told => {
  const story = new Told();
  story.install();
  story.news.length = 0;
  story.request('2.0.0', more);
  return story;
};

test('a release that succeeds tells of its beginning, of each step that does something, and of its end', () => {
  const story = installed(canary(weight(10), weight(50)));
  assert.deepEqual(story.lines, []);
  story.validated().seconds(1).settle();
  for (let i = 0; i < 90 && story.state.live; i += 1) story.confirm().seconds(1).retire();
  const lines: readonly string[] = story.lines;
  assert.deepEqual(
    lines.map((line: string) => line.replace(/ \| \d+\/\d+/, '')),
    [
      'started | 2.0.0 in place of 1.0.0 | abort',
      'step | send 10 % of requests | abort',
      'step | send 50 % of requests | abort',
      'step | send all requests | abort',
      'step | bake for 10s with 1.0.0 warm | abort',
      'step | retire 1.0.0',
      'succeeded | 2.0.0 is stable',
    ],
    lines.join('\n'),
  );
});

test('a first release, and what ends before anything has begun', () => {
  const story = new Told();
  story.install();
  assert.deepEqual(
    story.lines.map((line) => line.split(' | ')[0]).filter((kind) => kind !== 'step'),
    ['started', 'succeeded'],
  );
  story.request('2.0.0').validated('there is no such image');
  assert.deepEqual(story.lines, ['failed | there is no such image']);
  story.request('2.0.0').request('3.0.0').request('4.0.0');
  story.verb('abort');
  assert.deepEqual(
    story.lines,
    [],
    'what nobody has heard of and nothing has come of is no news, and what waits for it has not begun',
  );
});

test('whoever may approve is asked, with the verbs that help, and hears that it goes on', () => {
  const story = installed({ approval: { expiresMs: 60_000 } });
  story.validated();
  assert.deepEqual(story.lines, ['held | it waits for an approval, until 2023-11-14 22:14 UTC | approve abort']);
  story.verb('approve');
  assert.deepEqual(story.lines, ['started | 2.0.0 in place of 1.0.0 | (was held) | abort']);
});

test('a pause is held once, whatever is counted meanwhile, and goes on', () => {
  const story = installed(canary(weight(10)));
  story.validated().seconds(1).settle().confirm().seconds(3);
  story.lines;
  story.verb('pause').seconds(5);
  const [held, ...more] = story.lines;
  assert.match(held ?? '', /^held \| \d+\/\d+ \| paused by anna; it goes back at .* if that does not change \| resume abort$/);
  assert.deepEqual(more, []);
  story.verb('resume');
  const [resumed, ...others] = story.lines;
  assert.match(resumed ?? '', /^(resumed|step) \| .*\(was held\) \| abort$/);
  assert.deepEqual(others, []);
});

test('past a gate one goes with a reason, so a button only asks again', () => {
  const story = installed(preflight());
  story.validated().hook(false);
  const held = story.news.at(-1);
  assert.deepEqual([held?.kind, held?.verbs], ['held', ['retry', 'abort']]);
});

test('a way back tells why at once, and what it has cost in the end', () => {
  const story = installed(canary(weight(10)));
  story.validated().seconds(1).settle().confirm();
  story.lines;
  for (let i = 0; i < 60 && story.state.live?.phase.kind !== 'rolling-back'; i += 1) story.seconds(1, 1);
  const [back, ...none] = story.news.splice(0).filter(({ kind }) => kind !== 'step');
  assert.equal(back?.kind, 'rolling-back');
  assert.match(back?.said.en ?? '', /2\.0\.0/);
  assert.match(back?.said.ru ?? '', /[а-я]/);
  assert.deepEqual([back?.verbs, none], [[], []]);
  story.confirm().seconds(5).confirm().seconds(5).retire();
  for (let i = 0; i < 30 && story.state.live; i += 1) story.confirm().seconds(2).retire();
  const end = story.news.at(-1);
  assert.equal(end?.kind, 'rolled-back');
  assert((end?.end?.failedRequests ?? 0) > 0);
  assert((end?.end?.candidateRequests ?? 0) >= (end?.end?.failedRequests ?? 0));
  assert.notEqual(end?.end?.secondsToSafety, null);
});
