import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admissionRefusal } from './decide.ts';
import { places } from './places.fixture.ts';
import { canary, counts, instance, Story, startMs, undoable, watch, weight } from './story.fixture.ts';
import { releaseSummary } from './summary.ts';

const smoke = [{ path: '/', method: 'GET', status: 200, timeoutMs: 1_000, contains: null }];
const hooked = canary(weight(10), { kind: 'hook', hook: undoable });

/** From a place, through something that happens, to a place. */
const cases: readonly [name: string, from: string, happens: (story: Story) => unknown, to: string][] = [
  ['requirements that are met start it', 'validating', (s) => s.validated(), 'preparing instances'],
  ['requirements that are not met reject it', 'validating', (s) => s.validated('no such router'), 'rejected'],
  ['requirements that nobody answers reject it', 'validating', (s) => s.wait(10_000), 'rejected'],
  ['an approval that nobody gives cancels it', 'awaiting-approval', (s) => s.wait(30_000), 'cancelled'],
  ['instances that are ready begin its first step', 'preparing instances', (s) => s.instances('2.0.0', 'ready'), 'applying 0'],
  ['one of two is not enough', 'preparing instances', (s) => s.instances('2.0.0', 'ready', 'starting'), 'preparing instances'],
  ['instances that are late send it back', 'preparing instances', (s) => s.wait(20_000), 'rolling-back retire'],
  [
    'an instance that crashes in a loop sends it back',
    'preparing instances',
    (s) => s.tell({ kind: 'instances', version: '2.0.0', instances: [instance('2.0.0', 0, 'crashed', 3)] }),
    'rolling-back retire',
  ],
  [
    'an instance that cannot be started sends it back',
    'preparing instances',
    (s) => s.tell({ kind: 'ensure-failed', version: '2.0.0', reason: 'no such command' }),
    'rolling-back retire',
  ],
  [
    'an instance for which waiting does not help sends it back',
    'preparing instances',
    (s) =>
      s.tell({
        kind: 'instances',
        version: '2.0.0',
        instances: [{ ...instance('2.0.0', 0, 'starting'), hopeless: true, problem: 'no such image' }],
      }),
    'rolling-back retire',
  ],
  [
    'another version that cannot be started does not',
    'preparing instances',
    (s) => s.tell({ kind: 'ensure-failed', version: '1.0.0', reason: 'no such command' }),
    'preparing instances',
  ],
  ['checks that pass begin its first step', 'preparing smoke', (s) => s.smoked(), 'applying 0'],
  ['checks that fail send it back', 'preparing smoke', (s) => s.smoked(false), 'rolling-back check'],
  [
    'checks of instances that are gone meanwhile are made again',
    'preparing smoke',
    (s) => s.instances('2.0.0', 'unready').smoked(),
    'preparing instances',
  ],
  [
    'a route that is accepted is not in force',
    'applying 0',
    (s) => s.tell({ kind: 'route-accepted', seq: s.state.route.seq }),
    'verifying 0',
  ],
  ['a route that is read back is', 'applying 0', (s) => s.confirm(), 'observing 1'],
  [
    'an older route that is accepted changes nothing',
    'applying 0',
    (s) => s.tell({ kind: 'route-accepted', seq: 1 }),
    'applying 0',
  ],
  ['a route that is not confirmed in time holds', 'applying 0', (s) => s.wait(10_000), 'held router 0'],
  ['a held route that is confirmed goes on alone', 'held router 0', (s) => s.confirm(), 'observing 1'],
  ['no step ends before its time', 'observing 1', (s) => s.seconds(4), 'observing 1'],
  ['evidence ends a step', 'observing 1', (s) => s.seconds(6), 'running 2'],
  ['time alone ends no step', 'observing 1', (s) => s.wait(24_000), 'observing 1'],
  ['a step without evidence is held at its deadline', 'observing 1', (s) => s.wait(25_000), 'held evidence 1'],
  ['a candidate that fails goes back', 'observing 1', (s) => s.seconds(3, 1), 'rolling-back route'],
  ['also while it is paused', 'held operator 1', (s) => s.seconds(3, 1), 'rolling-back route'],
  ['also while it is held', 'held evidence 1', (s) => s.seconds(3, 1), 'rolling-back route'],
  ['also while a hook runs', 'running 2', (s) => s.seconds(3, 1), 'rolling-back route'],
  ['also while it waits for a person', 'asking 5', (s) => s.seconds(3, 1), 'rolling-back route'],
  ['also when it has all traffic', 'observing 3', (s) => s.seconds(3, 1), 'rolling-back route'],
  ['also while the old version is kept', 'settling 4', (s) => s.seconds(3, 1), 'rolling-back route'],
  ['but not once it is stable', 'committing 4', (s) => s.seconds(3, 1), 'committing 4'],
  ['the loss of its last instance sends it back', 'observing 1', (s) => s.instances('2.0.0', 'crashed'), 'rolling-back route'],
  ['also while it is held', 'held operator 1', (s) => s.instances('2.0.0', 'unready'), 'rolling-back route'],
  ['the loss of one of two does not', 'observing 1', (s) => s.instances('2.0.0', 'ready', 'crashed'), 'observing 1'],
  ['the loss of one of stable does not', 'observing 1', (s) => s.instances('1.0.0', 'crashed'), 'observing 1'],
  ['evidence that comes ends a hold, and the step is observed anew', 'held evidence 1', (s) => s.seconds(5), 'observing 1'],
  ['fresh evidence ends a hold before a higher weight', 'held evidence 6', (s) => s.seconds(1), 'applying 6'],
  ['a hold for evidence ends with its deadline', 'held evidence 1', (s) => s.wait(60_000), 'rolling-back route'],
  ['a hold by a person too', 'held operator 1', (s) => s.wait(60_000), 'rolling-back route'],
  ['a hook that ends goes on', 'running 2', (s) => s.hook(), 'waiting 3'],
  ['a hook that fails is tried again', 'running 2', (s) => s.hook(false), 'running 2'],
  ['a hook that fails for the last time sends it back', 'running 2', (s) => s.hook(false).hook(false), 'rolling-back route'],
  ['a hook whose runner is gone sends it back', 'running 2', (s) => s.wait(15_000), 'rolling-back route'],
  ['a pause until resumed that nobody resumes sends it back', 'waiting 3', (s) => s.wait(60_000), 'rolling-back route'],
  ['a pause for a time ends alone', 'waiting 4', (s) => s.wait(3_000), 'asking 5'],
  ['a question that nobody answers sends it back', 'asking 5', (s) => s.wait(20_000), 'rolling-back route'],
  ['the old version is kept for its time', 'settling 4', (s) => s.wait(6_000), 'committing 4'],
  ['the commit waits for the router', 'committing 4', (s) => s.wait(60_000), 'committing 4'],
  ['the commit that is read back retires the old version', 'committing 4', (s) => s.confirm(), 'retiring 4'],
  ['an old version that does not end keeps it waiting', 'retiring 4', (s) => s.wait(60_000), 'retiring 4'],
  ['the end of the old version is the end', 'retiring 4', (s) => s.retire(), 'succeeded'],
  ['a rollback waits for the router', 'rolling-back route', (s) => s.wait(5_000), 'rolling-back route'],
  ['a rollback that is read back drains', 'rolling-back route', (s) => s.confirm(), 'rolling-back drain'],
  ['hooks are undone before the drain', 'rolling-back compensate', (s) => s.hook(), 'rolling-back drain'],
  ['an undoing that fails is not tried for ever', 'rolling-back compensate', (s) => s.hook(false), 'rolling-back drain'],
  ['one quiet second is not yet drained', 'rolling-back drain', (s) => s.seconds(1), 'rolling-back drain'],
  ['two are', 'rolling-back drain', (s) => s.seconds(2), 'rolling-back retire'],
  ['a drain ends with its deadline', 'rolling-back drain', (s) => s.wait(5_000), 'rolling-back retire'],
  ['the end of its instances is the end', 'rolling-back retire', (s) => s.retire(), 'rolled-back'],
];

