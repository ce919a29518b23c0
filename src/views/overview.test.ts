import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canary, Story, weight } from '../release/story.fixture.ts';
import type { Gauge } from '../signals/types.ts';
import { type HealthLevel, health } from './health.ts';
import { inOrder, overviewRow } from './overview.ts';
import type { Signals } from './signals.ts';

const fine: Signals = {
  requestsPerSecond: 60,
  errorShare: 0.001,
  p50Ms: 10,
  p95Ms: 80,
  p99Ms: 200,
  cpuShare: null,
  memoryBytes: null,
};
const silent: Signals = { ...fine, requestsPerSecond: 0, errorShare: null, p50Ms: null, p95Ms: null, p99Ms: null };

const stable = (): Story => new Story().install();
/** A release of 2.0.0 whose errors made the guard take it back, with the router's confirmation still to come. */
function goingBack(): Story {
  const story = new Story().release().confirm().seconds(8);
  while (story.now !== 'rolling-back route') story.seconds(1, 0.5);
  return story;
}
function takenBack(): Story {
  const story = goingBack().confirm();
  while (story.state.live) story.seconds(5).retire();
  return story;
}

/** 3.0.0 becomes stable within a minute. */
function succeededSince(story: Story): Story {
  const quick = canary(weight(50));
  story
    .request('3.0.0', { ...quick, bakeMs: 1_000 })
    .validated()
    .instances('3.0.0', 'ready');
  for (let tries = 0; tries < 30 && story.state.live; tries += 1) story.confirm().seconds(2).retire();
  assert.equal(story.state.stable?.version, '3.0.0', story.now);
  return story;
}

const cases: readonly [
  name: string,
  story: () => Story,
  signals: Signals | null,
  level: HealthLevel,
  english: RegExp | null,
  russian: RegExp | null,
][] = [
  ['a version that works is healthy', stable, fine, 'healthy', null, null],
  ['without traffic it is healthy for a reason', stable, silent, 'healthy', /^no traffic in the last minute/, /^за последнюю/],
  ['without data it is unknown', stable, null, 'unknown', /^nothing is known/, /^о запросах ничего не известно$/],
  ['before the first version nothing is known', () => new Story(), null, 'unknown', /^no version is stable yet$/, /^стабильной/],
  [
    'errors above 5 % are critical',
    stable,
    { ...fine, errorShare: 0.0623 },
    'critical',
    /^6\.23 % of 60 requests\/s fail, more than 5 %$/,
    /^не удаётся 6,23 % из 60 запросов\/с, больше 5 %$/,
  ],
  ['errors of exactly 5 % are not yet', stable, { ...fine, errorShare: 0.05 }, 'degraded', /^5 % of .+, more than 1 %$/, /1 %$/],
  ['errors of exactly 1 % are fine', stable, { ...fine, errorShare: 0.01 }, 'healthy', null, null],
  [
    'a slow p95 is degraded',
    stable,
    { ...fine, p95Ms: 1_200 },
    'degraded',
    /^p95 is 1\.2s, more than 1s$/,
    /^p95 — 1,2 с, больше 1 с$/,
  ],
  ['a very slow p95 is critical', stable, { ...fine, p95Ms: 2_100 }, 'critical', /^p95 is 2\.1s, more than 2s$/, /^p95/],
  ['a very slow p99 is critical', stable, { ...fine, p99Ms: 6_000 }, 'critical', /^p99 is 6s, more than 5s$/, /^p99/],
  [
    'no ready instance is critical, whatever the last minute was',
    () => stable().instances('1.0.0', 'crashed', 'unready'),
    fine,
    'critical',
    /^none of 2 instances of 1\.0\.0 is ready$/,
    /^не готов ни один из 2 экземпляров 1\.0\.0$/,
  ],
  [
    'one of two instances is degraded',
    () => stable().instances('1.0.0', 'ready', 'crashed'),
    fine,
    'degraded',
    /^1 of 2 instances of 1\.0\.0 is not ready$/,
    /^не готов 1 из 2 экземпляров 1\.0\.0$/,
  ],
  [
    'a candidate that only starts is no reason',
    () => stable().request('2.0.0').validated().seconds(1).instances('2.0.0', 'starting'),
    fine,
    'healthy',
    null,
    null,
  ],
  [
    'a candidate that crashes is',
    () => new Story().release().instances('2.0.0', 'ready', 'crashed'),
    fine,
    'degraded',
    /^1 of 2 instances of 2\.0\.0 is not ready$/,
    /^не готов 1 из 2/,
  ],
  [
    'a held release is degraded',
    () => new Story().release().confirm().seconds(3).verb('pause'),
    fine,
    'degraded',
    /^the release of 2\.0\.0 is held: paused by anna$/,
    /^выпуск 2\.0\.0 приостановлен: /,
  ],
  [
    'one that goes back is degraded',
    goingBack,
    fine,
    'degraded',
    /^2\.0\.0 is being taken back: 2\.0\.0 fails /,
    /возвращается: у 2/,
  ],
  [
    'one whose way back is not confirmed is critical',
    () => goingBack().wait(10_000),
    fine,
    'critical',
    /^the router does not confirm the way back from 2\.0\.0/,
    /^маршрутизатор не подтверждает возврат с 2\.0\.0/,
  ],
  ['one that was taken back is a reason', takenBack, fine, 'degraded', /^2\.0\.0 was taken back \d+ s ago: /, /снята с трафика/],
  ['a quarter of an hour later it is none', () => takenBack().wait(16 * 60_000), fine, 'healthy', null, null],
  [
    'one that was taken back is none any more once a newer one has succeeded',
    () => succeededSince(takenBack()),
    fine,
    'healthy',
    null,
    null,
  ],
  [
    'one that was only cancelled since changes nothing',
    () =>
      takenBack()
        .request('3.0.0', { approval: { expiresMs: 60_000 } })
        .validated()
        .verb('abort'),
    fine,
    'degraded',
    /^2\.0\.0 was taken back/,
    /снята с трафика/,
  ],
];

