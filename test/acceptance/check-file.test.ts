import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ReportJson } from '../../src/views/readiness/json.ts';
import { isRunning, rampart, Stage, until } from './stage.ts';

const stage = new Stage();
after(() => stage.close());
const at = (name: string): string => join(stage.folder, name);

before(() => {
  writeFileSync(
    at('ours.yaml'),
    `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ours }
spec:
  parameters:
    cache: { description: Whether it has a cache, default: true }
  phases:
    - id: code
      title: { en: Code, ru: Код }
      items:
        - { id: quick, title: It is quick, validFor: 1h, check: { command: { shell: echo quick >> ran } } }
        - id: slow
          title: It is slow
          validFor: 1h
          needs: [code.quick]
          check: { command: { shell: 'echo slow >> ran; while [ ! -e go ]; do sleep 0.05; done' } }
    - id: stores
      title: Stores
      items:
        - { id: cache, title: The cache answers, if: cache, check: { command: { shell: exit 3 } } }
    - id: people
      title: People
      items:
        - { id: agreed, title: They agree, confirm: { evidence: required, validFor: 300d } }
`,
  );
  writeFileSync(
    at('hostile.yaml'),
    `apiVersion: rampart/v1
kind: Checklist
metadata: { name: hostile }
spec:
  phases:
    - id: bad
      title: Bad
      items:
        - { id: loud, title: It writes a gigabyte, check: { command: { shell: 'head -c 1000000000 /dev/zero | tr "\\\\0" x' } } }
        - { id: forks, title: It leaves others behind, check: { command: { shell: 'sleep 1000 & echo $! > left; exit 0' } } }
        - { id: stays, title: It ends for nobody, timeout: 300ms, check: { command: { shell: 'trap "" TERM INT HUP; echo $$ > stays; while :; do sleep 0.1; done' } } }
        - { id: tells, title: It tells, check: { command: { shell: 'echo "it is $SHOP_PASSWORD"; exit 1' } } }
`,
  );
  stage.write(
    'shop.yaml',
    `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [node, there-is-no-such-file.js] } }
  router: { builtin: { listen: 127.0.0.1:0 } }
  readiness: { checklist: ./ours.yaml }
`,
  );
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(at('said.yaml'), `- { item: people.agreed, by: tess, on: ${today}, evidence: https://wiki.example/agreed }\n`);
});

const ran = () => (existsSync(at('ran')) ? readFileSync(at('ran'), 'utf8').trim().split('\n').toSorted() : []);
const statuses = ({ phases }: ReportJson) => phases.flatMap(({ items }) => items.map(({ id, status }) => `${id} ${status}`));

test('a run that is killed goes on from its file, and its end decides the exit code', async () => {
  const child = spawn(process.execPath, [rampart, 'check', 'shop.yaml', '--save', 'run.json'], {
    cwd: stage.folder,
    env: stage.environment,
    stdio: 'ignore',
  });
  const gone = new Promise((resolve) => child.once('close', resolve));
  await until('the slow item is looked at', () => ran().includes('slow'));
  await until(
    'the quick one is kept',
    () => existsSync(at('run.json')) && readFileSync(at('run.json'), 'utf8').includes('code.quick'),
  );
  child.kill('SIGKILL');
  await gone;
  writeFileSync(at('go'), '');

  const report = await stage.json<ReportJson>(1, 'check', 'shop.yaml', '--save', 'run.json');
  assert.deepEqual(ran(), ['quick', 'slow', 'slow']);
  assert.deepEqual(statuses(report), ['code.quick pass', 'code.slow pass', 'stores.cache fail', 'people.agreed unproven']);
  assert.equal(report.verdict, 'not-ready');
  assert.equal(report.score, 5);
  assert.deepEqual(
    report.phases.map(({ id, verdict, score }) => [id, verdict, score]),
    [
      ['code', 'ready', 10],
      ['stores', 'not-ready', 0],
      ['people', 'not-ready', 0],
    ],
  );
  const kept = await stage.json<ReportJson>(0, 'report', '--from', 'run.json');
  assert.equal(kept.hash, report.hash);

  const good = ['check', 'shop.yaml', '--save', 'good.json', '--set', 'cache=false', '--confirmations', 'said.yaml'];
  const ready = await stage.cli(...good, '--lang', 'ru');
  assert.equal(ready.code, 0, ready.out + ready.err);
  assert.match(ready.out, /Код/);
  assert.deepEqual(
    readdirSync(stage.folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('what cannot be meant ends with code 2 and says what to do', async () => {
  const wrong: readonly (readonly [words: readonly string[], said: RegExp])[] = [
    [['--item', 'code.quik'], /did you mean code\.quick\?/],
    [['--set', 'cache'], /expected name=value/],
    [['--save', 'ours.yaml'], /no JSON/],
  ];
  const answers = await Promise.all(wrong.map(async ([words]) => await stage.cli('check', 'shop.yaml', ...words)));
  for (const [n, { code, out, err }] of answers.entries()) {
    assert.equal(code, 2, out + err);
    assert.match(err, wrong[n]?.[1] ?? /^$/);
  }
  assert.match(readFileSync(at('ours.yaml'), 'utf8'), /^apiVersion/);
});

test('a check that floods, leaves processes behind, does not end or tells a secret harms nothing', async () => {
  const child = spawn(
    process.execPath,
    [rampart, 'check', 'shop.yaml', '--checklist', './hostile.yaml', '--json', '--save', 'hostile.json'],
    {
      cwd: stage.folder,
      env: { ...stage.environment, SHOP_PASSWORD: 'correct-horse-battery' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let out = '';
  let peakKb = 0;
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  const look = setInterval(() => {
    const status = existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, 'utf8') : '';
    peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 20);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(look);
  assert.equal(code, 1);
  assert.deepEqual(statuses(JSON.parse(out) as ReportJson), [
    'bad.loud pass',
    'bad.forks pass',
    'bad.stays fail',
    'bad.tells fail',
  ]);
  assert(!(out + readFileSync(at('hostile.json'), 'utf8')).includes('correct-horse'));
  assert(out.length + statSync(at('hostile.json')).size < 100_000);
  assert(peakKb > 0 && peakKb < 300_000, `${peakKb} kB`);
  for (const name of ['left', 'stays']) {
    const pid = Number(readFileSync(at(name), 'utf8'));
    await until(`${name} has ended`, () => !isRunning(pid));
  }
  rmSync(at('hostile.json'));
});
