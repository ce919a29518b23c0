import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { SpecError } from './problem.ts';
import { serviceDocument } from './service.ts';
import { defaultLevels, leveledSignals, levelsInForce, noLevels } from './signal-levels.ts';
import type { SignalPolicy } from './signal-policy.ts';
import { documentWith, standIns } from './stand-ins.fixture.ts';

const kinds = { Service: serviceDocument(standIns) };
const source = '  source: { prometheus: { url: "http://prometheus:9090" } }\n';

function policyOf(signals: string): SignalPolicy | undefined {
  const [parsed] = parseDocuments(documentWith(`${source}  signals:\n    ${signals}\n`), 'a.yaml', kinds);
  return parsed?.value.signals;
}

function problemsOf(text: string): readonly string[] {
  try {
    parseDocuments(text, 'a.yaml', kinds);
    return [];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
}

test('a document says only what it says: what it leaves out is the defaults, whatever they become', () => {
  const [parsed] = parseDocuments(documentWith(), 'a.yaml', kinds);
  assert.equal(parsed && 'signals' in parsed.value, false);
  assert.deepEqual(policyOf('latency: { p95: { warning: 700ms } }'), {
    levels: { latencyP95: { warning: 700 } },
    queries: {},
    more: [],
  });
  assert.deepEqual(
    policyOf(`
    latency: { p50: { critical: 1s }, p99: off }
    errors: { target: off, warning: 0.5% }
    traffic: { requests: http_requests_total, method: method, status: code }
    disk: off
    connections: { warning: 200, critical: 300 }
    cpu: { gauge: avg(load) }
    databasePool: { gauge: sum(in_use), limit: 20 }
    queue: { gauge: sum(waiting), limit: sum(room), critical: 90% }
    more: [{ name: llm, gauge: busy, limit: 8, warning: 50% }, { name: lag, gauge: lag, unit: s, critical: 30 }]`),
    {
      levels: {
        latencyP50: { critical: 1_000 },
        latencyP99: noLevels,
        errors: { target: null, warning: 5_000 },
        disk: noLevels,
        connections: { warning: 200, critical: 300 },
        cpu: {},
        databasePool: {},
        queue: { critical: 900_000 },
      },
      queries: {
        cpu: { gauge: 'avg(load)', limit: null },
        databasePool: { gauge: 'sum(in_use)', limit: 20 },
        queue: { gauge: 'sum(waiting)', limit: 'sum(room)' },
      },
      more: [
        { name: 'llm', query: { gauge: 'busy', limit: 8 }, unit: null, levels: { ...noLevels, warning: 500_000 } },
        { name: 'lag', query: { gauge: 'lag', limit: null }, unit: 's', levels: { ...noLevels, critical: 30 } },
      ],
      traffic: { requests: 'http_requests_total', method: 'method', endpoint: null, status: 'code' },
    },
  );
});

test('the default levels rise with their gravity', () => {
  for (const signal of leveledSignals) {
    const { target, warning, critical } = defaultLevels[signal];
    const given = [target, warning, critical].filter((level) => level !== null);
    assert.deepEqual(
      given,
      given.toSorted((a, b) => a - b),
      signal,
    );
    assert(warning === null || critical === null || warning < critical, signal);
  }
});

test('a default target comes down with the warning that was given', () => {
  assert.deepEqual(levelsInForce(defaultLevels.latencyP95, undefined), { target: 500, warning: 1_000, critical: 2_000 });
  assert.equal(levelsInForce(defaultLevels.latencyP95, { warning: 200 }).target, 200);
  assert.equal(levelsInForce(defaultLevels.latencyP95, { target: null }).target, null);
  assert.deepEqual(levelsInForce(defaultLevels.cpu, noLevels), noLevels);
});

const bad: readonly [name: string, signals: string, problems: readonly string[]][] = [
  [
    'a warning above the default',
    'latency: { p95: { warning: 3s } }',
    ['9:32 expected less than critical, which is 2s unless you give it too, found 3s'],
  ],
  [
    'a critical level below the default warning',
    'cpu: { critical: 60% }',
    ['9:22 expected more than warning, which is 70% unless you give it too, found 60%'],
  ],
  ['levels that fall', 'errors: { warning: 5%, critical: 5% }', ['9:24 expected less than critical, which is 5%, found 5%']],
  [
    'a target above the warning',
    'connections: { target: 90, warning: 80 }',
    ['9:28 expected at most warning, which is 80, found 90'],
  ],
  ['a number without its unit', 'memory: { warning: 80 }', ['9:24 expected a percentage such as 80%, found 80']],
  ['a share of connections', 'connections: { warning: 80% }', ['9:29 expected a number, found "80%"']],
  [
    'an unknown signal',
    'memroy: off',
    [
      '9:5 unknown key "memroy"; did you mean "memory"? Known here: connections, cpu, databasePool, disk, errors, fileDescriptors, latency, memory, more, queue, traffic',
    ],
  ],
  [
    'a pool that nobody reads',
    'databasePool: { warning: 60% }',
    ['9:19 expected gauge: no target and no router knows databasePool by itself'],
  ],
  ['a limit of nothing', 'cpu: { limit: 4 }', ['9:19 expected gauge beside it: what is to be a share of it']],
  [
    'a query that the source does not take',
    'queue: { gauge: bad query, limit: 5 }',
    ['9:21 expected a whole, found a bad query'],
  ],
  ['two signals of one name', 'more: [{ name: a, gauge: x }, { name: a, gauge: y }]', ['9:43 signal 1 is already called "a"']],
  [
    'a name that is taken',
    'more: [{ name: cpu, gauge: x }]',
    ['9:20 expected another name, because a signal is called so already, found "cpu"'],
  ],
  ['a label that is none', 'traffic: { requests: x, method: "a-b" }', ['9:37 expected the name of a label, such as method']],
];

for (const [name, signals, problems] of bad)
  test(`${name} is refused where it stands`, () => {
    assert.deepEqual(problemsOf(documentWith(`${source}  signals:\n    ${signals}\n`)), problems);
  });

test('a query needs a source', () => {
  assert.deepEqual(problemsOf(documentWith('  signals: { queue: { gauge: x, limit: 5 } }\n')), [
    '7:30 expected spec.source beside this query, which says where it is asked: prometheus',
  ]);
});
