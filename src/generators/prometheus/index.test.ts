import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stringify } from 'yaml';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { checked, generated, withoutPromtool } from './promtool.fixture.ts';

const source = `  source:
    prometheus:
      url: http://prometheus:9090
      requests: http_requests_total{job="api"}
      errors: { where: 'code=~"5.."' }
      latency: { classic: 'http_request_duration_seconds{job="api"}' }
`;
/** Short windows, so that promtool is soon done with them. */
const quick = (budget: string, more = '') => `alerts: [ { name: P0, budget: ${budget}, in: 1h, short: 5m${more} } ]`;

const documents: readonly (readonly [what: string, name: string, spec: string])[] = [
  [
    '99.9 % of what the built-in router counts, with the usual alerts',
    'checkout',
    '  objectives: [ { name: availability, target: 99.9%, window: 30d } ]',
  ],
  [
    '99 % and 95 %, by a classic histogram whose bound is written in two ways',
    'shop',
    `${source}  objectives:
    - { name: errors, target: 99%, window: 7d, ${quick('10%', ', for: 2m')} }
    - { name: fast, target: 95%, window: 30d, below: 1s, ${quick('2%')} }`,
  ],
  [
    'a quarter, with what a native histogram holds, and thresholds of the router',
    'quarter',
    `  objectives:
    - { name: native, target: 99.9%, window: 90d, below: 250ms, events: { native: 'h{job="a"}' }, ${quick('2%')} }
    - { name: fast, target: 99%, window: 90d, below: 300ms, ${quick('1%')} }`,
  ],
  [
    'names with everything that means something to somebody',
    'odd',
    `  objectives:
    - name: "it's \\"50 %\\" \\\\ {{ $value }} # \\u2028 | \\u0085 é 日本"
      target: 98%
      window: 30d
      events: { good: 'done_total{result="o\\"k\\\\n",where=~"a|b.c[0-9]+"}', total: 'done_total{where=~"a|b.c[0-9]+"}' }
      ${quick('2%', ', minBad: 0')}
    - name: "---"
      target: 98%
      window: 30d
      events: { bad: 'lost_total or dropped_total', total: "sent_total{to!='me'}" }
      ${quick('2%', ', minBad: 3')}`,
  ],
  [
    'slices of time, a month of the calendar, and a sum of counters',
    'rest',
    `${source}  objectives:
    - { name: slices, target: 99%, window: 30d, slices: { each: 1m, target: 95% }, ${quick('2%')} }
    - { name: month, target: 99.9%, window: { calendar: month, zone: Europe/Moscow }, ${quick('2%')} }
    - { name: sum, target: 99.9%, window: 30d, events: { bad: 'sum(a_total)', total: 'sum(b_total)' }, ${quick('2%')} }`,
  ],
  [
    "an exporter of HAProxy's, which chooses metrics by a pattern",
    'proxied',
    `  source: { prometheus: { url: "http://prometheus:9090", exporter: { haproxy: { proxy: shop, servers: "{{version}}-{{n}}" } } } }
  objectives: [ { name: availability, target: 99.9%, window: 30d, ${quick('2%')} } ]`,
  ],
];

