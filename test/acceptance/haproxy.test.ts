import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import { freeUdpPort, Haproxy, haproxyProgram } from '../programs/haproxy.ts';
import { type Placed, Stage, until } from './stage.ts';
import { Users } from './users.ts';

const program = await haproxyProgram();
if ('missing' in program) test('releases behind a HAProxy', { skip: program.missing }, () => {});
else suite(program.path);

function suite(binary: string): void {
  const stage = new Stage();
  let haproxy: Haproxy;
  let shop: Placed;

  describe('releases behind a HAProxy of the user’s own', () => {
    before(async () => {
      const log = await freeUdpPort();
      haproxy = await Haproxy.start(binary, { log });
      await stage.up();
      const router = `haproxy: { socket: ${haproxy.socket}, backend: shop, state: ${haproxy.state}, log: 127.0.0.1:${log} }`;
      const strategy = '{ canary: { steps: [ { weight: 20%, for: 1s } ] } }';
      const deadlines = '{ ready: 10s, route: 15s, drain: 5s, hook: 5s }';
      shop = await stage.place('shop', { router, release: { strategy, deadlines } }, haproxy.port);
      await stage.install(shop, '1.0.0');
    });
    after(() => stage.close(() => void haproxy.close()));

    test('a good version is promoted step by step; no request fails', async () => {
      const users = new Users(haproxy.port, 100);
      try {
        await until('the users are served', () => (users.seen['1.0.0']?.requests ?? 0) > 30);
        const answer = await stage.cli('release', shop.file, '--version', '1.1.0', '--wait', '--json');
        assert.equal(answer.code, 0, answer.out + answer.err);
        const summary = JSON.parse(answer.out) as ReleaseSummary;
        assert.equal(summary.outcome, 'succeeded', summary.reason);
        assert.equal(summary.failedRequests, 0);
        const view = await stage.service('shop');
        assert.equal(view.stable?.version, '1.1.0');
        const seen = await users.stop();
        assert.ok((seen['1.1.0']?.requests ?? 0) >= summary.candidateRequests && summary.candidateRequests > 30);
      } finally {
        await users.stop();
      }
      assert.equal(users.failed, 0, users.examples.join('; '));
    });

    test('a version that fails goes back by itself in seconds, with its failures counted exactly', async () => {
      stage.behaves('1.2.0', { failEvery: 2 });
      const users = new Users(haproxy.port, 100);
      try {
        const answer = await stage.cli('release', shop.file, '--version', '1.2.0', '--wait', '--json');
        assert.equal(answer.code, 1, answer.out + answer.err);
        const summary = JSON.parse(answer.out) as ReleaseSummary;
        assert.equal(summary.outcome, 'rolled-back');
        assert.ok(summary.secondsToSafety !== null && summary.secondsToSafety <= 6, `${summary.secondsToSafety} s to safety`);
        const seen = await users.stop();
        assert.deepEqual({ requests: summary.candidateRequests, failed: summary.failedRequests }, seen['1.2.0']);
        assert.ok(summary.failedRequests > 0);
        assert.equal(seen['1.1.0']?.failed, 0);
        assert.equal(seen.none, undefined, users.examples.join('; '));
        assert.equal((await stage.service('shop')).stable?.version, '1.1.0');
      } finally {
        await users.stop();
      }
    });
  });
}
