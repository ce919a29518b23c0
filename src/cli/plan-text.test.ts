import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../spec/document.ts';
import { serviceDocument } from '../spec/service.ts';
import { documentWith, standIns } from '../spec/stand-ins.fixture.ts';
import { planView } from '../views/plan-view.ts';
import { planText } from './plan-text.ts';

test('a preflight stands before the start of the candidate, with how it ends when it never passes', () => {
  const [parsed] = parseDocuments(documentWith('  release: { preflight: { checklist: preflight, drill: true } }'), 'a.yaml', {
    Service: serviceDocument(standIns),
  });
  assert.ok(parsed);
  const lines = planText(planView(parsed.value, '1.0.0', '1.1.0', null)).split('\n');
  const [asked, start, drill] = ['ask checklist preflight', 'start 1.1.0', 'drill the rollback'].map((text) =>
    lines.findIndex((line) => line.includes(text)),
  ) as [number, number, number];
  assert.deepEqual(
    [asked, start, drill].toSorted((a, b) => a - b),
    [asked, start, drill],
    lines.join('\n'),
  );
  assert.match(lines[asked + 1] ?? '', /for at most 1d, and then ends, and nothing has begun; an approver/);
  assert.match(lines[drill + 1] ?? '', /for at most 1d, and then goes back; an approver/);
});
