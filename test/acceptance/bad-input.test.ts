import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ReleaseSummary } from '../../src/release/summary.ts';
import { type Placed, Stage } from './stage.ts';
import { ask, Users } from './users.ts';

type Refusal = {
  readonly error: string;
  readonly code: string;
  readonly where: string;
  readonly problems?: readonly {
    readonly line: number;
    readonly column: number;
    readonly message: string;
    readonly fix?: string;
  }[];
};

const stage = new Stage();

/** A mistake in a good document: what is replaced by what, and what has to be said about which place. */
const mistakes: readonly [name: string, from: string, to: string, at: string, said: RegExp][] = [
  ['unknown-key', 'bake: 1s', 'bak: 1s', 'bak:', /unknown key "?bak"?/],
  ['wrong-unit', 'bake: 1s', 'bake: 1 parsec', '1 parsec', /1 parsec|duration|time/],
  ['negative-weight', 'weight: 20%', 'weight: -20%', '-20%', /-20%|percent/],
  ['shrinking-steps', 'weight: 50%', 'weight: 10%', '10%', /weights have to grow: 10 ?% is not more than the 20 ?%/],
  ['missing-command', 'command:', 'cwd: .  #', 'process:', /command/],
  ['evil-name', 'name: shop', 'name: ../shop', '../shop', /expected a name of at most 63 small letters/],
];

describe('wrong input', { concurrency: 2 }, () => {
  let shop: Placed;
  before(async () => {
    await stage.up();
    shop = await stage.place('shop');
  });
  after(() => stage.close());

  test('every mistake in a document is named with file, line and column by validate and by release, and nothing is begun', async () => {
    const good = readFileSync(shop.file, 'utf8');
    const files: string[] = [];
    for (const [name, from, to] of mistakes) {
      assert(good.includes(from), name);
      files.push(stage.write(`${name}.yaml`, good.replace(from, to)));
    }
    const validated = await stage.cli('validate', ...files, '--json');
    assert.equal(validated.code, 2);
    const refusals = validated.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Refusal);
    assert.equal(refusals.length, mistakes.length);
    for (const [index, [name, , , at, said]] of mistakes.entries()) {
      const refusal = refusals[index];
      assert.equal(refusal?.code, 'E_SPEC', name);
      assert.match(refusal?.where ?? '', /\.yaml:\d+:\d+$/);
      const found = refusal?.problems?.find(({ message, fix }) => said.test(`${message} ${fix ?? ''}`));
      assert(found, `${name}: ${JSON.stringify(refusal)}`);
      const line = readFileSync(files[index] ?? '', 'utf8').split('\n')[found.line - 1];
      assert(line?.slice(found.column - 1).startsWith(at), `${name}: ${JSON.stringify(found)}`);
      // A release is refused with the same words, before anything is begun.
      if (index % 3 === 0)
        assert.deepEqual(await stage.json<Refusal>(2, 'release', files[index] ?? '', '--version', '1.0.0'), refusal);
    }
    const all = await stage.cli('validate', shop.file, ...files);
    assert.equal(all.code, 2);
    assert.match(all.out, /shop\.yaml: shop fine/);
    for (const file of files) assert.match(all.err, new RegExp(`${file.replaceAll('.', '\\.')}:\\d+:\\d+: `));
    assert.equal((await stage.ask('GET', '/api/v1/services/shop')).status, 404);
  });

  test('a file that is not there, a version that is no name, and an address that is none are wrong input', async () => {
    assert.equal((await stage.json<Refusal>(2, 'release', 'nothing.yaml', '--version', '1.0.0')).code, 'E_SPEC_UNREADABLE');
    assert.equal((await stage.json<Refusal>(2, 'release', shop.file, '--version', '../../etc')).code, 'E_INPUT');
    assert.equal(
      (await stage.json<Refusal>(2, 'up', '--listen', 'somewhere', '--data', join(stage.folder, 'other'))).code,
      'E_INPUT',
    );
    assert.equal((await stage.json<Refusal>(2, 'plan', shop.file, '--version', '1.0.0', '--rps', 'many')).code, 'E_INPUT');
  });

  test('a port that another program has is named: by the release, which is rejected, and by up', async () => {
    const server = createServer((_request, response) => response.end('mine'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { file } = await stage.place('squeezed', {}, port);
      const answer = await stage.cli('release', file, '--version', '1.0.0', '--wait', '--json');
      assert.equal(answer.code, 1, answer.out + answer.err);
      const summary = JSON.parse(answer.out) as ReleaseSummary;
      assert.equal(summary.outcome, 'rejected');
      assert.match(summary.reason, new RegExp(`another program already listens on 127\\.0\\.0\\.1:${port}`));
      assert.deepEqual(stage.instances('squeezed'), {});

      const refusal = await stage.json<Refusal>(3, 'up', '--listen', `127.0.0.1:${port}`, '--data', join(stage.folder, 'third'));
      assert.equal(refusal.code, 'E_PORT_TAKEN');
      assert.match(refusal.error, new RegExp(`127\\.0\\.0\\.1:${port} is taken by another program`));
      // The folder is free again.
      const again = await stage.json<Refusal>(3, 'up', '--listen', `127.0.0.1:${port}`, '--data', join(stage.folder, 'third'));
      assert.equal(again.code, 'E_PORT_TAKEN');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('another listen address for a service with users is rejected, and so is the address of another service', async () => {
    const first = await stage.place('first');
    await stage.install(first, '1.0.0');
    const users = new Users(first.port, 40);
    try {
      const second = await stage.place('second', {}, first.port);
      const taken = await stage.cli('release', second.file, '--version', '1.0.0', '--wait', '--json');
      assert.equal(taken.code, 1);
      assert.match((JSON.parse(taken.out) as ReleaseSummary).reason, /already listens/);
      const moved = await stage.place('first');
      const refused = await stage.cli('release', moved.file, '--version', '2.0.0', '--wait', '--json');
      assert.equal(refused.code, 1);
      const summary = JSON.parse(refused.out) as ReleaseSummary;
      assert.equal(summary.outcome, 'rejected');
      assert.match(summary.reason, /spec\.router differs/);
      assert.deepEqual(await ask(first.port), { status: 200, version: '1.0.0' });
    } finally {
      await users.stop();
    }
    assert.equal(users.failed, 0, users.examples.join('; '));
  });
});
