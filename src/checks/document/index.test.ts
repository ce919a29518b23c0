import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { checkConformance } from '../conformance.ts';
import { TestFolder } from '../folder.fixture.ts';
import { amountIn, isWithin } from './amounts.ts';
import { dateIn } from './date-in.ts';
import { document } from './index.ts';
import { labelled } from './labelled.ts';

const files = new TestFolder(after);
const dayAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
const plan = `# Plan\n\n## Failover\n\n- **RTO** (Recovery Time Objective): <4 часа\n- RPO: 30 minutes\n\n| What | RPO |\n|---|---|\n| orders | 15 min |\n\nOwner: payments\n\n## Last drill\n\n${dayAgo(20)}: all went well\n\n[rules](rules.md#how), [site](https://shop.example), [here](#failover)\n`;
const given = (more: object) => () => {
  files.write('rules.md', '# How\n');
  return { path: files.write('plan.md', plan), ...more };
};
const { context } = files;

const grown = new TestFolder(after);
grown.write('old.md', '# Old\n');
grown.write('docs/rollback-procedure.md', 'How we go back\n');
grown.commit(400);
grown.write('docs/scaling.md', '# When it grows\n');
grown.commit(10);
const shallow = new TestFolder(after);
execFileSync('git', ['clone', '-q', '--depth', '1', `file://${grown.path}`, '.'], { cwd: shallow.path });

checkConformance('document', document, [
  {
    name: 'all that is asked',
    given: given({
      headings: ['failover'],
      fields: ['Owner'],
      contains: [['nowhere', 'went well']],
      numbers: { RTO: { below: '4h' }, RPO: { below: '1h' } },
      dates: { 'Last drill': { maxAge: '90d' } },
      maxAge: '1d',
      links: true,
    }),
    status: 'pass',
    context,
  },
  {
    name: 'it is not there',
    given: () => ({ path: 'gone.md' }),
    status: 'fail',
    found: /no gone\.md/,
    fix: /write gone\.md/,
    context,
  },
  { name: 'it is empty', given: () => ({ path: files.write('e.md', ' \n') }), status: 'fail', found: /0 characters/, context },
  {
    name: 'a heading is missing',
    given: given({ headings: ['rollback'] }),
    status: 'fail',
    found: /no heading/,
    fix: /rollback/,
    context,
  },
  {
    name: 'a field without a value',
    given: () => ({ path: files.write('f.md', 'Owner: TBD\n'), fields: ['Owner'] }),
    status: 'fail',
    found: /nothing stands/,
    context,
  },
  {
    name: 'a number that is too much',
    given: given({ numbers: { RPO: { below: '20m' } } }),
    status: 'fail',
    found: /30 minutes/,
    fix: /< 20m/,
    context,
  },
  {
    name: 'a number that is not there',
    given: given({ numbers: { MTTR: { below: '1h' } } }),
    status: 'fail',
    found: /no number/,
    context,
  },
  {
    name: 'a drill long ago',
    given: given({ dates: { 'Last drill': { maxAge: '10d' } } }),
    status: 'fail',
    found: /20 days ago/,
    context,
  },
  {
    name: 'a drill that is to come',
    given: () => ({ path: files.write('g.md', `Last drill: ${dayAgo(-30)}\n`), dates: { 'Last drill': { maxAge: '10d' } } }),
    status: 'fail',
    found: /still to come/,
    context,
  },
  {
    name: 'links that lead nowhere',
    given: () => ({
      path: files.write('h.md', '# H\n[a](gone.md) [b](#h) [c](#nowhere) `[d](x.md)`\n\n[e]: plan.md#gone\n'),
      links: true,
    }),
    status: 'fail',
    found: /2 of 4 links/,
    context,
  },
  {
    name: 'a folder of runbooks, whose files have names that say what they are about',
    given: () => ({ path: 'docs', headings: ['rollback', ['scal', 'capacity']], maxAge: '30d' }),
    status: 'pass',
    context: grown.context,
  },
  {
    name: 'git says that it is old, however new the file is on the disk',
    given: () => ({ path: 'old.md', maxAge: '365d' }),
    status: 'fail',
    found: /longer than 365d ago/,
    context: grown.context,
  },
  {
    name: 'git has only the newest commits',
    given: () => ({ path: 'old.md', maxAge: '365d' }),
    status: 'unproven',
    found: /newest commits/,
    fix: /unshallow/,
    context: shallow.context,
  },
  {
    name: 'a picture has no headings',
    given: () => ({ path: files.write('c4.png', '\x89PNG\0\0'), headings: ['x'] }),
    status: 'unproven',
    found: /no text/,
    context,
  },
  { name: 'a picture is there', given: () => ({ path: files.write('c4.png', '\x89PNG\0\0') }), status: 'pass', context },
]);