for (const [name, tell, signals, level, english, russian] of cases)
  test(`health: ${name}`, () => {
    const story = tell();
    const [en, ru] = (['en', 'ru'] as const).map((language) => health(story.state, signals, [], story.at, language));
    assert.equal(en?.level, level, en?.reasons.join());
    assert.equal(ru?.level, level);
    assert.equal(ru?.reasons.length, en?.reasons.length);
    if (english === null || russian === null) return assert.deepEqual(en?.reasons, []);
    assert.match(en?.reasons[0] ?? '', english);
    assert.match(ru?.reasons[0] ?? '', russian);
  });

const gauge = (name: string, used: number | null): Gauge => ({
  name,
  used,
  limit: 100,
  unit: null,
  notKnown: used === null ? { kind: 'said', said: 'no answer in time' } : null,
});
const full: readonly [name: string, gauges: readonly Gauge[], level: HealthLevel, reason: string | undefined][] = [
  ['what is nearly full is degraded', [gauge('disk', 85)], 'degraded', 'disk is 85 % (85 of 100), more than 80 %'],
  ['what is full is critical', [gauge('cpu', 40), gauge('disk', 95)], 'critical', 'disk is 95 % (95 of 100), more than 90 %'],
  ['what nobody asked for may be unknown', [gauge('disk', null)], 'healthy', undefined],
  ['what the document asks for may not', [gauge('queue', null)], 'unknown', 'queue: not known: no answer in time'],
  [
    'what is full is told before what is not known',
    [gauge('queue', null), gauge('disk', 95)],
    'critical',
    'disk is 95 % (95 of 100), more than 90 %',
  ],
];
for (const [name, gauges, level, reason] of full)
  test(`health: ${name}`, () => {
    const { state, at } = stable();
    assert(state.stable);
    const signals = { levels: {}, queries: { queue: { gauge: 'q', limit: 100 } }, more: [] };
    const asking = { ...state, stable: { ...state.stable, spec: { ...state.stable.spec, signals } } };
    const known = [gauge('queue', 1), ...gauges];
    const how = health(asking, fine, known, at, 'en');
    assert.deepEqual([how.level, how.reasons[0]], [level, reason]);
  });

test('a route that the router refuses is critical, one that is only on its way is not', () => {
  const story = new Story().release();
  assert.equal(story.state.route.status, 'wanted');
  assert.equal(health(story.state, fine, [], story.at, 'en').level, 'healthy');
  story.tell({ kind: 'effect-failed', key: `route:${story.state.route.seq}`, reason: 'connection refused' });
  const { level, reasons } = health(story.state, fine, [], story.at, 'en');
  assert.deepEqual([level, reasons[0]], ['critical', 'the wanted route is not in force after 1 try: connection refused']);
});

test('what a service needs a person for is told with its release, and comes first on the page', () => {
  const kinds = (story: Story, signals: Signals | null = fine): readonly string[] =>
    overviewRow(story.state, signals, [], story.at, 'en').needs.map(({ kind }) => kind);
  const approval = stable()
    .request('2.0.0', { approval: { expiresMs: 60_000 } })
    .validated();
  assert.deepEqual(kinds(stable()), []);
  assert.deepEqual(kinds(new Story().release().confirm().seconds(3).verb('pause')), ['held']);
  assert.deepEqual(kinds(goingBack()), [], 'it goes back alone');
  assert.deepEqual(kinds(goingBack().wait(10_000)), ['rollback-failed']);
  assert.deepEqual(kinds(takenBack()), ['rolled-back']);
  assert.deepEqual(kinds(takenBack().wait(16 * 60_000)), ['rolled-back'], 'nobody may have seen it yet');
  assert.deepEqual(kinds(takenBack().wait(25 * 3_600_000)), []);
  assert.deepEqual(kinds(takenBack().request('3.0.0')), [], 'somebody has released since');
  assert.deepEqual(kinds(stable().request('2.0.0').validated('there is no such file')), ['rejected']);
  assert.deepEqual(kinds(stable().instances('1.0.0', 'crashed')), ['unhealthy']);
  assert.deepEqual(kinds(approval), ['approval']);
  const aborted = new Story().release().confirm().seconds(3).verb('abort').confirm();
  while (aborted.state.live) aborted.seconds(5).retire();
  assert.deepEqual(kinds(aborted), [], 'whoever aborted it knows');

  const row = (name: string, story: Story, signals: Signals | null) => ({
    ...overviewRow(story.state, signals, [], story.at, 'en'),
    name,
  });
  const page = inOrder([
    row('idle', stable(), silent),
    row('busy', stable().request('2.0.0').validated(), fine),
    row('unknown', stable(), null),
    row('slow', stable(), { ...fine, p95Ms: 1_500 }),
    row('broken', stable().instances('1.0.0', 'crashed'), fine),
    row('held', new Story().release().confirm().seconds(3).verb('pause'), fine),
    row('another', stable(), fine),
  ]);
  assert.deepEqual(
    page.map(({ name }) => name),
    ['broken', 'held', 'slow', 'unknown', 'busy', 'another', 'idle'],
  );
});
