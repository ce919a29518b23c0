import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Route } from '../router.ts';
import { commandsFor, planOf } from './plan.ts';
import type { RouterRecord } from './record.ts';
import type { ServerRow } from './server-rows.ts';

const host = '127.0.0.1';
const template = (servers: number): readonly ServerRow[] =>
  Array.from({ length: servers }, (_, i) => ({ name: `rampart${i + 1}`, host, port: 1, weight: 1, isIn: false }));

function route(stable: readonly number[] | null, candidate: readonly number[] | null, weight: number): Route {
  const backend = (version: string, ports: readonly number[] | null) =>
    ports && { version, endpoints: ports.map((port) => ({ host, port })) };
  return { stable: backend('1', stable), candidate: backend('2', candidate), weight, match: [] };
}

/** HAProxy, as far as these commands go. */
function obey(rows: readonly ServerRow[], command: string): readonly ServerRow[] {
  const [, , server, what, ...words] = command.split(' ');
  return rows.map((row) => {
    if (`shop/${row.name}` !== server) return row;
    if (what === 'weight') return { ...row, weight: Number(words[0]) };
    if (what === 'state') return { ...row, isIn: words[0] === 'ready' };
    return { ...row, host: words[0] ?? '', port: Number(words[2]) };
  });
}

const inForce = (rows: readonly ServerRow[]) => rows.filter(({ isIn, weight }) => isIn && weight > 0);

function brought(rows: readonly ServerRow[], record: RouterRecord | null, to: Route) {
  const planned = planOf(to, rows, new Map(), record, (endpoint) => ({ ...endpoint, address: endpoint.host }));
  assert.ok('servers' in planned);
  const commands = commandsFor('shop', rows, planned.servers, record);
  const moments = [rows];
  for (const command of commands) moments.push(obey(moments.at(-1) ?? [], command));
  const after: RouterRecord = {
    service: 'shop',
    fence: { token: 1, seq: 1 },
    written: to,
    tokenSeen: 1,
    appliedAtMs: 0,
    servers: planned.servers,
  };
  return { commands, moments, rows: moments.at(-1) ?? [], record: after };
}

test('the first route takes the first servers, and says nothing to the others', () => {
  assert.deepEqual(brought(template(4), null, route([81], null, 0)).commands, [
    'set server shop/rampart1 addr 127.0.0.1 port 81',
    'set server shop/rampart1 weight 100',
    'set server shop/rampart1 state ready',
  ]);
});

test('what rises comes before what falls, there and back', () => {
  const stable = brought(template(4), null, route([81], [82], 0));
  const there = brought(stable.rows, stable.record, route([81], [82], 10));
  assert.deepEqual(there.commands, [
    'set server shop/rampart2 weight 10',
    'set server shop/rampart2 state ready',
    'set server shop/rampart1 weight 90',
  ]);
  const back = brought(there.rows, there.record, route([81], null, 0));
  assert.deepEqual(back.commands, [
    'set server shop/rampart1 weight 100',
    'set server shop/rampart2 state maint',
    'set server shop/rampart2 weight 0',
  ]);
});

test('a candidate that becomes stable keeps its server, and its users notice nothing', () => {
  const before = brought(template(4), null, route([81], [82], 100));
  const after = brought(before.rows, before.record, route([82], null, 0));
  assert.deepEqual(after.commands, []);
});

test('a server whose version has requests under way is taken only when there is no other', () => {
  const before = brought(template(3), null, route([81], [82], 50));
  const moved = brought(before.rows, before.record, route([83], [82], 50));
  assert.deepEqual(
    inForce(moved.rows).map(({ name, port }) => `${name} ${port}`),
    ['rampart2 82', 'rampart3 83'],
  );
});

test('whatever route follows on whatever route: never a moment without a server, never more for the candidate than before or after', () => {
  const weight = fc.oneof(fc.constantFrom(0, 100), fc.integer({ min: 0, max: 100 }));
  // Every version keeps its ports: what a server is does not change on the way from one route to the next.
  const stables = fc.subarray([81, 82, 83], { minLength: 1 });
  const candidates = fc.subarray([91, 92, 93], { minLength: 1 });
  const shareOf = (rows: readonly ServerRow[]) => {
    const live = inForce(rows);
    const sum = (some: readonly ServerRow[]) => some.reduce((total, row) => total + row.weight, 0);
    return sum(live.filter(({ port }) => port > 90)) / sum(live);
  };
  fc.assert(
    fc.property(fc.array(fc.tuple(stables, candidates, weight), { minLength: 2, maxLength: 6 }), (routes) => {
      let state: { rows: readonly ServerRow[]; record: RouterRecord | null } = { rows: template(12), record: null };
      for (const [stable, candidate, percent] of routes) {
        const before = state.record ? shareOf(state.rows) : null;
        const next = brought(state.rows, state.record, route(stable, candidate, percent));
        assert.equal(Math.round(shareOf(next.rows) * 1e6), percent * 1e4);
        assert.deepEqual(commandsFor('shop', next.rows, next.record.servers, next.record), [], 'there is nothing left to do');
        for (const moment of before === null ? [] : next.moments) {
          assert.ok(inForce(moment).length > 0, 'a moment without a server');
          assert.ok(shareOf(moment) <= Math.max(before ?? 0, percent / 100) + 1e-9, 'more for the candidate on the way');
        }
        state = next;
      }
    }),
  );
});

test('a route with more endpoints than servers says how many it needs', () => {
  assert.deepEqual(
    planOf(route([81, 82], [83], 10), template(2), new Map(), null, (e) => ({ ...e, address: e.host })),
    {
      serversNeeded: 3,
    },
  );
});
