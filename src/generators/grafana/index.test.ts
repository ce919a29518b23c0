import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { parse } from 'yaml';
import { writeGenerated } from '../../cli/generated-files.ts';
import { documentsIn } from '../../runtime/documents.ts';
import { generatedMark } from '../generator.ts';
import { boardsOf, grafana, uidOf } from './index.ts';
import { services } from './services.fixture.ts';

const { files, findings } = await grafana.generate(services);
const dashboards = files
  .filter(({ name }) => name.endsWith('.json'))
  .map(({ name, text }) => ({ name, dashboard: JSON.parse(text) as Dashboard }));

type Placed = (Panel | RowPanel) & { readonly id: number; readonly gridPos: { x: number; y: number; w: number; h: number } };

function panelsOf({ panels = [] }: Dashboard): readonly Placed[] {
  return panels as readonly Placed[];
}

/** Without the rows between them. */
function shown(dashboard: Dashboard): readonly Panel[] {
  return panelsOf(dashboard).filter((panel): panel is Placed & Panel => panel.type !== 'row');
}

function dashboardOf(service: string, key: string): Dashboard {
  const found = dashboards.find(({ name }) => name === `dashboards/${service}/${key}.json`);
  assert(found, `${service} ${key}`);
  return found.dashboard;
}

function panelOf(service: string, key: string, title: string): Panel {
  const panel = shown(dashboardOf(service, key)).find((one) => one.title === title);
  assert(panel, title);
  return panel;
}

function thresholdsOf(panel: Panel): readonly (readonly [from: number | null, color: string])[] {
  return (panel.fieldConfig?.defaults?.thresholds?.steps ?? []).map(({ value, color }) => [value, color]);
}

function queriesOf(panel: Panel): readonly { readonly expr: string; readonly legendFormat?: string }[] {
  return (panel.targets ?? []) as unknown as readonly { expr: string; legendFormat?: string }[];
}

describe('every dashboard', () => {
  test('is the same for the same documents, and says whose it is at its beginning', async () => {
    const again = await grafana.generate(services);
    assert.deepEqual(again, { files, findings });
    for (const { name, text } of files) assert(text.slice(0, 4_096).includes(generatedMark), name);
    assert.equal(dashboards.length, services.length * 5);
  });

  test('has an id of its own that Grafana takes, whatever the service is called', () => {
    const ids = dashboards.map(({ dashboard }) => dashboard.uid ?? '');
    assert.equal(new Set(ids).size, ids.length);
    const long = 'a-service-whose-name-is-as-long-as-a-name-may-be-in-a-document1';
    const others = [long, `${long.slice(0, -1)}2`].flatMap((service) =>
      ['golden-signals', 'slo'].map((key) => uidOf(service, key)),
    );
    assert.equal(new Set(others).size, 4);
    for (const id of [...ids, ...others]) assert.match(id, /^[a-zA-Z0-9_-]{1,40}$/);
    assert.equal(uidOf('shop', 'slo'), 'shop-slo');
  });

  test('has panels with ids of their own that lie beside each other', () => {
    for (const { name, dashboard } of dashboards) {
      const panels = panelsOf(dashboard);
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length, name);
      const cells = new Set<string>();
      for (const { gridPos, title } of panels) {
        assert(gridPos.x + gridPos.w <= 24, `${name}: ${title} is too wide`);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
            assert(!cells.has(`${x} ${y}`), `${name}: ${title} lies on another panel`);
            cells.add(`${x} ${y}`);
          }
      }
    }
  });

  test('has panels that say what they show, in which unit, and ask the source that is chosen', () => {
    for (const { name, dashboard } of dashboards)
      for (const panel of shown(dashboard)) {
        const where = `${name}: ${panel.title}`;
        assert(panel.title && panel.description && /[.]$/.test(panel.description), where);
        assert(panel.fieldConfig?.defaults?.unit, where);
        assert.deepEqual(panel.datasource, { type: 'prometheus', uid: '$datasource' }, where);
        assert(queriesOf(panel).length > 0, where);
        const refIds = (panel.targets ?? []).map((target) => (target as { refId?: string }).refId);
        assert.equal(new Set(refIds).size, refIds.length, where);
        const values = thresholdsOf(panel).map(([from]) => from ?? Number.NEGATIVE_INFINITY);
        assert.deepEqual(
          values,
          values.toSorted((a, b) => a - b),
          where,
        );
      }
  });
});