for (const [name, from, happens, to] of cases) {
  test(`${name} (${from} → ${to})`, () => {
    const story = (places[from] as (story: Story) => Story)(new Story());
    assert.equal(story.now, from);
    happens(story);
    assert.equal(story.now, to);
  });
}

test('a first version gets all traffic at once, and is stable after its bake', () => {
  const story = new Story().request('1.0.0').validated().instances('1.0.0', 'ready');
  assert.equal(story.traffic, '1.0.0 100');
  story.confirm().wait(9_999);
  assert.equal(story.now, 'observing 1');
  story.wait(1).confirm();
  assert.equal(story.now, 'succeeded');
  assert.equal(story.state.stable?.version, '1.0.0');
});

test('a canary takes its weights in order, and leaves one version running', () => {
  const story = new Story().release();
  const seen = [story.traffic];
  for (let i = 0; i < 2; i += 1) seen.push(story.confirm().seconds(11).traffic);
  assert.deepEqual(seen, ['2.0.0 10', '2.0.0 50', '2.0.0 100']);
  story.confirm().seconds(11).confirm();
  assert.deepEqual(story.wanted, ['2.0.0']);
  assert.deepEqual(story.effects, ['retire:1.0.0']);
  story.retire();
  assert.equal(story.now, 'succeeded');
});

