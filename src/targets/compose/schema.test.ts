import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComposeDefinition } from './schema.ts';

const least = { service: 'web', port: 8080 };

test('a service and its port are all that has to be said', () => {
  assert.deepEqual(ComposeDefinition.parse(least), {
    ...least,
    file: 'compose.yaml',
    cwd: '.',
    env: {},
    replicas: 1,
    health: { timeout: 1_000, interval: 1_000, unhealthyAfter: 3 },
    project: 'rampart',
    startTimeout: 300_000,
  });
});

test('what cannot work is refused', () => {
  const cases: readonly [definition: object, message: RegExp][] = [
    [{ port: 80 }, /service/],
    [{ service: 'web' }, /port/],
    [{ ...least, service: 'a b' }, /name of a service/],
    [{ ...least, service: '--all' }, /name of a service/],
    [{ ...least, port: 0 }, /port/],
    [{ ...least, image: 'shop:{verison}' }, /did you mean \{version\}/],
    [{ ...least, image: 'shop:{port}' }, /unknown placeholder/],
    [{ ...least, env: { 'A B': '1' } }, /name of a variable/],
    [{ ...least, env: { DB_PASSWORD: 'hunter2' } }, /expected \{ env: NAME \} or \{ file: PATH \}/],
    [{ ...least, env: { RAMPART_VERSION: '1' } }, /RAMPART_VERSION cannot be changed here/],
    [{ ...least, env: { DOCKER_HOST: 'x' } }, /DOCKER_HOST cannot be changed here/],
    [{ ...least, env: { COMPOSE_FILE: 'x' } }, /COMPOSE_FILE cannot be changed here/],
    [{ ...least, project: 'Shop' }, /lower case/],
    [{ ...least, network: '-x' }, /name of a network/],
    [{ ...least, health: { path: 'health' } }, /starts with a slash/],
    [{ ...least, replicas: 0 }, /replicas/],
    [{ ...least, command: ['x'] }, /command/],
  ];
  for (const [definition, message] of cases) {
    const { error } = ComposeDefinition.safeParse(definition);
    assert.match(error?.message ?? 'accepted', message, JSON.stringify(definition));
  }
  assert(ComposeDefinition.safeParse({ ...least, env: { COMPOSE_PROFILES: 'prod' } }).success);
});
