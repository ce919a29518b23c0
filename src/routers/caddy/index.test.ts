import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { Caddy, caddyProgram } from '../../../test/programs/caddy.ts';
import type { UserError } from '../../errors.ts';
import { routerConformance } from '../conformance.ts';
import type { Endpoint, RouterContext, TrafficRouter } from '../router.ts';
import { get, rejects, serve, soon, until, versions } from '../users.fixture.ts';
import { Floor } from './floor.ts';
import { caddy } from './index.ts';
import { CaddyConfig } from './schema.ts';

const program = await caddyProgram();
if ('missing' in program) test('caddy', { skip: program.missing }, () => {});
else suite(await Caddy.start(program.path));

type Subroute = {
  routes: { handle: { handler: string; upstreams?: { dial: string }[]; rampart?: unknown }[]; match?: unknown }[];
};

function suite(running: Caddy): void {
  after(() => running.close());

  const empty = { '@id': 'shop', handler: 'subroute' };
  const client = (folder: string, more: object = {}, context: Partial<RouterContext> = {}): TrafficRouter =>
    caddy.create(CaddyConfig.parse({ admin: running.admin, id: 'shop', log: running.log, ...more }), {
      service: 'shop',
      folder,
      edgesMs: [500],
      leaseMs: 10_000,
      ...context,
    });
  const folderOf = (t: TestContext): string => {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-caddy-test-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  };
  const handler = async () => (await running.ask('GET', '/id/shop')) as Subroute;
  const make = async (t: TestContext, context: Partial<RouterContext> = {}, more: object = {}) => {
    const folder = folderOf(t);
    await running.ask('PATCH', '/id/shop', empty);
    const router = client(folder, more, context);
    await router.open(soon());
    t.after(() => router.close(soon()));
    return {
      router,
      folder,
      address: async () => running.address,
      again: () => client(folder, more, context),
      stop: () => running.down(),
      start: () => running.up(),
      tamper: async (weight: number) => {
        const now = await handler();
        const split = now.routes.at(-1)?.handle[0];
        const dials = [...new Set(split?.upstreams?.map(({ dial }) => dial))];
        const mark = now.routes[0]?.handle[0]?.rampart as { route: { candidate: { endpoints: { port: number }[] } } };
        const candidate = `127.0.0.1:${mark.route.candidate.endpoints[0]?.port}`;
        const stable = dials.find((dial) => dial !== candidate) ?? '';
        const upstreams = Array.from({ length: 100 }, (_, i) => ({ dial: i < weight ? candidate : stable }));
        await running.ask('PATCH', '/id/shop/routes/1/handle/0/upstreams', upstreams);
      },
    };
  };

  routerConformance('caddy', make);

  test('before the first route, and after a restart without it, requests go where they went without Rampart', async (t) => {
    const before = { handler: 'static_response', body: 'as before', headers: { 'x-version': ['0.9.0'] } };
    running.configure({ handle: [empty, before] });
    t.after(async () => {
      running.configure({});
      await running.down();
      await running.up();
    });
    await running.down();
    await running.up();
    const { router } = await make(t);
    const { stable } = await versions(t);
    assert.equal((await get(t, running.address, { connection: 'close' })).version, '0.9.0');
    await router.setRoute({ stable, candidate: null, weight: 0, match: [] }, { token: 1, seq: 1 }, soon());
    assert.equal((await get(t, running.address, { connection: 'close' })).version, '1.0.0');
    await running.down();
    await running.up();
    assert.equal(await router.readRoute(soon()), null);
    assert.equal((await get(t, running.address, { connection: 'close' })).version, '0.9.0');
    // As the runtime does it: the same route once more.
    await router.setRoute({ stable, candidate: null, weight: 0, match: [] }, { token: 1, seq: 1 }, soon());
    assert.equal((await get(t, running.address, { connection: 'close' })).version, '1.0.0');
  });

  test('a second installation is refused by the token in Caddy itself, also when it only renews', async (t) => {
    const { router } = await make(t);
    const { stable } = await versions(t);
    const route = { stable, candidate: null, weight: 0, match: [] };
    await router.setRoute(route, { token: 7, seq: 1 }, soon());
    const elsewhere = client(folderOf(t));
    await elsewhere.open(soon());
    await rejects(elsewhere.setRoute(route, { token: 6, seq: 9 }, soon()), 'E_STALE_FENCE');
    await rejects(elsewhere.renewLease(6, soon()), 'E_STALE_FENCE');
    assert.equal((await elsewhere.renewLease(8, soon()))?.fence.token, 7);
    await rejects(router.setRoute(route, { token: 7, seq: 2 }, soon()), 'E_STALE_FENCE');
    assert.deepEqual((await router.readRoute(soon()))?.fence, { token: 7, seq: 1 });
  });

  test('two controllers that write at once: the later number wins, and nothing is half of one', async (t) => {
    const { router, again } = await make(t);
    const { stable, candidate } = await versions(t);
    const other = again();
    let refused = 0;
    for (let seq = 1; seq <= 8; seq += 2) {
      const writes = [router, other].map((each, i) =>
        each.setRoute({ stable, candidate, weight: seq + i, match: [] }, { token: 1, seq: seq + i }, soon()),
      );
      for (const each of await Promise.allSettled(writes)) {
        if (each.status === 'fulfilled') continue;
        assert.equal((each.reason as UserError).code, 'E_STALE_FENCE', String(each.reason));
        refused++;
      }
      const reading = await router.readRoute(soon());
      assert.deepEqual([reading?.fence.seq, reading?.route.weight], [seq + 1, seq + 1]);
    }
    assert.ok(refused <= 4);
  });

  test('a call whose connection is reset is made again, and a write whose answer was lost is noted as if it had come', async (t) => {
    const { folder, router } = await make(t);
    const { stable, candidate } = await versions(t);
    const resets: ('before' | 'after' | 'none')[] = [];
    const admin = await resetting(t, running, () => resets.shift() ?? 'none');
    const behind = client(folder, { admin });
    resets.push('before', 'none', 'after');
    await behind.setRoute({ stable, candidate, weight: 30, match: [] }, { token: 1, seq: 1 }, soon());
    assert.equal(resets.length, 0);
    assert.equal((await router.readRoute(soon()))?.route.weight, 30);
    assert.deepEqual((await new Floor(folder).read())?.fence, { token: 1, seq: 1 });
    resets.push('none', 'after');
    await behind.renewLease(2, soon());
    assert.equal((await new Floor(folder).read())?.tokenSeen, 2);
    resets.push(...new Array<'before'>(50).fill('before'));
    await rejects(behind.readRoute(soon()), 'E_ROUTER_UNREACHABLE');
  });

  test('what somebody has put back from before is read as it is, and the route is written again', async (t) => {
    const { router } = await make(t);
    const { stable, candidate } = await versions(t);
    const route = { stable, candidate, weight: 20, match: [] };
    await router.setRoute({ ...route, weight: 80 }, { token: 1, seq: 1 }, soon());
    const before = await handler();
    await router.setRoute(route, { token: 1, seq: 2 }, soon());
    await running.ask('PATCH', '/id/shop', before);
    assert.equal((await router.readRoute(soon()))?.route.weight, 80);
    await router.setRoute(route, { token: 1, seq: 2 }, soon());
    assert.equal((await router.readRoute(soon()))?.route.weight, 20);
  });

  test('what is not Rampart’s is refused and left as it is', async (t) => {
    const { router } = await make(t);
    const { stable } = await versions(t);
    const route = { stable, candidate: null, weight: 0, match: [] };
    const theirs: readonly object[] = [
      { '@id': 'shop', handler: 'reverse_proxy', upstreams: [{ dial: '127.0.0.1:1' }] },
      { '@id': 'shop', handler: 'subroute', routes: [{ handle: [{ handler: 'static_response', body: 'mine' }] }] },
      { '@id': 'shop', handler: 'subroute', routes: [{ handle: [{ handler: 'vars', rampart: { service: 'shop' } }] }] },
    ];
    for (const each of theirs) {
      await running.ask('PATCH', '/id/shop', each);
      const before = await handler();
      await rejects(router.open(soon()), 'E_ROUTE_REFUSED');
      await rejects(router.setRoute(route, { token: 1, seq: 1 }, soon()), 'E_ROUTE_REFUSED');
      await rejects(router.readRoute(soon()), 'E_ROUTE_REFUSED');
      assert.deepEqual(await handler(), before);
    }
    await running.ask('PATCH', '/id/shop', empty);
    await router.setRoute(route, { token: 1, seq: 1 }, soon());
    const other = client(folderOf(t), {}, { service: 'basket' });
    await assert.rejects(other.open(soon()), /belongs to the service shop/);
  });

  test('an id that is missing, an admin API elsewhere and one that is slow are told apart, and how to mend them', async (t) => {
    const { router, folder } = await make(t);
    const route = { stable: null, candidate: null, weight: 0, match: [] };
    await assert.rejects(client(folder, { id: 'basket' }).open(soon()), (error: { code?: string; fix?: string }) => {
      assert.equal(error.code, 'E_ROUTE_REFUSED');
      assert.match(error.fix ?? '', /\{"@id": "basket", "handler": "subroute"\}/);
      return true;
    });
    const { port } = await nobodyAt(t);
    await rejects(client(folder, { admin: `http://127.0.0.1:${port}` }).open(soon()), 'E_ROUTER_UNREACHABLE');
    const users = client(folder, { admin: `http://127.0.0.1:${running.port}` });
    await assert.rejects(users.open(soon()), /not the admin API of a Caddy/);
    // A name that is not in admin.origins.
    await assert.rejects(client(folder, { admin: running.admin.replace('127.0.0.1', '127.0.0.2') }).open(soon()), (error) =>
      /cannot be reached|refuses this address/.test(String(error)),
    );
    const hasty = client(folder, { timeout: '100ms' });
    process.kill(running.pid, 'SIGSTOP');
    try {
      await rejects(hasty.setRoute(route, { token: 1, seq: 1 }, soon()), 'E_ROUTER_UNREACHABLE');
      await rejects(router.readRoute(AbortSignal.timeout(50)), 'E_ROUTER_UNREACHABLE');
    } finally {
      process.kill(running.pid, 'SIGCONT');
    }
    await router.setRoute(route, { token: 1, seq: 1 }, soon());
    assert.equal((await get(t, running.address, { connection: 'close' })).status, 503);
  });

  test('a pattern that Caddy does not run is refused in its words, and the route before stays', async (t) => {
    const { router } = await make(t);
    const { stable, candidate } = await versions(t);
    const route = { stable, candidate, weight: 0.5, match: [] };
    await router.setRoute(route, { token: 1, seq: 1 }, soon());
    const ahead = { ...route, match: [{ header: 'x-a', pattern: '(?=a)b' }] };
    await assert.rejects(router.setRoute(ahead, { token: 1, seq: 2 }, soon()), /invalid or unsupported Perl syntax/);
    await rejects(router.setRoute({ ...route, weight: 0.25 }, { token: 1, seq: 2 }, soon()), 'E_ROUTE_REFUSED');
    const odd = { version: '2', endpoints: [{ host: '{env.SECRET}', port: 80 }] };
    await rejects(router.setRoute({ ...route, stable: odd }, { token: 1, seq: 2 }, soon()), 'E_ROUTE_REFUSED');
    assert.deepEqual((await router.readRoute(soon()))?.route, route);
  });

  test('a hand at anything inside of the handler is seen, though the weight is what it was', async (t) => {
    const { router } = await make(t, {}, { proxy: { flush_interval: -1, load_balancing: { retries: 1 } } });
    const { stable, candidate } = await versions(t);
    const route = { stable, candidate, weight: 50, match: [{ header: 'x-canary', equals: '*{a}' }] };
    await router.setRoute(route, { token: 1, seq: 1 }, soon());
    assert.equal((await get(t, running.address, { 'x-canary': '*{a}', connection: 'close' })).version, candidate.version);
    const [, , split] = (await handler()).routes;
    assert.ok(split && JSON.stringify(split).includes('"flush_interval":-1') && JSON.stringify(split).includes('"retries":1'));
    await running.ask('DELETE', '/id/shop/routes/1');
    assert.deepEqual((await router.readRoute(soon()))?.route.match, []);
    await router.setRoute(route, { token: 1, seq: 2 }, soon());
    await running.ask('DELETE', '/id/shop/routes/2/handle/0/flush_interval');
    const read = await router.readRoute(soon());
    assert.deepEqual([read?.route, read?.fence], [route, { token: 1, seq: 0 }]);
    // Also the same write again repairs it.
    await router.setRoute(route, { token: 1, seq: 2 }, soon());
    assert.deepEqual((await router.readRoute(soon()))?.fence, { token: 1, seq: 2 });
  });

  test('while stable has no instance its part is answered 503, and the candidate keeps its own', async (t) => {
    const { router } = await make(t);
    const { stable, candidate } = await versions(t);
    const nobody = { version: stable.version, endpoints: [] };
    await router.setRoute({ stable: nobody, candidate, weight: 50, match: [] }, { token: 1, seq: 1 }, soon());
    const statuses = new Set<string>();
    await until(async () => {
      const { status, version } = await get(t, running.address, { connection: 'close' });
      statuses.add(`${status} ${version}`);
      return statuses.size === 2;
    });
    assert.deepEqual([...statuses].sort(), ['200 1.1.0', '503 ']);
  });

  test('closing takes a candidate’s traffic back, and gives the place back where nothing is stable', async (t) => {
    const { router, again } = await make(t);
    const { stable, candidate } = await versions(t);
    await router.setRoute({ stable, candidate, weight: 100, match: [] }, { token: 1, seq: 1 }, soon());
    await again().close(soon());
    assert.equal((await router.readRoute(soon()))?.route.weight, 100, 'a client that has written nothing changes nothing');
    await router.close(soon());
    const reading = await router.readRoute(soon());
    assert.deepEqual([reading?.route.weight, reading?.route.candidate], [0, null]);
    await router.setRoute({ stable: null, candidate, weight: 100, match: [] }, { token: 1, seq: 2 }, soon());
    await router.close(soon());
    assert.deepEqual(await handler(), empty);
  });

  test('counts go on over a rotation of the log, and an instance that takes no connection is counted', async (t) => {
    const { router, again } = await make(t);
    const { stable, candidate } = await versions(t);
    const gone = { version: candidate.version, endpoints: [await nobodyAt(t)] };
    const query = { stable: stable.version, candidate: candidate.version, afterSecond: 0, limit: 900 };
    const counted = async (from: TrafficRouter = router) => {
      const samples = await from.samples(query, soon());
      const sum = (side: 'stable' | 'candidate') => samples.reduce((n, sample) => n + (sample[side]?.n ?? 0), 0);
      const connect = samples.reduce((n, sample) => n + (sample.candidate?.classes.connect ?? 0), 0);
      return [sum('stable'), sum('candidate'), connect].join();
    };
    await router.setRoute({ stable, candidate: gone, weight: 50, match: [] }, { token: 1, seq: 1 }, soon());
    for (let i = 0; i < 10; i++) assert.equal((await get(t, running.address)).version, stable.version);
    await until(async () => /^10,\d+,\d+$/.test(await counted()));
    const [, tried, refused] = (await counted()).split(',').map(Number);
    assert.ok(tried === refused && (refused ?? 0) >= 5, 'each attempt that was refused is the candidate’s');
    renameSync(running.log, `${running.log}.1`);
    // Until its next configuration Caddy goes on with the file that has now another name; then it makes a new one.
    for (let i = 0; i < 2; i++) await get(t, running.address);
    writeFileSync(running.log, '');
    appendFileSync(running.log, attempt(stable.endpoints[0]?.port ?? 0, Date.now()));
    await until(async () => (await counted()).startsWith('13,'));
    truncateSync(running.log, 0);
    assert.ok((await counted()).startsWith('13,'));
    appendFileSync(running.log, attempt(stable.endpoints[0]?.port ?? 0, Date.now()));
    await until(async () => (await counted()).startsWith('14,'));
    renameSync(`${running.log}.1`, running.log);
    const later = again();
    await later.open(soon());
    await until(async () => (await counted(later)).startsWith('12,'));
    await assert.rejects(later.samples(query, AbortSignal.abort(new Error('nobody waits'))), /nobody waits/);
    rmSync(running.log);
    await assert.rejects(
      later.samples(query, soon()),
      ({ code, where, message }: UserError) => code === 'E_ROUTER_LOG' && where === running.log && /it was removed/.test(message),
    );
    await later.close(soon());
    await assert.rejects(
      client(folderOf(t), { log: '/var/log/other.log' }).open(soon()),
      /no log .* is written to .*other[.]log/,
    );
  });
}

