import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { preflight, Story } from '../../release/story.fixture.ts';
import type { HookAction } from '../../spec/types.ts';
import { freePort } from '../../system/free-port.ts';
import { runHook } from '../hooks.ts';
import { checklistGates } from './gates.ts';
import { plainRuns } from './plain-runs.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-gates-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const port = await freePort();
writeFileSync(
  join(folder, 'ours.yaml'),
  `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ours }
spec:
  signOffs: [{ role: security }]
  phases:
    - id: ports
      title: Ports
      items:
        - id: open
          title: Something listens
          validFor: 1s
          check: { tcp: { host: 127.0.0.1, port: ${port} } }
    - id: lasting
      title: Lasting
      items:
        - id: open
          title: Something listened
          validFor: 1d
          check: { tcp: { host: 127.0.0.1, port: ${port} } }
    - id: people
      title: People
      items:
        - { id: agreed, title: People agree, confirm: {} }
`,
);

/** A release that stands at its preflight, and what a gate of it answers. */
const runs = plainRuns({ environment: process.env, own: () => null, now: () => Date.now() });
const story = new Story().install().request('2.0.0', preflight()).validated();
const live = { ...story.live, spec: { ...story.live.spec, folder } };
const state = { ...story.state, live };
const gates = checklistGates({ runs, service: () => state, drill: () => Promise.reject(new Error('no router here')) });
const asked = (more: object = {}): HookAction => ({
  kind: 'checklist',
  of: 'preflight',
  checklist: './ours.yaml',
  phases: ['ports'],
  signOffs: [],
  ...more,
});
const ask = async (action: HookAction, own: typeof gates = gates) => {
  const hook = { name: 'checklist', action, timeoutMs: 30_000, attempts: 1, compensate: null };
  const gatesOf: typeof own = async (...given) => {
    try {
      return await own(...given);
    } catch (error) {
      return { ok: false, detail: (error as Error).message };
    }
  };
  const place = {
    cwd: null,
    backups: folder,
    variables: { RAMPART_SERVICE: 'shop' },
    base: process.env,
    gates: (given: Parameters<NonNullable<Parameters<typeof runHook>[1]['gates']>>[0], service: string, signal: AbortSignal) =>
      given.kind === 'checklist' || given.kind === 'drill'
        ? gatesOf(given, service, signal)
        : Promise.resolve({ ok: false, detail: 'another gate' }),
  };
  return await runHook(hook, place, new AbortController().signal);
};

test('a checklist that is not ready names what is missing, and passes once it is there', async () => {
  const missing = await ask(asked());
  assert.equal(missing.ok, false);
  assert.match(missing.detail, /^checklist \.\/ours\.yaml is not ready: ports\.open fails: /);
  const server = createServer((socket) => socket.end()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const found = await ask(asked());
  server.close();
  assert.equal(found.ok, true, found.detail);
  assert.match(found.detail, /^checklist \.\/ours\.yaml is ready, 10 of 10/);
});

test('a verification looks at what is proven already, the other gates take what still counts', async () => {
  const server = createServer((socket) => socket.end()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const lasting = { phases: ['lasting'] };
  const found = await ask(asked(lasting));
  server.close();
  assert.equal(found.ok, true, found.detail);
  assert.equal((await ask(asked({ ...lasting, of: 'cutover' }))).ok, true);
  assert.match((await ask(asked({ ...lasting, of: 'verify' }))).detail, /lasting\.open fails: /);
});

test('what people have to confirm or sign is missing until they do', async () => {
  const all = await ask(asked({ phases: null }));
  assert.equal(all.ok, false);
  assert.match(all.detail, /people\.agreed is unproven/);
  assert.match((await ask(asked({ signOffs: ['security'] }))).detail, /the signature of security is missing/);
  assert.match((await ask(asked({ signOffs: 'all' }))).detail, /the signature of security is missing/);
});

test('a checklist or a phase that there is not, and nobody who runs any, pass nothing', async () => {
  const wrong = await ask(asked({ checklist: 'nothing' }));
  assert.deepEqual([wrong.ok, /there is no checklist nothing/.test(wrong.detail)], [false, true]);
  assert.match((await ask(asked({ checklist: './ours.yaml#other' }))).detail, /ours\.yaml has no checklist other, only ours$/);
  assert.equal((await ask(asked({ phases: ['other'] }))).ok, false);
  const nobody = checklistGates({ runs: null, service: () => state, drill: () => Promise.reject(new Error('none')) });
  assert.deepEqual(await ask(asked(), nobody), { ok: false, detail: 'nobody runs checklists here' });
  assert.equal((await ask(asked(), checklistGates({ runs, service: () => undefined, drill: () => Promise.reject() }))).ok, false);
});

test('a drill passes when the traffic was there and back in time and nothing failed', async () => {
  const drill = (more: object) =>
    checklistGates({
      runs,
      service: () => state,
      drill: () => Promise.resolve({ thereMs: 10, backMs: 20, requests: 5, errors: 0, ...more }),
    });
  const action: HookAction = { kind: 'drill', sharePpm: 10_000, withinMs: 1_000 };
  assert.deepEqual(await ask(action, drill({})), {
    ok: true,
    detail: '1% of the traffic was there after 10 ms and back after 20 ms, 0 of 5 requests failed',
  });
  assert.equal((await ask(action, drill({ errors: 1 }))).ok, false);
  assert.equal((await ask(action, drill({ backMs: 1_001 }))).ok, false);
  assert.equal((await ask(action)).detail, 'no router here');
});
