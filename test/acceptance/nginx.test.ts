import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import { Nginx, nginxProgram } from '../programs/nginx.ts';
import { Stage, until } from './stage.ts';
import { Users } from './users.ts';

const program = await nginxProgram();
if ('missing' in program) test('releases behind an nginx', { skip: program.missing }, () => {});
else suite(program.path);

function suite(binary: string): void {
  const stage = new Stage();
  const servers: Nginx[] = [];

  describe('releases behind an nginx of the user’s own', { concurrency: 2 }, () => {
    before(() => stage.up());
    after(async () => {
      await stage.close();
      for (const server of servers) await server.close();
    });

    test('a first release says what is to be included; by reloads a bad version goes back, its failures counted exactly', async () => {
      const { server, release, early } = await shopBehind('reload');
      assert.equal(early.code, 1, early.out + early.err);
      assert.match((JSON.parse(early.out) as ReleaseSummary).reason, /nginx does not answer at 127\.0\.0\.1/);
      stage.behaves('1.2.0', { failEvery: 2 });
      const users = new Users(server.port, 60);
      try {
        await until('the users are served', () => (users.seen['1.0.0']?.requests ?? 0) > 30);
        const bad = await release(1, '1.2.0');
        assert.equal(bad.outcome, 'rolled-back', bad.reason);
        assert.ok(bad.secondsToSafety !== null && bad.secondsToSafety <= 8, `${bad.secondsToSafety} s to safety`);
        const seen = await users.stop();
        assert.deepEqual({ requests: bad.candidateRequests, failed: bad.failedRequests }, seen['1.2.0']);
        assert.ok(bad.failedRequests > 0);
        assert.equal(seen['1.0.0']?.failed, 0);
        // What a reload may cost: idle connections that close just as they are used again, and nothing that nginx has answered.
        for (const example of users.examples.filter((text) => text.startsWith('none')))
          assert.match(example, /ECONNRESET|socket hang up|EPIPE/);
      } finally {
        await users.stop();
      }
    });

    test('with the Lua module a good version is promoted, and no request fails', async () => {
      const { server, release } = await shopBehind('lua');
      const users = new Users(server.port, 60);
      try {
        await until('the users are served', () => (users.seen['1.0.0']?.requests ?? 0) > 30);
        const good = await release(0, '1.1.0');
        assert.equal(good.outcome, 'succeeded', good.reason);
        assert.equal(good.failedRequests, 0);
        assert.ok(good.candidateRequests > 20);
        const before = users.answered;
        await until('the new version serves on', () => users.answered > before + 10);
      } finally {
        await users.stop();
      }
      assert.equal(users.failed, 0, users.examples.join('; '));
      assert.ok((users.seen['1.1.0']?.requests ?? 0) > 20);
    });
  });

  /** A small service with 1.0.0 in force, and what its very first release said while no nginx had its file. */
  async function shopBehind(mode: 'reload' | 'lua') {
    const name = `shop-${mode}`;
    const server = await Nginx.make(binary, `rampart_shop_${mode}`);
    servers.push(server);
    const commands = `test: ${JSON.stringify(server.command('-t'))}, reload: ${JSON.stringify(server.command('-s', 'reload'))}`;
    const files = `include: ${server.include}, log: ${server.log}, status: ${server.status}`;
    const router = `nginx: { mode: ${mode}, ${files}, ${commands} }`;
    const strategy = '{ canary: { steps: [ { weight: 20%, for: 1s } ] } }';
    const shop = await stage.place(name, { router, release: { strategy } }, server.port);
    const early = await stage.cli('release', shop.file, '--version', '1.0.0', '--wait', '--json');
    await server.up();
    await stage.install(shop, '1.0.0');
    const release = (code: number, version: string) =>
      stage.json<ReleaseSummary>(code, 'release', shop.file, '--version', version, '--wait');
    return { server, release, early };
  }
}
