import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ReportJson } from '../../src/views/readiness/json.ts';
import { Stage, until } from './stage.ts';

const stage = new Stage();
const listener = createServer((socket) => socket.end());

/** A service under control with a checklist of its own; nothing of it has to run. */
before(async () => {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  writeFileSync(
    join(stage.folder, 'ours.yaml'),
    `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ours }
spec:
  signOffs: [{ role: security }]
  phases:
    - id: net
      title: { en: Network, ru: Сеть }
      items:
        - { id: open, title: It listens, check: { tcp: { host: 127.0.0.1, port: ${port} } } }
        - { id: slow, title: It is slow, validFor: 1h, check: { command: { shell: 'echo x >> ran; while [ ! -e go ]; do sleep 0.05; done' } } }
    - id: people
      title: People
      items:
        - { id: agreed, title: Agreed, confirm: { evidence: required } }
`,
  );
  writeFileSync(
    join(stage.folder, 'shop.yaml'),
    `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [node, there-is-no-such-file.js] } }
  router: { builtin: { listen: 127.0.0.1:0 } }
  readiness: { checklist: ./ours.yaml }
  release: { deadlines: { ready: 1s } }
`,
  );
  await stage.up();
  await stage.json(0, 'release', 'shop.yaml', '--version', '1.0.0');
});
after(() => stage.close(() => listener.close()));

const ran = () => readFileSync(join(stage.folder, 'ran'), 'utf8').trim().split('\n').length;

test('a check that is under way when its controller is killed goes on with the next one, and so does the command', async () => {
  const check = stage.json<ReportJson>(1, 'check', 'shop');
  await until('the slow item is looked at', () => {
    try {
      return ran() === 1;
    } catch {
      return false;
    }
  });
  await stage.down('SIGKILL');
  await stage.up();
  await until('it is looked at again', () => ran() === 2);
  writeFileSync(join(stage.folder, 'go'), '');
  const report = await check;
  assert.deepEqual(
    report.phases.flatMap(({ items }) => items.map(({ id, status }) => `${id} ${status}`)),
    ['net.open pass', 'net.slow pass', 'people.agreed unproven'],
  );
  assert.deepEqual([report.verdict, report.version], ['not-ready', '1.0.0']);
});

test('what is confirmed with a file, exempt or signed is in the report, in every form', async () => {
  const refused = await stage.cli('confirm', 'shop', 'people.agreed');
  assert.deepEqual([refused.code, /needs a link or a file/.test(refused.err)], [1, true]);
  writeFileSync(join(stage.folder, 'minutes.txt'), 'all agree');
  assert.match(
    (await stage.cli('confirm', 'shop', 'people.agreed', '--evidence', 'minutes.txt')).out,
    /people.agreed is confirmed/,
  );
  assert.match((await stage.cli('sign', 'shop', '--role', 'security')).out, /^signed for security: shop 1\.0\.0 ready, score 10/);
  const signed = await stage.json<ReportJson>(0, 'report', 'shop');
  assert.deepEqual([signed.verdict, signed.unsigned, signed.signOffs[0]?.by], ['ready', [], 'tess']);
  const out = join(stage.folder, 'report.html');
  assert.equal((await stage.cli('report', 'shop', '--format', 'html', '--lang', 'ru', '--out', out)).code, 0);
  assert.match(readFileSync(out, 'utf8'), /Сеть/);
  await stage.json(0, 'confirm', 'shop', 'people.agreed', '--withdraw', '--comment', 'not yet');
  assert.deepEqual((await stage.json<ReportJson>(0, 'report', 'shop')).unsigned, ['security']);
  await stage.json(0, 'exempt', 'shop', 'people.agreed', '--reason', 'holidays', '--until', '30d');
  assert.match((await stage.cli('check', 'shop', '--phase', 'people')).out, /holidays/);
});

test('what still counts is looked at again where somebody asks for it, and a version that is named has its own report', async () => {
  const before = ran();
  await stage.cli('check', 'shop', '--item', 'net.slow');
  assert.equal(ran(), before);
  await stage.cli('check', 'shop', '--item', 'net.slow', '--again');
  assert.equal(ran(), before + 1);
  const next = await stage.json<ReportJson>(0, 'report', 'shop', '--version', '2.0.0');
  assert.deepEqual([next.version, next.phases[0]?.items.map(({ status }) => status)], ['2.0.0', ['unproven', 'unproven']]);
  const signed = await stage.json<{ hash: string }>(0, 'sign', 'shop', '--role', 'security', '--version', '2.0.0');
  assert.equal(signed.hash, next.hash);
});

test('what cannot be meant ends with code 2, and no controller with 3', async () => {
  for (const words of [
    ['check', 'shop', '--item', 'net.opne'],
    ['check', 'shop', '--save', 'run.json'],
    ['report', 'shop', '--format', 'pdf'],
  ])
    assert.equal((await stage.cli(...words)).code, 2, words.join(' '));
  const nobody = await stage.cli('check', 'shop', '--data', join(stage.folder, 'empty'));
  assert.deepEqual([nobody.code, /no controller runs/.test(nobody.err)], [3, true]);
});
