import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { routerConformance } from '../conformance.ts';
import type { Endpoint, RouterContext } from '../router.ts';
import { get, rejects, soon, until, versions } from '../users.fixture.ts';
import { type BuiltinRouter, builtin } from './index.ts';
import { isRunning, type ProcessIdentity } from './machine.ts';
import type { BuiltinConfig } from './schema.ts';

routerConformance('builtin', (t, context) => makeBuiltin(t, {}, context));

test('two workers split and count as one, and one that dies is replaced with the route in force', async (t) => {
  const { router, address } = await makeBuiltin(t, { workers: 2 });
  const { stable, candidate } = await versions(t);
  const where = await address();
  let seq = 0;
  let candidates = 0;
  const send = async (requests: number) => {
    for (let i = 0; i < requests; i++) {
      const answer = await get(t, where, { connection: 'close' });
      assert.equal(answer.status, 200);
      if (answer.version === candidate.version) candidates++;
    }
  };
  for (const weight of [10, 50, 100, 0]) {
    await router.setRoute({ stable, candidate, weight, match: [] }, { token: 1, seq: ++seq }, soon());
    const before = candidates;
    await send(40);
    assert.ok(Math.abs(candidates - before - (40 * weight) / 100) <= 2, `${candidates - before} of 40 at ${weight} %`);
  }
  const query = { stable: stable.version, candidate: candidate.version, afterSecond: 0, limit: 100 };
  const counted = async (side: 'stable' | 'candidate') =>
    (await router.samples(query, soon())).reduce((sum, sample) => sum + (sample[side]?.n ?? 0), 0);
  await until(async () => (await counted('stable')) + (await counted('candidate')) === 160);
  assert.equal(await counted('candidate'), candidates);
  const asked = await router.traffic?.(soon());
  assert(asked?.byMethod && asked.endpoints);
  assert.equal(Math.round((asked.byMethod.GET ?? 0) * asked.seconds), 160);
  assert.equal(asked.endpoints.length, 1);
  assert.deepEqual([asked.byStatus?.['2xx'], asked.inFlight], [asked.byMethod.GET, 0]);

  const { pid } = await router.health(soon());
  const workers = () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  const [victim] = workers();
  assert.ok(victim);
  await router.setRoute({ stable, candidate, weight: 100, match: [] }, { token: 1, seq: ++seq }, soon());
  process.kill(victim, 'SIGKILL');
  await until(async () => !workers().includes(victim) && (await router.metrics(soon())).includes('state="running"} 2'));
  candidates = 0;
  await send(20);
  assert.equal(candidates, 20);
});

test('two opens at once start one process', async (t) => {
  const { router, again } = await makeBuiltin(t, {});
  await router.close(soon());
  const clients = [again(), again(), again()];
  await Promise.all(clients.map((client) => client.open(soon())));
  const pids = await Promise.all(clients.map(async (client) => (await client.health(soon())).pid));
  assert.equal(new Set(pids).size, 1);
});

test('a second controller adopts the running process, and can change what is counted without a restart', async (t) => {
  const { router, folder, config } = await makeBuiltin(t, {}, { edgesMs: [10] });
  const before = await router.health(soon());
  const other = builtin.create(config, { service: 'checkout', folder, edgesMs: [250, 500], leaseMs: 9_000 });
  await other.open(soon());
  const after = await other.health(soon());
  assert.equal(after.pid, before.pid);
  assert.deepEqual(after.settings.edgesMs, [250, 500]);
  await until(async () => {
    const samples = await other.samples({ stable: null, candidate: null, afterSecond: 0, limit: 100 }, soon());
    return samples.at(-1)?.edgesMs.length === 2;
  });
});

