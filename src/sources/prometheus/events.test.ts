import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Prometheus, prometheusProgram } from '../../../test/programs/prometheus.ts';
import { Relay } from '../../../test/programs/relay.ts';
import type { EventReader, EventReading, EventSlot } from '../source.ts';
import { everyS, History, type Row, short } from './events.fixture.ts';

const program = await prometheusProgram();
const skip = 'missing' in program ? { skip: program.missing } : {};
let prometheus: Prometheus;

before(async () => {
  if ('path' in program) prometheus = await Prometheus.start(program.path);
});
after(async () => {
  if ('path' in program) await prometheus.close();
});

const never = new AbortController().signal;
const ok = 'http_requests_total{code="200"}';
const failed = 'http_requests_total{code="500"}';
const availability = { bad: 'http_requests_total{JOB,code=~"5.."}', total: 'http_requests_total{JOB}' };
/** Rows before the first that can be counted from, and that one. */
const begun = (row: Row): readonly Row[] => [row, row, row];

type Case = {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly want: readonly string[];
  readonly events?: Parameters<History['ratio']>[1];
  readonly problem?: RegExp;
  readonly note?: RegExp;
};
const cases: readonly Case[] = [
  {
    name: 'a series of failures that appears with its first ones counts from 0',
    rows: [...begun({ [ok]: 100 }), { [ok]: 110, [failed]: 3 }, { [ok]: 115, [failed]: 3 }],
    want: ['3/13', '0/5'],
  },
  {
    name: 'counters that stand still are quiet, and known to be',
    rows: [...begun({ [ok]: 100 }), { [ok]: 100 }, { [ok]: 100 }],
    want: ['0/0', '0/0'],
  },
  {
    name: 'one that falls has begun anew',
    rows: [...begun({ [ok]: 100, [failed]: 50 }), { [ok]: 7, [failed]: 2 }],
    want: ['2/9'],
  },
  {
    name: 'a restart with a hole is one longer slot',
    rows: [...begun({ [ok]: 100 }), { [ok]: 'stale' }, {}, {}, { [ok]: 4, [failed]: 1 }, { [ok]: 6, [failed]: 1 }],
    want: ['1/5@60', '0/2'],
  },
  {
    name: 'after a hole counters that went on have counted on, and others from 0',
    rows: [
      ...begun({ [ok]: 100 }),
      { [ok]: 'stale' },
      {},
      { [ok]: 140, 'http_requests_total{code="200",instance="b"}': 10, [failed]: 2 },
    ],
    want: ['2/52@45'],
  },
  {
    name: 'without a scrape nothing is known, although Prometheus repeats the last value',
    rows: [...begun({ [ok]: 100 }), { [ok]: 110 }, {}, {}, {}, {}],
    want: ['0/10'],
    problem: /there is no data: the newest sample of .* is 6\d s older than the moment that is read/,
  },
  {
    name: 'a value that is no number is waited out, and nothing of it is lost',
    rows: [...begun({ [ok]: 100, [failed]: 1 }), { [ok]: Number.NaN, [failed]: 2 }, { [ok]: 120, [failed]: 3 }],
    want: ['2/22@30'],
  },
  {
    name: 'an infinite counter is said',
    rows: [...begun({ [ok]: 100 }), { [ok]: Number.POSITIVE_INFINITY }],
    want: [],
    problem: /is no finite number/,
  },
  {
    name: 'a counter in fractions is refused with its query',
    rows: [...begun({ [ok]: 1.5 }), { [ok]: 2.5 }],
    want: [],
    problem: /http_requests_total\{.*\} stands at 2\.5: events are counted in whole numbers/,
  },
  {
    name: 'more good events than all are waited for, for a moment',
    events: { good: 'good_total{JOB}', total: 'all_total{JOB}' },
    rows: [...begun({ good_total: 0, all_total: 0 }), { good_total: 5, all_total: 4 }, { good_total: 9, all_total: 10 }],
    want: ['1/10@30'],
  },
  {
    name: 'more good events than all are left out, and said, when they stay so',
    events: { good: 'good_total{JOB}', total: 'all_total{JOB}' },
    rows: [
      ...begun({ good_total: 0, all_total: 0 }),
      ...[1, 2, 3, 4].map((i) => ({ good_total: 10 * i, all_total: i })),
      { good_total: 41, all_total: 6 },
    ],
    want: ['1/2'],
    note: /^good 40 of 4 events since .*: a part cannot be more than the whole.*left out/,
  },
  {
    name: 'a sum that falls tells nothing of that time',
    events: { bad: 'sum(http_requests_total{JOB,code=~"5.."})', total: 'sum(http_requests_total{JOB})' },
    rows: [...begun({ [ok]: 100, [failed]: 5 }), { [ok]: 90, [failed]: 6 }, { [ok]: 95, [failed]: 7 }],
    want: ['1/6'],
    note: /a sum of counters has fallen/,
  },
  {
    name: 'a service that nobody has used is known by its scrapes, and its first requests count from 0',
    rows: [...begun({ up: 1 }), { up: 1 }, { up: 1, [ok]: 6, [failed]: 1 }],
    want: ['0/0', '1/7'],
  },
  {
    name: 'a service whose target is down is not one that nobody uses',
    rows: [...begun({ up: 1, [ok]: 1 }), { up: 0, [ok]: 'stale' }, { up: 0 }],
    want: [],
    problem: /has no series, and no target of its job is up/,
  },
  {
    name: 'a series that is away for a while goes on from its last value',
    rows: [
      ...begun({ [ok]: 100, 'http_requests_total{code="200",instance="b"}': 1_000 }),
      { [ok]: 101, 'http_requests_total{code="200",instance="b"}': 'stale' },
      { [ok]: 102 },
      { [ok]: 103, 'http_requests_total{code="200",instance="b"}': 1_004 },
    ],
    want: ['0/1', '0/1', '0/5'],
  },
  {
    name: 'counts beyond what a number can hold exactly are refused',
    rows: [...begun({ [ok]: 2 ** 53 }), { [ok]: 2 ** 53 + 2 }],
    want: [],
    problem: /stands at 9007199254740994/,
  },
];
for (const { name, rows, want, events = availability, problem, note } of cases)
  test(name, skip, async () => {
    const history = new History(prometheus);
    await history.rows(0, rows);
    const reading = await history.read(history.ratio('availability', events), rows.length - 1);
    assert.deepEqual(short(reading), want);
    if (problem) assert.match(reading.problem ?? '', problem);
    else assert.equal(reading.problem, null);
    if (note) assert.match(reading.notes.join('\n'), note);
    else assert.deepEqual(reading.notes, []);
  });