test('the four golden signals are these 22 panels', () => {
  for (const { name } of services)
    assert.deepEqual(
      shown(dashboardOf(name, 'golden-signals')).map(({ title }) => title),
      [
        'Traffic',
        'Latency P95',
        'Errors',
        'Saturation',
        'Requests by method and endpoint',
        'Requests by status',
        'Latency P50, P95, P99',
        'Latency of dependencies, P95',
        'Failed requests',
        'Failed calls to dependencies',
        'CPU',
        'Memory',
        'Disk',
        'File descriptors',
        'Network connections',
        'Database pool',
        'Queue',
        'Availability budget',
        'Latency budget',
        'Error rate budget',
        'Database: time of queries',
        'Language models: calls',
      ],
    );
});

test('levels are those of the document, in the unit of the panel; the usual ones where it says nothing', () => {
  const at = (service: string, title: string) => thresholdsOf(panelOf(service, 'golden-signals', title));
  assert.deepEqual(at('plain', 'Latency P95'), [
    [null, 'green'],
    [0.5, 'yellow'],
    [1, 'orange'],
    [2, 'red'],
  ]);
  assert.deepEqual(at('own', 'Latency P95'), [
    [null, 'green'],
    [0.3, 'yellow'],
    [0.8, 'orange'],
    [1, 'red'],
  ]);
  assert.deepEqual(at('own', 'Errors').slice(-2), [
    [0.02, 'orange'],
    [0.04, 'red'],
  ]);
  assert.deepEqual(at('plain', 'Disk').slice(-2), [
    [0.8, 'orange'],
    [0.9, 'red'],
  ]);
  for (const title of ['CPU', 'Memory', 'Disk', 'File descriptors', 'Network connections', 'Database pool', 'Queue'])
    assert(at('plain', title).length > 1, title);
  assert.match(panelOf('own', 'golden-signals', 'Errors').description ?? '', /warning above 2%, critical above 4%/);
});

test('what a document asks for by itself is asked as it stands', () => {
  const [pool] = queriesOf(panelOf('own', 'golden-signals', 'Database pool'));
  assert.equal(pool?.expr, '(sum(pool_used)) / scalar(sum(pool_max))');
  const [queue] = queriesOf(panelOf('own', 'golden-signals', 'Queue'));
  assert.equal(queue?.expr, '(sum(jobs_waiting)) / 1000');
  const [declined] = queriesOf(panelOf('own', 'deployment', 'declined'));
  assert.match(declined?.expr ?? '', /sum by \(version\) \(rate\(payments_total\{result="declined"\}\[\$__rate_interval\]\)\)/);
  const [byEndpoint] = queriesOf(panelOf('own', 'golden-signals', 'Requests by method and endpoint'));
  assert.equal(byEndpoint?.legendFormat, '{{method}} {{route}}');
});

test('each objective has its budget, its burn rates, and a line for each alert', () => {
  const dashboard = dashboardOf('own', 'slo');
  const rows = panelsOf(dashboard).filter(({ type }) => type === 'row');
  assert.deepEqual(
    rows.map(({ title }) => title),
    [
      'availability: 99.9% good over 30d',
      'latency: 99% faster than 500ms over 28d',
      'slow-pages: 99% of slices of 1m with 95% faster than 1s over 7d',
      'actions: 98% good over a month of the calendar, shown over the last 31d',
      'cache: 70% good over 1d',
      'jobs: 95% faster than 2s over 30d',
    ],
  );
  const [availability, , , , , jobs] = shown(dashboard).filter(({ title }) => title === 'Burn rate by window');
  const lines = (panel: Panel | undefined) =>
    queriesOf(panel ?? assert.fail()).flatMap(({ expr, legendFormat }) =>
      expr.startsWith('vector') ? [`${expr} ${legendFormat}`] : [],
    );
  assert.deepEqual(lines(availability), [
    'vector(14.4) P0: 2% in 1h and 5m',
    'vector(6) P1: 5% in 6h and 30m',
    'vector(1) P2: 10% in 3d and 6h',
  ]);
  assert.deepEqual(lines(jobs), ['vector(6) slow: 5% in 6h and 30m']);
  const [, left] = shown(dashboard);
  assert.equal(
    queriesOf(left ?? assert.fail())[0]?.expr,
    '1 - (sum (increase(http_requests_total{job="shop",code=~"5.."}[30d])) or 0 * sum (increase(http_requests_total{job="shop"}[30d]))) / (sum (increase(http_requests_total{job="shop"}[30d])) > 0) / 0.001',
  );
});

