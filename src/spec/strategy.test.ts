import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { SpecError } from './problem.ts';
import { serviceDocument } from './service.ts';
import { documentWith, standIns } from './stand-ins.fixture.ts';
import type { Strategy } from './types.ts';

const kinds = { Service: serviceDocument(standIns) };

function strategyOf(text: string, replicas = 4): Strategy {
  const document = documentWith(`  release: { strategy: ${text} }`).replace('server.js]', `server.js], replicas: ${replicas}`);
  const [parsed] = parseDocuments(document, 'a.yaml', kinds);
  assert(parsed);
  return parsed.value.release.strategy;
}

function problemsOf(text: string, replicas?: number): readonly string[] {
  try {
    strategyOf(text, replicas);
    return [];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.problems.map(({ message }) => message);
  }
}

const minute = { minMs: 60_000, maxMs: 660_000, minRequests: 0 };
const rolling = { kind: 'rolling', batch: { count: 1 }, maxUnavailable: { count: 0 }, watch: minute, approve: null } as const;

const accepted: readonly [text: string, want: Strategy][] = [
  ['{ rolling: {} }', { ...rolling, maxSurge: { count: 1 } }],
  // Who says how many may be missing gets no more than are usual.
  ['{ rolling: { maxUnavailable: 1 } }', { ...rolling, maxUnavailable: { count: 1 }, maxSurge: { count: 0 } }],
  ['{ rolling: { maxUnavailable: 25% } }', { ...rolling, maxUnavailable: { sharePpm: 250_000 }, maxSurge: { count: 0 } }],
  ['{ rolling: { batch: 50% } }', { ...rolling, batch: { sharePpm: 500_000 }, maxSurge: { sharePpm: 500_000 } }],
  [
    '{ rolling: { batch: 2, maxSurge: 1, maxUnavailable: 1, for: 5m, requests: 100, approve: true } }',
    {
      kind: 'rolling',
      batch: { count: 2 },
      maxSurge: { count: 1 },
      maxUnavailable: { count: 1 },
      watch: { minMs: 300_000, maxMs: 900_000, minRequests: 100 },
      approve: { expiresMs: 86_400_000 },
    },
  ],
  [
    '{ canary: { steps: [ { weight: 5%, replicas: 1, for: 1m }, { weight: 25%, replicas: 50%, for: 1m } ], switch: { keep: 30m } } }',
    {
      kind: 'canary',
      steps: [
        { kind: 'weight', weightPpm: 50_000, replicas: { count: 1 }, ...minute },
        { kind: 'weight', weightPpm: 250_000, replicas: { sharePpm: 500_000 }, ...minute },
      ],
      switch: { test: null, approve: null, hook: null, keepMs: 1_800_000 },
    },
  ],
];
for (const [text, want] of accepted) test(`${text} is understood`, () => assert.deepEqual(strategyOf(text), want));

const refused: readonly [text: string, replicas: number, problem: string][] = [
  ['{ rolling: { batch: 0 } }', 4, 'expected a number of at least 1, found 0'],
  ['{ rolling: { batch: all } }', 4, 'expected a percentage such as 25%, found "all"'],
  ['{ rolling: { batch: [1] } }', 4, 'expected a number of instances, or a percentage such as 25%, found a list'],
  ['{ rolling: { for: 1m, atMost: 30s } }', 4, 'atMost is shorter than for, so this step could never end well'],
  [
    '{ rolling: { maxSurge: 0 } }',
    4,
    'with 4 replicas neither maxSurge nor maxUnavailable lets an instance be replaced: raise one of them to 1',
  ],
  [
    '{ rolling: { maxUnavailable: 25% } }',
    3,
    'with 3 replicas neither maxSurge nor maxUnavailable lets an instance be replaced: raise one of them to 1',
  ],
  [
    '{ rolling: { maxUnavailable: 1 } }',
    1,
    'with one replica there is nothing to go back to unless another may run beside it: expected maxSurge 1 or more',
  ],
  [
    '{ canary: { steps: [ { weight: 5%, replicas: 2, for: 1m }, { weight: 25%, replicas: 1, for: 1m } ] } }',
    4,
    'replicas cannot fall: 1 is less than the 2 of step 1',
  ],
];
for (const [text, replicas, problem] of refused)
  test(`${text} is refused with ${replicas} replicas`, () => assert.deepEqual(problemsOf(text, replicas), [problem]));
