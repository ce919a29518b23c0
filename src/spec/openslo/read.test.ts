import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sources } from '../../sources/registry.ts';
import { parseDocuments } from '../document.ts';
import type { Problem } from '../problem.ts';
import { SpecError } from '../problem.ts';
import { usual } from './objectives.fixture.ts';
import { readOpenSlo, standaloneObjectives } from './read.ts';

const context = { sources, usual };
const read = (...texts: readonly string[]) =>
  readOpenSlo(
    texts.map((text, index) => ({ file: `${index}.yaml`, text })),
    context,
  );
const told = (problems: readonly Problem[]) => problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

/** The first problem, behind what stands at its place. */
const pointed = (text: string, [first]: readonly Problem[]) =>
  first &&
  `${
    text
      .split('\n')
      [first.line - 1]?.slice(first.column - 1)
      .split(/[\s,]/)[0]
  } | ${first.message}`;

const requests = `ratioMetric:
        counter: true
        good: { metricSource: { type: Rampart, spec: { requests: good } } }
        total: { metricSource: { type: Rampart, spec: { requests: all } } }`;

/** An SLO in which one part is another. */
function slo(
  parts: Readonly<Partial<Record<'name' | 'more' | 'sli' | 'window' | 'method' | 'objective' | 'alerts', string>>> = {},
) {
  return `apiVersion: openslo/v1
kind: SLO
metadata: { name: ${parts.name ?? 'web'} }
spec:
  service: shop
  timeWindow: [${parts.window ?? '{ duration: 30d, isRolling: true }'}]
  budgetingMethod: ${parts.method ?? 'Occurrences'}
  objectives: [${parts.objective ?? '{ target: 0.999 }'}]
  indicator:
    metadata: { name: web }
    spec:
      ${parts.sli ?? requests}
${parts.alerts === undefined ? '' : `  alertPolicies:\n    ${parts.alerts}\n`}${parts.more ?? ''}`;
}

function only(text: string) {
  const { objectives, problems, refusals, notes } = read(text);
  assert.deepEqual(told([...problems, ...refusals, ...notes]), []);
  const [first, second] = objectives;
  assert(first && !second);
  return first;
}

test('requests of the router need no source', () => {
  assert.deepEqual(only(slo()), {
    name: 'web',
    service: 'shop',
    displayName: null,
    description: null,
    source: null,
    objective: { name: 'web', targetPpm: 999_000, windowMs: 30 * 86_400_000, belowMs: null },
  });
});

const windows: readonly (readonly [string, number | readonly [string, string]])[] = [
  ['{ duration: 90m, isRolling: true }', 90 * 60_000],
  ['{ duration: 1Q, isRolling: true }', 90 * 86_400_000],
  ['{ duration: 1d, calendar: { startTime: 2026-03-05 00:00:00, timeZone: UTC } }', ['day', 'UTC']],
  ['{ duration: 1w, calendar: { startTime: 2026-03-02T00:00:00, timeZone: Europe/Moscow } }', ['week', 'Europe/Moscow']],
  ['{ duration: 1M, isRolling: false, calendar: { startTime: 2026-03-01 00:00, timeZone: UTC } }', ['month', 'UTC']],
  ['{ duration: 3M, calendar: { startTime: 2026-07-01 00:00:00, timeZone: UTC } }', ['quarter', 'UTC']],
  ['{ duration: 4Q, calendar: { startTime: 2026-01-01 00:00:00, timeZone: UTC } }', ['year', 'UTC']],
];
for (const [window, expected] of windows)
  test(`the window ${window}`, () => {
    const { windowMs, calendar } = only(slo({ window })).objective;
    assert.deepEqual(calendar ? [calendar.unit, calendar.zone] : windowMs, expected);
  });

