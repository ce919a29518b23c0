import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../spec/document.ts';
import { serviceDocument } from '../spec/service.ts';
import { documentWith, standIns } from '../spec/stand-ins.fixture.ts';
import { planView } from './plan-view.ts';

/** Latencies around 60 ms, as the router counts them. */
const histogram = [26, 50, 30, 300, 34, 900, 36, 1_200, 38, 700, 40, 300, 42, 60, 46, 12];
const canary = `
  objectives: [{ name: availability, target: 99.9%, window: 30d }, { name: latency, target: 99%, below: 250ms, window: 30d }]
  release: { strategy: { canary: { steps: [{ weight: 10%, for: 1m }, { weight: 50%, for: 10m }] } }, bake: 30m }`;

function viewOf(spec: string, stable: string | null, traffic: Parameters<typeof planView>[3]) {
  const [parsed] = parseDocuments(documentWith(spec), 'a.yaml', { Service: serviceDocument(standIns) });
  assert(parsed);
  return planView(parsed.value, stable, '1.1.0', traffic);
}

test('each watched step carries what it will see, in words and as numbers, and what that means for each objective', () => {
  const view = viewOf(canary, '1.0.0', { requestsPerSecond: 40, errorPpm: 500, histogram });
  const seen = view.steps.flatMap(({ sight }) => sight ?? []);
  assert.deepEqual(
    seen.map(({ noticed, objectives }) => [
      noticed.kind === 'forecast' && [noticed.weight, noticed.stepS, noticed.basis],
      objectives.map((one) => one.name),
    ]),
    [
      [
        [10, 60, 'stable'],
        ['availability', 'latency'],
      ],
      [
        [50, 600, 'stable'],
        ['availability', 'latency'],
      ],
      [
        [100, 1_800, 'history'],
        ['availability', 'latency'],
      ],
    ],
  );
  const [weak, strong] = seen;
  assert(weak && strong && strong.noticed.kind === 'forecast');
  assert.match(weak.sentences.at(-1) ?? '', /^too little for availability \(1\.44 % more errors\)/);
  assert.equal(weak.objectives[0]?.seen, false);
  assert.equal(strong.objectives[0]?.seen, true);
  assert.ok((strong.noticed.latency[0]?.noticed?.smallestRisePpm ?? 0) > 200_000);
  // One step that sees it is enough.
  assert.deepEqual(
    view.objectives.map(({ seen: all, weight }) => [all, weight]),
    [
      [true, 50],
      [true, 50],
    ],
  );
  assert.equal(view.unseen, null);
  assert.deepEqual(view.warnings, []);
  assert.deepEqual(view.assumed, []);
  // A console gets all of it over JSON.
  assert.deepEqual(JSON.parse(JSON.stringify(view)), view);
});

test('too little traffic is one warning, and as data what it is about', () => {
  const view = viewOf(canary, '1.0.0', { requestsPerSecond: 0.5, errorPpm: 500, histogram });
  assert.equal(view.warnings.length, 1);
  assert.match(view.warnings[0] ?? '', /^objective availability .* a step should notice 1\.44 %/);
  assert(view.unseen?.kind === 'objectives');
  assert.equal(view.unseen.worst.name, 'availability');
});

test('no traffic, unknown traffic and a first version each say so, once', () => {
  const idle = viewOf(canary, '1.0.0', { requestsPerSecond: 0, errorPpm: null, histogram: [] });
  assert.deepEqual(idle.warnings, ['without traffic the release will be held at its first weight']);
  assert(idle.steps.some(({ sight }) => sight?.sentences[0]?.startsWith('there is no traffic now')));

  const unknown = viewOf(canary, '1.0.0', null);
  assert.equal(unknown.warnings.length, 1);
  assert.ok(unknown.steps.every(({ sight }) => sight === null));

  const first = viewOf(canary, null, { requestsPerSecond: 40, errorPpm: null, histogram: [] });
  assert.equal(first.warnings.length, 1);
  assert.match(
    first.steps.flatMap(({ sight }) => sight?.sentences ?? [])[0] ?? '',
    /by the limits alone, you will notice 6\.\d+ % errors/,
  );
  assert.deepEqual(first.objectives, []);
  assert.deepEqual(first.assumed, []);
  assert.ok(
    viewOf(canary, null, { requestsPerSecond: 0, errorPpm: null, histogram: [] }).steps.every(({ sight }) => sight === null),
  );
});

test('at full traffic the guard remembers what stable did before, less where it had little left', () => {
  const steps = (weight: number) => `
  release: { strategy: { canary: { steps: [{ weight: ${weight}%, for: 10m }] } }, bake: 5m }`;
  const bake = (weight: number) => {
    const view = viewOf(steps(weight), '1.0.0', { requestsPerSecond: 5, errorPpm: 10_000, histogram });
    const seen = view.steps.findLast(({ sight }) => sight !== null)?.sight?.noticed;
    assert(seen?.kind === 'forecast' && seen.basis === 'history');
    return seen.errors.smallestRisePpm ?? Number.POSITIVE_INFINITY;
  };
  assert.ok(bake(10) < bake(95), `${bake(10)} ${bake(95)}`);
});
