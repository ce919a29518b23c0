import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessDefinition } from './schema.ts';

const command = ['node', 'server.js'];

test('a command is all that has to be said', () => {
  assert.deepEqual(ProcessDefinition.parse({ command }), {
    command,
    cwd: '.',
    env: {},
    inheritEnv: false,
    replicas: 1,
    health: { path: '/health', timeout: 1_000, interval: 1_000, unhealthyAfter: 3 },
    stop: { signal: 'SIGTERM', deadline: 10_000 },
    restart: { backoff: 1_000, max: 30_000 },
    logs: { maxSize: 10_485_760, keep: 3 },
  });
  const { liveness } = ProcessDefinition.parse({ command, liveness: { path: '/live' } });
  assert.deepEqual(liveness, { path: '/live', interval: 10_000, timeout: 1_000, failures: 3 });
});

test('what cannot work is refused', () => {
  const cases: readonly [definition: object, message: RegExp][] = [
    [{}, /command/],
    [{ command: [] }, /a program and its arguments/],
    [{ command: [''] }, /name of a program/],
    [{ command: ['node', '{prot}'] }, /did you mean \{port\}/],
    [{ command, cwd: '{home}' }, /unknown placeholder/],
    [{ command, env: { A: '{x}' } }, /unknown placeholder/],
    [{ command, env: { A: 'a\0b' } }, /NUL/],
    [{ command, env: { 'A B': '1' } }, /name of an environment variable/],
    [
      { command, env: { DB_PASSWORD: 'hunter2' } },
      /expected \{ env: NAME \} or \{ file: PATH \}, because the value of DB_PASSWORD/,
    ],
    [{ command, env: { DATABASE_URL: 'postgres://app:hunter2@db/shop' } }, /because the password in DATABASE_URL/],
    [{ command, env: { API_KEY: { env: 'a b' } } }, /name of an environment variable/],
    [{ command, env: { API_KEY: { file: 'secrets/key' } } }, /the whole path of a file/],
    [{ command, env: { API_KEY: { file: '/a', env: 'A' } } }, /file/],
    [{ command, env: { PORT: 80 } }, /PORT is set by Rampart/],
    [{ command, env: { RAMPART_INSTANCE: 'x' } }, /RAMPART_INSTANCE is set by Rampart/],
    [{ command, replicas: 0 }, /replicas/],
    [{ command, replicas: 101 }, /replicas/],
    [{ command, health: { path: 'health' } }, /starts with a slash/],
    [{ command, health: { path: '/a b' } }, /starts with a slash/],
    [{ command, health: { port: 80 } }, /port/],
    [{ command, stop: { signal: 'SIGKILL' } }, /SIGTERM/],
    [{ command, shell: true }, /shell/],
  ];
  for (const [definition, message] of cases) {
    const { error } = ProcessDefinition.safeParse(definition);
    assert.match(error?.message ?? 'accepted', message, JSON.stringify(definition));
  }
});
