import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventQueryProblems } from './event-queries.ts';
import { standIns } from './stand-ins.fixture.ts';
import type { Objective, ObjectiveEvents } from './types.ts';

const source = { kind: 'prometheus', config: { url: 'http://prometheus:9090' } };
const objective = (events?: ObjectiveEvents): Objective => ({
  name: 'a',
  targetPpm: 999_000,
  windowMs: 86_400_000,
  belowMs: 500,
  ...(events ? { events } : {}),
});
const found = 'expected a events, found a bad query';
const cases: readonly [name: string, given: typeof source | undefined, events: ObjectiveEvents | undefined, want: unknown][] = [
  ['requests need no query', undefined, undefined, []],
  [
    'events need a source',
    undefined,
    { kind: 'ratio', count: 'bad', query: 'b', total: 't' },
    [
      {
        message: 'expected spec.source beside these events, which says where they come from: prometheus',
        path: [0, 'events'],
      },
    ],
  ],
  [
    'each query of a ratio is looked at under its own key',
    source,
    { kind: 'ratio', count: 'good', query: 'bad query', total: 'bad query' },
    [
      { message: found, path: [0, 'events', 'good'] },
      { message: found, path: [0, 'events', 'total'] },
    ],
  ],
  ['good queries', source, { kind: 'ratio', count: 'good', query: 'a', total: 'b' }, []],
  [
    'a classic histogram',
    source,
    { kind: 'classic', query: 'bad query', unitMs: 1_000 },
    [{ message: found, path: [0, 'events', 'histogram'] }],
  ],
  [
    'a native histogram',
    source,
    { kind: 'native', query: 'bad query', unitMs: 1_000 },
    [{ message: found, path: [0, 'events', 'native'] }],
  ],
];
for (const [name, given, events, want] of cases)
  test(`queries of objectives: ${name}`, () =>
    assert.deepEqual(eventQueryProblems(standIns.sources, given, [objective(events)]), want));