const targets: readonly (readonly [string, number])[] = [
  ['target: 0.9', 900_000],
  ['target: 0.995', 995_000],
  ['target: 0.000001', 1],
  ['targetPercent: 99.95', 999_500],
  ['targetPercent: 29.5', 295_000],
  ['targetPercent: 99.9999', 999_999],
];
for (const [target, ppm] of targets)
  test(`${target} is exact`, () => assert.equal(only(slo({ objective: `{ ${target} }` })).objective.targetPpm, ppm));

const metric = (query: string, more = '') => `{ metricSource: { type: prometheus, spec: { query: ${query}${more} } } }`;
const threshold = (query: string, more = '') => `thresholdMetric: ${metric(query, more)}`;
const thresholds: readonly (readonly [name: string, sli: string, objective: string, expected: unknown])[] = [
  [
    'buckets in seconds',
    threshold(`'http_seconds_bucket{job="a"}'`),
    'op: lte, value: 0.25',
    { belowMs: 250, events: { kind: 'classic', query: 'http_seconds{job="a"}', unitMs: 1_000 } },
  ],
  [
    'summed buckets in milliseconds',
    threshold('sum(rpc_milliseconds_bucket)'),
    'op: lte, value: 250',
    { belowMs: 250, events: { kind: 'classic', query: 'rpc_milliseconds', unitMs: 1 } },
  ],
  [
    'a native histogram',
    threshold('times', ', histogram: native, unit: s'),
    'op: lte, value: 1.5',
    { belowMs: 1_500, events: { kind: 'native', query: 'times', unitMs: 1_000 } },
  ],
  [
    'times of requests',
    'thresholdMetric: { metricSource: { type: Rampart, spec: { requests: duration, unit: ms } } }',
    'op: lt, value: 500',
    { belowMs: 500 },
  ],
];
for (const [name, sli, objective, expected] of thresholds)
  test(`a threshold on ${name}`, () => {
    const { name: _, targetPpm, windowMs, ...rest } = only(slo({ sli, objective: `{ target: 0.9, ${objective} }` })).objective;
    assert.deepEqual(rest, expected);
  });

test('a query of several lines is one line here', () => {
  const sli = `ratioMetric:
        counter: true
        bad: { metricSource: { type: Prometheus, spec: { query: b } } }
        total:
          metricSource:
            type: Prometheus
            spec:
              query: |
                sum(
                  http_requests_total
                )
`;
  assert.deepEqual(only(slo({ sli })).objective.events, {
    kind: 'ratio',
    count: 'bad',
    query: 'b',
    total: 'http_requests_total',
  });
});

test('several objectives are called after their words, or their number', () => {
  const objective = '{ target: 0.9, displayName: "Good, most days" }, { target: 0.99, displayName: SLA }, { target: 0.5 }';
  const { objectives } = read(slo({ objective, more: '  description: The shop.\n' }));
  assert.deepEqual(
    objectives.map(({ name, displayName, description, objective: { name: own } }) => [name, displayName, description, own]),
    [
      ['web-good-most-days', 'Good, most days', 'The shop.', 'web-good-most-days'],
      ['web-sla', 'SLA', 'The shop.', 'web-sla'],
      ['web-3', null, 'The shop.', 'web-3'],
    ],
  );
});

const sliDocument = (name: string, sli: string) => `---
apiVersion: openslo/v1
kind: SLI
metadata: { name: ${name} }
spec:
      ${sli}
`;
const dataSource = (name: string, details: string, type = 'Prometheus') => `---
apiVersion: openslo/v1
kind: DataSource
metadata: { name: ${name} }
spec: { type: ${type}, connectionDetails: ${details} }
`;
const referring = slo().replace(/ {2}indicator:[\s\S]*/, '  indicatorRef: errors\n');
const counted = `ratioMetric:
        counter: true
        bad: { metricSource: { metricSourceRef: prom, spec: { query: errors_total } } }
        total: { metricSource: { metricSourceRef: prom, type: prometheus, spec: { query: requests_total } } }`;

