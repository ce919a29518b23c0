import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualTime } from '../../../test/simulation/virtual-time.ts';
import { Story, verified } from '../../release/story.fixture.ts';
import { freePort } from '../../system/free-port.ts';
import { plainRuns } from './plain-runs.fixture.ts';
import { StableWatch } from './stable-watch.ts';

const hourMs = 3_600_000;

test('a stable version is asked again and again for its time, and what is not as it was is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-watch-'));
  const port = await freePort();
  writeFileSync(
    join(folder, 'ours.yaml'),
    `apiVersion: rampart/v1
kind: Checklist
metadata: { name: ours }
spec: { phases: [{ id: ports, title: Ports, items: [{ id: open, title: Open, validFor: 1d, check: { tcp: { host: 127.0.0.1, port: ${port} } } }] }] }
`,
  );
  const time = new VirtualTime(1_800_000_000_000);
  const clock = time.clock({ dead: false });
  const { state } = new Story().install();
  assert.ok(state.stable);
  const release = {
    ...state.stable.spec.release,
    ...verified({ checklist: './ours.yaml', watch: { forMs: 4 * hourMs, everyMs: hourMs } }),
  };
  const stable = { ...state.stable, sinceMs: clock.now(), spec: { ...state.stable.spec, folder, release } };
  const real = plainRuns({ environment: process.env, own: () => null, now: clock.now });
  let ended = 0;
  const runs = {
    run: async (...asked: Parameters<typeof real.run>) => {
      const answer = await real.run(...asked);
      ended += 1;
      return answer;
    },
  };
  const told: string[] = [];
  const watch = new StableWatch({
    services: () => [{ ...state, stable }],
    runs,
    clock,
    warn: (_service, text) => told.push(text),
  });
  const until = async (count: number) => {
    const untilMs = performance.now() + 30_000;
    while (ended < count && performance.now() < untilMs) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(ended, count);
  };
  const server = createServer((socket) => socket.end()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  await time.runUntil(hourMs + 60_000);
  await until(1);
  assert.deepEqual(told, []);
  server.close();
  await time.runUntil(2 * hourMs + 60_000);
  await until(2);
  await time.runUntil(2 * hourMs + 120_000);
  assert.match(told.join(), /^1\.0\.0 is not as it was verified: ports\.open fails: /);
  await time.runUntil(3 * hourMs + 60_000);
  await until(3);
  await time.runUntil(4 * hourMs + 30_000);
  await until(4);
  await time.runUntil(9 * hourMs);
  assert.equal(ended, 4, 'its time is over');
  await Promise.all([watch.stop(), time.runUntil(9 * hourMs + 60_000)]);
  rmSync(folder, { recursive: true, force: true });
});
