import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drillRefusal } from './drill.ts';
import { isExposed } from './phase-name.ts';
import { canary, Story, undoable, weight } from './story.fixture.ts';

const paused = canary({ kind: 'pause', ms: null }, weight(10));
const waiting = (): Story => new Story().release(paused);

/** One percent, for half a minute at most. */
function asked(story: Story, percent = 1): Story {
  story.tell({ kind: 'drill-asked', release: story.live.id, percent, maxMs: 30_000, by: 'anna' });
  return story;
}

function ended(story: Story): Story {
  story.tell({ kind: 'drill-ended', release: story.live.id, by: 'anna', why: 'it was there' });
  return story;
}

test('a drill gives the candidate of a waiting release some traffic and takes it back, and moves no step', () => {
  const story = asked(waiting());
  assert.equal(story.said, 'drill by anna: 1 % of the traffic goes to 2.0.0 and comes back');
  assert.deepEqual([story.now, story.traffic], ['waiting 0', '2.0.0 1']);
  story.confirm().seconds(2, 0, 600);
  assert.deepEqual(story.live.totals.candidate, { requests: 12, errors: 0 });
  ended(story);
  assert.deepEqual([story.now, story.traffic, story.said], ['waiting 0', 'none', 'the drill ends: it was there']);
  story.confirm().wait(3_000);
  assert.equal(story.live.drill, undefined);
  assert.equal(story.verb('resume').now, 'applying 1');
});

test('the second in which the traffic went back still counts, and the guard sees it', () => {
  const story = asked(waiting()).confirm();
  const last = { ...story.sample(0, 6_000), second: Math.floor(story.at / 1_000) };
  ended(story).confirm();
  story.at += 1_000;
  story.tell({ kind: 'sampled', samples: [last] });
  assert.equal(story.live.totals.candidate.requests, 60);
  assert.notEqual(story.live.verdict, null);
  assert.equal(story.wait(3_000).live.verdict, null, 'it says nothing about a candidate without traffic');
});

test('a candidate that fails during a drill goes back by its guard', () => {
  const story = asked(waiting(), 5).confirm().seconds(8, 1, 6_000);
  assert.equal(story.now, 'rolling-back route');
  assert.equal(story.live.cause?.by, 'guard');
  assert.equal(story.traffic, 'none');
  story.confirm();
  assert.notEqual(story.live.safeAtMs, null, 'it had traffic, so there is a moment of safety');
});

test('an abort, a lost candidate, the end of the wait, its time and another controller each end a drill at once', () => {
  const cases: readonly [string, (story: Story) => Story, string][] = [
    ['abort', (story) => story.verb('abort'), 'none'],
    ['lost', (story) => story.instances('2.0.0', 'crashed'), 'none'],
    ['time', (story) => story.wait(30_000), 'none'],
    [
      'controller',
      (story) => {
        story.tell({ kind: 'controller-started' });
        return story;
      },
      'none',
    ],
    ['resume', (story) => story.verb('resume'), '2.0.0 10'],
  ];
  for (const [name, happen, traffic] of cases) {
    const story = happen(asked(waiting()).confirm());
    assert.equal(story.traffic, traffic, name);
    assert.equal(story.live.drill?.percent ?? 0, name === 'abort' || name === 'lost' ? 1 : 0, name);
  }
});

test('a pause or a lapse during a drill changes nothing of it', () => {
  const story = asked(new Story().release(canary({ kind: 'hook', hook: undoable }, weight(10)))).confirm();
  assert.equal(story.verb('pause').hook().now, 'held operator 1');
  assert.equal(story.traffic, '2.0.0 1');
  const seq = story.state.route.seq;
  assert.equal(story.lapse().traffic, '2.0.0 1');
  assert.equal(story.state.route.seq, seq + 1, 'the router is told again');
  assert.equal(ended(story).traffic, 'none');
});

test('a release that ends has no drill any more', () => {
  const story = asked(waiting()).confirm().verb('abort').confirm().seconds(3).retire();
  assert.equal(story.now, 'rolled-back');
  const [release] = story.state.ended;
  assert.equal(release?.drill, undefined);
  assert.equal(release && isExposed(release), false);
});

test('where a drill would change another decision, or nobody would be hurt by none, it is refused with the reason', () => {
  const cases: readonly [Story, number, RegExp][] = [
    [new Story().install(), 1, /^no release is under way$/],
    [new Story().request('1.0.0').validated(), 1, /^there is no stable version/],
    [new Story().install().request('2.0.0').validated(), 1, /^the release moves/],
    [new Story().release().confirm().seconds(5), 20, /^the release moves/],
    [waiting().verb('abort'), 1, /^the release goes back$/],
    [asked(waiting()), 2, /^another drill/],
    [new Story().release().confirm().seconds(5).verb('pause'), 1, /^2\.0\.0 has 10 % of the traffic already$/],
    [waiting().instances('2.0.0'), 1, /no ready instance/],
  ];
  for (const [story, percent, why] of cases) {
    assert.match(drillRefusal(story.state, percent) ?? '', why);
    const before = story.state;
    if (before.live) assert.equal(asked(story, percent).state, before);
  }
  assert.equal(drillRefusal(waiting().confirm().state, 1), null);
});