test('names are found in all files, and in the same file first', () => {
  const one = sliDocument('errors', counted) + dataSource('prom', '[{ url: "http://a:9090" }, { interval: 30s }]');
  const other = sliDocument('errors', requests);
  const urlOf = (...texts: readonly string[]) => {
    const { objectives, problems, refusals } = read(...texts);
    assert.deepEqual(told([...problems, ...refusals]), []);
    const { config } = objectives[0]?.source ?? {};
    return config === undefined ? null : (config as { url: string; interval: number });
  };
  assert.deepEqual(urlOf(`${referring}\n${one}`)?.url, 'http://a:9090');
  assert.deepEqual(urlOf(referring, one)?.interval, 30_000);
  assert.equal(urlOf(`${referring}\n${other}`, one), null);
  assert.deepEqual(told(read(referring, one, other).problems), [
    '9:17 there are several SLI documents called "errors"; a name means one',
  ]);
  assert.deepEqual(told(read(referring).problems), ['9:17 there is no SLI called "errors" in the given files']);
});

test('the documents of others are left to them, and a list is as good as one after another', () => {
  const text = `kind: Whatever\n---\n- ${slo().trim().replaceAll('\n', '\n  ')}\n- ${slo({ name: 'b' }).trim().replaceAll('\n', '\n  ')}\n`;
  assert.deepEqual(
    read(text).objectives.map(({ name }) => name),
    ['web', 'b'],
  );
  assert.deepEqual(parseDocuments(slo(), 'a.yaml', {}), []);
  const list = told(read(`- ${slo().trim().replaceAll('\n', '\n  ')}\n- apiVersion: foo\n  kind: SLO\n- 5\n`).problems);
  assert.deepEqual(list, [
    '16:15 expected openslo/v1, the version that is read here, found "foo"',
    '18:3 expected a document with apiVersion, kind, metadata and spec, found 5',
  ]);
  assert.deepEqual(told(read('apiVersion: openslo/v1\nkind: Slo\n').problems), [
    `2:7 unknown kind "Slo"; did you mean "SLO"? Known in openslo/v1: DataSource, Service, SLI, SLO, AlertPolicy, AlertCondition, AlertNotificationTarget`,
  ]);
});

