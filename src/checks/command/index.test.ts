import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { checkConformance, contextFor } from '../conformance.ts';
import { TestFolder } from '../folder.fixture.ts';
import { hasEnded } from '../processes.fixture.ts';
import { command } from './index.ts';

const files = new TestFolder(after);
const secret = 'hunter2-of-the-shop';
const { PATH } = process.env;

checkConformance(
  'command',
  command,
  [
    { name: 'it ends with 0', given: () => ({ run: ['sh', '-c', 'exit 0'] }), status: 'pass', found: /^exit code 0/ },
    {
      name: 'it ends with 3',
      given: () => ({ shell: 'echo broken; exit 3' }),
      status: 'fail',
      found: /^exit code 3$/,
      fix: /by hand/,
    },
    { name: 'another code is expected', given: () => ({ shell: 'exit 3', expectExit: [3, 4] }), status: 'pass' },
    { name: 'a signal ends it', given: () => ({ shell: 'kill -TERM $$' }), status: 'fail', found: /SIGTERM/ },
    { name: 'it says what it should', given: () => ({ shell: 'echo all is well >&2', contains: 'is well' }), status: 'pass' },
    {
      name: 'it says nothing of it',
      given: () => ({ shell: 'echo so', contains: ['well'] }),
      status: 'fail',
      found: /does not say "well"/,
    },
    {
      name: 'it says what it should not',
      given: () => ({ shell: 'echo WARN: x', notContains: 'WARN' }),
      status: 'fail',
      found: /it says "WARN"/,
    },
    {
      name: 'no such program',
      given: () => ({ run: ['no-such-program'] }),
      status: 'unproven',
      found: /no program no-such-program/,
      fix: /install/,
    },
    { name: 'no such program, says the shell', given: () => ({ shell: 'no-such-program' }), status: 'unproven', found: /127/ },
    { name: 'no such folder', given: () => ({ run: ['true'], cwd: 'gone' }), status: 'unproven', found: /no folder gone/ },
    {
      name: 'secrets of the environment are hidden',
      given: () => ({ shell: 'echo "the word is $SHOP_TOKEN and $DB"; exit 1', env: { DB: { env: 'OTHER' } } }),
      status: 'fail',
      secret,
      context: { environment: { PATH, SHOP_TOKEN: secret, OTHER: secret } },
    },
    {
      name: 'a secret that is not there',
      given: () => ({ run: ['true'], env: { DB: { env: 'NOT_THERE' } } }),
      status: 'unproven',
      found: /NOT_THERE is not set/,
    },
    {
      name: 'its time is over',
      given: () => ({ shell: 'echo begun; sleep 60' }),
      status: 'fail',
      found: /no end within/,
      fix: /timeout/,
      context: {
        get signal() {
          return AbortSignal.timeout(200);
        },
      },
    },
  ],
  () => ({ shell: 'trap "" TERM INT; sleep 60' }),
);

test('command: what it leaves running is killed', async (t) => {
  const pid = join(files.path, 'pid');
  const config = command.schema.parse({ shell: `sleep 60 & echo $! > ${pid}` });
  assert.equal((await command.run(config, await contextFor(t))).status, 'pass');
  await hasEnded(pid);
});

test('command: of a line without an end that begins within a secret nothing of the secret is shown', async (t) => {
  const environment = { PATH, SHOP_TOKEN: secret };
  const said: string[] = [];
  const run = async (chars: number, end: string, signal: AbortSignal) => {
    const config = command.schema.parse({ shell: `printf %s "$SHOP_TOKEN"; head -c ${chars} /dev/zero | tr '\\0' x; ${end}` });
    const { evidence } = await command.run(
      config,
      await contextFor(t, { environment, signal, progress: (text) => said.push(text) }),
    );
    assert.match(evidence.join(), /x{50}/);
    said.push(...evidence);
  };
  // So much is kept in the end, and so much while it runs.
  await run(16_384 - 9, 'exit 1', AbortSignal.timeout(60_000));
  const stop = new AbortController();
  const begun = join(files.path, 'begun');
  const running = run(999 - 9, `touch ${begun}; sleep 60`, stop.signal);
  while (!existsSync(begun)) await pause(5, undefined, { signal: AbortSignal.timeout(30_000) });
  // What was written before is heard by then.
  await pause(50);
  stop.abort();
  await running;
  assert.doesNotMatch(said.join('\n'), /the-shop/);
});

test('command: of an output of 1 GB the end is kept, and what stands in its middle is found', async (t) => {
  const half = 'head -c 500000000 /dev/zero';
  const config = command.schema.parse({ shell: `${half}; printf needle; ${half}; echo; echo end`, contains: '\0needle\0' });
  const before = process.memoryUsage().rss;
  const { status, evidence, figures } = await command.run(config, await contextFor(t));
  assert.equal(status, 'pass');
  assert.equal(evidence.at(-1), 'end');
  assert.equal(figures.outputChars, 1_000_000_011);
  assert.ok(process.memoryUsage().rss - before < 200_000_000, 'it is not kept');
});
