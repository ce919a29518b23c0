import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standardTimeline } from '../../src/spec/timeline.ts';
import { isOverride } from '../../src/timeline/asked.ts';
import type { EntryState, PlannedRelease } from '../../src/timeline/types.ts';
import { timelineView } from '../../src/views/timeline-view.ts';
import type { PlannedRelease as Shown } from '../../web/src/api/schema.ts';
import { rightToRun, rightToSkip } from '../../web/src/pages/service/planned-rights.ts';
import { simulatedService } from '../simulation/spec.ts';

const startMs = 1_800_000_000_000;
const detail = { en: 'so', ru: 'так' };
const kinds: readonly EntryState[] = [
  { kind: 'planned' },
  { kind: 'running', sinceMs: startMs, by: null },
  { kind: 'done', atMs: startMs, detail, run: null },
  { kind: 'failed', atMs: startMs, detail, run: null },
  { kind: 'missed', atMs: startMs, detail },
  { kind: 'skipped', atMs: startMs, by: 'ann', why: 'so' },
];

/** A plan with the usual entries, all done but one. */
function planOf(changed: string, state: EntryState): PlannedRelease {
  const entries = standardTimeline(null).map((entry) => ({
    ...entry,
    state: entry.id === changed ? state : entry.does.kind === 'start' ? kindOf('planned') : kindOf('done'),
    late: false,
  }));
  const about = { id: 't1', service: 'shop', version: '2.0.0', spec: simulatedService(), by: 'ann', why: '' };
  return { ...about, plannedAtMs: startMs, startMs, state: { kind: 'planned' }, entries };
}

function kindOf(kind: EntryState['kind']): EntryState {
  const found = kinds.find((one) => one.kind === kind);
  assert.ok(found);
  return found;
}

test('the console asks for the permission that the server asks for, whatever an entry has come to', () => {
  let compared = 0;
  for (const { id } of standardTimeline(null))
    for (const state of kinds)
      for (const nowMs of [startMs - 48 * 3_600_000, startMs + 48 * 3_600_000]) {
        const planned = planOf(id, state);
        const shown: Shown = timelineView(planned, nowMs, 'en');
        for (const entry of shown.entries) {
          const run = rightToRun(shown, entry);
          const skip = rightToSkip(shown, entry);
          const about = `${entry.id}, ${id} ${state.kind}`;
          if (run) assert.equal(run.needsReason, isOverride(planned, entry.id, 'run'), `run ${about}`);
          if (run) assert.equal(run.permission === 'approve', run.needsReason, about);
          if (skip) assert.equal(skip.permission === 'approve', isOverride(planned, entry.id, 'skip'), `skip ${about}`);
          compared += Number(run !== null) + Number(skip !== null);
        }
      }
  assert.ok(compared > 500, `${compared}`);
});

test('nothing is offered of what is over, and what comes after the start is run after it', () => {
  const planned = timelineView(planOf('T-24h', kindOf('failed')), startMs, 'en');
  const offered = (shown: Shown): readonly string[] =>
    shown.entries.filter((entry) => rightToRun(shown, entry) ?? rightToSkip(shown, entry)).map(({ id }) => id);
  assert.deepEqual(offered({ ...planned, state: 'cancelled' }), []);
  assert.deepEqual(offered({ ...planned, state: 'ended' }), []);
  assert.ok(!offered({ ...planned, state: 'started' }).includes('T-0'));
  assert.ok(offered({ ...planned, state: 'started' }).includes('T+5m'));
  assert.ok(offered(planned).includes('T-0'));
  const after = planned.entries.find(({ id }) => id === 'T+5m');
  assert.ok(after);
  assert.equal(rightToRun(planned, after), null);
});