/** Parts of an SLO that are no OpenSLO, or mean nothing. */
const mistakes: readonly (readonly [Parameters<typeof slo>[0], string])[] = [
  [{ objective: '{ target: 1 }' }, '1 | expected less than 1: an objective of 100 % has no budget'],
  [{ objective: '{ target: "0.9" }' }, '"0.9" | expected a number, found "0.9"'],
  [{ objective: '{ target: 0.9, targetPercent: 90 }' }, '90 | expected one of target and targetPercent, found both'],
  [{ objective: '{ displayName: a }' }, '{ | expected one of target and targetPercent'],
  [
    { objective: '{ target: 0.9, valeu: 1 }' },
    'valeu: | unknown key "valeu"; did you mean "value"? Known here: compositeWeight, displayName, indicator, indicatorRef, op, target, targetPercent, timeSliceTarget, timeSliceWindow, value',
  ],
  [
    { method: 'Timeslices', objective: '{ target: 0.9, timeSliceTarget: 1.5, timeSliceWindow: 0 }' },
    '1.5 | expected a number of at most 1, found 1.5',
  ],
  [
    { method: 'Timeslices', objective: '{ target: 0.9, timeSliceWindow: 1m }' },
    '{ | expected timeSliceTarget, such as 0.95, beside Timeslices',
  ],
  [{ window: '{ duration: 30d }' }, '{ | expected isRolling: true, or a calendar with startTime and timeZone'],
  [
    { window: '{ duration: 30 days, isRolling: true }' },
    '30 | expected a duration such as 28d, a whole number of m (minutes), h, d, w, M (months), Q or Y, found "30 days"',
  ],
  [
    { window: '{ duration: 0w, isRolling: true }' },
    '0w | expected a duration such as 28d, a whole number of m (minutes), h, d, w, M (months), Q or Y, found "0w"',
  ],
  [
    { window: '{ duration: 1d, isRolling: true, calendar: { startTime: 2026-01-01 00:00:00, timeZone: UTC } }' },
    '{ | expected no calendar beside isRolling: true',
  ],
  [
    { window: '{ duration: 1d, calendar: { startTime: 2026-02-30 00:00:00, timeZone: UTC } }' },
    '2026-02-30 | expected a time such as 2024-01-01 00:00:00, found "2026-02-30 00:00:00"',
  ],
  [{ sli: '{}' }, '{} | expected one of thresholdMetric and ratioMetric'],
  [{ sli: `ratioMetric: { good: ${metric('a')} }` }, '{ | expected good or bad with total, or raw'],
  [{ sli: `ratioMetric: { total: ${metric('a')} }` }, '{ | expected good or bad beside total'],
  [{ sli: `ratioMetric: { raw: ${metric('a')} }` }, '{ | expected rawType: success or failure beside raw'],
  [
    {
      sli: 'ratioMetric: { counter: true, good: { metricSource: { spec: { query: a } } }, total: { metricSource: { type: Prometheus, spec: {} } } }',
    },
    '{} | expected what the source is asked, such as query: …',
  ],
  [
    {
      sli: 'ratioMetric: { counter: true, good: { metricSource: { spec: { query: a } } }, total: { metricSource: { spec: { query: b } } } }',
    },
    '{ | expected a type, such as Prometheus, or a metricSourceRef',
  ],
  [{ sli: threshold('a_bucket') }, '{ | expected op and value beside a thresholdMetric, such as op: lte and value: 0.5'],
  [{ alerts: '- alertPolicyRef: none' }, 'none | there is no AlertPolicy called "none" in the given files'],
  [{ alerts: '- 5' }, '5 | expected { alertPolicyRef: … } or { kind: AlertPolicy, metadata: …, spec: … }'],
  [{ more: '  indicatorRef: other\n' }, 'other | expected indicator or indicatorRef, and not both'],
];
for (const [parts, message] of mistakes)
  test(`a mistake: ${message}`, () => {
    const { objectives, problems } = read(slo(parts));
    assert.equal(pointed(slo(parts), problems), message);
    assert.deepEqual(objectives, []);
  });

