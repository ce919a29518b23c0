import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canary, database, Story, weight } from '../release/story.fixture.ts';
import { noAlerts, takeAllAlerts } from './fold.ts';
import { releaseAlarms } from './release-alarms.ts';
import type { AlertsState } from './types.ts';

/** What comes on record when a story is looked at, on top of what was. */
function look(story: Story, before: AlertsState = noAlerts): AlertsState {
  const { state } = story;
  const events = releaseAlarms(state, before, state.atMs);
  return takeAllAlerts(
    before,
    events.map((event) => ({ ...event, at: state.atMs })),
  );
}

const open = ({ open: alerts }: AlertsState): readonly string[] =>
  [...alerts.values()].map(({ name, urgency, state }) => `${name} ${urgency} ${state}`);

/** A release of 2.0.0 whose errors make the guard take it back. */
function goingBack(story = new Story().release().confirm().seconds(8)): Story {
  while (story.now !== 'rolling-back route') story.seconds(1, 0.5);
  return story;
}

function cleared(story: Story): Story {
  story.confirm();
  while (story.state.live) story.seconds(5).retire();
  return story;
}

describe('alerts of releases', () => {
  test('what the guard takes back fires at once, recovers when traffic is back, and is over when all is cleared up', () => {
    const story = new Story().release().confirm().seconds(8);
    assert.deepEqual(open(look(story)), []);
    goingBack(story);
    const fired = look(story);
    assert.deepEqual(open(fired), ['rollback P1 chat firing']);
    const [alert] = fired.open.values();
    const { live } = story.state;
    assert(alert && live?.phase.kind === 'rolling-back');
    assert.match(alert.said, /^2\.0\.0 is taken back: /);
    assert.equal(alert.pendingAtMs, live.phase.cause.faultAtMs);
    assert.deepEqual(alert.labels, { service: alert.service, version: '2.0.0', severity: 'chat' });
    assert.equal(alert.attribution?.release?.id, live.id);
    assert.deepEqual(look(story, fired), fired, 'it is told once');
    story.confirm();
    const safe = look(story, fired);
    assert.deepEqual(open(safe), ['rollback P1 chat recovering']);
    const over = look(cleared(story), safe);
    assert.deepEqual(open(over), []);
    const [last] = over.ended;
    assert.match(last?.said ?? '', /^2\.0\.0 is rolled-back: /);
    const counted = last?.attribution?.versions.find(({ version }) => version === '2.0.0');
    assert.equal(counted?.bad, story.state.ended[0]?.totals.candidate.errors, 'with every failure counted');
    assert.deepEqual(look(story, over), over);
  });

  test('one that went back while nobody looked comes on record from its beginning to its end, and once', () => {
    const story = cleared(goingBack());
    const known = look(story);
    assert.deepEqual(open(known), []);
    assert.deepEqual(
      known.ended.map(({ name, state }) => `${name} ${state}`),
      ['rollback P1 resolved'],
    );
    assert.deepEqual(look(story, known), known);
    assert.deepEqual(releaseAlarms(story.state, noAlerts, story.state.atMs + 3_600_000), [], 'but not an hour later');
  });

  test('what a person takes back, or hurt nobody, is no alert', () => {
    assert.deepEqual(open(look(new Story().release().confirm().seconds(5).verb('abort'))), []);
    assert.deepEqual(releaseAlarms(cleared(new Story().release().confirm().seconds(5).verb('abort')).state, noAlerts, 0), []);
    assert.deepEqual(open(look(new Story().install().request('2.0.0').validated())), []);
  });

  test('a way back that the router refuses pages until it does not any more', () => {
    const story = goingBack();
    const before = look(story);
    story.wait(120_000);
    const failing = look(story, before);
    assert.deepEqual(open(failing), ['rollback P1 chat firing', 'rollback-failed P0 page firing']);
    const alert = [...failing.open.values()].find(({ name }) => name === 'rollback-failed P0');
    assert.match(alert?.said ?? '', /^the router does not confirm the way back from 2\.0\.0, which goes back because: /);
    assert.deepEqual(open(look(story.confirm(), failing)), ['rollback P1 chat recovering']);
  });

  test('past a migration that cannot be undone a person is called', () => {
    const story = new Story()
      .migrated(canary(weight(10)), database(['!a', 'b']))
      .confirm()
      .seconds(8);
    for (let tries = 0; !story.now.startsWith('rolling-back') && tries < 30; tries += 1) story.seconds(1, 0.5);
    const before = look(story);
    for (let tries = 0; story.now !== 'rolling-back decide' && tries < 30; tries += 1) story.confirm().seconds(2).retire();
    const waiting = look(story, before);
    assert.deepEqual(open(waiting), ['rollback P1 chat recovering', 'rollback-waits P0 page firing']);
    const alert = [...waiting.open.values()].at(-1);
    assert.match(alert?.said ?? '', /^2\.0\.0: /);
  });
});
