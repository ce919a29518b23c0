import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phaseName } from './phase-name.ts';
import { canary, database, restored, Story, undoable, weight } from './story.fixture.ts';
import { releaseSummary } from './summary.ts';

const one = canary(weight(10));

/** What is to be run now: the name of each hook, until there is none. */
function runs(story: Story, ok: (name: string) => boolean = () => true): readonly string[] {
  const names: string[] = [];
  for (;;) {
    const effect = story.hookWanted;
    if (!effect || names.length > 20) return names;
    names.push(effect.hook.name);
    story.hook(ok(effect.hook.name));
  }
}

/** The candidate is sent back, its requests end, and it is ended. */
function gone(story: Story): Story {
  return story.verb('abort').confirm().seconds(3).retire();
}

test('backup and migrations come first and in order, and then the candidate is started', () => {
  const story = new Story()
    .install()
    .request('2.0.0', database(['a', 'b']))
    .validated();
  assert.equal(phaseName(story.live), 'preparing');
  assert.deepEqual(runs(story), ['backup', 'migrate a', 'migrate b']);
  assert.equal(story.now, 'preparing instances');
  assert.match(story.said ?? '', /starts 2\.0\.0/);
  assert.deepEqual(story.wanted, ['1.0.0', '2.0.0']);
});

test('nothing is touched before somebody has approved', () => {
  const story = new Story()
    .install()
    .request('2.0.0', { ...database(['a']), approval: { expiresMs: 30_000 } })
    .validated();
  assert.deepEqual(story.effects, []);
  story.verb('approve');
  assert.deepEqual(runs(story), ['backup', 'migrate a']);
});

test('the first version of a service has its migrations too, and a version that comes back has none', () => {
  const first = new Story().request('1.0.0', database(['a'])).validated();
  assert.deepEqual(runs(first), ['backup', 'migrate a']);
  const back = new Story()
    .install()
    .request('0.9.0', database(['a']), true)
    .validated();
  assert.equal(back.now, 'preparing instances');
});

test('a rollback migrates down in reverse, once nothing of the candidate runs, and then checks stable', () => {
  const story = new Story()
    .migrated(canary(weight(10), { kind: 'hook', hook: undoable }), database(['a', 'b']))
    .confirm()
    .seconds(11)
    .hook();
  story.verb('abort').confirm();
  assert.deepEqual(runs(story), ['undo migrate'], 'hooks are undone while the candidate drains');
  story.seconds(3);
  assert.equal(story.now, 'rolling-back retire');
  assert.equal(story.hookWanted, undefined);
  story.retire();
  assert.deepEqual(story.wanted, ['1.0.0']);
  assert.deepEqual(runs(story), ['migrate down b', 'migrate down a']);
  assert.equal(story.now, 'rolled-back');
  assert.deepEqual(
    story.state.ended[0]?.findings.map(({ what }) => what),
    ['backup', 'migrate a', 'migrate b', 'migrate', 'undo migrate', 'migrate down b', 'migrate down a', 'stable after rollback'],
  );
});

test('an up that fails is undone like the ones before it, and no candidate was started', () => {
  const story = new Story()
    .install()
    .request('2.0.0', database(['a', 'b', 'c']))
    .validated();
  assert.deepEqual(
    runs(story, (name) => name !== 'migrate b'),
    ['backup', 'migrate a', 'migrate b', 'migrate down b', 'migrate down a'],
  );
  assert.equal(story.now, 'rolled-back');
  assert.equal(story.state.ended[0]?.cause?.sentence, 'migrate b failed: exit code 1');
  assert.equal('2.0.0' in story.state.instances, false);
});

test('a backup that fails ends the release, and nothing is undone', () => {
  const story = new Story()
    .install()
    .request('2.0.0', database(['a'], restored))
    .validated();
  assert.deepEqual(
    runs(story, () => false),
    ['backup'],
  );
  assert.equal(story.now, 'rolled-back');
});

test('a migration that was there before is not run, and is not undone by this release', () => {
  const story = new Story()
    .install()
    .request('2.0.0', database(['a?', 'b']))
    .validated()
    .hook();
  assert.equal(story.hookWanted?.hook.name, 'status of a');
  story.hook(true, true);
  assert.match(story.said ?? '', /a is applied already; step 3 of 10/);
  story.hook().seconds(1).instances('2.0.0', 'ready');
  assert.deepEqual(runs(gone(story)), ['migrate down b']);
});

test('whether a migration is applied must be known: no answer ends the release without a change', () => {
  const story = new Story()
    .install()
    .request('2.0.0', database(['a?']))
    .validated()
    .hook()
    .hook(false);
  assert.equal(story.now, 'rolled-back');
  assert.match(story.state.ended[0]?.cause?.sentence ?? '', /^status of a failed/);
});

test('a down that fails is tried again with a growing back-off, is told once, and pages', () => {
  const story = gone(new Story().migrated(one, database(['a'])));
  const key = story.effects[0] ?? '';
  const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => {
    story.hook(false);
    assert.equal(story.said === null, attempt > 1);
    assert.equal(phaseName(story.live), 'rollback-failed');
    const waitMs = (story.state.retries[key]?.notBeforeMs ?? 0) - story.at;
    story.wait(waitMs);
    return waitMs;
  });
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  assert.equal(story.hookWanted?.environment.RAMPART_ATTEMPT, '9');
  assert.equal(story.live.findings.filter(({ what }) => what === 'migrate down a').length, 1);
  story.hook();
  assert.equal(story.now, 'rolled-back');
});

