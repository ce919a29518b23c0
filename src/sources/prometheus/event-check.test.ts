import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedPrometheus } from '../../../test/programs/shared-prometheus.ts';
import { begun, everyS, History, labelsOf, type Row, short } from './events.fixture.ts';

const shared = await sharedPrometheus();
const { skip } = shared;

const never = new AbortController().signal;
const ok = 'http_requests_total{code="200"}';
const failed = 'http_requests_total{code="500"}';
const availability = { bad: 'http_requests_total{JOB,code=~"5.."}', total: 'http_requests_total{JOB}' };

test(
  'of a classic histogram a threshold that is a bound is exact, and any other an interval that check refuses',
  skip,
  async () => {
    const history = new History(shared.prometheus);
    const les = ['0.1', '0.5', '1', '+Inf'];
    const row = (...counts: number[]): Row =>
      Object.fromEntries(les.map((le, i) => [`took_seconds_bucket{le="${le}"}`, counts[i] ?? 0]));
    await history.rows(0, [...begun(row(10, 20, 30, 40)), row(13, 27, 42, 60)]);
    const objectives = [
      history.times('bound', 'classic', 'took_seconds{JOB}', 500),
      history.times('inside', 'classic', 'took_seconds{JOB}', 300),
      history.times('above', 'classic', 'took_seconds_bucket{JOB}', 5_000),
      history.times('only two buckets', 'classic', String.raw`took_seconds{JOB,le=~"0.5|\\+Inf"}`, 500),
    ];
    const reader = history.reader(objectives);
    const { readings } = await reader.read(history.at(2), history.at(3), never);
    assert.deepEqual(readings.map(short), [['13/20'], ['13…17/20'], ['0…8/20'], ['13/20']]);
  },
);

/** A native histogram of resolution 3 that grows: bounds are 2^(i/8) seconds, bucket 0 is (0.917, 1]. */
async function native(history: History, rows: readonly { readonly counts: readonly number[]; readonly nan?: number }[]) {
  const first = -8;
  await history.push([
    {
      labels: labelsOf('native_seconds'),
      histograms: rows.map(({ counts, nan = 0 }, row) => ({
        atMs: history.at(row) * 1_000 - 500,
        schema: 3,
        first,
        counts,
        sum: 1,
        nan,
      })),
    },
  ]);
}

test(
  'of a native histogram a threshold at a bound is exact, elsewhere an interval around what Prometheus interpolates',
  skip,
  async () => {
    const history = new History(shared.prometheus);
    const empty = Array<number>(17).fill(0);
    const counts = Array.from({ length: 17 }, (_, i) => 3 + ((i * 5) % 7));
    await native(history, [...begun({ counts: empty.with(0, 1) }), { counts: counts.with(0, (counts[0] ?? 0) + 1) }]);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const bounds = Array.from({ length: 17 }, (_, i) => 2 ** ((i - 8) / 8));
    const thresholds = [...bounds.filter((bound) => [0.5, 1, 2].includes(bound)), 0.52, 0.7, 0.95, 1.3, 1.99];
    const objectives = thresholds.map((s) => history.times(`below ${s}`, 'native', 'native_seconds{JOB}', s * 1_000));
    const { readings } = await history.reader(objectives).read(history.at(2), history.at(3), never);
    for (const [index, threshold] of thresholds.entries()) {
      const slot = readings[index]?.slots[0];
      assert(slot, `${threshold}: ${readings[index]?.problem}`);
      assert.equal(slot.total, total);
      const answer = await fetch(`${shared.prometheus.url}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({
          query: history.query(`histogram_fraction(0, ${threshold}, native_seconds{JOB}) * histogram_count(native_seconds{JOB})`),
          time: String(history.at(3)),
        }),
      });
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
      // Theirs are all since the beginning: one observation was there in the lowest bucket before.
      const good = Number(data.result[0]?.value[1]) - (threshold >= 0.5 ? 1 : 0);
      const [least, most] = [slot.total - (slot.badAtMost ?? slot.bad), slot.total - slot.bad];
      if (index < 3) {
        assert.equal(slot.badAtMost, undefined, `${threshold}`);
        assert(Math.abs(good - least) < 1e-6, `${threshold}: ${good} and ${least}`);
      } else {
        assert(slot.badAtMost !== undefined, `${threshold}`);
        assert(least < good && good < most, `${threshold}: ${least} < ${good} < ${most}`);
      }
    }
  },
);

test('observations that are no number are not good', skip, async () => {
  const history = new History(shared.prometheus);
  await native(history, [...begun({ counts: [4], nan: 1 }), { counts: [7], nan: 3 }]);
  const reading = await history.read(history.times('fast', 'native', 'native_seconds{JOB}', 2_000), 3);
  assert.deepEqual(short(reading), ['2/5']);
});

test('a counter that is a native histogram begins anew and has holes as any other', skip, async () => {
  const history = new History(shared.prometheus);
  await native(history, [...begun({ counts: [40, 2] }), { counts: [3, 1] }, { counts: [3, 4] }]);
  const reading = await history.read(history.times('fast', 'native', 'native_seconds{JOB}', 1_000 * 2 ** (-8 / 8)), 4);
  assert.deepEqual(short(reading), ['1/4', '3/3']);
});

/** A history that ends now, as a check sees it. */
async function recent(rows: readonly Row[]): Promise<History> {
  const history = new History(shared.prometheus, everyS * rows.length);
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