test('a rollback says when the router had everything on stable, and how many requests failed', () => {
  const story = new Story().release().confirm().seconds(5).seconds(3, 1);
  assert.equal(story.now, 'rolling-back route');
  assert.equal(story.traffic, 'none');
  const decidedAtMs = story.at;
  story.at += 40;
  story.confirm().seconds(2).retire();
  const summary = story.state.ended[0] && releaseSummary(story.state.ended[0]);
  assert.equal(summary?.outcome, 'rolled-back');
  assert.equal(story.state.ended[0]?.safeAtMs, decidedAtMs + 40);
  assert.ok((summary?.failedRequests ?? 0) >= 6);
  assert.ok((summary?.secondsToSafety ?? 0) > 0);
});

test('what is left of a batch still counts after the sample that decided', () => {
  const story = new Story().release().confirm().seconds(5);
  const samples = Array.from({ length: 6 }, () => {
    story.at += 1_000;
    return story.sample(1);
  });
  story.tell({ kind: 'sampled', samples });
  assert.equal(story.now, 'rolling-back route');
  assert.equal(story.live.totals.candidate.errors, 36);
});

test('counts of the same version from before the release are none of this release', () => {
  const story = new Story().install().request('2.0.0').validated();
  const before = Array.from({ length: 15 }, () => {
    story.at += 1_000;
    return { ...story.sample(), weight: 50, candidate: counts(60, 60) };
  });
  story.tell({ kind: 'sampled', samples: before });
  story.instances('2.0.0', 'ready').confirm();
  assert.deepEqual(story.live.totals.candidate, { requests: 0, errors: 0 });
  story.seconds(5);
  assert.equal(story.now, 'observing 1');
  assert.deepEqual(story.live.totals.candidate, { requests: 30, errors: 0 });
});

test('a step that asks for requests counts on while it is held, and is not begun anew for ever', () => {
  const step = { kind: 'weight', weightPpm: 100_000, ...watch, minRequests: 200 } as const;
  const story = new Story().release(canary(step)).confirm().seconds(31);
  assert.equal(story.now, 'held evidence 1');
  const { phase } = story.live;
  assert.match(phase.kind === 'held' ? phase.sentence : '', /^2\.0\.0 had 1\d\d of the 200 requests that this step asks for$/);
  story.seconds(4);
  assert.equal(story.now, 'observing 1');
  story.seconds(11);
  assert.equal(story.now, 'applying 2');
});

test('a lapse of the lease writes the route again, and observes anew', () => {
  const story = new Story().release().confirm().seconds(9);
  const { seq } = story.state.route;
  story.lapse();
  assert.match(
    story.said ?? '',
    /went back to stable, because its lease was not renewed in time; writes it again and observes anew/,
  );
  assert.equal(story.state.route.seq, seq + 1);
  story.confirm().seconds(9);
  assert.equal(story.now, 'observing 1');
  story.seconds(2);
  assert.equal(story.now, 'applying 2');
});

