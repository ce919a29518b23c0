import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { UserError } from '../../errors.ts';
import { get, rejects, routerConformance, serve, soon, until, versions } from '../conformance.ts';
import type { Route } from '../router.ts';
import { makeNginx, program } from './nginx.fixture.ts';

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
      await rejects(other({ reload: ['true'] }).setRoute(route, fence, soon()), 'E_ROUTER_RELOAD');
      assert.equal((await router.readRoute(soon()))?.fence.seq, 1, 'what is in force is read from nginx, not from the file');
      const written = readFileSync(server.include, 'utf8');
      const raised: Route = { ...route, candidate, weight: 40 };
      await rejects(other({ reload: ['true'] }).setRoute(raised, { token: 1, seq: 3 }, soon()), 'E_ROUTER_RELOAD');
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

    test('an nginx without the Lua module is told what it needs', async (t) => {
      const { other, server } = await makeNginx(t, 'reload', {}, { lua: false });
      const include = join(server.folder, 'home/lua.conf');
      const router = other({ mode: 'lua', include, status: '127.0.0.1:9' });
      await rejects(router.open(soon()), 'E_ROUTER_UNREACHABLE');
      assert(existsSync(include));
      server.configure({ lua: false, http: `include ${include};` });
      await rejects(router.open(soon()), 'E_ROUTER_MODULE');
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
