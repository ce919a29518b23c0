import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../spec/document.ts';
import { serviceDocument } from '../spec/service.ts';
import { documentWith, standIns } from '../spec/stand-ins.fixture.ts';
import type { PlannedRelease } from '../timeline/types.ts';
import { timelineView } from './timeline-view.ts';

const [parsed] = parseDocuments(documentWith(), 'a.yaml', { Service: serviceDocument(standIns) });
const startMs = 1_800_000_000_000;
const minuteMs = 60_000;

function statesOf(state: PlannedRelease['state'], nowMs: number): readonly string[] {
  assert.ok(parsed);
  const entry = (id: string, offsetMs: number, does: PlannedRelease['entries'][number]['does']) =>
    ({ id, offsetMs, title: id, role: 'qa', does, state: { kind: 'planned' }, late: false }) as const;
  const entries = [entry('T-0', 0, { kind: 'start' }), entry('T+5m', 5 * minuteMs, { kind: 'notify', hook: null })];
  const named = { id: 'shop-1', service: 'shop', version: '1.0.0', by: 'anna', why: '', plannedAtMs: 0 };
  const planned: PlannedRelease = { ...named, spec: parsed.value, startMs, state, entries };
  return timelineView(planned, nowMs, 'en').entries.map((one) => one.state);
}

test('what comes after the start is not due while the start waits', () => {
  const nowMs = startMs + 10 * minuteMs;
  assert.deepEqual(statesOf({ kind: 'waiting', why: 'it waits' }, nowMs), ['due', 'planned']);
  assert.deepEqual(statesOf({ kind: 'planned' }, startMs - 1), ['planned', 'planned']);
  assert.equal(statesOf({ kind: 'started', atMs: startMs + 6 * minuteMs, release: 'shop-2' }, nowMs)[1], 'planned');
  assert.equal(statesOf({ kind: 'started', atMs: startMs + 5 * minuteMs, release: 'shop-2' }, nowMs)[1], 'due');
});