/** All that a reader tells between two rows, in as many calls as it takes. */
async function all(reader: EventReader, fromS: number, toS: number, stepS = toS - fromS): Promise<readonly EventReading[]> {
  const readings = new Map<string, { slots: EventSlot[]; notes: string[]; problem: string | null }>();
  for (let atS = fromS, untilS = fromS; atS < toS; ) {
    untilS = Math.min(toS, Math.max(untilS, atS) + stepS);
    const read = await reader.read(atS, untilS, never);
    for (const { objective, slots, notes, problem } of read.readings) {
      const one = readings.get(objective) ?? { slots: [], notes: [], problem: null };
      one.slots.push(...slots);
      one.notes.push(...notes);
      readings.set(objective, { ...one, problem });
    }
    assert(read.toSecond >= atS);
    if (read.toSecond === atS && untilS === toS) break;
    atS = read.toSecond;
  }
  return [...readings].map(([objective, one]) => ({ objective, ...one }));
}

test('however it is read, at once, moment by moment or by a reader that begins anew, the events are the same', skip, async () => {
  const history = new History(prometheus);
  const rows: Row[] = [...begun({ [ok]: 0 })];
  let [good, bad] = [0, 0];
  for (let row = 3; row < 60; row += 1) {
    good += (row * 7) % 11;
    bad += row % 13 === 0 ? row : 0;
    if (row === 30) [good, bad] = [2, 1];
    // Six moments without a scrape.
    rows.push(row >= 40 && row < 46 ? {} : { [ok]: good, ...(bad > 0 ? { [failed]: bad } : {}) });
  }
  await history.rows(0, rows);
  const objectives = [
    history.ratio('availability', availability),
    history.ratio('good', { good: 'http_requests_total{JOB,code="200"}', total: availability.total }),
  ];
  const [fromS, toS] = [history.at(2), history.at(rows.length - 1)];
  const whole = await all(history.reader(objectives), fromS, toS);
  assert.equal(whole.length, 2);
  assert.deepEqual(whole[0]?.slots, whole[1]?.slots);
  assert(whole[0]?.slots.some(({ seconds }) => seconds === 7 * everyS));
  for (const one of whole) assert.equal(one.problem, null);
  assert.deepEqual(await all(history.reader(objectives), fromS, toS, everyS), whole);
  assert.deepEqual(await all(history.reader(objectives), fromS, toS, 10), whole);
  for (const row of [10, 31, 42, 47]) {
    const late = await all(history.reader(objectives), history.at(row), toS);
    assert.deepEqual(
      late.map(({ slots }) => slots),
      whole.map(({ slots }) => slots.filter(({ second }) => second > history.at(row))),
      `from row ${row}`,
    );
  }
});

