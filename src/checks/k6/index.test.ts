import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CheckCase, checkConformance, contextFor } from '../conformance.ts';
import { hasEnded } from '../processes.fixture.ts';
import { k6 } from './index.ts';

/** Stands where k6 would: does what the script says, which is JSON here, and writes the summary where it is told to. */
const program = `
const { readFileSync, writeFileSync } = require('node:fs');
const words = process.argv.slice(2);
const file = words.find((word) => word.startsWith('--summary-export=')).slice('--summary-export='.length);
if (words[0] !== 'run') process.exit(1);
const { summary, code, says, hangs } = JSON.parse(readFileSync(words.at(-1), 'utf8'));
if (hangs) setInterval(() => {}, 1_000);
else {
  if (summary) writeFileSync(file, JSON.stringify(summary));
  if (says) console.error(says.replace('TOKEN', process.env.TOKEN).replace('ARGS', words.slice(3, -1).join(' ')));
  process.exit(code);
}
`;

type Script = { readonly summary?: unknown; readonly code?: number; readonly says?: string; readonly hangs?: boolean };

function placed(t: TestContext, script: Script, more: object = {}): object {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'rampart-k6-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'k6.cjs'), program);
  writeFileSync(join(folder, 'script.js'), JSON.stringify({ code: 0, ...script }));
  return { script: join(folder, 'script.js'), program: [process.execPath, join(folder, 'k6.cjs')], ...more };
}

const duration = { avg: 12, min: 5, med: 10, max: 80, 'p(90)': 30, 'p(95)': 41.237 };
const summary = (thresholds: object) => ({
  metrics: {
    http_req_duration: { ...duration, thresholds },
    http_reqs: { count: 5_000, rate: 83.333 },
    http_req_failed: { passes: 20, fails: 4_980, value: 0.004 },
  },
});

const cases: readonly CheckCase[] = [
  {
    name: 'thresholds that hold',
    given: (t) => placed(t, { summary: summary({ 'p(95)<500': false, 'max<1000': false }) }),
    status: 'pass',
    found: /^2 of 2 thresholds hold; requests 5000 \(83\.33\/s\); p95 41\.24 ms; failed 0\.4%$/,
  },
  {
    name: 'a threshold that is crossed',
    given: (t) => placed(t, { summary: summary({ 'p(95)<500': false, 'max<50': true }), code: 99 }),
    status: 'fail',
    found: /^1 of 2 thresholds crossed: http_req_duration max<50; /,
    fix: /thresholds stand in the script/,
  },
  {
    name: 'a script without thresholds',
    given: (t) => placed(t, { summary: summary({}) }),
    status: 'unproven',
    found: /^the script has no thresholds; /,
    fix: /thresholds: optional/,
  },
  {
    name: 'a script that needs none',
    given: (t) => placed(t, { summary: summary({}) }, { thresholds: 'optional' }),
    status: 'pass',
    found: /^0 of 0/,
  },
  {
    name: 'a threshold over nothing',
    given: (t) =>
      placed(t, { summary: { metrics: { 'a{b:c}': { avg: 0, min: 0, med: 0, max: 0, thresholds: { 'avg<9': false } } } } }),
    status: 'unproven',
    found: /^1 of 1 thresholds are of metrics without any sample$/,
    fix: /tags/,
  },
  {
    name: 'a script that is broken, whose words hold a secret',
    given: (t) =>
      placed(
        t,
        { code: 107, says: 'ReferenceError: TOKEN (ARGS)' },
        { environment: { TOKEN: { env: 'K6_TOKEN' } }, arguments: ['--vus', '3'] },
      ),
    context: { environment: { K6_TOKEN: 'hush-hush-1' } },
    status: 'unproven',
    found: /^k6 ended with 107: ReferenceError: \[hidden\] \(--vus 3\)$/,
    secret: 'hush-hush-1',
  },
  {
    name: 'no summary',
    given: (t) => placed(t, {}),
    status: 'unproven',
    found: /^k6 has left no summary/,
    fix: /summary-export/,
  },
  {
    name: 'no k6',
    given: (t) => placed(t, {}, { program: ['k6-that-is-not-there'] }),
    status: 'unproven',
    found: /^there is no program k6-that-is-not-there$/,
    fix: /install k6/,
  },
  { name: 'no script', given: () => ({ script: 'nowhere.js' }), status: 'unproven', found: /^there is no script nowhere\.js$/ },
];

checkConformance('k6', k6, cases, (t) => placed(t, { hangs: true }));

test('k6: what a script leaves running ends with it', async (t) => {
  const context = await contextFor(t);
  const pid = join(context.scratch, 'pid');
  const given = placed(t, { summary: summary({ 'max<1000': false }) }) as { program: string[] };
  const program = ['sh', '-c', `sleep 60 >/dev/null 2>&1 & echo $! > ${pid}; exec "$@"`, 'sh', ...given.program];
  assert.equal((await k6.run(k6.schema.parse({ ...given, program }), context)).status, 'pass');
  await hasEnded(pid);
});
