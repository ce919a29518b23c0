import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { after, type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { freeUdpPort, Haproxy, type HaproxySettings, haproxyProgram } from '../../../test/programs/haproxy.ts';
import type { ErrorClass, Sample } from '../../analysis/sample.ts';
import { UserError } from '../../errors.ts';
import { type RouterUnderTest, routerConformance } from '../conformance.ts';
import type { Backend, Route, RouterContext, TrafficRouter } from '../router.ts';
import { get, rejects, serve, shareOf, soon, until, versions } from '../users.fixture.ts';
import { haproxy } from './index.ts';
import { HaproxyConfig } from './schema.ts';

const program = await haproxyProgram();
if ('missing' in program) test('the HAProxy router', { skip: program.missing }, () => {});
else await suite(program.path);

async function suite(binary: string): Promise<void> {
  const running = await Haproxy.start(binary);
  after(() => running.close());

  const log = await freeUdpPort();
  // With all that it can do; the other tests here go without the log.
  routerConformance('haproxy', (t, context) => make(t, running, { log, match: true }, context));

  test('a restart of HAProxy brings the route back by itself, from the first request on', async (t) => {
    const { router } = await make(t, running);
    const { stable, candidate } = await versions(t);
    const route: Route = { stable, candidate, weight: 25, match: [] };
    await router.setRoute(route, { token: 4, seq: 2 }, soon());
    await running.down();
    await running.up();
    assert.equal(await shareOf(t, running.address, candidate.version, 100), 25);
    const reading = await router.readRoute(soon());
    assert.deepEqual(reading?.route, route);
    assert.deepEqual(reading?.fence, { token: 4, seq: 2 });
  });

  test('requests are counted once each over a restart of HAProxy, however many come after it', async (t) => {
    const { router } = await make(t, running);
    const { stable } = await versions(t);
    await router.setRoute({ stable, candidate: null, weight: 0, match: [] }, { token: 1, seq: 1 }, soon());
    const query = { stable: stable.version, candidate: null, afterSecond: 0, limit: 900 };
    const counted = async () =>
      (await router.samples(query, soon())).reduce((total, { stable: counts }) => total + (counts?.n ?? 0), 0);
    await shareOf(t, running.address, stable.version, 10);
    await until(async () => (await counted()) === 10);
    await running.down();
    await running.up();
    await shareOf(t, running.address, stable.version, 30);
    await until(async () => (await counted()) >= 40);
    assert.equal(await counted(), 40);
  });

  test('with its log every request is counted, from the first one that a change of the route brings', async (t) => {
    const { router } = await make(t, running, { log });
    const { stable, candidate } = await versions(t);
    const query = { stable: stable.version, candidate: candidate.version, afterSecond: 0, limit: 900 };
    const counted = async () => {
      const counts = { [stable.version]: 0, [candidate.version]: 0 };
      const samples = await router.samples(query, soon()).catch((error: UserError) => {
        // A second that has just begun may seem to have hardly a line.
        assert.equal(error.code, 'E_ROUTER_LOG', String(error));
        return [];
      });
      for (const one of samples) {
        counts[stable.version] = (counts[stable.version] ?? 0) + (one.stable?.n ?? 0);
        counts[candidate.version] = (counts[candidate.version] ?? 0) + (one.candidate?.n ?? 0);
      }
      return counts;
    };
    await router.setRoute({ stable, candidate: null, weight: 0, match: [] }, { token: 1, seq: 1 }, soon());
    const seen = { [stable.version]: 0, [candidate.version]: 0 };
    let isOver = false;
    const users = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const { version } = await get(t, running.address);
        seen[version] = (seen[version] ?? 0) + 1;
      }
    });
    await until(() => (seen[stable.version] ?? 0) > 50);
    await router.setRoute({ stable, candidate, weight: 50, match: [] }, { token: 1, seq: 2 }, soon());
    await until(() => (seen[candidate.version] ?? 0) > 50);
    await router.setRoute({ stable, candidate, weight: 0, match: [] }, { token: 1, seq: 3 }, soon());
    isOver = true;
    await Promise.all(users);
    const lastMs = Date.now();
    let counts: Readonly<Record<string, number>> = {};
    await until(async () => {
      counts = await counted();
      return isDeepStrictEqual(counts, seen) || Date.now() > lastMs + 15_000;
    });
    assert.deepEqual(counts, seen);
  });

  test('matches outlive a restart of HAProxy, are read from its map, and are gone with the way back', async (t) => {
    const { router } = await make(t, running, { match: true });
    const { stable, candidate } = await versions(t);
    const route: Route = {
      stable,
      candidate,
      weight: 0,
      match: [
        { header: 'X-Canary', equals: 'yes' },
        { cookie: 'a', equals: 'x y"' },
      ],
    };
    const canary = async () => (await get(t, running.address, { 'x-canary': 'yes' })).version;
    await router.setRoute(route, { token: 1, seq: 1 }, soon());
    await running.down();
    await running.up();
    assert.equal(await canary(), candidate.version);
    assert.deepEqual((await router.readRoute(soon()))?.route, route);
    await running.say(`clear map ${running.state}/shop.map`);
    assert.deepEqual((await router.readRoute(soon()))?.route, { ...route, match: [] });
    await router.setRoute(route, { token: 1, seq: 2 }, soon());
    assert.deepEqual((await router.readRoute(soon()))?.route, route);
    await router.setRoute({ ...route, match: [] }, { token: 1, seq: 3 }, soon());
    assert.equal(await canary(), stable.version);
    await router.setRoute(route, { token: 1, seq: 4 }, soon());
    await router.close(soon());
    assert.equal(await canary(), stable.version);
    running.configure({});
    await running.down();
    await running.up();
    await assert.rejects(client(running, {}, { match: true }).open(soon()), /does not use .*shop\.map/);
  });

  test('a reload of HAProxy takes the route along, and the next write is taken by the new process', async (t) => {
    const { router } = await make(t, running);
    const { stable, candidate } = await versions(t);
    const route: Route = { stable, candidate, weight: 20, match: [] };
    await router.setRoute(route, { token: 1, seq: 1 }, soon());
    const before = running.pid;
    await running.reload();
    assert.notEqual(running.pid, before);
    assert.deepEqual((await router.readRoute(soon()))?.route, route);
    assert.equal(await shareOf(t, running.address, candidate.version, 100), 20);
    await router.setRoute({ ...route, weight: 60 }, { token: 1, seq: 2 }, soon());
    assert.equal(await shareOf(t, running.address, candidate.version, 100), 60);
  });

  test('a HAProxy that forgets its servers has nothing in force, and the next write brings it back', async (t) => {
    const { router } = await make(t, running, { keepsServers: false });
    const { stable, candidate } = await versions(t);
    const route: Route = { stable, candidate, weight: 25, match: [] };
    await router.setRoute(route, { token: 4, seq: 2 }, soon());
    await running.down();
    await running.up();
    assert.equal(await router.readRoute(soon()), null);
    await rejects(router.setRoute(route, { token: 3, seq: 9 }, soon()), 'E_STALE_FENCE');
    // The same write once more is a repeat that finds everything gone.
    await router.setRoute(route, { token: 4, seq: 2 }, soon());
    assert.deepEqual((await router.readRoute(soon()))?.route, route);
  });

  test('of two installations on one HAProxy the outdated one changes nothing, not even by closing', async (t) => {
    const { router: old, again } = await make(t, running);
    const { stable, candidate } = await versions(t);
    const route: Route = { stable, candidate, weight: 40, match: [] };
    await old.setRoute({ ...route, weight: 10 }, { token: 1, seq: 1 }, soon());
    const young = again();
    await young.open(soon());
    assert.equal((await young.readRoute(soon()))?.route.weight, 10, 'both see what is in force');
    assert.equal((await young.renewLease(2, soon()))?.route.weight, 10);
    await rejects(old.renewLease(1, soon()), 'E_STALE_FENCE');
    await rejects(old.setRoute(route, { token: 1, seq: 2 }, soon()), 'E_STALE_FENCE');
    await young.setRoute(route, { token: 2, seq: 1 }, soon());
    await old.close(soon());
    assert.deepEqual((await old.readRoute(soon()))?.route, route);

    // All at once: each finds the others' write whole or not at all, and the newest stands.
    const clients = [old, young, again(), again()];
    const results = await Promise.allSettled(
      Array.from({ length: 24 }, async (_, i) => {
        const weight = (i * 7) % 100;
        await clients[i % 4]?.setRoute({ ...route, weight }, { token: 3, seq: i + 1 }, soon());
      }),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    for (const { reason } of refused) assert.equal((reason as UserError).code, 'E_STALE_FENCE', String(reason));
    const reading = await young.readRoute(soon());
    assert.deepEqual(reading?.fence, { token: 3, seq: 24 });
    assert.equal(reading?.route.weight, (23 * 7) % 100);
    const another = client(running, { service: 'other' });
    await assert.rejects(another.open(soon()), /belongs to service shop/);
  });

  test('an instance that is replaced ends what it has under way, and gets nothing new', async (t) => {
    const { router } = await make(t, running);
    const held: (() => void)[] = [];
    const slow = await serve(t, (_, response) => held.push(() => response.setHeader('x-version', '1.0.0').end('late')));
    const { stable, candidate } = await versions(t);
    const first: Backend = { version: '1.0.0', endpoints: [slow.endpoint] };
    await router.setRoute({ stable: first, candidate: null, weight: 0, match: [] }, { token: 1, seq: 1 }, soon());
    const late = get(t, running.address);
    await until(() => held.length === 1);
    // More changes than there are servers: those with something under way are not taken.
    for (let seq = 2; seq < 14; seq++) {
      const moved = seq % 2 ? stable : candidate;
      const route: Route = { stable: { ...moved, version: '1.0.0' }, candidate: null, weight: 0, match: [] };
      await router.setRoute(route, { token: 1, seq }, soon());
      assert.equal((await get(t, running.address)).version, moved.version);
      assert.deepEqual((await router.readRoute(soon()))?.route, route);
    }
    assert.equal(held.length, 1);
    held[0]?.();
    assert.equal((await late).body, 'late');
  });

  const kinds = [
    { by: 'its totals', settings: {}, expected: { status: 1, broken: 3 } },
    { by: 'its log', settings: { log }, expected: { status: 1, broken: 2, timeout: 1 } },
  ];
  for (const { by, settings, expected } of kinds)
    test(`what a version did not answer is counted by its kind, by ${by}`, async (t) => {
      const { router } = await make(t, running, {
        ...settings,
        backend: [...usual, 'timeout server 300ms', 'timeout connect 300ms'],
      });
      const good = await serve(t, (_, response) => response.setHeader('x-version', '1').end());
      const bad = await serve(t, (request, response) => {
        if (request.url === '/cut') request.socket.destroy();
        else if (request.url === '/half') {
          response.writeHead(200, { 'content-length': 9 }).write('abc');
          setTimeout(() => request.socket.destroy(), 20);
        } else if (request.url !== '/silent') response.writeHead(request.url === '/fail' ? 503 : 404, { 'x-version': '2' }).end();
      });
      const nobody = await serve(t, () => {});
      await new Promise((resolve) => nobody.server.close(resolve));
      const stable: Backend = { version: '1', endpoints: [good.endpoint] };
      const candidate: Backend = { version: '2', endpoints: [bad.endpoint] };
      await router.setRoute({ stable, candidate, weight: 100, match: [] }, { token: 1, seq: 1 }, soon());
      const statuses = [];
      for (const path of ['/', '/fail', '/cut', '/half', '/silent'])
        statuses.push(
          await get(t, running.address, {}, { path }).then(
            ({ status }) => status,
            () => 'broken',
          ),
        );
      // HAProxy hangs up where a kept connection ends without an answer, so that the client may try again.
      assert.deepEqual(statuses, [404, 503, 'broken', 'broken', 504]);
      // A candidate that takes no connection: its requests are served by stable, and count for both.
      const route: Route = { stable, candidate: { version: '2', endpoints: [nobody.endpoint] }, weight: 50, match: [] };
      await router.setRoute(route, { token: 1, seq: 2 }, soon());
      for (let i = 0; i < 10; i++) assert.equal((await get(t, running.address)).status, 200);
      let samples: readonly Sample[] = [];
      const sum = (side: 'stable' | 'candidate', count: (counts: NonNullable<Sample['stable']>) => number | undefined) =>
        samples.reduce((total, { [side]: counts }) => total + ((counts && count(counts)) ?? 0), 0);
      await until(async () => {
        samples = await router.samples({ stable: '1', candidate: '2', afterSecond: 0, limit: 900 }, soon());
        return sum('stable', ({ n }) => n) >= 10;
      });
      assert.deepEqual([sum('stable', ({ n }) => n), sum('stable', ({ errors }) => errors)], [10, 0]);
      const tried = sum('candidate', ({ classes }) => classes.connect);
      assert.ok(tried >= 5 && tried <= 10, `${tried} of 10 requests came to the candidate first`);
      assert.equal(
        sum('candidate', ({ n }) => n),
        5 + tried,
      );
      for (const [kind, count] of Object.entries(expected))
        assert.equal(
          sum('candidate', ({ classes }) => classes[kind as ErrorClass]),
          count,
          kind,
        );
      assert.equal(
        sum('candidate', ({ errors }) => errors),
        4 + tried,
      );
    });

  test('a log that does not tell what HAProxy answers is a fault, and no reason to call a version good', async (t) => {
    await make(t, running, {});
    const router = client(running, {}, { log: `127.0.0.1:${log}` });
    await router.open(soon());
    t.after(() => router.close(soon()));
    const { stable, candidate } = await versions(t);
    await router.setRoute({ stable, candidate, weight: 50, match: [] }, { token: 1, seq: 1 }, soon());
    await shareOf(t, running.address, candidate.version, 60);
    const query = { stable: stable.version, candidate: candidate.version, afterSecond: 0, limit: 900 };
    let said: unknown;
    await until(async () => {
      said = await router.samples(query, soon()).then(
        () => null,
        (error: unknown) => error,
      );
      return said !== null;
    });
    assert.ok(said instanceof UserError && said.code === 'E_ROUTER_LOG' && /option httplog/.test(said.fix), String(said));
  });

  test('a server that somebody takes out or moves by hand is read so, and put right by the next write', async (t) => {
    const { router } = await make(t, running);
    const { stable, candidate } = await versions(t);
    const { stable: other } = await versions(t);
    const both: Backend = { version: '1.0.0', endpoints: [...stable.endpoints, ...other.endpoints] };
    const route: Route = { stable: both, candidate, weight: 50, match: [] };
    let seq = 1;
    await router.setRoute(route, { token: 1, seq }, soon());
    const [moved] = (await versions(t)).candidate.endpoints;
    const hands: readonly [string, (read: Route | undefined) => void][] = [
      ['disable server shop/rampart1', (read) => assert.deepEqual(read?.stable?.endpoints, other.endpoints)],
      ['set server shop/rampart1 state drain', (read) => assert.notEqual(read?.weight, 50)],
      [
        `set server shop/rampart2 addr 127.0.0.1 port ${moved?.port}`,
        (read) => assert.deepEqual(read?.stable?.endpoints[1], moved),
      ],
      [
        'set server shop/rampart5 weight 50; set server shop/rampart5 state ready',
        (read) => assert.ok((read?.weight ?? 50) < 50),
      ],
    ];
    for (const [line, expected] of hands) {
      await running.say(line);
      expected((await router.readRoute(soon()))?.route);
      await router.setRoute(route, { token: 1, seq: ++seq }, soon());
      assert.deepEqual((await router.readRoute(soon()))?.route, route, line);
    }
  });

  test('servers that are not Rampart’s are never touched, and share with no candidate', async (t) => {
    const own = await serve(t, (_, response) => response.setHeader('x-version', 'own').end());
    const line = `server own 127.0.0.1:${own.endpoint.port}`;
    const { router } = await make(t, running, { backend: [...usual, line] });
    const { stable, candidate } = await versions(t);
    const route: Route = { stable, candidate, weight: 10, match: [] };
    await assert.rejects(router.setRoute(route, { token: 1, seq: 1 }, soon()), /own in backend shop take a part of the requests/);
    assert.equal(await shareOf(t, running.address, 'own', 5), 100);
    // Stable beside it is fine: so a service is taken over without a gap.
    await router.setRoute({ ...route, weight: 0 }, { token: 1, seq: 2 }, soon());

    const { router: behind } = await make(t, running, { backend: [...usual, `${line} backup`] });
    assert.equal(await shareOf(t, running.address, 'own', 5), 100);
    await behind.setRoute(route, { token: 1, seq: 1 }, soon());
    assert.equal(await shareOf(t, running.address, 'own', 20), 0);
    assert.deepEqual((await behind.readRoute(soon()))?.route, route);
    assert.match(await running.say('show servers state shop'), / own 127\.0\.0\.1 2 0 1 1 /);
    await behind.close(soon());
    assert.equal(await shareOf(t, running.address, stable.version, 20), 100, 'closing leaves stable in force');
  });

  test('a route that cannot be served leaves everything as it is, and a way back is never refused', async (t) => {
    const { router } = await make(t, running, {
      backend: ['balance roundrobin', 'server-template rampart 1-2 127.0.0.1:1 disabled'],
    });
    const { stable, candidate } = await versions(t);
    const { stable: more } = await versions(t);
    const route: Route = { stable, candidate, weight: 10, match: [] };
    await router.setRoute(route, { token: 1, seq: 1 }, soon());
    const both: Backend = { ...stable, endpoints: [...stable.endpoints, ...more.endpoints] };
    const refused: readonly [Route, RegExp][] = [
      [{ ...route, stable: both }, /needs 3 servers in backend shop, and 2 have names/],
      [{ ...route, weight: 12.5 }, /finer than the step/],
      [{ ...route, stable: null }, /stable has no instance/],
      [{ ...route, match: [{ header: 'x-canary', equals: 'yes' }] }, /router\.haproxy\.match is not on/],
      [{ ...route, candidate: { ...candidate, endpoints: [{ host: 'no-such-host.invalid', port: 1 }] } }, /has no address/],
    ];
    for (const [other, why] of refused) {
      await assert.rejects(router.setRoute(other, { token: 1, seq: 2 }, soon()), why);
      assert.deepEqual(await router.readRoute(soon()).then((reading) => [reading?.route, reading?.fence.seq]), [route, 1]);
    }
    // The folder of the state cannot be written: nothing more for the candidate, and all back to stable all the same.
    rmSync(running.state, { recursive: true });
    await rejects(router.setRoute({ ...route, weight: 20 }, { token: 1, seq: 3 }, soon()), 'E_ROUTER_STATE');
    assert.match(await running.say('show servers state shop'), / rampart2 127\.0\.0\.1 2 \d 10 /);
    writeFileSync(running.state, 'no folder');
    t.after(() => rmSync(running.state, { recursive: true, force: true }));
    await rejects(router.setRoute({ ...route, weight: 0 }, { token: 1, seq: 4 }, soon()), 'E_ROUTER_STATE');
    assert.equal(await shareOf(t, running.address, stable.version, 20), 100);
  });

  test('a close and a way back with too few servers give stable those that there are, say what is missing, and keep the fence', async (t) => {
    const template = (servers: number) => ['balance roundrobin', `server-template rampart 1-${servers} 127.0.0.1:1 disabled`];
    const { router, again } = await make(t, running, { backend: template(4) });
    const { stable: one, candidate } = await versions(t);
    const { stable: two } = await versions(t);
    const stable: Backend = { ...one, endpoints: [...one.endpoints, ...two.endpoints] };
    // So the candidate has the first server, the only one that is left later.
    await router.setRoute({ stable: candidate, candidate: null, weight: 0, match: [] }, { token: 5, seq: 1 }, soon());
    await router.setRoute({ stable, candidate, weight: 40, match: [] }, { token: 5, seq: 2 }, soon());
    await running.down();
    running.configure({ backend: template(1) });
    await running.up();
    assert.equal(await shareOf(t, running.address, candidate.version, 10), 100);
    const missing = /needs 2 servers in backend shop, and 1 have names/;
    await assert.rejects(
      router.setRoute({ stable, candidate: null, weight: 0, match: [] }, { token: 5, seq: 3 }, soon()),
      missing,
    );
    assert.equal(await shareOf(t, running.address, stable.version, 10), 100);
    await running.say(`set server shop/rampart1 addr 127.0.0.1 port ${candidate.endpoints[0]?.port}`);
    await assert.rejects(router.close(soon()), missing);
    assert.equal(await shareOf(t, running.address, stable.version, 10), 100);

    const outdated = again();
    await rejects(outdated.setRoute({ stable, candidate, weight: 90, match: [] }, { token: 4, seq: 9 }, soon()), 'E_STALE_FENCE');
    assert.equal(await outdated.readRoute(soon()), null);
    await running.down();
    running.configure({ backend: template(4) });
    await running.up();
    await client(running, { service: 'another' }).open(soon());
    const next: Route = { stable, candidate, weight: 10, match: [] };
    await again().setRoute(next, { token: 5, seq: 4 }, soon());
    assert.deepEqual((await router.readRoute(soon()))?.route, next);
  });

  test('a HAProxy that Rampart cannot work with says so before anything moves, with what to do', async (t) => {
    const { again } = await make(t, running);
    const cases: readonly [HaproxySettings, RegExp][] = [
      [{ level: 'operator' }, /level operator.*\n.*level admin/],
      [{ backend: ['balance static-rr', usual[1]] }, /balance static-rr.*\n.*roundrobin/],
      [
        { backend: ['balance roundrobin', 'server a 127.0.0.1:1'] },
        /no server whose name begins with rampart.*\n.*server-template/,
      ],
    ];
    for (const [settings, said] of cases) {
      await running.down();
      running.configure({ keepsServers: false, ...settings });
      await running.up();
      await assert.rejects(again().open(soon()), (error: UserError) => said.test(`${error.message}\n${error.fix}`));
    }
    await running.down();
    await assert.rejects(
      again().open(soon()),
      (error: UserError) => error.code === 'E_ROUTER_UNREACHABLE' && /start HAProxy/i.test(error.fix),
    );
    running.configure({ sections: `backend raw\n  mode tcp\n  ${usual.join('\n  ')}` });
    await running.up();
    await assert.rejects(
      client(running, {}, { backend: 'raw' }).open(soon()),
      /mode tcp, in which HAProxy neither divides nor counts/,
    );
    await assert.rejects(client(running, {}, { backend: 'nope' }).open(soon()), /no backend nope/);
    if (process.getuid?.() !== 0) return;
    try {
      process.seteuid?.(65_533);
      await assert.rejects(
        again().readRoute(soon()),
        (error: UserError) => error.code === 'E_ROUTER_UNREACHABLE' && /user USER mode 600/.test(error.fix),
      );
    } finally {
      process.seteuid?.(0);
    }
  });
}

