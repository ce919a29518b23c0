import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withVectors, withVectorTexts } from '../../../test/vectors.fixture.ts';
import { budgetOf } from '../../slo/budget.ts';
import { sources } from '../../sources/registry.ts';
import { usual } from './objectives.fixture.ts';
import { readOpenSlo } from './read.ts';
import { shorthandOf } from './shorthand.ts';

const context = { sources, usual };

/** What is wrong with each file of vectors as `LINE:COLUMN message`; those that are not named here have nothing. */
const problems: Readonly<Record<string, readonly RegExp[]>> = {
  'openslo/cli/unknown-field.yaml': [/^6:3 unknown key "markdown"\. Known here: description$/],
  'openslo/cli/v1alpha.yaml': [1, 8, 13, 40].map((line) => new RegExp(`^${line}:1[35] expected openslo/v1, .*"openslo/v1alpha"`)),
  'openslo/cli/v2alpha.yaml': [1, 38, 47].map((line) => new RegExp(`^${line}:15 expected openslo/v1, .*"openslo.com/v2alpha"`)),
};

const saturday = /expected a startTime on a Monday at 00:00:00, .* found 2022-01-01 12:00:00 \(a Saturday\)$/;
const counters = /^16:9 expected counter: true/;

/** What is right as OpenSLO and cannot be kept exactly. */
const refusals: Readonly<Record<string, readonly RegExp[]>> = {
  'openslo/cli/v1.yaml': [saturday],
  'openslo/v1/slos.yaml': [saturday],
  'openslo/examples/budgeting-method__occurences-slo.yaml': [/^17:17 .* found "Any"\. Known here: Prometheus, Rampart$/],
  'openslo/examples/budgeting-method__ratio-timeslices.yaml': [counters, /^29:20 expected Occurrences or Timeslices/],
  'openslo/examples/budgeting-method__timeslices-slo.yaml': [counters, /^27:17 expected 1d, 1w, 1M, .* found 1m: m are minutes/],
  'openslo/examples/treat-low-traffic-as-equally-important__timeslices-slo.yaml': [/^14:9 expected counter: true/, saturday],
};

const documents: Readonly<Record<string, string>> = {
  'openslo/cli/v1.yaml': 'SLO Service Service',
  'openslo/v1/alert_conditions.yaml': 'AlertCondition AlertCondition',
  'openslo/v1/alert_notification_targets.yaml': 'AlertNotificationTarget AlertNotificationTarget',
  'openslo/v1/alert_policies.yaml': 'AlertPolicy AlertPolicy AlertPolicy',
  'openslo/v1/data_sources.yaml': 'DataSource DataSource',
  'openslo/v1/services.yaml': 'Service Service',
  'openslo/v1/slis.yaml': 'SLI SLI SLI SLI',
};

for (const pattern of ['openslo/cli/*.yaml', 'openslo/v1/*.yaml', 'openslo/examples/*.yaml'])
  withVectorTexts(pattern, (files) => {
    for (const { file, text } of files)
      test(`vectors ${file}`, () => {
        const reading = readOpenSlo([{ file, text }], context);
        const matches = (found: typeof reading.problems, wanted: readonly RegExp[] = []) => {
          const texts = found.map(({ line, column, message }) => `${line}:${column} ${message}`);
          assert.equal(texts.length, wanted.length, texts.join('\n'));
          for (const [index, one] of wanted.entries()) assert.match(texts[index] ?? '', one);
        };
        matches(reading.problems, problems[file]);
        matches(reading.refusals, refusals[file]);
        assert.deepEqual(reading.notes, []);
        if (documents[file] !== undefined) assert.equal(reading.documents.map(({ kind }) => kind).join(' '), documents[file]);
      });
  });

withVectorTexts('openslo/v1/slos.yaml', ([vector]) => {
  test('the SLO of the vectors is an objective once its weeks begin on a Monday', () => {
    const text = (vector?.text ?? '').replace('2022-01-01 12:00:00', '2022-01-03 00:00:00');
    assert.deepEqual(readOpenSlo([{ file: 'slos.yaml', text }], context).objectives, [
      {
        name: 'web-availability',
        service: 'web',
        displayName: 'SLO for web availability',
        description: 'X% of search requests are successful',
        source: null,
        objective: {
          name: 'web-availability',
          targetPpm: 995_000,
          windowMs: 7 * 86_400_000 + 3_600_000,
          belowMs: null,
          calendar: { unit: 'week', zone: 'America/New_York' },
          events: {
            kind: 'ratio',
            count: 'good',
            query: 'http_requests{k8s_cluster="prod",component="web",code=~"2xx|4xx"}',
            total: 'http_requests{k8s_cluster="prod",component="web"}',
          },
          slices: { everyMs: 60_000, targetPpm: 950_000 },
        },
      },
    ]);
  });
});

type Durations = { readonly durations: readonly { readonly in: string; readonly ok: boolean; readonly seconds?: number }[] };
withVectors<Durations>('openslo/durations_and_budgets.json', ({ durations }) => {
  for (const { in: text, ok, seconds = 0 } of durations)
    test(`vectors: the duration ${JSON.stringify(text)} is ${ok ? `${seconds} s` : 'none'}`, () =>
      assert.equal(shorthandOf(text)?.ms, ok ? seconds * 1_000 : undefined));
});

type Budgets = {
  readonly budgeting: {
    readonly assumptions: { readonly window_days: number; readonly daily_requests: number; readonly target: number };
    readonly exact: {
      readonly timeslices_bad_minutes_to_exhaust: number;
      readonly occurrences_without_extra_traffic_bad_allowed: string;
    };
    readonly low_traffic_example: Readonly<Record<'window' | 'timeslice' | 'bad_slices_allowed', string>> & {
      readonly target: number;
      readonly slices: number;
    };
  };
};
withVectors<Budgets>('openslo/durations_and_budgets.json', ({ budgeting }) => {
  const { assumptions, exact, low_traffic_example: low } = budgeting;
  const allowed = (method: string, window: string, target: number, events: (windowMs: number) => number): string => {
    const text = `
apiVersion: openslo/v1
kind: SLO
metadata: { name: shop }
spec:
  service: shop
  indicator:
    metadata: { name: shop }
    spec:
      ratioMetric:
        counter: true
        bad: { metricSource: { type: Rampart, spec: { requests: bad } } }
        total: { metricSource: { type: Rampart, spec: { requests: all } } }
  timeWindow: [{ duration: ${window}, isRolling: true }]
  budgetingMethod: ${method}
  objectives: [{ target: ${target}${method === 'Occurrences' ? '' : ', timeSliceTarget: 0.95, timeSliceWindow: 1m'} }]
`;
    const [standalone] = readOpenSlo([{ file: 'a.yaml', text }], context).objectives;
    assert(standalone);
    const { n, d } = budgetOf(standalone.objective, { bad: 0, total: 0 }, events(standalone.objective.windowMs)).allowance;
    return d === 1n ? `${n}` : `${n}/${d}`;
  };
  const slices = (windowMs: number) => windowMs / 60_000;

  test('vectors: a budget of slices, and one of requests, is exactly as large as the document says', () => {
    const { window_days: days, daily_requests: daily, target } = assumptions;
    assert.equal(allowed('Timeslices', `${days}d`, target, slices), String(exact.timeslices_bad_minutes_to_exhaust));
    assert.equal(
      allowed('Occurrences', `${days / 7}w`, target, () => days * daily),
      exact.occurrences_without_extra_traffic_bad_allowed,
    );
    assert.equal(allowed('Timeslices', low.window, low.target, slices), low.bad_slices_allowed);
  });
});
