import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sources } from '../../sources/registry.ts';
import { usual } from './objectives.fixture.ts';
import { readOpenSlo } from './read.ts';

const read = (text: string) => readOpenSlo([{ file: 'a.yaml', text }], { sources, usual });

type Given = { readonly policies?: string; readonly annotation?: string; readonly window?: string; readonly rest?: string };

function slo({ policies = '', annotation, window = '30d', rest = '' }: Given): string {
  return `apiVersion: openslo/v1
kind: SLO
metadata: { name: web${annotation === undefined ? '' : `, annotations: { rampart.dev/policy: '${annotation}' }`} }
spec:
  service: shop
  timeWindow: [{ duration: ${window}, isRolling: true }]
  budgetingMethod: Occurrences
  objectives: [{ target: 0.99 }]
  indicator:
    metadata: { name: web }
    spec:
      ratioMetric:
        counter: true
        good: { metricSource: { type: Rampart, spec: { requests: good } } }
        total: { metricSource: { type: Rampart, spec: { requests: all } } }
  alertPolicies: [${policies}]
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: { name: fast }
spec: { alertWhenBreaching: true, conditions: [{ conditionRef: hour }], notificationTargets: [{ targetRef: elsewhere }] }
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: { name: hour }
spec: { severity: page, condition: { kind: burnrate, op: gt, threshold: 14.4, lookbackWindow: 1h } }
${rest}`;
}

function inline(condition: string, severity = 'page', spec = 'alertWhenBreaching: true', name = 'own'): string {
  const held = `{ kind: AlertCondition, metadata: { name: ${name} }, spec: { severity: ${severity}, condition: { ${condition} } } }`;
  return `{ kind: AlertPolicy, metadata: { name: p }, spec: { ${spec}, conditions: [${held}], notificationTargets: [{ targetRef: x }] } }`;
}

const notesOf = (text: string) => read(text).notes.map(({ message }) => message);
const added = (names: string) => `${names}, and fires from 10 bad events on: OpenSLO says nothing of that`;
const hourTier = { name: 'hour', sharePpm: 20_000, longMs: 3_600_000, shortMs: 300_000, minBad: 10, tells: 'page' };

test('conditions are alerts of the same share of the budget, the fastest first', () => {
  const slow = inline('op: gte, threshold: 3, lookbackWindow: 1d, alertAfter: 15m', 'ticket');
  const { objectives, notes, problems } = read(slo({ policies: `${slow}, { alertPolicyRef: fast }` }));
  assert.deepEqual(problems, []);
  assert.deepEqual(objectives[0]?.objective.alerts, [
    hourTier,
    { name: 'own', sharePpm: 100_000, longMs: 86_400_000, shortMs: 7_200_000, minBad: 10, forMs: 900_000, tells: 'chat' },
  ]);
  assert.deepEqual(
    notes.map(({ message }) => message),
    [added('hour has a short window of 5m, own has a short window of 2h')],
  );
});

test('a share that is no whole number of parts per million is rounded, and that is said', () => {
  const text = slo({ policies: inline('threshold: 2, lookbackWindow: 1h'), window: '7d' });
  assert.equal(read(text).objectives[0]?.objective.alerts?.[0]?.sharePpm, 11_905);
  assert.equal(notesOf(text)[0], 'own is rounded to 1.1905% of the budget in 1h');
});

test('names that are no name of an alert, or twice one, are numbers', () => {
  const condition = (threshold: number) => `op: gt, threshold: ${threshold}, lookbackWindow: 1h`;
  const policies = [
    inline(condition(14), 'page', 'alertWhenBreaching: true', 'memory-usage-breach-of-the-shop'),
    inline(condition(10), 'INFO'),
    inline(condition(6), 'whatever'),
  ].join(', ');
  assert.deepEqual(
    read(slo({ policies })).objectives[0]?.objective.alerts?.map(({ name, tells }) => `${name} ${tells}`),
    ['A1 page', 'own email', 'A3 page'],
  );
});

/** Alerts that none of ours can be: the usual ones are taken, and a note says which. */
const unsaid: readonly (readonly [string, string])[] = [
  [inline('op: lte, threshold: 2, lookbackWindow: 1h'), 'lte would fire while the budget is not spent'],
  [inline('threshold: 0, lookbackWindow: 1h'), 'a burn of 0 is always exceeded'],
  [inline('threshold: 2, lookbackWindow: 31d'), 'a lookback of 31d is longer than the window of 30d'],
  [inline('threshold: 2, lookbackWindow: 1h, alertAfter: 2d'), 'waiting 2d before it fires is more than a day'],
  [inline('threshold: 200, lookbackWindow: 1d'), 'a burn of 200 over 1d is 666.6667% of the budget, which no alert can be of'],
  [
    inline('threshold: 2, lookbackWindow: 1h', 'page', 'alertWhenNoData: true'),
    'it does not say alertWhenBreaching: true, so it is no alert on a burn rate',
  ],
];
for (const [policies, why] of unsaid)
  test(`the usual alerts are taken where ${why}`, () => {
    const text = slo({ policies: `{ alertPolicyRef: fast }, ${policies}` });
    const { objectives, refusals, problems } = read(text);
    assert.deepEqual([...problems, ...refusals], []);
    assert.equal(objectives[0] && 'alerts' in objectives[0].objective, false);
    assert(notesOf(text).includes(`${why}; the usual alerts are taken`), notesOf(text).join('\n'));
  });

test('without alerts there is nothing to say', () => {
  assert.deepEqual(notesOf(slo({})), []);
  assert.deepEqual(notesOf(slo({ annotation: 'usual' })), []);
  assert.deepEqual(read(slo({ annotation: 'off' })).objectives[0]?.objective.alerts, []);
});

test('the annotation counts, and a note says where the alerts beside it are others', () => {
  const own = JSON.stringify([{ name: 'P', budget: '2%', in: '1h', short: '10m', minBad: 1 }]);
  const text = slo({ annotation: own, policies: '{ alertPolicyRef: fast }' });
  assert.deepEqual(read(text).objectives[0]?.objective.alerts, [{ ...hourTier, name: 'P', shortMs: 600_000, minBad: 1 }]);
  assert.deepEqual(notesOf(text), []);
  const others = ['these alerts are not taken: the annotation rampart.dev/policy says others, and it is what counts'];
  for (const annotation of ['usual', 'off', own.replace('2%', '3%')])
    assert.deepEqual(notesOf(slo({ annotation, policies: '{ alertPolicyRef: fast }' })), others, annotation);
});

test('an annotation that is none is refused where it stands', () => {
  const at = (annotation: string) => {
    const { problems, refusals } = read(slo({ annotation }));
    return [...problems, ...refusals].map(({ line, column, message }) => `${line}:${column} ${message}`);
  };
  const expected = '3:59 expected usual, off, or a list of alerts as JSON, such as [{"name":"P0","budget":"2%","in":"1h"}]';
  assert.deepEqual(at('{'), [expected]);
  assert.deepEqual(at('{"a":1}'), [expected]);
  assert.deepEqual(at('[{"name":"P0","budget":"0%","in":"1h"}]'), [
    '3:59 [0].budget: expected a percentage from 0.0001% to 100%, found 0%',
  ]);
});

test('names that nothing has are mistakes, but for whom alerts tell', () => {
  const text = slo({ policies: '{ alertPolicyRef: fast }' }).replace('conditionRef: hour', 'conditionRef: day');
  assert.deepEqual(
    read(text).problems.map(({ message }) => message),
    ['there is no AlertCondition called "day" in the given files'],
  );
});