test('a step needs its seconds, not only its time: what was not counted was not observed', () => {
  const story = new Story().release().confirm().seconds(5).wait(5_000).seconds(1);
  assert.equal(story.live.verdict?.kind, 'pass');
  assert.equal(story.now, 'observing 1');
  story.seconds(1);
  assert.equal(story.now, 'observing 1');
  story.seconds(1);
  assert.equal(story.now, 'applying 2');
});

test('a new controller writes the route again under a number of its own, and forgets back-offs', () => {
  const story = new Story().release();
  const { seq } = story.state.route;
  story.tell({ kind: 'effect-failed', key: `route:${seq}`, reason: 'refused' });
  story.tell({ kind: 'controller-started' });
  assert.equal(story.state.route.seq, seq + 1);
  assert.equal(story.state.route.status, 'wanted');
  assert.deepEqual(story.state.retries, {});
});

test('an effect that fails waits longer each time, up to two seconds', () => {
  const story = new Story().release();
  const key = `route:${story.state.route.seq}`;
  const waits = Array.from({ length: 7 }, () => {
    story.tell({ kind: 'effect-failed', key, reason: 'refused' });
    return (story.state.retries[key]?.notBeforeMs ?? 0) - story.at;
  });
  assert.deepEqual(waits, [200, 400, 800, 1_600, 2_000, 2_000, 2_000]);
});

test('an attempt of a hook has its own deadline', () => {
  const story = new Story().release(hooked).confirm().seconds(11).wait(4_000).hook(false);
  const { phase } = story.live;
  assert.ok(phase.kind === 'stepping' && phase.part.kind === 'running');
  assert.equal(phase.part.attempt, 2);
  assert.equal(phase.part.untilMs, story.at + 5_000 + 10_000);
  assert.deepEqual(story.effects, [`hook:${story.live.id}:2:2`]);
});

test('hooks are undone last first, each within its own timeout, and the one that was cut off too', () => {
  const slow = { ...undoable, name: 'index', timeoutMs: 600_000 };
  const story = new Story()
    .release(canary(weight(10), { kind: 'hook', hook: undoable }, { kind: 'hook', hook: slow }))
    .confirm()
    .seconds(11)
    .hook()
    .verb('abort')
    .confirm();
  const { id, phase } = story.live;
  assert.deepEqual(story.effects, [`undo:${id}:3`]);
  assert.ok(phase.kind === 'rolling-back' && phase.untilMs === story.at + 615_000 + 10_000);
  story.hook();
  assert.deepEqual(story.effects, [`undo:${id}:2`]);
  story.hook();
  assert.equal(story.now, 'rolling-back drain');
});

test('undoing that is late is given up and said', () => {
  const story = new Story().release(hooked).confirm().seconds(11).verb('abort').confirm().wait(15_000);
  assert.equal(story.said, 'attention: 1 of its hooks were not undone in time');
  assert.equal(story.live.findings.at(-1)?.ok, false);
});

test('a router that refuses the way back ends the candidate itself, once, and people are told', () => {
  const story = new Story().release().confirm().seconds(5).verb('abort').wait(10_000);
  assert.match(story.said ?? '', /keeps trying, and stops 2\.0\.0 itself/);
  assert.deepEqual(story.wanted, ['1.0.0']);
  story.retire().confirm();
  assert.deepEqual(story.wanted, ['1.0.0']);
  story.seconds(2);
  assert.equal(story.now, 'rolled-back');
});

test('a version that does not end is said again and again', () => {
  const story = new Story().release().confirm().seconds(5).verb('abort').confirm().seconds(2);
  story.tell({ kind: 'effect-failed', key: 'retire:2.0.0', reason: 'permission denied' });
  story.wait(15_000);
  assert.equal(story.said, '2.0.0 has not ended yet: permission denied; keeps trying');
  story.wait(1);
  assert.equal(story.said, null);
  story.wait(15_000);
  assert.match(story.said ?? '', /has not ended yet/);
});

