import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { checkConformance } from '../conformance.ts';
import { TestFolder } from '../folder.fixture.ts';
import { licenses } from './index.ts';
import { licenseOf, reportedPackages } from './packages.ts';

const files = new TestFolder(after);
const { context } = files;
let folders = 0;

function locked(packages: object, more: object = {}) {
  return () => {
    const folder = `p${folders++}`;
    files.write(
      `${folder}/package-lock.json`,
      JSON.stringify({ lockfileVersion: 3, packages: { '': { name: 'shop', license: 'UNLICENSED' }, ...packages } }),
    );
    files.write(
      `${folder}/node_modules/silent/package.json`,
      JSON.stringify({ name: 'silent', version: '1.0.0', licenses: [{ type: 'MIT' }, { type: 'GPL-3.0' }] }),
    );
    return { folder, ...more };
  };
}
const one = (name: string, license?: string, more: object = {}) => ({
  [`node_modules/${name}`]: { version: '1.0.0', license, ...more },
});
const report =
  (data: unknown, daysAgo = 0, more: object = {}) =>
  () => ({ report: files.write('sbom.json', JSON.stringify(data), daysAgo), ...more });
const cyclone = (...parts: object[]) => ({ bomFormat: 'CycloneDX', components: parts });

checkConformance('licenses', licenses, [
  {
    name: 'all fit',
    given: locked({ ...one('a', 'MIT'), ...one('b', '(GPL-3.0-only OR MIT)'), ...one('@x/c', 'MIT AND ISC') }),
    status: 'pass',
    found: /^3 packages/,
    context,
  },
  {
    name: 'one does not',
    given: locked({ ...one('a', 'MIT'), ...one('b', 'GPL-3.0-only') }),
    status: 'fail',
    found: /1 with a licence .*: b@1\.0\.0 \(GPL-3\.0-only\)/,
    fix: /allow/,
    context,
  },
  { name: 'one for development does not count', given: locked(one('b', 'GPL-3.0-only', { dev: true })), status: 'pass', context },
  {
    name: 'one for development counts where it is asked',
    given: locked(one('b', 'GPL-3.0-only', { dev: true }), { dev: true }),
    status: 'fail',
    context,
  },
  { name: 'one that is denied', given: locked(one('a', 'MIT'), { deny: ['MIT'] }), status: 'fail', context },
  { name: 'one that belongs to somebody', given: locked(one('a', 'UNLICENSED')), status: 'fail', context },
  {
    name: 'one that says nothing',
    given: locked(one('a')),
    status: 'unproven',
    found: /not known: a@1\.0\.0$/,
    fix: /packages/,
    context,
  },
  {
    name: 'one that says it elsewhere',
    given: locked(one('a', 'SEE LICENSE IN x')),
    status: 'unproven',
    found: /SEE LICENSE/,
    context,
  },
  { name: 'the installed package is asked', given: locked(one('silent')), status: 'pass', context },
  {
    name: 'somebody has looked at it',
    given: locked(one('a'), { packages: { a: { license: 'MIT', reason: 'its README' } } }),
    status: 'pass',
    context,
  },
  {
    name: 'no lock file, but packages',
    given() {
      files.write('m/node_modules/@x/a/package.json', '{"name":"@x/a","version":"1.0.0","license":"AGPL-3.0-only"}');
      return { folder: 'm' };
    },
    status: 'fail',
    found: /@x\/a@1\.0\.0/,
    context,
  },
  { name: 'nothing at all', given: () => ({ folder: 'gone' }), status: 'unproven', found: /neither/, context },
  {
    name: 'a bill of materials',
    given: report(cyclone({ name: 'a', version: '2', licenses: [{ license: { id: 'SSPL-1.0' } }] })),
    status: 'fail',
    found: /a@2 \(SSPL-1\.0\)/,
    context,
  },
  { name: 'one without any package', given: report(cyclone()), status: 'unproven', found: /names no package/, context },
  {
    name: 'packages that cannot be read',
    given: () => ({ folder: files.write('odd/node_modules', 'no folder').slice(0, 3) }),
    status: 'unproven',
    found: /odd\/node_modules cannot be read: ENOTDIR/,
    context,
  },
  {
    name: 'a folder without any package',
    given: () => ({ folder: files.write('bare/node_modules/.yarn-state.yml', '').slice(0, 4) }),
    status: 'unproven',
    found: /no package in bare\/node_modules/,
    fix: /install/,
    context,
  },
  { name: 'an old one', given: report(cyclone(), 40), status: 'unproven', found: /40d old/, context },
  { name: 'a report of something else', given: report({ total: 1 }), status: 'unproven', found: /neither an SBOM/, context },
  {
    name: 'a licence that nobody knows',
    given: locked({}, { allow: ['MITT'] }),
    status: 'unproven',
    found: /MITT is no licence/,
    context,
  },
]);

test('licences of reports are expressions of SPDX', () => {
  const found = (data: unknown) => reportedPackages(data)?.map(({ name, license }) => [name, license]);
  const spdx = {
    spdxVersion: 'SPDX-2.3',
    relationships: [{ spdxElementId: 'SPDXRef-DOCUMENT', relatedSpdxElement: 'SPDXRef-root', relationshipType: 'DESCRIBES' }],
    packages: [
      { SPDXID: 'SPDXRef-root', name: 'shop', licenseDeclared: 'NONE' },
      { SPDXID: 'SPDXRef-a', name: 'a', licenseConcluded: 'NOASSERTION', licenseDeclared: 'ISC' },
      { SPDXID: 'SPDXRef-b', name: 'b', licenseConcluded: 'NOASSERTION' },
    ],
  };
  assert.deepEqual(found(spdx), [
    ['a', 'ISC'],
    ['b', null],
  ]);
  const pip = [
    { Name: 'flask', Version: '1', License: 'BSD License' },
    { Name: 'x', Version: '1', License: 'MIT License; Apache Software License' },
    { Name: 'y', Version: '1', License: 'UNKNOWN' },
  ];
  assert.deepEqual(found(pip), [
    ['flask', 'BSD-3-Clause'],
    ['x', '(MIT) AND (Apache-2.0)'],
    ['y', null],
  ]);
  assert.equal(licenseOf({ license: { type: 'MIT' } }), 'MIT');
  assert.equal(licenseOf({}), null);
});

test('licenses: of hundreds of packages that do not say it in the lock file not all are open at once', () => {
  const names = Array.from({ length: 400 }, (_, at) => `p${at}`);
  const { folder } = locked(Object.assign({}, ...names.map((name) => one(name))))();
  for (const name of names) files.write(`${folder}/node_modules/${name}/package.json`, `{ "name": "${name}", "license": "MIT" }`);
  const script = `const { licenses } = await import(${JSON.stringify(import.meta.resolve('./index.ts'))});
    const context = { folder: ${JSON.stringify(files.path)}, signal: AbortSignal.timeout(60_000) };
    console.log((await licenses.run(licenses.schema.parse({ folder: ${JSON.stringify(folder)} }), context)).status)`;
  // Node itself has a few dozen open.
  const words = ['-c', 'ulimit -n 120; exec "$0" --input-type=module -e "$1"', process.execPath, script];
  assert.equal(execFileSync('sh', words, { encoding: 'utf8', timeout: 60_000 }).trim(), 'pass');
});
