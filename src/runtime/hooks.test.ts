import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { until } from '../../test/acceptance/stage.ts';
import type { CallAction, Hook, HookAction } from '../spec/types.ts';
import { runHook } from './hooks.ts';
import type { HookOutcome } from './ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-hooks-'));
const backups = join(folder, 'backups');
after(() => rmSync(folder, { recursive: true, force: true }));

const sh = (script: string): readonly string[] => ['sh', '-c', script];
const call = (script: string): CallAction => ({ kind: 'command', command: sh(script) });
const hook = (action: HookAction, more: Partial<Hook> = {}): Hook => ({
  name: 'it',
  action,
  timeoutMs: 10_000,
  attempts: 1,
  compensate: null,
  ...more,
});

function run(given: Hook, release = 'r1', base: NodeJS.ProcessEnv = {}): Promise<HookOutcome> {
  const variables = { RAMPART_SERVICE: 'shop', RAMPART_RELEASE: release };
  return runHook(
    given,
    { cwd: folder, backups, variables, base: { PATH: process.env.PATH, ...base } },
    new AbortController().signal,
  );
}

describe('a backup by a command', { concurrency: 4 }, () => {
  const backup = (command: string, check: string | null = null, into: string | null = null): Hook =>
    hook({ kind: 'backup', command: sh(command), check: check === null ? null : sh(check), folder: into });
  const left = (release: string): readonly string[] =>
    existsSync(join(backups, 'shop')) ? readdirSync(join(backups, 'shop')).filter((name) => name.startsWith(`${release}.`)) : [];

  test('is kept with its size under the name of its release, for its user alone', async () => {
    const outcome = await run(backup('printf 12345 > "$RAMPART_BACKUP"'), 'kept');
    assert.deepEqual(outcome, { ok: true, detail: `${join(backups, 'shop', 'kept.backup')}, 5 bytes, not looked into` });
    assert.deepEqual(left('kept'), ['kept.backup']);
    const again = await run(backup('printf 123 > "$RAMPART_BACKUP"'), 'kept');
    assert.match(again.detail, /3 bytes/);
  });

  test('has failed when it has, when it left nothing, when it is empty, and when its check says no', async () => {
    const cases = [
      ['echo no space left; exit 3', null, /^exit code 3: no space left$/],
      ['true', null, /^nothing was written to .*bad\.backup\.part-\w+\/backup$/],
      [': > "$RAMPART_BACKUP"', null, /^the backup is empty/],
      ['echo x > "$RAMPART_BACKUP"', 'echo not a dump; exit 1', /^the backup does not pass its check: exit code 1: not a dump$/],
      ['true', 'exit 1', /does not pass its check/],
    ] as const;
    for (const [command, check, detail] of cases) {
      const outcome = await run(backup(command, check), 'bad');
      assert.equal(outcome.ok, false, command);
      assert.match(outcome.detail, detail);
      assert.deepEqual(left('bad'), [], 'what is no backup is not taken for one, and takes no room');
    }
  });

  test('needs no file when its check says that it is there', async () => {
    assert.deepEqual(await run(backup('true', 'echo snapshot 7 is ready'), 'elsewhere'), {
      ok: true,
      detail: 'kept by its command, its check says exit code 0: snapshot 7 is ready',
    });
  });

  test('is read by nobody else while it is written, and nothing that a dead controller has begun gets into it', async () => {
    mkdirSync(join(folder, 'open'), { mode: 0o755 });
    const waits = 'touch started; until [ -e go ]; do sleep 0.02; done; echo old > "$RAMPART_BACKUP"; touch written';
    const killed = run(backup(waits, null, 'open'), 'race');
    await until('the first has begun', () => existsSync(join(folder, 'started')));
    const closed = 'test "$(stat -c %a "$(dirname "$RAMPART_BACKUP")")" = 700 || exit 9';
    const second = `${closed}; touch go; until [ -e written ]; do sleep 0.02; done; echo new > "$RAMPART_BACKUP"`;
    const made = await run(backup(second, null, 'open'), 'race');
    assert.equal(made.ok, true, made.detail);
    assert.equal(readFileSync(join(folder, 'open', 'race.backup'), 'utf8'), 'new\n');
    assert.equal((await killed).ok, false);
    assert.deepEqual(readdirSync(join(folder, 'open')), ['race.backup']);
  });

  test('goes to the folder of the document, and is put back from there', async () => {
    assert.equal((await run(backup('echo rows > "$RAMPART_BACKUP"', null, 'mine'), 'placed')).ok, true);
    assert.equal(readFileSync(join(folder, 'mine', 'placed.backup'), 'utf8'), 'rows\n');
    const restore = hook({ kind: 'restore', command: sh('cat "$RAMPART_BACKUP"'), folder: 'mine' });
    assert.deepEqual(await run(restore, 'placed'), { ok: true, detail: 'exit code 0: rows' });
  });
});

