import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { SpecError } from './problem.ts';
import { serviceDocument } from './service.ts';
import { standIns } from './stand-ins.fixture.ts';

const document = (
  release: string,
  objectives = '[ { name: availability, target: 99.9%, window: 30d } ]',
) => `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [x] } }
  router: { builtin: { listen: 127.0.0.1:8080 } }
  objectives: ${objectives}
  release: ${release}
`;
const parsed = (text: string) => {
  const [found] = parseDocuments(text, 'shop.yaml', { Service: serviceDocument(standIns) });
  assert(found);
  return found.value.release;
};
const refusals = (text: string): readonly string[] => {
  try {
    parsed(text);
    return [];
  } catch (error) {
    assert(error instanceof SpecError);
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
};

test('gates and budgets are read with what they ask', () => {
  const { gate, budget, strategy } = parsed(
    document(
      '{ gate: { slo: all, window: 1h }, budget: {}, strategy: { canary: { steps: [ { gate: { slo: availability, left: 10% } } , { weight: 10%, for: 1m } ] } } }',
    ),
  );
  assert.deepEqual(gate, { slo: null, windowMs: 3_600_000, leftPpm: null });
  assert.deepEqual(budget, { keepPpm: 0, then: 'ask' });
  assert.deepEqual(strategy.kind === 'canary' && strategy.steps[0], {
    kind: 'gate',
    gate: { slo: ['availability'], windowMs: null, leftPpm: 100_000 },
  });
});

const cases: readonly [what: string, text: string, refused: RegExp][] = [
  ['a last gate without its window', document('{ gate: { slo: all } }'), /^8:\d+ expected window: 1h beside slo/],
  [
    'an objective that there is not',
    document('{ gate: { slo: availabilty, window: 1h } }'),
    /^8:\d+ expected the name of an objective, found "availabilty"; did you mean "availability"\? Known here: availability$/,
  ],
  [
    'the same among the steps',
    document('{ strategy: { canary: { steps: [ { gate: { slo: [none] } }, { weight: 10%, for: 1m } ] } } }'),
    /^8:\d+ expected the name of an objective, found "none"\. Known here: availability$/,
  ],
  [
    'a gate without any objective',
    document('{ gate: { slo: all, window: 1h } }', '[]'),
    /^8:\d+ expected spec\.objectives beside this/,
  ],
  [
    'a budget without any objective',
    document('{ budget: { then: shrink } }', '[]'),
    /^8:\d+ expected spec\.objectives beside this/,
  ],
  [
    'what is no name',
    document('{ gate: { slo: 5, window: 1h } }'),
    /^8:\d+ expected the name of an objective, a list of them, or all, found 5$/,
  ],
];
for (const [what, text, refused] of cases)
  test(`refused with its place: ${what}`, () => {
    const found = refusals(text);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', refused);
  });
