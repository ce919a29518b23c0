import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { checkConformance } from '../conformance.ts';
import { TestFolder } from '../folder.fixture.ts';
import { coberturaCounts } from './cobertura.ts';
import { coverage } from './index.ts';
import { lcovCounts } from './lcov.ts';

const files = new TestFolder(after);
const { context } = files;

const lcov = (hit: number, of: number): string =>
  `TN:\nSF:a.js\n${Array.from({ length: of }, (_, at) => `DA:${at + 1},${at < hit ? 1 : 0}`).join('\n')}\nend_of_record\n`;

const cobertura = `<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.1" branch-rate="0" version="2" timestamp="1">
 <packages><package name="shop"><classes>
  <class name="Cart" filename="cart.py">
   <methods><method name="add" signature="()V"><lines><line number="1" hits="3"/></lines></method>
    <method name="drop" signature="()V"><lines><line number="2" hits="0"/></lines></method></methods>
   <lines><line number="1" hits="3"/><line number="2" hits="0"/>
    <line number="3" hits="1" branch="true" condition-coverage="50% (1/2)"/></lines>
  </class>
  <class name="Cart.Inner" filename="cart.py"><methods/><lines><line number="2" hits="1"/></lines></class>
 </classes></package></packages>
</coverage>`;

/** What a real run of Node's own tests writes. */
function ranWithCoverage(): string {
  const folder = new TestFolder(after);
  folder.write('shop.mjs', 'export const add = (a) => {\n  if (a) return 1;\n  return 2;\n};\n');
  folder.write(
    'shop.test.mjs',
    "import { test } from 'node:test';\nimport { add } from './shop.mjs';\ntest('x', () => add(1));\n",
  );
  const words = ['--test', '--experimental-test-coverage', '--test-reporter=lcov', '--test-reporter-destination=lcov.info'];
  // Without it Node takes itself for a file of the tests that run now.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  execFileSync(process.execPath, [...words, 'shop.test.mjs'], { cwd: folder.path, env, stdio: 'ignore' });
  return folder.path;
}

let old: TestFolder;
checkConformance('coverage', coverage, [
  {
    name: 'what Node writes of a run',
    given: () => ({ file: `${ranWithCoverage()}/lcov.info`, atLeast: '75%', kind: 'branches', sources: [] }),
    status: 'fail',
    found: /^66\.66% of the branches \(2 of 3\)/,
    fix: /write tests/,
    context,
  },
  { name: 'enough lines', given: () => ({ file: files.write('a.info', lcov(8, 10)) }), status: 'pass', found: /80%/, context },
  {
    name: 'a hair less than asked is not enough',
    given: () => ({ file: files.write('b.info', lcov(7_999, 10_000)) }),
    status: 'fail',
    found: /^79\.99%/,
    context,
  },
  {
    name: 'Cobertura',
    given: () => ({ file: files.write('c.xml', cobertura), atLeast: '100%' }),
    status: 'pass',
    found: /\(3 of 3\)/,
    context,
  },
  {
    name: 'something that the report does not count',
    given: () => ({ file: files.write('d.info', lcov(8, 10)), kind: 'functions' }),
    status: 'unproven',
    found: /no functions/,
    context,
  },
  {
    name: 'a report of JaCoCo',
    given: () => ({ file: files.write('e.xml', '<?xml version="1.0"?><report name="x"><counter/></report>') }),
    status: 'unproven',
    found: /this is a report of JaCoCo, not lcov or Cobertura/,
    fix: /lcov or Cobertura/,
    context,
  },
  {
    name: 'a report of Istanbul',
    given: () => ({ file: files.write('f.json', '{"total":{"lines":{"pct":99}}}') }),
    status: 'unproven',
    found: /Istanbul/,
    context,
  },
  {
    name: 'a report that was cut off',
    given: () => ({ file: files.write('g.info', lcov(9, 10).replace('end_of_record\n', '')) }),
    status: 'unproven',
    found: /cut off/,
    context,
  },
  {
    name: 'XML that was cut off',
    given: () => ({ file: files.write('h.xml', cobertura.slice(0, 700)) }),
    status: 'unproven',
    found: /cannot be read/,
    context,
  },
  { name: 'an empty file', given: () => ({ file: files.write('i.info', '') }), status: 'unproven', found: /neither/, context },
  { name: 'no file', given: () => ({ file: 'gone.info' }), status: 'unproven', found: /cannot be read/, context },
  {
    name: 'an old report',
    given: () => ({ file: files.write('j.info', lcov(9, 10), 40), maxAge: '30d' }),
    status: 'unproven',
    found: /40d old/,
    context,
  },
  {
    name: 'a report older than the newest commit of the code',
    given(t) {
      old = new TestFolder((remove) => t.after(remove));
      old.write('src/a.js', 'x');
      old.commit(1);
      old.write('lcov.info', lcov(9, 10), 2);
      return { file: `${old.path}/lcov.info`, sources: [`${old.path}/src`] };
    },
    status: 'unproven',
    found: /older than the newest commit/,
    context: {
      get folder() {
        return old.path;
      },
    },
  },
]);

test('a source that stands in a report once for each run counts once', async () => {
  const twice = 'SF:a.js\nDA:1,1\nDA:2,0\nend_of_record\nSF:a.js\nDA:1,0\nDA:2,3\nDA:3,0\nend_of_record\n';
  assert.deepEqual((await lcovCounts(twice)).lines, { covered: 2, of: 3 });
});

test('lines of methods are not counted a second time, and totals count where there are no lines', async () => {
  assert.deepEqual(await coberturaCounts(cobertura), {
    lines: { covered: 3, of: 3 },
    branches: { covered: 1, of: 2 },
    functions: { covered: 1, of: 2 },
  });
  const totals = '<coverage lines-covered="7" lines-valid="9"><packages/></coverage>';
  assert.deepEqual(await coberturaCounts(totals), { lines: { covered: 7, of: 9 }, branches: null, functions: null });
});

test('what counts more than there is, or cannot be read, is no report', async () => {
  await assert.rejects(lcovCounts('SF:a.js\nLF:1\nLH:2\nend_of_record\n'), /counts 2 of 1/);
  await assert.rejects(lcovCounts('SF:a.js\nDA:one,two\nend_of_record\n'), /DA:one,two/);
  await assert.rejects(coberturaCounts('<coverage lines-covered="9" lines-valid="7"/>'), /counts 9 of 7/);
  await assert.rejects(coberturaCounts('<coverage><a></coverage>'), /unexpected close tag|unmatched/i);
});
