import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planRelease } from '../release/plan.ts';
import { parseDocuments } from '../spec/document.ts';
import { serviceDocument } from '../spec/service.ts';
import { documentWith, standIns } from '../spec/stand-ins.fixture.ts';
import { guardTexts } from './guard-texts.ts';

const document = documentWith(`  source: { prometheus: { url: x } }
  release:
    guard:
      errors: { max: 5%, warn: 1% }
      latency: { p95: { worseBy: off, max: 2s, warn: 1s }, p99: { max: off } }
      metrics:
        - { name: declined, ratio: { bad: a, of: b }, worseBy: 1%, max: 10% }
        - { name: cpu, gauge: c, worseBy: 20%, max: 95, warn: 80, for: 1m }
        - { name: queue, gauge: d, max: 9, for: 0s }
        - { name: cold, gauge: e, worseBy: 20% }
`);

function textsFor(stable: string | null): readonly string[] {
  const [parsed] = parseDocuments(document, 'a.yaml', { Service: serviceDocument(standIns) });
  assert(parsed);
  return guardTexts(planRelease(parsed.value, stable, '1.1.0', false));
}

test('everything that is watched has its line, with all of its limits', () => {
  assert.deepEqual(textsFor('1.0.0'), [
    'errors: at most 5 %, and at most 0.5 % more than 1.0.0 at the same time, and people decide above 1 %',
    'p95: at most 2s, and people decide above 1s',
    'declined: at most 10 %, and at most 1 % more than 1.0.0 at the same time',
    'cpu: not above 95 for 1m, and at most 20 % more than 1.0.0 at the same time, and people decide above 80 for 1m',
    'queue: not above 9',
    'cold: at most 20 % more than 1.0.0 at the same time',
    'at least one ready instance, at all times; at least 20 requests before a step can pass',
  ]);
});

test('a first version has nothing to be compared with', () => {
  assert.deepEqual(textsFor(null), [
    'errors: at most 5 %, and people decide above 1 %',
    'p95: at most 2s, and people decide above 1s',
    'declined: at most 10 %',
    'cpu: not above 95 for 1m, and people decide above 80 for 1m',
    'queue: not above 9',
    'at least one ready instance, at all times; at least 20 requests before a step can pass',
  ]);
});
