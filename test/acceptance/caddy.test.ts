import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import { Caddy, caddyProgram } from '../programs/caddy.ts';
import { type Placed, Stage, until } from './stage.ts';
import { Users } from './users.ts';

const program = await caddyProgram();
if ('missing' in program) test('releases behind a Caddy', { skip: program.missing }, () => {});
else suite(program.path);

/** What a change of Caddy's configuration may do to a request on an idle connection: it never began, and only its client can repeat it. */
const idleReset = /^none: (socket hang up|read ECONNRESET|write EPIPE)$/;

function suite(binary: string): void {
  const stage = new Stage();
  let caddy: Caddy;
  let shop: Placed;

  /** Releases a version before users; of these no answer may be missing, whatever happens to idle connections. */
  async function released(version: string, code: number) {
    const users = new Users(caddy.port, 100);
    try {
      await until('the users are served', () => (users.seen['1.0.0']?.requests ?? 0) + (users.seen['1.1.0']?.requests ?? 0) > 30);
      const answer = await stage.cli('release', shop.file, '--version', version, '--wait', '--json');
      assert.equal(answer.code, code, answer.out + answer.err);
      const seen = await users.stop();
      const lost = users.examples.filter((each) => each.startsWith('none') && !idleReset.test(each));
      assert.deepEqual(lost, []);
      return { summary: JSON.parse(answer.out) as ReleaseSummary, seen };
    } finally {
      await users.stop();
    }
  }

  describe('releases behind a Caddy of the user’s own', () => {
    before(async () => {
      caddy = await Caddy.start(binary);
      await stage.up();
      const router = `caddy: { admin: ${caddy.admin}, id: shop, log: ${caddy.log} }`;
      const strategy = '{ canary: { steps: [ { weight: 20%, for: 1s } ] } }';
      const deadlines = '{ ready: 10s, route: 15s, drain: 2s, hook: 5s }';
      shop = await stage.place('shop', { router, release: { strategy, deadlines } }, caddy.port);
      await stage.install(shop, '1.0.0');
    });
    after(() => stage.close(() => void caddy.close()));

    test('a good version is promoted step by step', async () => {
      const { summary, seen } = await released('1.1.0', 0);
      assert.equal(summary.outcome, 'succeeded', summary.reason);
      assert.equal(summary.failedRequests, 0);
      assert.equal((await stage.service('shop')).stable?.version, '1.1.0');
      assert.ok(summary.candidateRequests > 30 && (seen['1.1.0']?.requests ?? 0) >= summary.candidateRequests);
      assert.deepEqual([seen['1.0.0']?.failed, seen['1.1.0']?.failed], [0, 0]);
    });

    test('a version that fails goes back by itself in seconds, with its failures counted exactly', async () => {
      stage.behaves('1.2.0', { failEvery: 2 });
      const { summary, seen } = await released('1.2.0', 1);
      assert.equal(summary.outcome, 'rolled-back');
      assert.ok(summary.secondsToSafety !== null && summary.secondsToSafety <= 6, `${summary.secondsToSafety} s to safety`);
      assert.deepEqual({ requests: summary.candidateRequests, failed: summary.failedRequests }, seen['1.2.0']);
      assert.ok(summary.failedRequests > 0);
      assert.equal(seen['1.1.0']?.failed, 0);
      assert.equal((await stage.service('shop')).stable?.version, '1.1.0');
    });

    test('a Caddy that was started again without its route has it back in seconds', async () => {
      await caddy.down();
      await caddy.up();
      const users = new Users(caddy.port, 50);
      try {
        await until('stable serves again', () => (users.seen['1.1.0']?.requests ?? 0) > 10);
      } finally {
        await users.stop();
      }
    });
  });
}