test('stable is checked after a rollback, and a failing stable is in the summary', () => {
  const story = new Story()
    .release({ smoke })
    .smoked()
    .confirm()
    .seconds(3)
    .verb('abort')
    .confirm()
    .seconds(2)
    .smoked(false)
    .retire();
  assert.equal(story.now, 'rolled-back');
  const { phase } = story.state.ended[0] ?? {};
  assert.match(phase?.kind === 'ended' ? phase.sentence : '', /Attention: 1\.0\.0 fails its checks after the rollback: 500/);
});

test('a release waits for the one before, and only the newest does', () => {
  const story = new Story().release().request('3.0.0').request('4.0.0');
  assert.equal(story.state.queued?.version, '4.0.0');
  assert.equal(story.state.ended[0]?.version, '3.0.0');
  assert.equal(story.state.ended[0]?.phase.kind === 'ended' && story.state.ended[0].phase.outcome, 'superseded');
  story.verb('abort').confirm().wait(5_000).retire();
  assert.equal(story.live.version, '4.0.0');
  assert.equal(story.state.queued, null);
});

test('a version that became stable meanwhile is rejected when its turn comes', () => {
  const story = new Story().release().request('3.0.0');
  story.request('2.0.0');
  assert.match(story.said ?? '', /rejected: 2\.0\.0 is being released already/);
  assert.equal(story.state.queued?.version, '3.0.0');
});

test('a newer release does not take the place of an operator’s way back', () => {
  const story = new Story().release().verb('abort').request('0.9.0', {}, true);
  assert.equal(story.state.queued?.plan.strategy, 'restore');
  assert.equal(admissionRefusal(story.state, '3.0.0'), '0.9.0 is to be brought back first (r3)');
  assert.equal(admissionRefusal(story.state, '0.8.0', true), null);
});

test('a restore goes back at once, without steps, approval or evidence from before, and remembers what it left', () => {
  const story = new Story().release().verb('promote').confirm().seconds(11).confirm().retire();
  assert.equal(story.state.stable?.version, '2.0.0');
  story
    .request('1.0.0', { approval: { expiresMs: 30_000 } }, true)
    .validated()
    .instances('1.0.0', 'ready');
  assert.equal(story.traffic, '1.0.0 100');
  story.confirm().seconds(11).confirm().retire();
  assert.equal(story.state.stable?.version, '1.0.0');
  assert.deepEqual(
    story.state.previous.map(({ version }) => version),
    ['2.0.0'],
  );
});

test('a version that was left by a rollback is the last that the next rollback brings back', () => {
  const story = new Story().install('1.0.0');
  const become = (version: string, restore: boolean): void => {
    story.request(version, {}, restore).validated().seconds(1).instances(version, 'ready');
    if (!restore) story.verb('promote');
    story.confirm().seconds(11).confirm().retire();
    assert.equal(story.state.stable?.version, version);
  };
  const previous = (): readonly string[] => story.state.previous.map(({ version }) => version);
  become('2.0.0', false);
  become('3.0.0', false);
  assert.deepEqual(previous(), ['2.0.0', '1.0.0']);
  become('2.0.0', true);
  assert.deepEqual(previous(), ['1.0.0', '3.0.0']);
  become('1.0.0', true);
  // Nothing else is left but what was left before: the one that was longest ago comes first.
  assert.deepEqual(previous(), ['3.0.0', '2.0.0']);
});

test('what runs and is not wanted is retired, also when nobody knows why it runs', () => {
  const story = new Story().install().instances('0.1.0', 'ready');
  assert.deepEqual(story.effects, ['retire:0.1.0']);
  story.retire();
  assert.deepEqual(story.effects, []);
});

test('the time of the latest event stays, so that no later controller runs behind it', () => {
  const story = new Story().install();
  const { atMs } = story.state;
  story.at = startMs;
  story.instances('1.0.0', 'unready');
  assert.equal(story.state.atMs, atMs);
});

test('lists are bounded', () => {
  const story = new Story().install();
  for (let i = 0; i < 50; i += 1) story.request(`3.0.${i}`).verb('abort');
  assert.equal(story.state.ended.length, 20);
});