/** Parts of an SLO that are right, and cannot be kept exactly. */
const refused: readonly (readonly [Parameters<typeof slo>[0], string])[] = [
  [{ name: 'Web Shop' }, 'Web | expected a name of at most 63 small letters, digits and dashes, such as web-availability'],
  [
    { objective: '{ target: 0.9999999 }' },
    '0.9999999 | expected a target in whole parts per million, such as 0.9995, found 0.9999999: a budget is an exact fraction here',
  ],
  [
    { objective: '{ targetPercent: 1e-9 }' },
    '1e-9 | expected a target in whole parts per million, such as 0.9995, found 1e-9: a budget is an exact fraction here',
  ],
  [{ objective: '{ target: 0 }' }, '0 | expected a target above 0: everything keeps one of 0'],
  [{ objective: '{ target: 0.9, op: lt }' }, 'lt | expected no lt beside ratioMetric: an objective is kept from its target on'],
  [
    { objective: '{ target: 0.9, compositeWeight: 2 }' },
    '2 | expected no compositeWeight: a weighted mean of objectives is no count of bad events. Write an SLO for each',
  ],
  [
    { objective: '{ target: 0.9, timeSliceWindow: 1m }' },
    '1m | expected no timeSliceWindow beside Occurrences, which counts events; write Timeslices to count slices',
  ],
  [
    { method: 'RatioTimeslices', objective: '{ target: 0.9, timeSliceWindow: 1m }' },
    'RatioTimeslices | expected Occurrences or Timeslices: a mean of the ratios of slices is no count of bad events, so it has no exact budget here',
  ],
  [
    { method: 'Timeslices', objective: '{ target: 0.9, timeSliceTarget: 0.95, timeSliceWindow: 2d }' },
    '2d | expected a duration from 10s to 1d, found 2d',
  ],
  [{ window: '{ duration: 2Y, isRolling: true }' }, '2Y | expected a duration from 1m to 366d, found 730d'],
  [
    { window: '{ duration: 2w, calendar: { startTime: 2026-01-05 00:00:00, timeZone: UTC } }' },
    '2w | expected 1d, 1w, 1M, 1Q or 1Y beside a calendar, whose periods begin with it, found 2w',
  ],
  [
    { window: '{ duration: 1M, calendar: { startTime: 2026-01-02 00:00:00, timeZone: UTC } }' },
    '2026-01-02 | expected a startTime on the first of a month at 00:00:00, when months begin, found 2026-01-02 00:00:00',
  ],
  [
    { window: '{ duration: 1d, calendar: { startTime: 2026-01-02 06:00:00, timeZone: UTC } }' },
    '2026-01-02 | expected a startTime at 00:00:00, when days begin, found 2026-01-02 06:00:00',
  ],
  [
    { window: '{ duration: 1d, calendar: { startTime: 2026-01-02 00:00:00, timeZone: Moscow } }' },
    'Moscow | expected a time zone such as UTC or Europe/Moscow, found "Moscow"',
  ],
  [
    { sli: `ratioMetric: { rawType: success, raw: ${metric('a')} }` },
    '{ | expected counters of good or bad and of total events: of a ratio that is worked out elsewhere it is not known how many events were bad',
  ],
  [
    { sli: `ratioMetric: { counter: false, good: ${metric('a')}, total: ${metric('b')} }` },
    'false | expected counter: true and queries that are counters: what goes up and down does not count events',
  ],
  [
    { sli: `ratioMetric: { counter: true, good: ${metric("'sum(rate(a[5m]))'")}, total: ${metric('b')} }` },
    `'sum(rate(a[5m]))' | expected a counter itself and not rate(…) of it: what was counted in a window is worked out here, exactly`,
  ],
  [
    { sli: `ratioMetric: { counter: true, good: ${metric('\'a{x="{{.y}}"}\'')}, total: ${metric('b')} }` },
    `'a{x="{{.y}}"}' | expected a query as it is asked, found a placeholder in it`,
  ],
  [
    { sli: `ratioMetric: { counter: true, good: ${metric('a', ', queryType: promql')}, total: ${metric('b')} }` },
    'queryType: | nothing is known of "queryType" in what this source is asked. Known here: query, requests, unit, histogram',
  ],
  [
    {
      sli: `ratioMetric: { counter: true, good: ${metric('a')}, total: { metricSource: { type: Rampart, spec: { requests: all } } } }`,
    },
    '{ | expected good and total from one source',
  ],
  [
    { sli: `ratioMetric: { counter: true, good: ${metric('a').replace('prometheus', 'Datadog')}, total: ${metric('b')} }` },
    'Datadog | expected a metric source that can be asked from here, found "Datadog". Known here: Prometheus, Rampart',
  ],
  [
    { sli: `ratioMetric: { counter: true, good: ${metric('a').replace('prometheus', 'Rampart')}, total: ${metric('b')} }` },
    'a | expected requests: good, bad, all or duration of Rampart, which has no queries',
  ],
  [
    { sli: threshold('avg_time'), objective: '{ target: 0.9, op: lte, value: 1 }' },
    'avg_time | expected the buckets of a histogram (…_bucket), or histogram: classic or native beside its name: of any other value it is not known how many events were above the threshold',
  ],
  [
    { sli: threshold('times_bucket'), objective: '{ target: 0.9, op: lte, value: 1 }' },
    '{ | expected unit: s or ms beside the query, because its name does not say in which unit it counts',
  ],
  [
    { sli: threshold('t_seconds_bucket'), objective: '{ target: 0.9, op: lt, value: 1 }' },
    'lt | expected lte, found lt: a bucket counts what is up to its bound',
  ],
  [
    { sli: threshold('t_seconds_bucket'), objective: '{ target: 0.9, op: gte, value: 1 }' },
    'gte | expected lte, found gte: a good event is a fast one here',
  ],
  [
    { sli: threshold('t_seconds_bucket'), objective: '{ target: 0.9, op: lte, value: 0.0005 }' },
    '0.0005 | expected whole milliseconds of at least 1, found 0.0005 s',
  ],
];
for (const [parts, message] of refused)
  test(`refused: ${message}`, () => {
    const { objectives, problems, refusals } = read(slo(parts));
    assert.deepEqual(told(problems), []);
    assert.equal(pointed(slo(parts), refusals), message);
    assert.deepEqual(objectives, []);
  });

