import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { debianProgram } from '../../../test/programs/debian-program.ts';
import { withVectors } from '../../../test/vectors.fixture.ts';
import { metricsText } from '../../routers/builtin/prometheus.ts';
import { noTotals } from '../../routers/ledger.ts';
import type { RouteReading } from '../../routers/router.ts';
import { checked, generated, withoutPromtool } from './promtool.fixture.ts';

const amtool = await debianProgram('prometheus-alertmanager', '/usr/bin/amtool');

const source = `  source:
    prometheus:
      url: http://prometheus:9090
      requests: http_requests_total{job="api"}
      errors: { where: 'code=~"5.."' }
      latency: { classic: 'http_request_duration_seconds{job="api"}' }
`;
/** Where events are counted that a document names. */
const events = '  source: { prometheus: { url: "http://prometheus:9090" } }\n';
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
    `${source}  signals:
    latency: { p50: { critical: 1s }, p99: off }
    errors: { warning: 0.5% }
    databasePool: { gauge: sum(in_use), limit: 20 }
    queue: { gauge: sum(waiting), limit: sum(room) }
    cpu: { gauge: avg(load) }
    more: [ { name: lag, gauge: lag, unit: s, critical: 30.5 } ]
  objectives:
    - { name: errors, target: 99%, window: 7d, ${quick('10%', ', for: 2m')} }
    - { name: fast, target: 95%, window: 30d, below: 1s, ${quick('2%')} }`,
  ],
  [
    'a quarter, with what a native histogram holds, and thresholds of the router',
    'quarter',
    `${events}  objectives:
    - { name: native, target: 99.9%, window: 90d, below: 250ms, events: { native: 'h{job="a"}' }, ${quick('2%')} }
    - { name: fast, target: 99%, window: 90d, below: 300ms, ${quick('1%')} }`,
  ],
  [
    'names with everything that means something to somebody',
    'odd',
    `${events}  objectives:
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
    'what the controller counts, for a router that is not scraped by itself',
    'counted',
    `  router: { builtin: { listen: 127.0.0.1:8080 } }
  objectives: [ { name: availability, target: 99.9%, window: 30d, ${quick('2%')} } ]`,
  ],
  [
    "an exporter of HAProxy's, which chooses metrics by a pattern",
    'proxied',
    `  source: { prometheus: { url: "http://prometheus:9090", exporter: { haproxy: { proxy: shop, servers: "{{version}}-{{n}}" } } } }
  objectives: [ { name: availability, target: 99.9%, window: 30d, ${quick('2%')} } ]`,
  ],
];

test('the built-in router has every metric that the rules ask it for', () => {
  const { files } = generated(['checkout', '  objectives: [ { name: fast, target: 99%, window: 30d, below: 300ms } ]']);
  const totals = noTotals();
  totals.slower.set(300, 1);
  const route = {
    stable: { version: '1', endpoints: [{ host: 'h', port: 1 }] },
    candidate: { version: '2', endpoints: [] },
    weight: 5,
  };
  const told = metricsText({
    service: 'checkout',
    reading: { route, lapsed: false } as unknown as RouteReading,
    totals: new Map([['1', totals]]),
    reports: [],
    refused: new Map(),
    workers: { running: 1, wanted: 1 },
  });
  const asked = new Set(
    files.flatMap(({ name, text }) => (name.includes('.rules.') ? [...text.matchAll(/rampart_router_\w+/g)].map(String) : [])),
  );
  assert(asked.size >= 6);
  for (const name of asked) assert(told.includes(`\n${name}{`), name);
  assert(told.includes('rampart_router_slower_total{service="checkout",version="1",than="0.3"} 1\n'));
  assert(files.some(({ text }) => text.includes('rampart_router_slower_total{service="checkout",than="0.3"}')));
});

test('the same documents give the same bytes', () => {
  for (const [, name, spec] of documents) assert.deepEqual(generated([name, spec]), generated([name, spec]));
});

test('what Prometheus cannot count is left out, and said', () => {
  const { files, findings } = generated([
    'shop',
    `${source.replace(/ {6}latency.*/, '')}  objectives:
    - { name: fast, target: 99%, window: 30d, below: 1s }`,
  ]);
  assert.deepEqual(
    files.map(({ name }) => name).filter((name) => /fast/.test(name)),
    [],
  );
  assert.deepEqual(
    findings.map(({ level, where }) => `${level} ${where}`),
    ['warning shop fast'],
  );
});

test('where the router is not scraped by itself, the controller counts for it', () => {
  const { files } = generated([
    'shop',
    `  router: { builtin: { listen: 127.0.0.1:8080 } }
  objectives: [ { name: availability, target: 99%, window: 30d }, { name: fast, target: 99%, window: 30d, below: 300ms } ]`,
  ]);
  const text = files.map((file) => file.text).join('');
  for (const part of [
    'increase(rampart_requests_total{service="shop",class!="ok"}[1h])',
    'increase(rampart_requests_slower_total{service="shop",than="0.3"}[1h])',
    'and on (version) rampart_release_weight{service="shop",side="candidate"}',
  ])
    assert(text.includes(part), part);
  assert(!text.includes('rampart_router_'));
});

describe('rules for Prometheus', { skip: withoutPromtool, concurrency: 1 }, () => {
  for (const [what, name, spec] of documents)
    test(`promtool is content with ${what}`, async () => {
      const { files, findings } = generated([name, spec]);
      assert.deepEqual(
        findings.filter(({ level }) => level === 'error'),
        [],
      );
      assert(files.some((file) => file.name.startsWith(`tests/${name}.`)));
      // What is the same for all of them is tried with the first.
      const { fine, said } = await checked(
        files.filter((file) => name === 'checkout' || file.name.replace('tests/', '').startsWith(`${name}.`)),
      );
      assert(fine, said);
    });

  test('Alertmanager takes what is silent beside what', { skip: 'missing' in amtool && amtool.missing }, (t) => {
    assert('path' in amtool);
    const { files } = generated(['shop', '']);
    const text = files.find(({ name }) => name === 'alertmanager.inhibit.yml')?.text ?? '';
    const folder = mkdtempSync(join(tmpdir(), 'rampart-inhibit-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'alertmanager.yml');
    writeFileSync(file, `${text}\nroute: { receiver: nobody }\nreceivers: [ { name: nobody } ]\n`);
    const { status, stdout, stderr } = spawnSync(amtool.path, ['check-config', file], { encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.match(stdout, /4 inhibit rules/);
  });

  const seed = `${events}  objectives:
    - name: availability
      target: 99.9%
      window: 30d
      events: { bad: 'http_requests_total{job="api",code=~"5.."}', total: 'http_requests_total{job="api"}' }`;

  withVectors<SeedSuite>('promtool/seed-policy.test.yml', ({ tests: [first] }) => {
    test('P0 and P1 fire and resolve in the same minutes as those of the given suite', async () => {
      const alerts = 'alerts: [ { name: P0, budget: 2%, in: 1h, short: 5m }, { name: P1, budget: 5%, in: 6h, short: 30m } ]';
      const [spec, tiers] = [`${seed}\n      ${alerts}`, ['P0', 'P1']];
      // Of the healthy past as much as the longest window has.
      const skippedMin = 4_320 - 360;
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
    });
    test('all three are above their thresholds in the same minutes as those of the given suite', async () => {
      assert(first);
      const [rules] = generated(['api', seed]).files;
      assert(rules);
      // As expressions of counters alone: to evaluate every rule in each of 4,738 minutes takes promtool long.
      const text = stringify({
        tests: [
          {
            interval: first.interval,
            input_series: first.input_series,
            promql_expr_test: ['P0', 'P1', 'P2'].flatMap((tier) =>
              first.alert_rule_test.map(({ eval_time, exp_alerts }) => ({
                expr: `count(${inlined(rules.text, tier)})`,
                eval_time,
                exp_samples: exp_alerts.some(({ exp_labels }) => exp_labels.priority === tier)
                  ? [{ labels: '{}', value: 1 }]
                  : [],
              })),
            ),
          },
        ],
      });
      const { fine, said } = await checked([rules, { name: 'seed.test.yml', text }]);
      assert(fine, said);
    });
  });

  const wrong: readonly (readonly [what: string, rule: string, instead: string])[] = [
    ['nothing', 'unless on (service, objective)\n', 'unless on (service, objective)\n'],
    ['a threshold a little lower', '> 0.0144', '> 0.0135'],
    ['a long window that is too long', 'increase1h{service', 'increase6h{service'],
    ['no floor of bad events', '>= 10', '>= 1'],
    ['slower alerts that are not silent', 'unless on (service, objective)\n', 'or on (service, objective)\n'],
    ['an alert that ends when its data goes away', '[1d:5m]', '[10s:5s]'],
    ['failures that are unknown until there is one', ' or on () 0 * ', ' or on () 1 * '],
  ];
  test('the tests find whatever is wrong with a rule', async () => {
    const p0 = '{ name: P0, budget: 2%, in: 1h, short: 5m }';
    const p1 = '{ name: P1, budget: 5%, in: 6h, short: 30m }';
    const tried = wrong.map(([what, rule, instead]) => async () => {
      const alerts = rule.startsWith('unless') ? `[ ${p0}, ${p1} ]` : `[ ${p0} ]`;
      const { files } = generated(['api', `${seed}\n      alerts: ${alerts}`]);
      const [rules, tests] = files;
      assert(rules && tests && rules.text.includes(rule) && tests.name.endsWith('.1m.test.yml'), what);
      const { fine, said } = await checked([{ ...rules, text: rules.text.replaceAll(rule, instead) }, tests]);
      assert.equal(fine, rule === instead, `${what}: ${said}`);
    });
    // Two at a time.
    for (let at = 0; at < tried.length; at += 2) await Promise.all(tried.slice(at, at + 2).map((one) => one()));
  });
});

/** The condition of a tier, with what it asks for recorded in its place. */
function inlined(rules: string, tier: string): string {
  const found =
    (parse(rules) as { groups: { rules: { record?: string; expr: string; labels: { tier?: string } }[] }[] }).groups[0]?.rules ??
    [];
  const condition = found.find(({ record, labels }) => record === 'slo:burning' && labels.tier === tier)?.expr ?? '';
  const expand = (expression: string): string =>
    expression.replace(
      /(slo:(?:has_data|events|bad|bad_ratio)\S*?)\{[^}]*\}(?!\[)/g,
      (_, name) => `(${expand(found.find(({ record }) => record === name)?.expr ?? '')})`,
    );
  // What holds an alert while its data is away is of no concern here.
  return expand(condition.split('\nor on (service, objective)')[0] ?? '');
}

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
