import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BuiltinConfig } from './schema.ts';

test('an address is all that has to be written', () => {
  assert.deepEqual(BuiltinConfig.parse({ listen: '127.0.0.1:8080' }), {
    listen: { host: '127.0.0.1', port: 8_080 },
    bucket: { cookie: 'rampart' },
    timeouts: { connect: 2_000, headers: 10_000, response: 60_000, idle: 300_000, drain: 10_000 },
    maxBody: 1_073_741_824,
    maxHeader: 16_384,
    workers: 1,
    trustForwarded: false,
  });
});

for (const wrong of [
  {},
  { listen: '8080' },
  { listen: '127.0.0.1:0', port: 1 },
  { listen: '127.0.0.1:0', bucket: { cookie: 'a', header: 'b' } },
  { listen: '127.0.0.1:0', bucket: { cookie: 'a b' } },
  { listen: '127.0.0.1:0', timeouts: { connect: '1' } },
  { listen: '127.0.0.1:0', workers: 0 },
  { listen: '127.0.0.1:0', maxBody: 10 },
])
  test(`${JSON.stringify(wrong)} is refused`, () => assert.equal(BuiltinConfig.safeParse(wrong).success, false));
