import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { checkConformance } from '../conformance.ts';
import { TestFolder } from '../folder.fixture.ts';
import { vulnerabilities } from './index.ts';
import { readReport } from './report.ts';

const files = new TestFolder(after);
const { context } = files;

/** Answers npm's question about advisories as a registry does. */
const registry = createServer((request, response) => {
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json');
    if (!request.url?.endsWith('/advisories/bulk')) {
      response.writeHead(404).end('{}');
      return;
    }
    const advisory = {
      id: 1,
      url: 'https://github.com/advisories/GHSA-xvch-5gv4-984h',
      title: 'Prototype pollution',
      severity: 'critical',
      vulnerable_versions: '<1.2.6',
    };
    response.end(JSON.stringify({ minimist: [advisory] }));
  });
}).listen(0, '127.0.0.1');
after(() => registry.close());
await once(registry, 'listening');
const address = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;

function withLock(version: string) {
  const dependencies = { minimist: version };
  files.write('package.json', JSON.stringify({ name: 'shop', version: '1.0.0', dependencies }));
  const packages = { '': { name: 'shop', version: '1.0.0', dependencies }, 'node_modules/minimist': { version, license: 'MIT' } };
  files.write('package-lock.json', JSON.stringify({ name: 'shop', version: '1.0.0', lockfileVersion: 3, packages }));
}
const npm =
  (version: string, more: object = {}) =>
  () => {
    withLock(version);
    return { npm: {}, ...more };
  };
const withRegistry = (url: string) => ({
  ...context,
  environment: {
    ...process.env,
    npm_config_registry: url,
    npm_config_cache: `${files.path}/.npm`,
    npm_config_update_notifier: 'false',
  },
});
const osv = {
  results: [
    {
      packages: [
        {
          package: { name: 'lodash', version: '4.17.0' },
          vulnerabilities: [{ id: 'GHSA-1', aliases: ['CVE-2020-1'], summary: 'x' }],
          groups: [{ ids: ['GHSA-1'], max_severity: '5.0' }],
        },
      ],
    },
  ],
};
const report =
  (data: unknown, more: object = {}, daysAgo = 0) =>
  () => ({ report: files.write('report.json', typeof data === 'string' ? data : JSON.stringify(data), daysAgo), ...more });
const allow = (until: string) => ({ allow: [{ id: 'CVE-2020-1', until, reason: 'not used' }] });

checkConformance('vulnerabilities', vulnerabilities, [
  {
    name: 'npm finds one',
    given: npm('1.2.5'),
    status: 'fail',
    found: /minimist GHSA-xvch-5gv4-984h \(critical\)/,
    fix: /update/,
    context: withRegistry(address),
  },
  {
    name: 'npm finds none',
    given: npm('1.2.8'),
    status: 'pass',
    found: /npm audit knows of none/,
    context: withRegistry(address),
  },
  {
    name: 'npm does not reach its registry',
    given: npm('1.2.8'),
    status: 'unproven',
    found: /ECONNREFUSED/,
    fix: /again/,
    context: withRegistry('http://127.0.0.1:1'),
  },
  {
    name: 'there is no lock file',
    given: () => ({ npm: { folder: files.write('empty/x', '').slice(0, 5) } }),
    status: 'unproven',
    found: /no package-lock\.json in empty/,
    context: withRegistry(address),
  },
  { name: 'no such program', given: () => ({ run: ['no-such-audit'] }), status: 'unproven', found: /no program/, context },
  {
    name: 'a program that writes no report',
    given: () => ({ run: ['sh', '-c', 'echo no net >&2; exit 2'] }),
    status: 'unproven',
    found: /no report .*no net/,
    context,
  },
  { name: 'a report that finds one', given: report(osv), status: 'fail', found: /lodash GHSA-1 \(moderate\)/, context },
  { name: 'one that is fine', given: report(osv, { maxSeverity: 'moderate' }), status: 'warn', found: /not so bad/, context },
  { name: 'one that is let through', given: report(osv, allow('2999-01-01')), status: 'pass', found: /1 let through/, context },
  {
    name: 'one that was let through',
    given: report(osv, allow('2020-01-01')),
    status: 'fail',
    found: /no longer let through: GHSA-1/,
    context,
  },
  { name: 'an old report', given: report(osv, {}, 10), status: 'unproven', found: /10d old/, context },
  { name: 'no report', given: () => ({ report: 'gone.json' }), status: 'unproven', found: /cannot be read/, context },
  {
    name: 'a report of something else',
    given: report({ total: 1 }),
    status: 'unproven',
    found: /no report that can be read/,
    context,
  },
  {
    name: 'a report that was cut off',
    given: report('{"results": ['),
    status: 'unproven',
    found: /no report that can be read/,
    context,
  },
]);

test('reports of each tool are read, with the severity and all names', () => {
  const found = (data: unknown) => {
    const report = readReport(data);
    return report?.kind === 'read'
      ? [report.tool, ...report.advisories.map((one) => [one.ids.join(' '), one.package, one.severity])]
      : report;
  };
  const pip = {
    dependencies: [
      { name: 'flask', version: '0.5', vulns: [{ id: 'PYSEC-1', fix_versions: ['1.0'], aliases: ['CVE-1'] }] },
      { name: 'own', skip_reason: 'not on PyPI' },
    ],
  };
  assert.deepEqual(found(pip), ['pip-audit', ['PYSEC-1 CVE-1', 'flask', null]]);
  const trivy = {
    SchemaVersion: 2,
    Results: [
      { Target: 'x', Vulnerabilities: [{ VulnerabilityID: 'CVE-2', PkgName: 'musl', Severity: 'HIGH' }] },
      { Target: 'y' },
    ],
  };
  assert.deepEqual(found(trivy), ['Trivy', ['CVE-2', 'musl', 'high']]);
  assert.deepEqual(found({ SchemaVersion: 2 }), ['Trivy']);
  const result = (ruleId: string, more = {}) => ({ ruleId, message: { text: 'x' }, ...more });
  const rules = [{ id: 'A', properties: { 'security-severity': '9.1' } }];
  const results = [result('A'), result('B', { level: 'error' }), result('C', { suppressions: [{}] })];
  assert.deepEqual(found({ version: '2.1.0', runs: [{ tool: { driver: { name: 'Grype', rules } }, results }] }), [
    'Grype',
    ['A', '', 'critical'],
    ['B', '', 'high'],
  ]);
  const grype = { tool: { driver: { name: 'Grype' } }, results: [] };
  assert.equal(readReport({ version: '2.1.0', runs: [] }), null);
  assert.deepEqual(found({ version: '2.1.0', runs: [{ ...grype, invocations: [{ executionSuccessful: false }] }] }), {
    kind: 'problem',
    tool: 'Grype',
    problem: 'its run has failed',
  });
  const none = { kind: 'problem', tool: 'pip-audit', problem: 'it has looked at no package' };
  assert.deepEqual([found([]), found({ dependencies: [] })], [none, none]);
  const old = {
    advisories: { 7: { module_name: 'x', severity: 'low', title: 't', github_advisory_id: 'GHSA-7', cves: ['CVE-7'] } },
    metadata: {},
  };
  assert.deepEqual(found(old), ['npm audit', ['GHSA-7 CVE-7', 'x', 'low']]);
  assert.equal(readReport({}), null);
});
