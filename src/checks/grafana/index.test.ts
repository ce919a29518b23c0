import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import { grafana as generator } from '../../generators/grafana/index.ts';
import { services } from '../../generators/grafana/services.fixture.ts';
import { checkConformance } from '../conformance.ts';
import { answering } from '../http-answers.fixture.ts';
import { silentAddress } from '../servers.fixture.ts';
import { grafana } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-grafana-'));
const generated = await generator.generate(services.filter(({ name }) => name === 'own'));
const models = generated.files
  .filter(({ name }) => name.endsWith('.json'))
  .map(({ text }) => JSON.parse(text) as { readonly uid: string; readonly title: string; readonly panels: readonly unknown[] });
const [first] = models;
const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries(generated.files.map(({ name, text }) => [`whole/${name}`, text])),
  'whole/package.json': '{ "name": "no dashboard" }',
  'broken/a.json': '{ "title": "A", "panels": [',
  'broken/providers.yaml': 'apiVersion: 1\nproviders: [{ name: x, type: file }]\n',
  'careless/a.json': JSON.stringify({ title: 'A', panels: [{ type: 'timeseries', title: 'load', targets: [{ expr: 'up' }] }] }),
  'careless/b.json': JSON.stringify({
    uid: 'b',
    title: 'B',
    __inputs: [{ name: 'DS_PROMETHEUS' }],
    panels: [{ type: 'row', panels: [{ type: 'stat', datasource: { uid: '$DS_PROMETHEUS' } }] }],
  }),
  'empty/a.json': JSON.stringify({ uid: 'a', title: 'A', panels: [{ type: 'text' }] }),
  'twice/a.json': JSON.stringify(first),
  'twice/b.json': JSON.stringify(first),
};
before(() => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));
const inFiles = (path: string, more = {}) => ({ files: { path, ...more } });

/** Grafana as its HTTP API is documented, with the generated dashboards in a folder. */
async function server(t: TestContext, more = {}, database = 'ok'): Promise<object> {
  const url = await answering(t, (path, query, { headers }) => {
    if (path === '/api/health')
      return { status: database === 'ok' ? 200 : 503, body: { database, version: '12.1.0', commit: 'c' } };
    if (headers.authorization !== 'Bearer glsa_right')
      return { status: 401, body: { message: 'Invalid API key', messageId: 'x' } };
    if (path === '/api/search' && query.get('type') === 'dash-db')
      return {
        body: models.map(({ uid, title }, id) => ({ id, uid, title, type: 'dash-db', folderTitle: 'Shop', folderUid: 'shop' })),
      };
    const model = models.find(({ uid }) => path === `/api/dashboards/uid/${uid}`);
    if (model) return { body: { dashboard: model, meta: { slug: 'x', folderTitle: 'Shop' } } };
    return path.startsWith('/api/dashboards/') ? { status: 404, body: { message: 'Dashboard not found' } } : undefined;
  });
  return { server: { url, headers: { Authorization: { env: 'GRAFANA_TOKEN', prefix: 'Bearer ' } }, ...more } };
}
const signedIn = { environment: { GRAFANA_TOKEN: 'glsa_right' } };

checkConformance(
  'grafana',
  grafana,
  [
    {
      name: 'the dashboards that Rampart generates, with their provisioning',
      given: () => inFiles('whole', { dashboards: [first?.title], min: 1 }),
      context: { folder },
      status: 'pass',
      found: /^dashboards: .*\(\d+\)$/,
    },
    {
      name: 'a dashboard that no file has',
      given: () => inFiles('whole', { dashboards: ['llm_gateway'] }),
      context: { folder },
      status: 'fail',
      found: /^there is no dashboard llm_gateway; 0 dashboards with panels/,
    },
    {
      name: 'files that cannot be read',
      given: () => inFiles('broken'),
      context: { folder },
      status: 'fail',
      found: /broken\/a\.json: .*JSON.*; broken\/providers\.yaml: providers\.0: options\.path is missing/,
    },
    {
      name: 'no uid, no source of data, inputs',
      given: () => inFiles('careless'),
      context: { folder },
      status: 'warn',
      found: /^A has no uid.*; B waits for inputs: DS_PROMETHEUS; A: panels without a data source: load$/,
    },
    {
      name: 'a dashboard without data',
      given: () => inFiles('empty/a.json'),
      context: { folder },
      status: 'fail',
      found: /^A has no panel with data/,
    },
    {
      name: 'two of the same uid',
      given: () => inFiles('twice'),
      context: { folder },
      status: 'fail',
      found: /is used twice/,
    },
    {
      name: 'a folder that is not there',
      given: () => inFiles('nowhere'),
      context: { folder },
      status: 'unproven',
      found: /nowhere cannot be read/,
    },
    {
      name: 'a server with the dashboards',
      given: (t) => server(t, { dashboards: models.map(({ uid }) => uid), folder: 'Shop', min: models.length }),
      context: signedIn,
      status: 'pass',
      found: /^Grafana 12\.1\.0 is healthy; dashboards: /,
    },
    {
      name: 'a server that has them in another folder',
      given: (t) => server(t, { folder: 'Billing' }),
      context: signedIn,
      status: 'fail',
      found: /^0 dashboards with panels/,
    },
    {
      name: 'a wrong token',
      given: (t) => server(t),
      context: { environment: { GRAFANA_TOKEN: 'glsa_wrong' } },
      status: 'unproven',
      found: /Grafana does not let Rampart in \(401/,
      secret: 'glsa_wrong',
    },
    {
      name: 'a server that is not healthy',
      given: (t) => server(t, {}, 'failing'),
      context: signedIn,
      status: 'fail',
      found: /^\/api\/health is answered with 503/,
    },
    { name: 'nobody answers', given: () => ({ server: { url: 'http://127.0.0.1:1' } }), status: 'fail', found: /refused/ },
  ],
  async (t) => ({ server: { url: await silentAddress(t) } }),
);