test('a person may leave a database that does not go back as it is, and the summary says what it keeps', () => {
  const story = gone(new Story().migrated(one, database(['a', 'b'])));
  story.hook().hook(false).verb('abort');
  assert.equal(story.now, 'rolled-back');
  const [release] = story.state.ended;
  assert(release);
  assert.equal(releaseSummary(release)?.reason, 'aborted by anna. Attention: the database was left as it is: it keeps a');
  assert.match(
    releaseSummary(release, 'ru')?.reason ?? '',
    /Внимание: база данных осталась как есть: в ней остались миграции: a$/,
  );
});

test('the backup is restored once, in place of every down', () => {
  const story = gone(new Story().migrated(one, database(['a', 'b'], restored)));
  assert.deepEqual(runs(story), ['restore']);
  assert.equal(story.now, 'rolled-back');
});

test('past an irreversible migration nothing is migrated down; people decide, with all traffic on stable', () => {
  for (const policy of [database(['a', '!b', 'c']), database(['a', '!b'], restored)]) {
    const story = gone(new Story().migrated(one, policy));
    assert.equal(story.now, 'rolling-back decide');
    assert.equal(phaseName(story.live), 'held');
    assert.equal(story.traffic, 'none');
    assert.deepEqual([story.wanted, story.effects], [['1.0.0'], []]);
    assert.equal(story.said, 'held: b cannot be undone, so nothing is migrated down: people have to decide');
    story.wait(61_000);
    assert.equal(story.now, 'rolled-back', 'the deadline of a hold ends it, with the database as it is');
  }
});

test('a hold that is to be kept is kept', () => {
  const story = gone(new Story().migrated(one, { ...database(['!a']), hold: { maxMs: 60_000, then: 'keep' } }));
  story.wait(61_000);
  assert.equal(story.now, 'rolling-back decide');
});

test('an irreversible migration that has failed is past return, unless its status says that it did nothing', () => {
  const failed = (name: string): Story => {
    const story = new Story()
      .install()
      .request('2.0.0', database(['a', name]))
      .validated()
      .hook()
      .hook();
    if (name.includes('?')) story.hook(true, false);
    return story.hook(false);
  };
  assert.equal(failed('!b').now, 'rolling-back decide');
  for (const [applied, now] of [
    [true, 'rolling-back decide'],
    [undefined, 'rolling-back decide'],
    [false, 'rolling-back database'],
  ] as const) {
    const story = failed('!b?');
    assert.equal(story.hookWanted?.hook.name, 'status of b');
    story.hook(applied !== undefined, applied);
    assert.equal(story.now, now);
    if (applied === false) assert.deepEqual(runs(story), ['migrate down a']);
  }
});

test('where stable does not work with what cannot be undone, a bad candidate keeps its traffic until people decide', () => {
  const story = new Story()
    .migrated(one, database(['!a'], { compatible: false }))
    .confirm()
    .seconds(5, 1);
  assert.equal(story.now, 'held irreversible 3');
  assert.equal(story.traffic, '2.0.0 10');
  assert.match(
    story.live.phase.kind === 'held' ? story.live.phase.sentence : '',
    /; 1\.0\.0 does not work with the migrated database, and a cannot be undone: people have to decide$/,
  );
  story.seconds(100, 1).instances('2.0.0', 'crashed').wait(1_000);
  assert.equal(story.now, 'held irreversible 3', 'neither the guard nor a deadline takes it from there');
  story.instances('2.0.0', 'ready').verb('abort');
  assert.equal(story.traffic, 'none');
  const reversible = new Story()
    .migrated(one, database(['a'], { compatible: false }))
    .confirm()
    .seconds(5, 1);
  assert.equal(reversible.now, 'rolling-back route');
});

test('a migration that is cut off is undone, with the same key whoever runs it again', () => {
  const story = new Story()
    .install()
    .request('2.0.0', database(['a']))
    .validated()
    .hook();
  const key = story.hookWanted?.environment.RAMPART_IDEMPOTENCY_KEY;
  story.tell({ kind: 'controller-started' });
  assert.equal(story.hookWanted?.environment.RAMPART_IDEMPOTENCY_KEY, key);
  story.verb('abort');
  assert.match(story.said ?? '', /goes back when a has ended; abort again ends it at once/);
  assert.equal(story.hookWanted?.hook.name, 'migrate a');
  story.verb('abort').confirm();
  assert.deepEqual(runs(story), ['migrate down a']);
  assert.equal(story.state.ended[0]?.cause?.sentence, 'aborted by anna');
});

test('an abort lets a migration end, and then goes back whatever came of it', () => {
  for (const ends of [
    (story: Story) => story.hook(),
    (story: Story) => story.hook(false),
    (story: Story) => story.wait(16_000),
  ]) {
    const story = new Story()
      .install()
      .request('2.0.0', database(['a', 'b']))
      .validated()
      .hook()
      .verb('abort');
    ends(story);
    assert.deepEqual(runs(story), ['migrate down a']);
    assert.equal(story.now, 'rolled-back');
    assert.equal(story.state.ended[0]?.cause?.sentence, 'aborted by anna');
  }
});
