import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidents } from './incident-response.ts';

test('what is not said has its usual value', () => {
  assert.deepEqual(incidents.parse({ respond: {} }).respond, {
    P0: ['check', 'rollback'],
    P1: [],
    P2: [],
    restart: null,
    page: 'when-needed',
    tries: 1,
    cooldownMs: 600_000,
    verifyMs: 300_000,
    marginMs: 60_000,
  });
  const { respond } = incidents.parse({ respond: { P1: ['restart'], restart: { command: ['./restart.sh'] } } });
  assert.deepEqual([respond?.restart?.name, respond?.restart?.timeoutMs], ['restart.sh', 120_000]);
  assert.equal(incidents.parse({ respond: { P0: ['restart'] } }).respond?.restart, null);
  assert.deepEqual(incidents.parse({}), { respond: null, signals: true, releases: true });
});

for (const [name, respond, path, message] of [
  ['an action there is not', { P0: ['reboot'] }, 'respond.P0.0', /expected check, restart or rollback, found/],
  ['one of them twice', { P0: ['check', 'check'] }, 'respond.P0', /expected each of them once/],
  ['more tries than make sense', { tries: 50 }, 'respond.tries', /5/],
  ['a time that is none', { margin: 'soon' }, 'respond.margin', /expected/],
] as const)
  test(`refused at its place: ${name}`, () => {
    const { error } = incidents.safeParse({ respond });
    const found = error?.issues.find((issue) => issue.path.join('.') === path);
    assert.match(found?.message ?? JSON.stringify(error?.issues), message);
  });