const usual = ['balance roundrobin', 'server-template rampart 1-8 127.0.0.1:1 disabled'] as const;

/** A router on a HAProxy as its user has just started it. */
async function make(
  t: TestContext,
  running: Haproxy,
  settings: HaproxySettings = {},
  context: Partial<RouterContext> = {},
): Promise<RouterUnderTest> {
  await running.down();
  rmSync(running.state, { recursive: true, force: true });
  running.configure(settings);
  await running.up();
  const more = { match: settings.match ?? false, ...(settings.log === undefined ? {} : { log: `127.0.0.1:${settings.log}` }) };
  const again = (): TrafficRouter => client(running, context, more);
  const router = again();
  await router.open(soon());
  t.after(() => router.close(soon()).catch(() => {}));
  return {
    router,
    again,
    address: async () => running.address,
    stop: () => running.down(),
    start: () => running.up(),
    async tamper(weight) {
      // Stable has the first server, the candidate the second: servers are taken in their order.
      await running.say(`set server shop/rampart2 weight ${weight}; set server shop/rampart1 weight ${100 - weight}`);
    },
  };
}

function client(
  running: Haproxy,
  context: Partial<RouterContext> = {},
  more: { backend?: string; log?: string; match?: boolean } = {},
): TrafficRouter {
  const config = HaproxyConfig.parse({ socket: running.socket, backend: 'shop', state: running.state, ...more });
  return haproxy.create(config, { service: 'shop', folder: running.folder, edgesMs: [], leaseMs: 30_000, ...context });
}
