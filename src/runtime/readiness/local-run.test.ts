import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ItemResult } from '../../readiness/types.ts';
import { readSecretFile } from '../../spec/text-file.ts';
import { checklistFor } from './checklists.ts';
import { type LocalRun, runLocally } from './local-run.ts';
import { readRun } from './run-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-local-run-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const ran = join(folder, 'ran');

/** Each item leaves its name behind; the third waits until it may end. */
writeFileSync(
  join(folder, 'ours.yaml'),
  `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ours }
spec:
  phases:
    - id: code
      title: Code
      items:
        - { id: one, title: One, validFor: 1h, check: { command: { shell: echo one >> ran } } }
        - { id: two, title: Two, validFor: 1h, check: { command: { shell: echo two >> ran } } }
        - { id: fails, title: Fails, validFor: 1h, check: { command: { shell: echo fails >> ran; exit 3 } } }
    - id: late
      title: Late
      items:
        - id: waits
          title: Waits
          validFor: 1h
          needs: [code.one, code.two, code.fails]
          check: { command: { shell: echo waits >> ran } }
        - id: hangs
          title: Hangs
          needs: [code.one, code.two]
          check: { command: { shell: 'echo hangs >> ran; while [ ! -e go ]; do sleep 0.02; done' } }
`,
);
const checklist = await checklistFor('./ours.yaml', folder, {}, true);

let nowMs = Date.now();
function asked(more: Partial<LocalRun> = {}): LocalRun {
  const place = {
    service: 'shop',
    version: '1.0.0',
    folder,
    environment: process.env,
    readSecret: readSecretFile,
    own: null,
    now: () => nowMs,
  };
  return {
    checklist,
    asked: './ours.yaml',
    place,
    confirmations: [],
    exemptions: [],
    only: null,
    save: null,
    progress: {},
    ...more,
  };
}

/** What was looked at since the last question. */
function looked(): readonly string[] {
  const names = readFileSync(ran, { encoding: 'utf8', flag: 'a+' }).trim().split('\n').filter(Boolean).toSorted();
  truncateSync(ran);
  return names;
}

const never = new AbortController().signal;
const kept = async (file: string): Promise<readonly ItemResult[]> => (await readRun(file))?.results ?? [];
const itemsOf = (results: readonly ItemResult[]) => results.map(({ item }) => item).toSorted();

test('a run that was broken off goes on from its file with what is not proven yet', async () => {
  const save = join(folder, 'broken-off.json');
  const stop = new AbortController();
  const reason = new Error('broken off');
  const progress = {
    ended: ({ item }: ItemResult) => {
      if (item === 'late.waits') stop.abort(reason);
    },
  };
  await assert.rejects(runLocally(asked({ save, progress }), [], stop.signal), reason);
  assert.deepEqual(
    looked().filter((name) => name !== 'hangs'),
    ['fails', 'one', 'two'],
  );
  const half = await readRun(save);
  assert.deepEqual([half?.report, half?.service, half?.version], [null, 'shop', '1.0.0']);
  assert.deepEqual(itemsOf(half?.results ?? []), ['code.fails', 'code.one', 'code.two', 'late.waits']);
  assert.equal(statSync(save).mode & 0o777, 0o600);

  writeFileSync(join(folder, 'go'), '');
  const { report } = await runLocally(asked({ save }), half?.results ?? [], never);
  assert.deepEqual(looked(), ['fails', 'hangs'], 'what has failed is looked at again, and what needs it waits');
  assert.equal(report.verdict, 'not-ready');
  const whole = await readRun(save);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), whole?.report);
  nowMs += 3_600_000;
  await runLocally(asked(), whole?.results ?? [], never);
  assert.deepEqual(looked(), ['fails', 'one', 'two'], 'what has proven it does so for its time');
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('a part that is looked at leaves the rest of what is kept as it was', async () => {
  const save = join(folder, 'part.json');
  await runLocally(asked({ save, only: { phases: ['code'], items: [] } }), [], never);
  assert.deepEqual(itemsOf(await kept(save)), ['code.fails', 'code.one', 'code.two']);
  looked();
  const { report } = await runLocally(asked({ save, only: { phases: [], items: ['late.hangs'] } }), await kept(save), never);
  assert.deepEqual(
    report.phases.map(({ id, items }) => [id, items.map((item) => item.id)]),
    [['late', ['late.hangs']]],
  );
  assert.deepEqual(itemsOf(await kept(save)), ['code.fails', 'code.one', 'code.two', 'late.hangs']);
  assert.deepEqual(looked(), ['hangs']);
});

test('what the checklist has no more is kept no more', async () => {
  const save = join(folder, 'gone.json');
  await runLocally(asked({ save, only: { phases: ['code'], items: [] } }), [], never);
  const [one, two] = await kept(save);
  assert(one && two);
  await runLocally(asked({ save, only: { phases: ['code'], items: [] } }), [{ ...one, item: 'code.gone' }, two], never);
  assert.deepEqual(itemsOf(await kept(save)), ['code.fails', 'code.one', 'code.two']);
});

test('a run that cannot be kept says so before anything is looked at', async () => {
  looked();
  const locked = join(folder, 'not-a-folder');
  writeFileSync(locked, '');
  await assert.rejects(runLocally(asked({ save: join(locked, 'run.json') }), [], never), {
    code: 'E_RUN_FILE',
    message: /the run cannot be kept: .*ENOTDIR/,
  });
  assert.deepEqual(looked(), []);
});

test('a phase or item that there is not is refused with the nearest name', async () => {
  const only = (phases: readonly string[], items: readonly string[]) => runLocally(asked({ only: { phases, items } }), [], never);
  await assert.rejects(only(['cod'], []), { code: 'E_INPUT', where: '--phase', fix: 'did you mean code?' });
  await assert.rejects(only([], ['code.won']), { code: 'E_INPUT', where: '--item', fix: 'did you mean code.one?' });
  await assert.rejects(only([], ['nothing.like.it']), { where: '--item', fix: /^use one of code\.one, / });
});

test('a file that is no run is refused with what is wrong', async () => {
  assert.equal(await readRun(join(folder, 'there-is-none.json')), null);
  const file = join(folder, 'wrong.json');
  const run = { format: 1, service: 'shop', version: null, checklist: 'ours', results: [], report: null, roles: [] };
  const wrong: readonly (readonly [text: string, message: RegExp])[] = [
    ['', /no JSON/],
    ['{"format":1', /no JSON/],
    ['[]', /not the run/],
    [JSON.stringify({ ...run, format: 2 }), /not the run/],
    [JSON.stringify({ ...run, results: [{ item: 'a.b', asked: '', startedMs: 1, status: 'pass' }] }), /not the run/],
    [JSON.stringify({ ...run, report: { phases: [1] } }), /not the run/],
  ];
  for (const [text, message] of wrong) {
    writeFileSync(file, text);
    await assert.rejects(readRun(file), { code: 'E_RUN_FILE', where: file, message }, text);
  }
  writeFileSync(file, JSON.stringify(run));
  assert.equal((await readRun(file))?.service, 'shop');
  truncateSync(file, 65 * 1_048_576);
  await assert.rejects(readRun(file), { code: 'E_RUN_FILE', message: /larger than any run/ });
  mkdirSync(join(folder, 'a-folder.json'));
  await assert.rejects(readRun(join(folder, 'a-folder.json')), { code: 'E_RUN_FILE', message: /cannot read it/ });
});