test('a status answers with 0 and 1, and all else is no answer', async () => {
  const status = (script: string) => run(hook({ kind: 'status', ask: call(script) }));
  assert.deepEqual(await status('exit 0'), { ok: true, detail: 'exit code 0', applied: true });
  assert.deepEqual(await status('exit 1'), { ok: true, detail: 'exit code 1', applied: false });
  assert.deepEqual(await status('echo no connection >&2; exit 2'), { ok: false, detail: 'exit code 2: no connection' });
  assert.equal((await run(hook({ kind: 'status', ask: { kind: 'command', command: ['no-such-program'] } }))).ok, false);
});

test('a status by HTTP answers with the expected status and 404', async () => {
  const server = createServer((request, response) => response.writeHead(Number(request.url?.slice(1))).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const ask = (code: number): CallAction => ({
    kind: 'http',
    url: `http://127.0.0.1:${port}/${code}`,
    method: 'GET',
    headers: {},
    body: null,
    statusMin: 200,
    statusMax: 299,
  });
  try {
    const answers = await Promise.all([200, 404, 500].map((code) => run(hook({ kind: 'status', ask: ask(code) }))));
    assert.deepEqual(
      answers.map(({ ok, applied }) => [ok, applied]),
      [
        [true, true],
        [true, false],
        [false, undefined],
      ],
    );
  } finally {
    server.close();
  }
});

test('what a status shows to be done already is left out, and without an answer nothing is done', async () => {
  const file = join(folder, 'ran');
  const up = (script: string) => run(hook(call('echo x >> ran'), { onlyIf: { applied: false, status: call(script) } }));
  assert.deepEqual(await up('exit 0'), { ok: true, detail: 'it is applied already', applied: true });
  assert.match((await up('exit 7')).detail, /^whether it is applied is not known: exit code 7/);
  assert.equal(existsSync(file), false);
  assert.equal((await up('exit 1')).ok, true);
  assert.equal(readFileSync(file, 'utf8'), 'x\n');
});

test('programs learn the connection, and one whose password is missing does not run', async () => {
  const password = join(folder, 'password');
  const given = (secret: Hook['connection']) =>
    hook(
      call('echo $PGHOST $PGPORT $PGDATABASE $PGUSER $PGSSLMODE; test "$PGPASSWORD" = s3'),
      secret ? { connection: secret } : {},
    );
  const connection = { host: 'db', port: 6_000, database: 'shop', user: 'owner', sslmode: 'require', programs: null };
  const byFile = given({ ...connection, password: { file: password, prefix: '' } });
  assert.deepEqual(await run(byFile), {
    ok: false,
    detail: `the password of the database: the file ${password} cannot be read`,
  });
  writeFileSync(password, 's3\n');
  assert.deepEqual(await run(byFile), { ok: true, detail: 'exit code 0: db 6000 shop owner require' });
  assert.equal((await run(given({ ...connection, password: { env: 'SHOP_DB', prefix: '' } }), 'r1', { SHOP_DB: 's3' })).ok, true);
});

test('no variable of the controller leads the programs to another database than the one of the document', async () => {
  const connection = { host: 'db', port: 6_000, database: 'shop', user: 'owner', password: null, sslmode: null, programs: null };
  const own = { PGSERVICE: 'billing', PGHOSTADDR: '10.0.0.9', PGHOST: 'elsewhere', PGCONNECT_TIMEOUT: '9' };
  const said = call('echo "$PGHOST,$PGSERVICE,$PGHOSTADDR,$PGCONNECT_TIMEOUT"');
  assert.equal((await run(hook(said, { connection }), 'r1', own)).detail, 'exit code 0: db,,,9');
  assert.equal((await run(hook(said), 'r1', own)).detail, 'exit code 0: elsewhere,billing,10.0.0.9,9');
});

test('a program has ended when it has, whatever it leaves running', async () => {
  const beganMs = performance.now();
  const left = await run(hook(call('sleep 300 & echo $!'), { timeoutMs: 8_000 }));
  process.kill(Number(left.detail.split(' ').at(-1)));
  assert.match(left.detail, /^exit code 0: \d+$/);
  assert(performance.now() - beganMs < 6_000);
});
