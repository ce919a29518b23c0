import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const rampart = fileURLToPath(new URL('../../../bin/rampart.js', import.meta.url));
const document = `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [node, server.js] } }
  router: { builtin: { listen: 127.0.0.1:8080 } }
  objectives: [ { name: availability, target: 99.9%, window: 30d } ]
`;

test('rules are written where they were asked for, and what somebody has written there stays', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-generate-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [rampart, 'generate', 'prometheus', ...words], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 30_000,
      env: { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1' },
    });
    return { status, stdout, stderr };
  };
  writeFileSync(join(folder, 'shop.yaml'), document);
  const first = run('shop.yaml', '--out', 'rules', '--json');
  assert.equal(first.status, 0, first.stderr);
  const { files } = JSON.parse(first.stdout) as { files: { file: string; state: string }[] };
  assert(files.every(({ file, state }) => state === 'written' && existsSync(join(folder, file))));
  const rules = join(folder, 'rules', 'shop.availability.burn.rules.yml');
  assert.match(readFileSync(rules, 'utf8'), /^# Written by rampart generate prometheus/);

  writeFileSync(rules, 'groups: [] # mine\n');
  const second = run('shop.yaml', '--out', 'rules');
  assert.equal(second.status, 2);
  assert.match(second.stderr, /shop\.availability\.burn\.rules\.yml was written by somebody else[\s\S]*--force/);
  assert.equal(readFileSync(rules, 'utf8'), 'groups: [] # mine\n');

  const again = run('shop.yaml', 'shop.yaml', '--out', 'rules');
  assert.equal(again.status, 2);
  assert.match(again.stderr, /service shop is in shop\.yaml and again in shop\.yaml/);
});
