import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPolicy } from '../../slo/policy.ts';
import { sources } from '../../sources/registry.ts';
import type { Objective, StandaloneObjective } from '../types.ts';
import { usual } from './objectives.fixture.ts';
import { standaloneOf } from './of-service.ts';
import { readOpenSlo } from './read.ts';
import { openSloOf, openSloText } from './write.ts';

const writing = { usual, sourceDocument: ({ config }: { config: unknown }) => config };
const objective = (name: string, more: Partial<Objective> = {}): Objective => ({
  name,
  targetPpm: 999_000,
  windowMs: 30 * 86_400_000,
  belowMs: null,
  ...more,
});
const services = [
  { name: 'checkout', objectives: [objective('availability'), objective('Fast pages!'), objective('fast-pages')] },
  { name: 's'.repeat(63), objectives: [objective('a'), objective('б')] },
];
const textOf = (objectives: readonly StandaloneObjective[]) => openSloText(openSloOf(objectives, writing).documents);
const read = (text: string) => readOpenSlo([{ file: 'a.yaml', text }], { sources, usual });

test('objectives of services are called after both, each once and short enough', () => {
  const names = standaloneOf(services, ['checkout-availability']).map(({ name }) => name);
  assert.deepEqual(names, [
    'checkout-availability-2',
    'checkout-fast-pages',
    'checkout-fast-pages-2',
    's'.repeat(63),
    `${'s'.repeat(59)}-2`,
  ]);
  assert.deepEqual(
    read(textOf(standaloneOf(services, []))).objectives.map(({ service, objective: { name } }) => `${service} ${name}`),
    services.flatMap(({ name, objectives }) => objectives.map((one) => `${name} ${one.name}`)),
  );
});

test('more documents than a file may hold are a list', () => {
  const many = standaloneOf([{ name: 'shop', objectives: Array.from({ length: 100 }, (_, at) => objective(`o${at}`)) }], []);
  const text = textOf(many);
  assert.match(text, /^- apiVersion: openslo\/v1\n/);
  const { objectives, problems, refusals, notes } = read(text);
  assert.deepEqual([...problems, ...refusals, ...notes], []);
  assert.deepEqual(objectives, many);
});

test('what OpenSLO cannot say is told', () => {
  const free = (name: string, more: Partial<Objective>): StandaloneObjective => ({
    name,
    service: null,
    displayName: null,
    description: null,
    source: null,
    objective: objective(name, more),
  });
  const events = { kind: 'classic', query: 'a', unitMs: 1 } as const;
  const { said } = openSloOf(
    [
      free('odd', { windowMs: 90_000, slices: { everyMs: 10_000, targetPpm: 1 }, alerts: [], events, belowMs: 5 }),
      free('plain', {}),
      free('short', { alerts: [{ ...defaultPolicy[0], longMs: 70_000 }] as never }),
    ],
    writing,
  );
  assert.deepEqual(said, [
    'odd: its window of 1m30s is rounded up to minutes: it is in the annotation rampart.dev/window',
    'odd: its slices of 10s are rounded up to minutes: it is in the annotation rampart.dev/slice',
    'odd: it counts a histogram, which other tools take for a plain value: histogram and unit beside its query',
    'alerts have one window each in OpenSLO, and no fewest bad events: the true policy is in the annotation rampart.dev/policy',
    'plain: it counts the requests that the router of the service sees, which other tools cannot: metric source Rampart',
    'short: times of alerts are rounded up to minutes: it is in the annotation rampart.dev/policy',
    'short: it counts the requests that the router of the service sees, which other tools cannot: metric source Rampart',
  ]);
});

test('an annotation may not say another time than the document', () => {
  const written = openSloOf(
    [
      {
        ...(standaloneOf(services, [])[0] as StandaloneObjective),
        objective: objective('a', { windowMs: 90_000, slices: { everyMs: 10_000, targetPpm: 1 } }),
      },
    ],
    writing,
  ).documents;
  const text = openSloText(written);
  const problem = (change: (text: string) => string) => read(change(text)).problems.map(({ message }) => message);
  assert.deepEqual(
    problem((one) => one),
    [],
  );
  assert.deepEqual(
    problem((one) => one.replace('duration: 2m', 'duration: 3m')),
    ['expected 3m as the document says, rounded up to minutes, found 1m30s: take the annotation away'],
  );
  assert.deepEqual(
    problem((one) => one.replace('slice: 10s', 'slice: 5x')),
    ['expected a duration such as 90s, found "5x"'],
  );
});