test('while Prometheus is away the reading fails, and afterwards nothing is missing', skip, async (t) => {
  const history = new History(prometheus);
  await history.rows(0, [...begun({ [ok]: 100 }), ...Array.from({ length: 30 }, (_, i) => ({ [ok]: 101 + i, [failed]: i + 1 }))]);
  const relay = await Relay.to(prometheus.port);
  t.after(() => relay.cut());
  const objective = history.ratio('availability', availability);
  const reader = history.reader([objective], { url: relay.url, timeout: '200ms' });
  const first = await reader.read(history.at(2), history.at(10), never);
  await relay.cut();
  await assert.rejects(reader.read(first.toSecond, history.at(20), never), {
    code: 'E_SOURCE_UNREACHABLE',
    message: /ECONNREFUSED/,
  });
  await relay.mend();
  relay.silence();
  const began = performance.now();
  await assert.rejects(reader.read(first.toSecond, history.at(20), never), { code: 'E_SOURCE_UNREACHABLE', message: /in time/ });
  assert(performance.now() - began < 2_000);
  await relay.mend();
  const [reading] = await all(reader, first.toSecond, history.at(32));
  const slots = [...(first.readings[0]?.slots ?? []), ...(reading?.slots ?? [])];
  assert.equal(slots.length, 30);
  assert.equal(
    slots.reduce((sum, { bad }) => sum + bad, 0),
    30,
  );
  assert.equal(
    slots.reduce((sum, { total }) => sum + total, 0),
    60,
  );
});

test('an objective with a query that is refused leaves the others alone', skip, async () => {
  const history = new History(prometheus);
  await history.rows(0, [...begun({ [ok]: 100 }), { [ok]: 110 }]);
  const broken = history.ratio('broken', { bad: 'sum(http_requests_total{JOB}', total: availability.total });
  const reader = history.reader([broken, history.ratio('availability', availability)]);
  const { readings } = await reader.read(history.at(2), history.at(3), never);
  assert.match(readings[0]?.problem ?? '', /^objective broken, events\.bad: Prometheus refuses a query: .*unclosed left paren/);
  assert.deepEqual(readings.map(short), [[], ['0/10']]);
});