const stated: readonly [behind: string, value: number | null, side?: string][] = [
  [': 4h', 14_400_000, 'exact'],
  [' (Recovery Time Objective): <4 часа', 14_400_000, 'less'],
  [' ≤ 30 мин', 1_800_000, 'at-most'],
  [' > 1 hour', 3_600_000, 'more'],
  [': 1 h 30 min', 5_400_000, 'exact'],
  [' | up to 1,5 hours |', 5_400_000, 'at-most'],
  [': 2–4 hours', 14_400_000, 'exact'],
  [': 90 секунд', 90_000, 'exact'],
  [': to be found out, RPO: 1h', null],
  [' is written below. In 3 days', null],
  [': 5 metres', null],
  ['', null],
];
for (const [behind, value, side] of stated)
  test(`${JSON.stringify(behind)} states ${value} ms`, () => {
    const amount = amountIn(behind, 'ms');
    assert.equal(amount?.value ?? null, value);
    if (side) assert.equal(amount?.side, side);
  });

test('what is said to be less than a bound is below it, and what is said to be more proves nothing', () => {
  const bound = { unit: 'ms', value: 4 } as const;
  const amount = (side: 'exact' | 'less' | 'at-most' | 'more', value = 4) => ({ side, value, text: '' });
  assert.ok(isWithin(amount('less'), { below: bound }));
  for (const side of ['exact', 'at-most', 'more'] as const) assert.ok(!isWithin(amount(side), { below: bound }));
  assert.ok(isWithin(amount('at-most'), { atMost: bound }));
  assert.ok(!isWithin(amount('more', 1), { atMost: bound }));
  assert.ok(isWithin(amount('more'), { atLeast: bound }) && !isWithin(amount('less', 9), { atLeast: bound }));
});

const dates: readonly [text: string, day: string | null][] = [
  [': 2026-09-01', '2026-09-01'],
  ['1.9.2026', '2026-09-01'],
  ['on September 1st, 2026', '2026-09-01'],
  ['1 сентября 2026 года', '2026-09-01'],
  ['3 мая 2026', '2026-05-03'],
  ['09/01/2026', null],
  ['2026-02-31', null],
  ['version 1.2.2026.1', null],
];
for (const [text, day] of dates)
  test(`${JSON.stringify(text)} is ${day}`, () => {
    const ms = dateIn(text);
    assert.equal(ms === null ? null : new Date(ms).toISOString().slice(0, 10), day);
  });

test('a label is found on its line, in a table by row and column, and as a heading', () => {
  const texts = (text: string) => labelled(text, 'RTO').map((one) => one.text.trim());
  assert.deepEqual(texts('RTO: 4h\nRTOs: 5h\n'), [': 4h']);
  assert.deepEqual(texts('| RTO | 4h |\n'), ['| 4h |']);
  assert.deepEqual(texts('| a | RTO |\n|---|---|\n| b | 4h |\n| c | 5h |\n'), ['4h', '5h']);
  assert.deepEqual(texts('## RTO\n\n4h\n## More\n'), ['4h']);
});
