import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { simulatedService } from '../../../test/simulation/spec.ts';
import { freePort } from '../../system/free-port.ts';
import type { PlannedRelease } from '../../timeline/types.ts';
import { plainRuns } from '../readiness/plain-runs.fixture.ts';
import { timelineDeeds } from './deeds.ts';

test('a checklist of after the start is looked at anew, one of before it takes what still counts', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-deeds-'));
  const port = await freePort();
  writeFileSync(
    join(folder, 'ours.yaml'),
    `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ours }
spec: { phases: [{ id: ports, title: Ports, items: [{ id: open, title: Open, validFor: 1d, check: { tcp: { host: 127.0.0.1, port: ${port} } } }] }] }
`,
  );
  const now = () => Date.now();
  const deeds = timelineDeeds({
    runs: plainRuns({ environment: process.env, own: () => null, now }),
    runHook: () => Promise.reject(new Error('no hook is here')),
    environment: process.env,
    own: () => null,
    tell: () => Promise.reject(new Error('nobody is told of anything here')),
    now,
  });
  const planned: PlannedRelease = {
    id: 'shop-1',
    service: 'shop',
    version: '1.0.0',
    spec: { ...simulatedService(), folder },
    by: 'anna',
    why: '',
    plannedAtMs: now(),
    startMs: now() + 120_000,
    state: { kind: 'planned' },
    entries: [-2, -1, 1].map((minutes) => ({
      id: `T${minutes < 0 ? '' : '+'}${minutes}m`,
      offsetMs: minutes * 60_000,
      title: 'Ours',
      role: 'qa',
      does: { kind: 'checklist', checklist: './ours.yaml', phases: null },
      state: { kind: 'planned' },
      late: false,
    })),
  };
  const done = async (id: string) => {
    const entry = planned.entries.find((one) => one.id === id);
    assert.ok(entry);
    return await deeds(planned, entry, AbortSignal.timeout(30_000));
  };
  try {
    const server = createServer((socket) => socket.end()).listen(port, '127.0.0.1');
    await once(server, 'listening');
    const first = await done('T-2m');
    server.close();
    assert.equal(first.ok, true, JSON.stringify(first.detail));
    assert.equal((await done('T-1m')).ok, true);
    assert.match(JSON.stringify((await done('T+1m')).detail), /ports\.open fails: .*ports\.open: провалено, соединение/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