test('what the source counts for the guard are the events of an objective without its own', skip, async () => {
  const history = new History(prometheus);
  const bucket = (le: string) => `http_request_duration_seconds_bucket{le="${le}"}`;
  const one = `http_requests_total{code="200",version="1.0.0"}`;
  const other = `http_requests_total{code="500",version="1.1.0"}`;
  await history.rows(0, [
    ...begun({ [one]: 100, [other]: 0, [bucket('0.5')]: 10, [bucket('+Inf')]: 20 }),
    { [one]: 110, [other]: 2, [bucket('0.5')]: 18, [bucket('+Inf')]: 32 },
  ]);
  const config = {
    requests: history.query('http_requests_total{JOB}'),
    errors: { where: 'code=~"5.."' },
    latency: { classic: history.query('http_request_duration_seconds{JOB}') },
  };
  const objectives = [
    { name: 'availability', belowMs: null, events: null },
    { name: 'latency', belowMs: 500, events: null },
  ];
  const { readings } = await history.reader(objectives, config).read(history.at(2), history.at(3), never);
  assert.deepEqual(readings.map(short), [['2/12'], ['4/12']]);
  const none = await history.reader(objectives).check(never);
  assert.deepEqual(none.problems, [
    'objective availability: spec.source.prometheus counts no requests: add requests and errors to it, or events to the objective',
    'objective latency: spec.source.prometheus.latency is missing, which says how long requests take: add it, or events of its own',
  ]);
});

test(
  'of a classic histogram a threshold that is a bound is exact, and any other an interval that check refuses',
  skip,
  async () => {
    const history = new History(prometheus);
    const les = ['0.1', '0.5', '1', '+Inf'];
    const row = (...counts: number[]): Row =>
      Object.fromEntries(les.map((le, i) => [`took_seconds_bucket{le="${le}"}`, counts[i] ?? 0]));
    await history.rows(0, [...begun(row(10, 20, 30, 40)), row(13, 27, 42, 60)]);
    const objectives = [
      history.times('bound', 'classic', 'took_seconds{JOB}', 500),
      history.times('inside', 'classic', 'took_seconds{JOB}', 300),
      history.times('above', 'classic', 'took_seconds_bucket{JOB}', 5_000),
    ];
    const reader = history.reader(objectives);
    const { readings } = await reader.read(history.at(2), history.at(3), never);
    assert.deepEqual(readings.map(short), [['13/20'], ['13…17/20'], ['0…8/20']]);
  },
);

/** A history that ends now, as a check sees it. */
async function recent(rows: readonly Row[]): Promise<History> {
  const history = new History(prometheus, everyS * rows.length);
  await history.rows(0, rows);
  return history;
}

test('a check of right queries says nothing', skip, async () => {
  const history = await recent(Array.from({ length: 6 }, (_, i) => ({ [ok]: i, [failed]: i })));
  assert.deepEqual(await history.reader([history.ratio('availability', availability)]).check(never), { problems: [], notes: [] });
});

test('a check says which bounds a classic histogram has', skip, async () => {
  const les = ['0.1', '0.5', '1', '+Inf'];
  const history = await recent(begun(Object.fromEntries(les.map((le) => [`took_seconds_bucket{le="${le}"}`, 3]))));
  const objectives = [500, 300].map((ms) => history.times(`below ${ms}`, 'classic', 'took_seconds{JOB}', ms));
  const { problems, notes } = await history.reader(objectives).check(never);
  assert.deepEqual(notes, []);
  assert.deepEqual(problems, [
    `objective below 500, events.histogram: below 300ms is no bound of its buckets, so the events below it cannot be counted; it has 100ms, 500ms, 1s`,
  ]);
});

