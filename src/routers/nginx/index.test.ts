import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { UserError } from '../../errors.ts';
import { systemClock } from '../../runtime/clock.ts';
import { type EffectContext, performEffect } from '../../runtime/effects.ts';
import { routerConformance } from '../conformance.ts';
import type { Route } from '../router.ts';
import { get, rejects, serve, soon, until, versions } from '../users.fixture.ts';
import { makeNginx, program } from './nginx.fixture.ts';
import { HeldConnections } from './status.ts';

if ('missing' in program) test('nginx', { skip: program.missing }, () => {});
// At once, because reloads are mostly waiting.
else
  describe('nginx', { concurrency: 4 }, () => {
    for (const mode of ['lua', 'reload'] as const) {
      routerConformance(`nginx, ${mode}`, (t, context) => makeNginx(t, mode, context));

      test(`${mode}: what a match says cannot break out of the configuration`, async (t) => {
        const { router, server } = await makeNginx(t, mode);
        const { stable, candidate } = await versions(t);
        const odd = ['a"b', 'a\\', "it's", '$http_host', '} server { listen 1;', '~^x', 'a;b#c', ']==]', '--[[', '\\n"', '{'];
        const match: Route['match'] = [
          ...odd.map((equals) => ({ header: 'X-Odd', equals })),
          { header: 'X-Pattern', pattern: '^"\\d{2}\\\\$' },
          { cookie: 'odd.name', equals: 'v"$1' },
        ];
        await router.setRoute({ stable, candidate, weight: 0, match }, { token: 1, seq: 1 }, soon());
        assert.deepEqual((await router.readRoute(soon()))?.route.match, match);
        const where = { host: '127.0.0.1', port: server.port };
        const goesTo = async (headers: Record<string, string>) => (await get(t, where, headers)).version;
        for (const value of odd) assert.equal(await goesTo({ 'x-odd': value }), candidate.version, value);
        assert.equal(await goesTo({ 'x-odd': 'A"B' }), stable.version, 'with case');
        assert.equal(await goesTo({ 'x-pattern': '"42\\' }), candidate.version);
        assert.equal(await goesTo({ cookie: 'odd.name=v"$1' }), candidate.version);
        assert.equal(await goesTo({ cookie: 'oddxname=v"$1' }), stable.version);
      });

      test(`${mode}: a candidate that takes no connection is counted, and its users are served by stable`, async (t) => {
        const { router, server, again } = await makeNginx(t, mode);
        const { stable, candidate } = await versions(t);
        const gone = await serve(t, () => {});
        await new Promise((closed) => gone.server.close(closed));
        const dead = { ...candidate, endpoints: [gone.endpoint] };
        await router.setRoute({ stable, candidate: dead, weight: 50, match: [] }, { token: 1, seq: 1 }, soon());
        const where = { host: '127.0.0.1', port: server.port };
        for (let i = 0; i < 20; i++) assert.equal((await get(t, where)).version, stable.version);
        const query = { stable: stable.version, candidate: candidate.version, afterSecond: 0, limit: 100 };
        const refused = async (one: typeof router) =>
          (await one.samples(query, soon())).reduce((sum, { candidate: counts }) => sum + (counts?.classes.connect ?? 0), 0);
        await until(async () => (await refused(router)) === 10);
        assert.equal(await refused(again()), 10, 'the counts outlive the controller');
      });

      test(`${mode}: once a newer controller has renewed, the one before is refused, also after nginx was started anew`, async (t) => {
        const { router, again, server } = await makeNginx(t, mode);
        const { stable, candidate } = await versions(t);
        const route: Route = { stable, candidate, weight: 30, match: [] };
        await router.setRoute(route, { token: 1, seq: 1 }, soon());
        const workers = server.workers();
        await again().renewLease(2, soon());
        assert.deepEqual(server.workers(), workers, 'a renewal reloads nothing');
        const refused = async (): Promise<void> => {
          await rejects(router.renewLease(1, soon()), 'E_STALE_FENCE');
          await rejects(router.setRoute({ ...route, weight: 90 }, { token: 1, seq: 2 }, soon()), 'E_STALE_FENCE');
          await router.close(soon());
          assert.deepEqual((await router.readRoute(soon()))?.route, route, 'its close changes nothing either');
        };
        await refused();
        await server.crash();
        await server.up();
        await refused();
        await again().setRoute({ ...route, weight: 10 }, { token: 2, seq: 1 }, soon());
        assert.equal((await router.readRoute(soon()))?.route.weight, 10);
      });

      test(`${mode}: two controllers that write at once do not get into each other’s change`, async (t) => {
        const { router, again } = await makeNginx(t, mode);
        const { stable, candidate } = await versions(t);
        const write = (one: typeof router, seq: number) =>
          one.setRoute({ stable, candidate, weight: seq * 10, match: [] }, { token: 1, seq }, soon());
        const [left, right] = [router, again()];
        const results = await Promise.allSettled([1, 2, 3, 4].map((seq) => write(seq % 2 ? left : right, seq)));
        for (const result of results)
          if (result.status === 'rejected')
            assert.equal((result.reason as UserError).code, 'E_STALE_FENCE', String(result.reason));
        const reading = await right.readRoute(soon());
        assert.deepEqual([reading?.route.weight, reading?.fence.seq], [40, 4]);
      });

      test(`${mode}: without a stable version only the candidate's requests are answered, the others with 503`, async (t) => {
        const { router, server } = await makeNginx(t, mode);
        const { candidate } = await versions(t);
        const match: Route['match'] = [{ header: 'x-canary', equals: 'yes' }];
        await router.setRoute({ stable: null, candidate, weight: 0, match }, { token: 1, seq: 1 }, soon());
        const where = { host: '127.0.0.1', port: server.port };
        assert.equal((await get(t, where)).status, 503);
        assert.equal((await get(t, where, { 'x-canary': 'yes' })).version, candidate.version);
      });
    }

    test('a configuration that somebody else has broken is left alone, and named by file and line', async (t) => {
      const { router, server } = await makeNginx(t, 'reload');
      const { stable, candidate } = await versions(t);
      await router.setRoute({ stable, candidate: null, weight: 0, match: [] }, { token: 1, seq: 1 }, soon());
      const before = readFileSync(server.include, 'utf8');
      server.configure({ http: 'sometimes on;' });
      const next: Route = { stable, candidate, weight: 30, match: [] };
      await assert.rejects(router.setRoute(next, { token: 1, seq: 2 }, soon()), (error: unknown) => {
        assert(error instanceof UserError);
        assert.equal(error.code, 'E_ROUTER_CONFIG');
        assert.match(error.message, /unknown directive "sometimes"/);
        assert.match(error.where, /nginx\.conf:\d+$/);
        return true;
      });
      assert.equal(readFileSync(server.include, 'utf8'), before, 'the file is as it was');
      assert.equal((await router.readRoute(soon()))?.route.weight, 0);
      assert.equal((await get(t, { host: '127.0.0.1', port: server.port })).version, stable.version);
      server.configure({});
      await router.setRoute(next, { token: 1, seq: 2 }, soon());
      assert.equal((await router.readRoute(soon()))?.route.weight, 30);
    });

    test('files, commands and reloads that are not what they should be are told apart', async (t) => {
      const { router, other, server } = await makeNginx(t, 'reload');
      const { stable, candidate } = await versions(t);
      const route: Route = { stable, candidate: null, weight: 0, match: [] };
      await router.setRoute(route, { token: 1, seq: 1 }, soon());
      const fence = { token: 1, seq: 2 };
      const before = readFileSync(server.include, 'utf8');
      await rejects(other({ test: ['/no/such/nginx', '-t'] }).setRoute(route, fence, soon()), 'E_ROUTER_COMMAND');
      await rejects(other({ test: ['false'] }).setRoute(route, fence, soon()), 'E_ROUTER_COMMAND');
      assert.equal(readFileSync(server.include, 'utf8'), before, 'what was not tested is not left there');
      await rejects(other({ reload: ['false'] }).setRoute(route, fence, soon()), 'E_ROUTER_COMMAND');
      await rejects(other({ reload: ['true'], timeout: '1s' }).setRoute(route, fence, soon()), 'E_ROUTER_RELOAD');
      assert.equal((await router.readRoute(soon()))?.fence.seq, 1, 'what is in force is read from nginx, not from the file');
      const written = readFileSync(server.include, 'utf8');
      const raised: Route = { ...route, candidate, weight: 40 };
      await rejects(other({ reload: ['true'], timeout: '1s' }).setRoute(raised, { token: 1, seq: 3 }, soon()), 'E_ROUTER_RELOAD');
      assert.equal(readFileSync(server.include, 'utf8'), written, 'no reload of somebody else may bring more traffic');
      await router.setRoute(route, fence, soon());
      assert.equal((await router.readRoute(soon()))?.fence.seq, 2, 'the same once more is carried out');

      rmSync(server.include);
      await rejects(router.readRoute(soon()), 'E_ROUTER_UNREACHABLE');
      await router.open(soon());
      assert.equal((await router.readRoute(soon()))?.fence.seq, 2, 'a file that was removed is there again as it was');

      await rejects(other({ include: join(server.folder, 'no/folder.conf') }).open(soon()), 'E_ROUTER_FILE');
      const theirs = join(server.folder, 'theirs.conf');
      writeFileSync(theirs, 'upstream theirs { server 127.0.0.1:1; }\n');
      await rejects(other({ include: theirs }).open(soon()), 'E_ROUTER_FILE');
      await rejects(other({ include: theirs }).setRoute(route, fence, soon()), 'E_ROUTER_FILE');
      assert.equal(readFileSync(theirs, 'utf8'), 'upstream theirs { server 127.0.0.1:1; }\n');
      await rejects(other({ mode: 'lua' }).open(soon()), 'E_ROUTER_FILE');
      const named = { ...stable, endpoints: [{ host: 'app.internal', port: 80 }] };
      await rejects(router.setRoute({ ...route, stable: named }, { token: 1, seq: 3 }, soon()), 'E_ROUTE_REFUSED');
    });

    test('a configuration that takes its time to be tested can be changed, and a command without an end is named', async (t) => {
      const { router, other, server } = await makeNginx(t, 'reload');
      const { stable, candidate } = await versions(t);
      const before: Route = { stable, candidate: null, weight: 0, match: [] };
      await router.setRoute(before, { token: 1, seq: 1 }, soon());
      const slow = other({ test: ['sh', '-c', 'sleep 3; exec "$0" "$@"', ...server.command('-t')] });
      const context = { clock: systemClock, token: 1, opened: async () => ({ router: slow }) } as unknown as EffectContext;
      // As the runtime does it, with the time that it gives a route.
      const route: Route = { stable, candidate, weight: 40, match: [] };
      await performEffect({ kind: 'set-route', key: 'route', route, seq: 2 }, context, soon());
      assert.deepEqual((await router.readRoute(soon()))?.route, route);

      const raised: Route = { ...route, weight: 60 };
      for (const command of ['test', 'reload']) {
        const hung = other({ [command]: ['sleep', '60'], timeout: '300ms' });
        await assert.rejects(hung.setRoute(raised, { token: 1, seq: 3 }, soon()), (error: unknown) => {
          assert(error instanceof UserError, String(error));
          assert.equal(error.code, 'E_ROUTER_TIMEOUT');
          assert.match(error.message, /`sleep 60` had not ended after 0\.3 s/);
          assert.equal(error.where, `router.nginx.${command}`);
          assert.match(error.fix, /router\.nginx\.timeout/);
          return true;
        });
      }
      assert.deepEqual((await router.readRoute(soon()))?.route, route);
      const calledOff = other({ test: ['sleep', '60'] }).setRoute(raised, { token: 1, seq: 4 }, AbortSignal.timeout(100));
      await assert.rejects(calledOff, { name: 'TimeoutError' });
    });

    test('an nginx without the Lua module is told what it needs', async (t) => {
      const { other, server } = await makeNginx(t, 'reload', {}, { lua: false });
      const include = join(server.folder, 'home/lua.conf');
      const router = other({ mode: 'lua', include, status: '127.0.0.1:9' });
      await rejects(router.open(soon()), 'E_ROUTER_UNREACHABLE');
      assert(existsSync(include));
      server.configure({ lua: false, http: `include ${include};` });
      await rejects(router.open(soon()), 'E_ROUTER_MODULE');
    });

    test('a log that is not there or cannot be read is a fault with its place, and no silence', async (t) => {
      const { router, other, server } = await makeNginx(t, 'reload');
      const { stable } = await versions(t);
      await router.setRoute({ stable, candidate: null, weight: 0, match: [] }, { token: 1, seq: 1 }, soon());
      const query = { stable: stable.version, candidate: null, afterSecond: 0, limit: 100 };
      await router.samples(query, soon());
      const said = (one: typeof router, file: string, what: RegExp) =>
        assert.rejects(one.samples(query, soon()), (error: unknown) => {
          assert(error instanceof UserError, String(error));
          assert.deepEqual([error.code, error.where], ['E_ROUTER_LOG', file]);
          assert.match(`${error.message}. ${error.fix}`, what);
          return true;
        });
      rmSync(server.log);
      await said(router, server.log, /is not there.*nginx -s reopen/);
      assert.equal(spawnSync(server.command()[0] ?? '', server.command('-s', 'reopen').slice(1)).status, 0);
      await until(() => existsSync(server.log));
      await get(t, { host: '127.0.0.1', port: server.port });
      await until(async () => (await router.samples(query, soon())).some((sample) => sample.stable?.n === 1));
      await said(other({ log: server.folder }), server.folder, /cannot be read: EISDIR/);
      const missing = join(server.folder, 'no/such.log');
      await said(other({ log: missing }), missing, /is not there/);
    });

    test('a reload waits for every worker from before, whichever of them has its turn to answer', async (t) => {
      const { server, config, key } = await makeNginx(t, 'reload');
      const before = [...server.workers()].sort();
      assert.equal(before.length, 2);
      for (let round = 0; round < 8; round++) {
        const held = new HeldConnections();
        await held.open(config, key(), soon());
        assert.deepEqual([...held.workers].sort(), before, `round ${round}`);
        assert.equal(held.areClosed, false);
        held.end();
      }
      const held = new HeldConnections();
      await held.open(config, key(), soon());
      await server.reload();
      await until(() => held.areClosed);
    });

    test('a reload cuts no request that is under way', async (t) => {
      const { router, server } = await makeNginx(t, 'reload');
      const waiting: (() => void)[] = [];
      const slow = await serve(t, (_, response) => waiting.push(() => response.end('slow')));
      const { candidate } = await versions(t);
      const stable = { version: '1.0.0', endpoints: [slow.endpoint] };
      await router.setRoute({ stable, candidate: null, weight: 0, match: [] }, { token: 1, seq: 1 }, soon());
      const where = { host: '127.0.0.1', port: server.port };
      const answers = Promise.all(Array.from({ length: 10 }, () => get(t, where)));
      await until(() => waiting.length === 10);
      await router.setRoute({ stable, candidate, weight: 100, match: [] }, { token: 1, seq: 2 }, soon());
      assert.equal((await get(t, where)).version, candidate.version);
      for (const end of waiting) end();
      for (const answer of await answers) assert.deepEqual([answer.status, answer.body], [200, 'slow']);
    });

    test('a close leaves all traffic on stable, unless a newer controller is at work', async (t) => {
      const { router, again } = await makeNginx(t, 'lua');
      const { stable, candidate } = await versions(t);
      await router.setRoute({ stable, candidate, weight: 40, match: [] }, { token: 1, seq: 1 }, soon());
      const newer = again();
      await newer.setRoute({ stable, candidate, weight: 60, match: [] }, { token: 2, seq: 1 }, soon());
      await router.close(soon());
      assert.equal((await newer.readRoute(soon()))?.route.weight, 60);
      await newer.close(soon());
      const left = await newer.readRoute(soon());
      assert.deepEqual([left?.route.weight, left?.route.stable?.version], [0, stable.version]);
    });
  });
