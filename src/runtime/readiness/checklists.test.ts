import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import type { ChecklistSpec } from '../../spec/checklist-types.ts';
import { namesIn, readCondition } from '../../spec/condition.ts';
import { isMapping } from '../../spec/mapping.ts';
import { optionalIn, referencesIn } from '../../spec/parameters.ts';
import { builtinChecklist, builtinNames, checklistFor } from './checklists.ts';

/** How many items each checklist has in each of its phases, in their order. */
const counts: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  production: {
    code: 13,
    configuration: 13,
    infrastructure: 13,
    kubernetes: 8,
    observability: 16,
    security: 19,
    performance: 8,
    recovery: 15,
    compliance: 9,
    documentation: 12,
  },
  preflight: { infrastructure: 10, application: 3, backups: 3 },
  cutover: { cutover: 7 },
  'post-deploy': { health: 4, signals: 2, smoke: 1, functional: 1, security: 2 },
  'devops-audit': { rollback: 3, signals: 8, objectives: 1, monitoring: 3, operations: 6 },
};

/** What the newsletter of the examples says of itself. */
const newsletter = parametersOf('newsletter/newsletter.yaml');

/** What a service says that has everything, beside what the newsletter says. */
const everything: Readonly<Record<string, unknown>> = {
  ...newsletter,
  python: true,
  typescript: true,
  kubernetes: true,
  serviceMesh: true,
  multiRegion: true,
  jwt: true,
  oauth: true,
  s3: { endpoint: 'https://s3.example', bucket: 'files' },
  llmKeys: ['OPENAI_API_KEY'],
  vault: 'https://vault.example',
  vaultToken: { env: 'VAULT_TOKEN' },
  vaultDatabasePath: 'secret/data/database',
  vaultApiKeysPath: 'secret/data/keys',
  vaultJwtPath: 'secret/data/jwt',
  vaultOauthPath: 'secret/data/oauth',
  domain: 'newsletter.example',
  addresses: ['192.0.2.1'],
  nameServers: ['192.0.2.53'],
  dkimSelector: 'mail',
  mailHost: 'mail.example',
  namespace: 'newsletter',
  deployment: 'newsletter',
  prometheus: 'http://prometheus.example:9090',
  grafana: { server: { url: 'https://grafana.example', dashboards: ['Newsletter'] } },
  alertErrors: 'HighErrorRate',
  alertLatency: 'HighLatency',
  alertAvailability: 'LowAvailability',
  alertDisk: 'LowDisk',
  alertMemory: 'HighMemory',
  latencyObjectives: ['latency'],
  errorObjectives: ['errors'],
  availabilityObjectives: ['availability'],
  logs: { loki: { url: 'http://loki.example', query: '{app="newsletter"}' } },
  logsRetention: { loki: { url: 'http://loki.example', query: '{app="newsletter"}', retention: '90d' } },
  tracing: { jaeger: { url: 'http://jaeger.example', service: 'newsletter' } },
  tracingSampling: { sampling: { min: '1%', max: '10%', environment: '.env' } },
  latencyMetrics: ['request_seconds'],
  trafficMetrics: ['requests_total'],
  errorMetrics: ['errors_total'],
  saturationMetrics: ['open_files'],
  fileBackup: 'backups/*.tar',
  configurationBackupCommand: ['test', '-f', 'configuration.tar'],
  extensions: ['pg_stat_statements'],
  smokeCommand: ['npm', 'run', 'smoke'],
  functionalCommand: ['npm', 'run', 'functional'],
  healthUrl: 'https://newsletter.example/health',
  dependenciesUrl: 'https://newsletter.example/health/dependencies',
  kafka: true,
  snapshots: { kubernetes: { namespace: 'newsletter' } },
  onCallSchedules: ['newsletter'],
  escalationPolicies: ['newsletter'],
};

for (const name of builtinNames)
  describe(`built-in checklist ${name}`, () => {
    const spec = builtinChecklist(name);
    assert(spec);

    test('has every item of its phases', () => {
      assert.deepEqual(Object.fromEntries(spec.phases.map(({ id, items }) => [id, items.length])), counts[name]);
    });

    test('says everything in both languages', () => {
      for (const text of textsOf(spec)) {
        assert(typeof text === 'object', `only once: ${JSON.stringify(text)}`);
        assert.ok(text.en !== '' && text.ru !== '' && !/\.$/.test(text.en) && !/[а-яё]/i.test(text.en), text.en);
      }
    });

    test('uses each parameter that it has', () => {
      const items = spec.phases.flatMap((phase) => phase.items);
      const used = items.flatMap(({ check, if: condition }) => {
        const read = condition === null ? null : readCondition(condition);
        const asked = read && 'condition' in read ? namesIn(read.condition) : [];
        return [...asked, ...(check ? [...referencesIn(check.config), ...optionalIn(check.config)] : [])];
      });
      assert.deepEqual(
        spec.parameters.map((parameter) => parameter.name).filter((parameter) => !used.includes(parameter)),
        [],
      );
    });

    test('has checks that can be run for a service that says everything', async () => {
      const names = spec.parameters.map((parameter) => parameter.name);
      const given = Object.fromEntries(names.flatMap((one) => (Object.hasOwn(everything, one) ? [[one, everything[one]]] : [])));
      const resolved = await checklistFor(name, '/', given, true);
      const broken = resolved.phases
        .flatMap((phase) => phase.items)
        .flatMap(({ id, missing }) => (missing ? [`${id}: ${[...missing.parameters, ...missing.problems].join(', ')}`] : []));
      assert.deepEqual(broken, []);
    });
  });

for (const [example, nothing] of [
  ['newsletter/newsletter.yaml', 29],
  ['neglected/neglected.yaml', 34],
] as const)
  test(`the parameters of examples/${example} fit every check that they are for`, async () => {
    const resolved = await checklistFor('production', '/', parametersOf(example), true);
    const items = resolved.phases.flatMap((phase) => phase.items);
    assert.deepEqual(
      items.flatMap(({ id, applies, missing }) =>
        applies === true && missing ? missing.problems.map((one) => `${id}: ${one}`) : [],
      ),
      [],
    );
    assert.equal(items.filter(({ applies }) => applies !== true).length, nothing);
  });

function parametersOf(example: string): Readonly<Record<string, unknown>> {
  const text = readFileSync(new URL(`../../../examples/${example}`, import.meta.url), 'utf8');
  const filled = text
    .replaceAll(/\bPORT_\w+/g, '8443')
    .replaceAll('SOURCE', '/newsletter')
    .replaceAll('CA_FILE', '/newsletter/ca.pem');
  const { parameters } = parse(filled).spec.readiness;
  assert(isMapping(parameters));
  return parameters;
}

function textsOf(spec: ChecklistSpec) {
  const items = spec.phases.flatMap((phase) => phase.items);
  return [
    spec.title,
    ...spec.phases.map(({ title }) => title),
    ...items.flatMap(({ title, fix, confirm }) => [title, ...[fix, confirm?.text].filter((text) => text != null)]),
    ...spec.parameters.map(({ description }) => description),
    ...spec.signOffs.map(({ title }) => title),
  ];
}