/** An address in front of the admin API that resets connections before Caddy has the call, or once it has done what it says. */
async function resetting(t: TestContext, { admin }: Caddy, next: () => 'before' | 'after' | 'none'): Promise<string> {
  const { endpoint } = await serve(t, (request, response) => {
    const reset = next();
    const lose = () => void request.socket.resetAndDestroy();
    if (reset === 'before') return lose();
    const { method, url, headers } = request;
    const options = { method, agent: false, headers: { ...headers, host: new URL(admin).host } };
    const onward = http.request(`${admin}${url}`, options, (answer) => {
      answer
        .setEncoding('utf8')
        .toArray()
        .then((parts) => {
          if (reset === 'after') return lose();
          response.writeHead(answer.statusCode ?? 0, { etag: answer.trailers.etag ?? '' });
          response.end(parts.join(''));
        }, lose);
    });
    request.pipe(onward.on('error', lose));
  });
  return `http://127.0.0.1:${endpoint.port}`;
}

/** An address where nobody listens. */
async function nobodyAt(t: TestContext): Promise<Endpoint> {
  const { server, endpoint } = await serve(t, () => {});
  await new Promise((resolve) => server.close(resolve));
  return endpoint;
}

function attempt(port: number, atMs: number): string {
  const line = {
    level: 'debug',
    ts: atMs / 1_000,
    msg: 'upstream roundtrip',
    upstream: `127.0.0.1:${port}`,
    duration: 0.001,
    status: 200,
  };
  return `${JSON.stringify(line)}\n`;
}