test('marks are at the moment at which a release did something', () => {
  for (const { name, dashboard } of dashboards) {
    const marks = dashboard.annotations?.list ?? [];
    assert.equal(marks.length, 3, name);
    for (const { expr, useValueForTime } of marks) {
      assert.match(expr ?? '', /^rampart_release_step_started_timestamp_seconds\{.*\} \* 1000$/);
      assert.equal(useValueForTime, true);
    }
  }
});

test('Grafana finds each Prometheus once, and secrets where they are', async () => {
  const document = (name: string, source: string): string => `apiVersion: rampart/v1
kind: Service
metadata: { name: ${name} }
spec:
  target: { process: { command: [node, server.js] } }
  router: { builtin: { listen: 127.0.0.1:8080 } }
${source === '' ? '' : `  source: { prometheus: ${source} }\n`}`;
  const given = [
    document('a', '{ url: "http://one:9090", interval: 5s }'),
    document('b', '{ url: "http://one:9090", interval: 5s }'),
    document('c', '{ url: "http://two:9090", headers: { Authorization: { env: TWO, prefix: "Bearer " }, X-Scope-OrgID: a$b } }'),
    document('d', ''),
  ];
  const generated = await grafana.generate(documentsIn(given.join('---\n'), 'services.yaml', '/'));
  const text = generated.files.find(({ name }) => name === 'provisioning/datasources/rampart.yaml')?.text ?? '';
  const { datasources } = parse(text) as { datasources: Record<string, unknown>[] };
  assert.deepEqual(
    datasources.map(({ url }) => url),
    ['http://one:9090', 'http://two:9090'],
  );
  assert.deepEqual(datasources[0]?.jsonData, { httpMethod: 'POST', timeInterval: '5s' });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana reads its environment in this way.
  const values = { httpHeaderValue1: 'Bearer ${TWO}', httpHeaderValue2: 'a$$b' };
  assert.deepEqual(datasources[1]?.secureJsonData, values);
  const opened = generated.files.flatMap(({ name, text }) =>
    name.endsWith('slo.json') ? [(JSON.parse(text) as Dashboard).templating?.list?.[0]?.current?.value] : [],
  );
  assert.deepEqual(opened, [datasources[0]?.uid, datasources[0]?.uid, datasources[1]?.uid, datasources[0]?.uid]);
});

test('files are written once, and what somebody else has written stays', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-grafana-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [one] = files;
  assert(one);
  const write = async () => (await writeGenerated(folder, [one], false)).map(({ state }) => state);
  assert.deepEqual([await write(), await write()], [['written'], ['unchanged']]);
  writeFileSync(join(folder, one.name), one.text.replace('"refresh": "30s"', '"refresh": "5s"'));
  assert.deepEqual(await write(), ['written'], 'a file of ours is written anew, whatever was changed in it');
  writeFileSync(join(folder, one.name), '{ "title": "mine" }');
  await assert.rejects(write(), /written by somebody else/);
});

test('what cannot be shown is said', () => {
  assert.deepEqual(
    findings.map(({ level, where, text }) => `${level} ${where}: ${text.slice(0, 42)}`),
    [
      'warning placed: nothing says how long its requests take: p',
      'warning haproxy: nothing says how long its requests take: p',
      'warning haproxy fast: nothing in Prometheus counts its events, s',
    ],
  );
});

test('no dashboard asks for a metric of the controller that it does not have', async () => {
  const known =
    /^rampart_(release_(weight|step_info|step_started_timestamp_seconds|outcomes_total)|endpoint_(requests_per_second|failed_ratio|latency_seconds)|answers_per_second|requests_total|requests_slower_total|request_duration_seconds_bucket|saturation_(ratio|used)|router_(client_connections|requests_total|errors_total|slower_total|request_duration_seconds_(bucket|count)))$/;
  for (const spec of services)
    for (const board of boardsOf(spec))
      for (const { queries } of board.sections.flatMap(({ panels }) => panels))
        for (const { expr } of queries) for (const [metric] of expr.matchAll(/\brampart_\w+/g)) assert.match(metric, known);
});
