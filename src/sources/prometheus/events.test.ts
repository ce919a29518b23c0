import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { Relay } from '../../../test/programs/relay.ts';
import { sharedPrometheus } from '../../../test/programs/shared-prometheus.ts';
import type { EventReader, EventReading, EventSlot } from '../source.ts';
import { begun, everyS, History, type Row, short } from './events.fixture.ts';

const shared = await sharedPrometheus();
const { skip } = shared;

const never = new AbortController().signal;
const ok = 'http_requests_total{code="200"}';
const failed = 'http_requests_total{code="500"}';
const availability = { bad: 'http_requests_total{JOB,code=~"5.."}', total: 'http_requests_total{JOB}' };

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
    const history = new History(shared.prometheus);
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
  const history = new History(shared.prometheus);
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
  const history = new History(shared.prometheus);
  await history.rows(0, [...begun({ [ok]: 100 }), ...Array.from({ length: 30 }, (_, i) => ({ [ok]: 101 + i, [failed]: i + 1 }))]);
  const relay = await Relay.to(shared.prometheus.port);
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
  const history = new History(shared.prometheus);
  await history.rows(0, [...begun({ [ok]: 100 }), { [ok]: 110 }]);
  const broken = history.ratio('broken', { bad: 'sum(http_requests_total{JOB}', total: availability.total });
  const reader = history.reader([broken, history.ratio('availability', availability)]);
  const { readings } = await reader.read(history.at(2), history.at(3), never);
  assert.match(readings[0]?.problem ?? '', /^objective broken, events\.bad: Prometheus refuses a query: .*unclosed left paren/);
  assert.deepEqual(readings.map(short), [[], ['0/10']]);
});

test('what the source counts for the guard are the events of an objective without its own', skip, async () => {
  const history = new History(shared.prometheus);
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

test('thousands of series are read, and questions get smaller while answers are too large', skip, async (t) => {
  const history = new History(shared.prometheus);
  const series = Array.from({ length: 2_001 }, (_, i) => `paths_total{path="/a/rather/long/path/to/make/answers/large/${i}"}`);
  const moments = 7;
  await history.rows(
    0,
    Array.from({ length: moments }, (_, row) => Object.fromEntries(series.map((one, i) => [one, row * (i % 3)]))),
  );
  const objective = history.ratio('all', { bad: 'paths_total{JOB,path=~".*7"}', total: 'paths_total{JOB}' });
  const [whole] = (await history.reader([objective]).read(history.at(2), history.at(moments - 1), never)).readings;
  const bad = series.reduce((sum, one, i) => sum + (one.endsWith('7"}') ? i % 3 : 0), 0);
  assert.deepEqual(whole && short(whole), Array(moments - 3).fill(`${bad}/2001`));
  // The same with a gateway before it that cannot say much at once.
  const gateway = await padding(t, 2);
  const config = { url: gateway.url };
  const reader = history.reader([objective], config);
  const [halved] = await all(reader, history.at(2), history.at(moments - 1));
  assert.deepEqual(halved, whole);
  assert(gateway.refused() > 0);
});

/** Stands before Prometheus and makes answers about more than so many moments too large. */
async function padding(t: TestContext, momentsMax: number): Promise<{ url: string; refused: () => number }> {
  let refused = 0;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const form = new URLSearchParams(body);
    const moments = (Number(form.get('end')) - Number(form.get('start'))) / everyS + 1;
    const answer = await fetch(`${shared.prometheus.url}${request.url}`, { method: 'POST', body: form });
    const said = await answer.text();
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    if (moments > momentsMax && said.length > 100_000) {
      refused += 1;
      response.write(' '.repeat(17 * 1_048_576));
    }
    response.end(said);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, refused: () => refused };
}

test('what is longer ago than it reaches is left out, and said', skip, async () => {
  const history = new History(shared.prometheus);
  const reader = history.reader([history.ratio('availability', availability)]);
  const { notes, toSecond } = await reader.read(0, Math.floor(Date.now() / 1_000), never);
  assert.match(notes.join(), /^what came before .* is too long ago to be read$/);
  const oldestS = Date.now() / 1_000 - reader.reachS;
  assert(toSecond > oldestS && toSecond < oldestS + 6 * 3_600);
});