describe('rules for Prometheus', { skip: withoutPromtool, concurrency: 1 }, () => {
  for (const [what, name, spec] of documents)
    test(`promtool is content with ${what}`, async () => {
      const { files, findings } = generated([name, spec]);
      assert.deepEqual(
        findings.filter(({ level }) => level === 'error'),
        [],
      );
      assert(files.some((file) => file.name.endsWith('.test.yml')));
      const { fine, said } = await checked(files);
      assert(fine, said);
    });

  const seed = `  objectives:
    - name: availability
      target: 99.9%
      window: 30d
      events: { bad: 'http_requests_total{job="api",code=~"5.."}', total: 'http_requests_total{job="api"}' }`;

  withVectors<SeedSuite>('promtool/seed-policy.test.yml', ({ tests: [first] }) => {
    /** @param tiers - Whose minutes are looked at. @param skippedMin - Minutes of the healthy past that are left out. */
    const minutes = async (spec: string, tiers: readonly string[], skippedMin: number): Promise<void> => {
      assert(first);
      const rules = generated(['api', spec]).files.filter(({ name }) => name.endsWith('.burn.rules.yml'));
      const looks = first.alert_rule_test.map(({ eval_time, exp_alerts }) => ({
        minute: Number(eval_time.replace('m', '')) - skippedMin,
        burning: exp_alerts.map(({ exp_labels }) => exp_labels.priority).filter((tier) => tiers.includes(tier)),
      }));
      // Of the evaluations that are of no use there would be thousands.
      const [at, last] = [
        looks.findIndex(({ burning }) => burning.length > 0),
        looks.findLastIndex(({ burning }) => burning.length > 0),
      ];
      const text = stringify({
        rule_files: rules.map(({ name }) => name),
        evaluation_interval: '1m',
        tests: [
          {
            interval: first.interval,
            input_series: first.input_series.map(({ series, values }) => ({ series, values: shortened(values, skippedMin) })),
            promql_expr_test: looks.slice(at - 1, last + 2).flatMap(({ minute, burning }) => [
              {
                expr: 'slo:burning * 0 + 1',
                eval_time: `${minute}m`,
                exp_samples: burning.map((tier) => ({
                  labels: `{service="api",objective="availability",tier="${tier}"}`,
                  value: 1,
                })),
              },
              {
                // One alert is enough: a slower one is silent while a faster one fires, and until its own short window has passed since.
                expr: 'count(ALERTS{alertname="SLOBurn",alertstate="firing"})',
                eval_time: `${minute}m`,
                exp_samples: burning.includes(tiers[0] ?? '') ? [{ labels: '{}', value: 1 }] : [],
              },
            ]),
          },
        ],
      });
      const { fine, said } = await checked([...rules, { name: 'seed.test.yml', text }]);
      assert(fine, said);
    };
    test('P0 and P1 fire and resolve in the same minutes as those of the given suite', async () => {
      const alerts = 'alerts: [ { name: P0, budget: 2%, in: 1h, short: 5m }, { name: P1, budget: 5%, in: 6h, short: 30m } ]';
      await minutes(`${seed}\n      ${alerts}`, ['P0', 'P1'], 4_320 - 360);
    });
    test('P2 fires and resolves in the same minutes as that of the given suite', async () => {
      await minutes(`${seed}\n      alerts: [ { name: P2, budget: 10%, in: 3d, short: 6h } ]`, ['P2'], 0);
    });
  });

  const wrong: readonly (readonly [what: string, rule: string, instead: string])[] = [
    ['a threshold twice as high', '> 0.0144', '> 0.0288'],
    ['a threshold a little lower', '> 0.0144', '> 0.0135'],
    ['a long window that is too long', 'increase1h{service', 'increase6h{service'],
    ['no short window', 'slo:bad_ratio:increase5m{service="api",objective="availability"} >', 'vector(1) >'],
    ['no floor of bad events', '>= 10', '>= 1'],
    ['slower alerts that are not silent', 'unless on (service, objective)\n', 'or on (service, objective)\n'],
    ['an alert that ends when its data goes away', '[1d:5m]', '[10s:5s]'],
    ['failures that are unknown until there is one', ' or on () 0 * ', ' or on () 1 * '],
  ];
  test('the tests find whatever is wrong with a rule', async () => {
    const { files } = generated([
      'api',
      `${seed}\n      alerts: [ { name: P0, budget: 2%, in: 1h, short: 5m }, { name: P1, budget: 5%, in: 6h, short: 30m } ]`,
    ]);
    const rules = files.find(({ name }) => name === 'api.availability.burn.rules.yml');
    const tests = files.find(({ name }) => name === 'tests/api.availability.burn.1m.test.yml');
    assert(rules && tests);
    const { fine, said } = await checked([rules, tests]);
    assert(fine, said);
    for (const [what, rule, instead] of wrong) {
      assert(rules.text.includes(rule), what);
      const { fine } = await checked([{ ...rules, text: rules.text.replaceAll(rule, instead) }, tests]);
      assert(!fine, what);
    }
  });
});

/** Values of a series that begins with a healthy past, without the first minutes of it. */
function shortened(values: string, minutes: number): string {
  return values.replace(
    /^(\d+)\+(\d+)x(\d+)/,
    (_, from, step, times) => `${Number(from) + Number(step) * minutes}+${step}x${Number(times) - minutes}`,
  );
}

type SeedSuite = {
  readonly tests: readonly {
    readonly interval: string;
    readonly input_series: readonly { readonly series: string; readonly values: string }[];
    readonly alert_rule_test: readonly {
      readonly eval_time: string;
      readonly exp_alerts: readonly { readonly exp_labels: { readonly priority: string } }[];
    }[];
  }[];
};