test('a matcher that chooses nothing is said with what is there, the nearest first', skip, async () => {
  const history = await recent(
    begun({
      ...Object.fromEntries(['200', '404', '500'].map((code) => [`asked_total{code="${code}",method="GET"}`, 1])),
      ...Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`paths_total{path="/p${i}"}`, 1])),
    }),
  );
  const hints: readonly [bad: string, hint: RegExp][] = [
    ['asked_total{JOB,code=~"6.."}', /code=~"6\.\." matches no series of asked_total; code has 200, 404, 500$/],
    [
      'asked_total{JOB,kode="500"}',
      /kode="500" matches no series of asked_total, which has no label kode; it has code, job, method$/,
    ],
    ['asked_totals{JOB}', /there is no metric asked_totals; did you mean asked_total\?$/],
    ['asked_total{JOB,code="404",method="GTE"}', /method="GTE" matches no series of asked_total; method has GET$/],
    [
      'asked_total{JOB,code="505",method="PUT"}',
      /code="505" matches no series of asked_total; code has 500, 200, 404\n.*method="PUT" matches no series of asked_total; method has GET$/,
    ],
    ['paths_total{JOB,path="/p"}', /path has \/p0, \/p1, .* and 5 more$/],
  ];
  const objectives = hints.map(([bad], index) => history.ratio(`o${index}`, { bad, total: 'asked_total{JOB}' }));
  const { problems, notes } = await history.reader(objectives).check(never);
  assert.deepEqual(problems, []);
  for (const [index, [bad, hint]] of hints.entries())
    assert.match(notes.filter((note) => note.startsWith(`objective o${index}, events.bad: `)).join('\n'), hint, bad);
});

test('a check refuses what cannot be counted or asked', skip, async () => {
  const history = await recent(Array.from({ length: 6 }, (_, i) => ({ [ok]: i + 0.5, [failed]: i })));
  const refused = history.ratio('refused', { bad: 'sum(http_requests_total{JOB}', total: failed.replace('}', ',JOB}') });
  const objectives = [
    history.ratio('fractions', { bad: failed.replace('}', ',JOB}'), total: 'http_requests_total{JOB}' }),
    refused,
    history.times('native', 'native', 'http_requests_total{JOB}', 500),
    history.times('classic', 'classic', 'http_requests{JOB}', 500),
    history.times('no buckets', 'classic', 'http_requests_total{JOB} * 1', 500),
  ];
  const { problems, notes } = await history.reader(objectives, { interval: '10s' }).check(never);
  const all = problems.join('\n');
  assert.match(all, /objective fractions, events\.total: .* stands at 5\.5/);
  assert.match(all, /objective refused, events\.bad: Prometheus refuses a query: .*unclosed/);
  assert.match(all, /objective native, events\.native: .* is no native histogram; write histogram: in place of native:/);
  assert.match(all, /objective no buckets, events\.histogram: .* has no label le/);
  assert.match(all, /interval is 10 s, and .* is scraped every 15 s/);
  assert.match(notes.join('\n'), /objective classic, events\.histogram: there is no metric http_requests_bucket/);
});

test('a clock that is not ours is said, and its own time counts', skip, async () => {
  const history = await recent(Array.from({ length: 6 }, (_, i) => ({ [ok]: i })));
  const objective = history.ratio('availability', availability);
  const ahead = history.reader([objective], {}, { now: () => Date.now() + 90_000 });
  const nowS = Date.now() / 1_000;
  const read = await ahead.read(history.at(2), Math.floor(nowS) + 90, never);
  assert.match(read.notes.join(), /^the clock of Prometheus is \d\d s behind the controller's; its own time counts$/);
  assert(read.toSecond <= nowS && read.toSecond > nowS - 2 * everyS - 5);
  const [checked] = (await ahead.check(never)).notes;
  assert.match(checked ?? '', /behind the controller's/);
  const behind = await history
    .reader([objective], {}, { now: () => Date.now() - 90_000 })
    .read(history.at(2), Math.floor(nowS), never);
  assert.match(behind.notes.join(), /9\d s ahead of|90 s ahead of/);
  assert.deepEqual((await history.reader([objective]).read(history.at(2), Math.floor(nowS), never)).notes, []);
});

test('what is longer ago than it reaches is left out, and said', skip, async () => {
  const history = new History(prometheus);
  const reader = history.reader([history.ratio('availability', availability)]);
  const { notes, toSecond } = await reader.read(0, Math.floor(Date.now() / 1_000), never);
  assert.match(notes.join(), /^what came before .* is too long ago to be read$/);
  const oldestS = Date.now() / 1_000 - reader.reachS;
  assert(toSecond > oldestS && toSecond < oldestS + 2 * 3_600);
});