test('the configuration of a source is checked where it is written', () => {
  const details = [
    '{ url: "http://a:9090", tokn: 5 }',
    '[{ url: "ftp://a" }]',
    '[{ url: "http://a:9090" }, { interval: 90s }]',
    '5',
  ];
  const found = details.map((one) => {
    const text = `${referring}\n${sliDocument('errors', counted)}${dataSource('prom', one)}`;
    return pointed(text, read(text).refusals) ?? '';
  });
  assert.match(found[0] ?? '', /^tokn: \| unknown key "tokn"/);
  assert.match(found[1] ?? '', /^"ftp:.* \| expected the address of a Prometheus API/);
  assert.match(found[2] ?? '', /^90s \| expected a duration from 1s to 1m, found 90s$/);
  assert.match(found[3] ?? '', /^5 \| expected a mapping/);
});

test('an SLO that is refused does not take others away, and whoever wants them all hears of it', () => {
  const text = `${slo({ name: 'a', objective: '{ target: 0 }' })}\n---\n${slo({ name: 'b' })}`;
  assert.deepEqual(
    read(text).objectives.map(({ name }) => name),
    ['b'],
  );
  assert.throws(
    () => standaloneObjectives([{ file: 'a.yaml', text }], context),
    (error) => error instanceof SpecError && error.where === 'a.yaml:8:26' && error.source === text,
  );
});

test('a name means one objective, in a file and in all that are taken together', () => {
  const twice = `${slo()}\n---\n${slo()}`;
  assert.deepEqual(told(read(twice).problems), ['20:19 there already is an objective called web in this file; a name means one']);
  assert.deepEqual(read(slo(), slo()).problems, []);
  const texts = [
    { file: 'a.yaml', text: slo() },
    { file: 'b.yaml', text: slo() },
  ];
  assert.throws(() => standaloneObjectives(texts, context), { code: 'E_INPUT', message: /called web/ });
});

test('whatever stands in a file, reading it ends and throws nothing', () => {
  for (const text of [
    '',
    '- - apiVersion: openslo/v1',
    'apiVersion: openslo/v1',
    '[',
    'apiVersion: openslo/v1\nkind: SLO\nspec: 5\n',
  ]) {
    assert.deepEqual(read(text).objectives, [], text);
  }
  assert.throws(
    () => standaloneObjectives([{ file: 'a.yaml', text: 'a: [' }], context),
    (error) => error instanceof SpecError && error.where === 'a.yaml:1:5',
  );
  const spaces = ' '.repeat(100_000);
  const long = slo({ sli: `ratioMetric: { counter: true, good: ${metric(`"sum(${spaces}x"`)}, total: ${metric('b')} }` });
  assert.match(told(read(long).refusals)[0] ?? '', /expected at most 2000 characters, found 100005$/);
});
