import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { checkConformance, contextFor } from '../conformance.ts';
import { hasEnded } from '../processes.fixture.ts';
import { silentAddress } from '../servers.fixture.ts';
import { logs } from './index.ts';
import { loki, type SearchState, searchStore } from './stores.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-logs-'));
const good = '{"time":"2026-11-28T10:00:00.123Z","level":"info","msg":"order placed","order":7}\n';
before(() => {
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write('good.log', good.repeat(100));
  write(
    'mixed.log',
    `${good.repeat(90)}${'Error: boom\n'.repeat(8)}{"level":"warn","msg":"no time"}\n{"ts":1764352800,"msg":"no level"}\n`,
  );
  write('leaky.log', `${good.repeat(3)}${good.replace('"order":7', '"password":"hunter2-and-more"')}`);
  write('long.log', `${'plain\n'.repeat(2_000_000)}${good.repeat(1_000)}`);
  write('empty.log', '\n');
});
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, more = {}) => ({ lines: { file: name, ...more } });
const inLoki = async (t: TestContext, state = {}, more = {}) => ({ loki: { url: await loki(t, state), ...more } });
const inSearch = async (t: TestContext, state: SearchState = {}, more = {}) => ({
  elasticsearch: { url: await searchStore(t, state), index: 'shop-logs*', retention: '90d', ...more },
});
const query = '{app="shop"}';

checkConformance(
  'logs',
  logs,
  [
    {
      name: 'lines that programs can read',
      given: () => file('good.log'),
      context: { folder },
      status: 'pass',
      found: /^100 of 100 lines are structured \(100%\)$/,
    },
    {
      name: 'too many lines that they cannot',
      given: () => file('mixed.log'),
      context: { folder },
      status: 'fail',
      found: /^90 of 100 lines are structured \(90%\): no JSON: 8 \(91\), no time: 1 \(99\), no level: 1 \(100\)$/,
      fix: /log JSON/,
    },
    { name: 'as many as are allowed', given: () => file('mixed.log', { share: '90%' }), context: { folder }, status: 'pass' },
    {
      name: 'a secret in a line',
      given: () => file('leaky.log'),
      context: { folder },
      status: 'fail',
      found: /^secrets stand in the lines 4 \(field password\)$/,
      secret: 'hunter2',
    },
    {
      name: 'the end of a long file',
      given: () => file('long.log'),
      context: { folder },
      status: 'pass',
      found: /^1000 of 1000/,
    },
    { name: 'no lines', given: () => file('empty.log'), context: { folder }, status: 'unproven', found: /no lines/ },
    {
      name: 'no file',
      given: () => file('none.log'),
      context: { folder },
      status: 'unproven',
      found: /none\.log cannot be read/,
    },
    {
      name: 'what a command prints',
      given: () => ({ lines: { command: [process.execPath, '-p', JSON.stringify(good.trim())] } }),
      status: 'pass',
      found: /^1 of 1 lines/,
    },
    {
      name: 'a command that fails',
      given: () => ({ lines: { command: [process.execPath, '-e', 'process.exit(3)'] } }),
      status: 'unproven',
      found: /ended with 3$/,
    },
    {
      name: 'Loki has recent lines and keeps them',
      given: (t) => inLoki(t, {}, { query, labels: ['app'], min: 2, retention: '90d' }),
      status: 'pass',
      found: /^Loki is ready; 1 labels are known; \{app="shop"\}: 2 lines in the last 15m; Loki: lines are kept for 90d$/,
    },
    {
      name: 'Loki is not ready',
      given: (t) => inLoki(t, { ready: false }),
      status: 'fail',
      found: /\/ready is answered with 503/,
    },
    {
      name: 'nothing arrives in Loki',
      given: (t) => inLoki(t, { lines: 0 }, { query, labels: ['pod'] }),
      status: 'fail',
      found: /^no line has the label pod; \{app="shop"\}: 0 lines/,
    },
    {
      name: 'a query that is no LogQL',
      given: (t) => inLoki(t, {}, { query: 'app' }),
      status: 'unproven',
      found: /Loki refuses the query: parse error/,
    },
    {
      name: 'Loki deletes too early',
      given: (t) =>
        inLoki(
          t,
          { config: 'limits_config: { retention_period: 31d }\ncompactor: { retention_enabled: true }\n' },
          { retention: '90d' },
        ),
      status: 'fail',
      found: /lines are kept for 31d/,
    },
    {
      name: 'Loki deletes nothing',
      given: (t) => inLoki(t, { config: 'limits_config: { retention_period: 31d }\n' }, { retention: '90d' }),
      status: 'warn',
      found: /no rule ever deletes/,
    },
    {
      name: 'Elasticsearch has recent lines and keeps them',
      given: (t) => inSearch(t),
      status: 'pass',
      found:
        /^logs is green \(3 nodes, 0 unassigned shards\); shop-logs\*: 12 lines in the last 15m; ILM shop-logs: lines are kept for 90d$/,
    },
    {
      name: 'a data stream of Elasticsearch that is kept too shortly',
      given: (t) => inSearch(t, { stream: '30d' }),
      status: 'fail',
      found: /^shop-logs: lines are kept for 30d$/,
    },
    {
      name: 'an index of Elasticsearch without a policy',
      given: (t) => inSearch(t, { age: null }),
      status: 'warn',
      found: /^shop-logs-1: no rule ever deletes/,
    },
    {
      name: 'Elasticsearch is red and nothing arrives',
      given: (t) => inSearch(t, { status: 'red', count: 0 }),
      status: 'fail',
      found: /^logs is red.*; shop-logs\*: 0 lines/,
    },
    {
      name: 'an index that is not there',
      given: (t) => inSearch(t, {}, { index: 'other', retention: undefined }),
      status: 'fail',
      found: /^there is no index other$/,
    },
    {
      name: 'OpenSearch keeps lines by its own policies',
      given: (t) => inSearch(t, { distribution: 'opensearch' }),
      status: 'pass',
      found: /ISM shop-logs: lines are kept for 90d$/,
    },
    {
      name: 'OpenSearch deletes too early',
      given: (t) => inSearch(t, { distribution: 'opensearch', age: '7d' }),
      status: 'fail',
      found: /kept for 7d/,
    },
    { name: 'nobody answers', given: () => ({ loki: { url: 'http://127.0.0.1:1' } }), status: 'fail', found: /refused/ },
  ],
  async (t) => ({ loki: { url: await silentAddress(t) } }),
);

test('logs: what a command leaves running ends with it', async (t) => {
  const pid = join(folder, 'pid');
  const command = ['sh', '-c', `sleep 60 >/dev/null 2>&1 & echo $! > ${pid}; echo '${good.trim()}'`];
  assert.equal((await logs.run(logs.schema.parse({ lines: { command } }), await contextFor(t))).status, 'pass');
  await hasEnded(pid);
});