test('the router outlives a controller that is killed, and the next one finds it', async (t) => {
  const { router, address, folder } = await makeBuiltin(t, {});
  await router.close(soon());
  const controller = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { builtin } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
     const config = builtin.schema.parse({ listen: '127.0.0.1:0' });
     const context = { service: 'checkout', folder: ${JSON.stringify(folder)}, edgesMs: [100], leaseMs: 60_000 };
     await builtin.create(config, context).open(AbortSignal.timeout(20_000));
     console.log('open');
     setInterval(() => {}, 1_000);`,
  ]);
  t.after(() => controller.kill('SIGKILL'));
  await new Promise((resolve) => controller.stdout.once('data', resolve));
  const gone = new Promise((resolve) => controller.once('exit', resolve));
  controller.kill('SIGKILL');
  await gone;
  assert.equal((await get(t, await address())).status, 503, 'it still serves');
  const before = await router.health(soon());
  await router.open(soon());
  assert.equal((await router.health(soon())).pid, before.pid);
});

test('other settings restart the process on the same address with the same route', async (t) => {
  const { router, folder, address } = await makeBuiltin(t, {});
  const { stable, candidate } = await versions(t);
  await router.setRoute({ stable, candidate, weight: 0, match: [] }, { token: 1, seq: 3 }, soon());
  const before = { ...(await router.health(soon())), address: await address() };
  const config = builtin.schema.parse({ listen: '127.0.0.1:0', maxBody: '1KiB' });
  const other = builtin.create(config, { service: 'checkout', folder, edgesMs: [], leaseMs: 60_000 });
  await other.open(soon());
  assert.notEqual((await other.health(soon())).pid, before.pid);
  assert.deepEqual(await address(), before.address);
  assert.deepEqual((await other.readRoute(soon()))?.fence, { token: 1, seq: 3 });
});

test('a lease that ran out while the program was dead is not revived', async (t) => {
  const { router, kill, again, address } = await makeBuiltin(t, {}, { leaseMs: 300 });
  const { stable, candidate } = await versions(t);
  await router.setRoute({ stable, candidate, weight: 100, match: [] }, { token: 1, seq: 1 }, soon());
  const setAtMs = performance.now();
  await kill();
  await until(() => performance.now() - setAtMs > 320);
  await again().open(soon());
  const reading = await router.readRoute(soon());
  assert.equal(reading?.lapsed, true);
  assert.equal(reading?.route.weight, 0);
  assert.equal((await get(t, await address())).version, stable.version);
});

test('a taken port is named, and nothing stays behind', async (t) => {
  const squatter = createServer().listen(0, '127.0.0.1');
  t.after(() => squatter.close());
  await until(() => squatter.listening);
  const { port } = squatter.address() as { port: number };
  const routerOf = (inFolder: string, workers: number) => {
    const config = builtin.schema.parse({ listen: `127.0.0.1:${port}`, workers });
    return builtin.create(config, { service: 'checkout', folder: inFolder, edgesMs: [], leaseMs: 1_000 });
  };
  const folder = temporary(t, (inFolder) => routerOf(inFolder, 1).close(soon()));
  for (const workers of [1, 2]) {
    const router = routerOf(folder, workers);
    await assert.rejects(router.open(soon()), { code: 'E_PORT_TAKEN', message: new RegExp(`127.0.0.1:${port}`) });
    await rejects(router.readRoute(soon()), 'E_ROUTER_UNREACHABLE');
    await router.close(soon());
    assert.deepEqual(readdirSync(folder), []);
  }
});

test('a pattern cannot make the router stand still', async (t) => {
  const { router, address } = await makeBuiltin(t, {});
  const { stable, candidate } = await versions(t);
  const route = (pattern: string) => ({ stable, candidate, weight: 0, match: [{ header: 'x-a', pattern }] });
  for (const pattern of ['(?=a)b', '(a)\\1', 'a{500}', '('])
    await rejects(router.setRoute(route(pattern), { token: 1, seq: 1 }, soon()), 'E_ROUTE_REFUSED');
  await router.setRoute(route('^(a+)+$'), { token: 1, seq: 1 }, soon());
  const where = await address();
  // By backtracking alone this value would take longer than the age of the universe.
  assert.equal((await get(t, where, { 'x-a': `${'a'.repeat(4_000)}b` })).version, stable.version);
  assert.equal((await get(t, where, { 'x-a': 'a'.repeat(4_000) })).version, candidate.version);
});

test('close ends the process and removes its files; closing twice is fine', async (t) => {
  const { router, folder } = await makeBuiltin(t, {});
  const identity = await router.health(soon());
  await router.close(soon());
  assert.equal(isRunning(identity), false);
  assert.deepEqual(readdirSync(folder), []);
  await router.close(soon());
});

test('a router that is opened while an earlier one is cleared up answers, and keeps its route over a restart', async (t) => {
  const { router, again, kill } = await makeBuiltin(t, {});
  const { stable } = await versions(t);
  const route = { stable, candidate: null, weight: 0, match: [] };
  for (let turn = 1; turn <= 4; turn++) {
    const opened = again();
    // Both end the one that runs; at a later turn the clearing comes later into the start of the next one.
    const closing = delay((turn % 4) * 30).then(() => router.close(soon()));
    await opened.open(soon());
    await closing;
    await opened.open(soon());
    await opened.setRoute(route, { token: 1, seq: turn }, soon());
    await kill();
    await opened.open(soon());
    assert.deepEqual((await opened.readRoute(soon()))?.route, route);
    await opened.close(soon());
  }
});

test('a router that is started without settings leaves it to whoever wants it', async (t) => {
  const folder = temporary(t, async () => {});
  const child = fork(new URL('./process.ts', import.meta.url), [folder], { stdio: 'pipe' });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += String(chunk)));
  const outcome = new Promise((resolve) => child.once('message', resolve));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  assert.deepEqual(await outcome, { kind: 'taken' });
  assert.deepEqual([code, said], [0, '']);
});

test('a router that hangs is ended and started again', async (t) => {
  const { router, again } = await makeBuiltin(t, {});
  const hung = await router.health(soon());
  process.kill(hung.pid, 'SIGSTOP');
  await again().open(soon());
  assert.equal(isRunning(hung), false);
  assert.notEqual((await router.health(soon())).pid, hung.pid);
});

test('a folder with a long name gets its socket elsewhere, and loses it again', async (t) => {
  const folder = join(
    temporary(t, () => router.close(soon())),
    'a'.repeat(80),
    'b'.repeat(80),
  );
  const config = builtin.schema.parse({ listen: '127.0.0.1:0' });
  const router = builtin.create(config, { service: 'checkout', folder, edgesMs: [], leaseMs: 1_000 });
  await router.open(soon());
  assert.equal(await router.readRoute(soon()), null);
  assert.equal(existsSync(join(folder, 'control.sock')), false);
  await router.close(soon());
});

test('metrics are on the control socket, and where Prometheus is told to scrape', async (t) => {
  const { router, address } = await makeBuiltin(t, { metrics: '127.0.0.1:0' });
  const { stable, candidate } = await versions(t);
  await router.setRoute({ stable, candidate, weight: 50, match: [] }, { token: 1, seq: 1 }, soon());
  const where = await address();
  for (let i = 0; i < 10; i++) await get(t, where, {}, { path: '/fail' });
  await until(async () => (await router.metrics(soon())).includes('class="status"} 5'));
  const scraped = (await router.health(soon())).metrics;
  assert.ok(scraped);
  const { body } = await get(t, scraped, {}, { path: '/metrics' });
  assert.match(body, /rampart_router_requests_total\{service="checkout",version="1.1.0",code_class="5xx"\} 5\n/);
  assert.match(body, /rampart_router_request_duration_seconds_count\{service="checkout",version="1.0.0"\} 5\n/);
  assert.match(body, /rampart_router_weight_percent\{service="checkout",version="1.1.0",side="candidate"\} 50\n/);
  assert.match(body, /rampart_router_lease_lapsed\{service="checkout"\} 0\n/);
  // From 0 on: a counter that begins with its first failure hides it from Prometheus.
  assert.match(body, /rampart_router_slower_total\{service="checkout",version="1.1.0",than="0.1"\} \d+\n/);
  assert.match(body, /rampart_router_errors_total\{service="checkout",version="1.0.0",class="timeout"\} 0\n/);
});

/** Every router process that a test was seen to start, for the check at the end. */
const processes: ProcessIdentity[] = [];

type Made = {
  router: BuiltinRouter;
  again(): BuiltinRouter;
  address(): Promise<Endpoint>;
  kill(): Promise<void>;
  hang(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  folder: string;
  config: BuiltinConfig;
};

/** A router of the kind under test, opened, and closed with the test. */
async function makeBuiltin(
  t: TestContext,
  written: Record<string, unknown>,
  context: Partial<RouterContext> = {},
): Promise<Made> {
  const config = builtin.schema.parse({ listen: '127.0.0.1:0', ...written });
  const folder = temporary(t, () => router.close(soon()));
  const again = () => builtin.create(config, { service: 'checkout', folder, edgesMs: [100], leaseMs: 60_000, ...context });
  const router = again();
  await router.open(soon());
  processes.push(await router.health(soon()));
  let hung: ProcessIdentity | null = null;
  return {
    router,
    again,
    folder,
    config,
    address: async () => (await router.health(soon())).listen,
    async hang(signal) {
      if (signal === 'SIGSTOP') hung = await router.health(soon());
      process.kill(hung?.pid ?? 0, signal);
    },
    async kill() {
      const identity = await router.health(soon());
      process.kill(identity.pid, 'SIGKILL');
      await until(() => !isRunning(identity));
    },
  };
}

after(() => {
  const alive = processes.filter(isRunning);
  for (const { pid } of alive) process.kill(pid, 'SIGKILL');
  assert.deepEqual(alive, [], 'the tests left no router running');
});

/**
 * A folder that is removed with the test, after what runs in it has ended: `after` runs in the order it was asked for, and a
 * router whose folder has gone could no longer be found.
 */
function temporary(t: TestContext, end: (folder: string) => Promise<void>): string {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-router-'));
  t.after(async () => {
    try {
      await end(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return folder;
}
