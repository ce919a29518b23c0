import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { simulatedService } from '../../test/simulation/spec.ts';
import { standardTimeline } from '../spec/timeline.ts';
import type { TimelineEntry } from '../spec/timeline-types.ts';
import { actionsOf, blockersOf } from './actions.ts';
import { noTimelines, takeTimelines } from './fold.ts';
import type { PlannedRelease, TimelineEvent, TimelineRecord, TimelinesState } from './types.ts';

const startMs = 1_800_000_000_000;
const h = 3_600_000;
const m = 60_000;

/** One planned release, told event by event. */
class Plan {
  state: TimelinesState = noTimelines;

  constructor(atMs = startMs - 48 * h, entries: readonly TimelineEntry[] = standardTimeline(null)) {
    const data = { id: 't1', service: 'shop', version: '2.0.0', spec: simulatedService(), startMs, entries, why: '' };
    this.tell(atMs, { kind: 'timeline-planned', data }, 'anna');
  }

  tell(at: number, event: TimelineEvent, actor = 'timeline'): this {
    this.state = takeTimelines(this.state, { ...event, at, actor } as TimelineRecord);
    return this;
  }

  get one(): PlannedRelease {
    const one = this.state.get('t1');
    assert.ok(one);
    return one;
  }

  actions(nowMs: number, release: 'live' | 'succeeded' | 'back' | null = null): readonly string[] {
    return actionsOf(this.one, nowMs, release).map((action) =>
      'entry' in action ? `${action.kind} ${action.entry}${'late' in action && action.late ? ' late' : ''}` : action.kind,
    );
  }

  /** Everything that follows at a moment is done, with success. */
  pass(nowMs: number, release: 'live' | 'succeeded' | 'back' | null = null, ok = true): this {
    for (let i = 0; i < 20; i += 1) {
      const actions = actionsOf(this.one, nowMs, release);
      if (actions.length === 0) return this;
      for (const action of actions) {
        const data = { id: 't1', ...('entry' in action ? { entry: action.entry } : {}) } as { id: string; entry: string };
        if (action.kind === 'begin') {
          this.tell(nowMs, { kind: 'timeline-entry-began', data: { ...data, late: action.late } });
          this.tell(nowMs, { kind: 'timeline-entry-ended', data: { ...data, ok, detail: 'seen', run: null } });
        }
        if (action.kind === 'miss') this.tell(nowMs, { kind: 'timeline-entry-missed', data: { ...data, detail: action.detail } });
        if (action.kind === 'wait') this.tell(nowMs, { kind: 'timeline-waits', data: { ...data, detail: action.detail } });
        if (action.kind === 'start') this.tell(nowMs, { kind: 'timeline-started', data: { ...data, release: 'r1' } });
        if (action.kind === 'end') this.tell(nowMs, { kind: 'timeline-ended', data: { ...data, detail: action.detail } });
      }
    }
    throw new Error('no end');
  }

  get states(): string {
    return this.one.entries.map(({ id, state, late }) => `${id} ${state.kind}${late ? ' late' : ''}`).join(', ');
  }
}

/** All of before the start is done in its time. */
const ready = () => {
  const plan = new Plan();
  for (const beforeMs of [24 * h, 12 * h, 6 * h, 2 * h, h, 30 * m]) plan.pass(startMs - beforeMs);
  return plan;
};

test('the standard timeline is that of the release plan, in its order', () => {
  const ids = standardTimeline(null).map(({ id }) => id);
  assert.deepEqual(ids, ['T-24h', 'T-12h', 'T-6h', 'T-2h', 'T-1h', 'T-30m', 'T-0', 'T+5m', 'T+15m', 'T+30m', 'T+24h']);
  const [first] = standardTimeline('./ours.yaml');
  assert.equal(
    first?.does.kind === 'checklist' && first.does.checklist,
    './ours.yaml',
    'a day before, the own one of the service is asked',
  );
});

test('each entry begins when its time comes, and no sooner', () => {
  const plan = new Plan();
  assert.deepEqual(plan.actions(startMs - 24 * h - 1), []);
  assert.deepEqual(plan.actions(startMs - 24 * h), ['begin T-24h']);
  plan.pass(startMs - 24 * h);
  assert.deepEqual(plan.actions(startMs - 12 * h - 1), []);
});

test('T-0 starts the release once all before it is done, and what comes after follows from the real start', () => {
  const plan = ready();
  assert.deepEqual(plan.actions(startMs - 1), []);
  plan.pass(startMs + 3_000);
  assert.equal(plan.one.state.kind, 'started');
  assert.deepEqual(plan.actions(startMs + 5 * m, 'live'), []);
  assert.deepEqual(plan.actions(startMs + 3_000 + 5 * m, 'live'), ['begin T+5m']);
  for (const afterMs of [5 * m, 15 * m, 30 * m, 24 * h]) plan.pass(startMs + 3_000 + afterMs, 'succeeded');
  assert.equal(plan.one.state.kind, 'ended');
  assert.ok(
    plan.one.entries.every(({ state }) => state.kind === 'done'),
    plan.states,
  );
});

test('a check that has failed holds the start until it is run again or left out, with a reason that names it', () => {
  const plan = new Plan();
  for (const beforeMs of [24 * h, 12 * h, 6 * h]) plan.pass(startMs - beforeMs);
  plan.pass(startMs - 2 * h, null, false);
  for (const beforeMs of [h, 30 * m]) plan.pass(startMs - beforeMs);
  plan.pass(startMs);
  assert.deepEqual(plan.one.state, { kind: 'waiting', why: { en: 'T-2h has failed', ru: 'T-2h не пройдено' } });
  assert.deepEqual(plan.actions(startMs + 1_000), [], 'it is said once');
  plan.tell(startMs + m, { kind: 'timeline-entry-skipped', data: { id: 't1', entry: 'T-2h', why: 'known' } }, 'anna');
  assert.deepEqual(plan.actions(startMs + m), ['start T-0']);
});

test('people who were not told do not stop a release', () => {
  const plan = new Plan();
  for (const beforeMs of [24 * h, 12 * h, 6 * h, 2 * h, h]) plan.pass(startMs - beforeMs);
  plan.pass(startMs - 30 * m, null, false);
  assert.deepEqual(plan.actions(startMs), ['start T-0']);
});

test('after a downtime what is late is caught up before the start, and missed behind it', () => {
  assert.deepEqual(new Plan().actions(startMs - 5 * h), ['begin T-24h late', 'begin T-12h late', 'begin T-6h late']);
  const late = new Plan().pass(startMs + 2 * m);
  assert.match(late.states, /T-24h missed late, T-12h missed late/);
  assert.equal(late.one.state.kind, 'waiting');
  assert.match(blockersOf(late.one)?.en ?? '', /^T-24h was missed; T-6h was missed/);
});

test('a start that nobody expects any more waits for a person', () => {
  const plan = ready();
  assert.deepEqual(plan.actions(startMs + h), ['start T-0']);
  plan.pass(startMs + h + 1);
  assert.match(plan.states, /T-0 missed/);
  assert.deepEqual(plan.actions(startMs + 2 * h), []);
  const moved = { id: 't1', startMs: startMs + 26 * h, why: '' };
  plan.tell(startMs + 2 * h, { kind: 'timeline-moved', data: moved }, 'anna');
  assert.match(plan.states, /T-0 planned/);
  assert.deepEqual(plan.actions(startMs + 26 * h), ['start T-0']);
});

test('after the start what was overtaken is missed, and the last one is caught up', () => {
  const plan = ready().pass(startMs);
  assert.deepEqual(plan.actions(startMs + 20 * m, 'live'), ['miss T+5m', 'begin T+15m late']);
  assert.deepEqual(plan.actions(startMs + 40 * h, 'succeeded'), ['miss T+5m', 'miss T+15m', 'miss T+30m', 'begin T+24h late']);
});

test('moving the start moves what is to come; what is done stays done', () => {
  const plan = new Plan().pass(startMs - 24 * h);
  plan.tell(startMs - 23 * h, { kind: 'timeline-moved', data: { id: 't1', startMs: startMs + 10 * h, why: '' } }, 'anna');
  assert.deepEqual(plan.actions(startMs - 12 * h), []);
  assert.deepEqual(plan.actions(startMs - 2 * h), ['begin T-12h']);
});

test('what has failed comes again in its new time once the start is moved', () => {
  const plan = new Plan().pass(startMs - 24 * h, null, false);
  assert.match(plan.states, /^T-24h failed/);
  const moved = { id: 't1', startMs: startMs + h, why: '' };
  plan.tell(startMs - 22 * h, { kind: 'timeline-moved', data: moved }, 'anna');
  assert.match(plan.states, /^T-24h failed/, 'its new time is past as well');
  plan.tell(startMs - 22 * h, { kind: 'timeline-moved', data: { ...moved, startMs: startMs + 48 * h } }, 'anna');
  assert.match(plan.states, /^T-24h planned/);
  assert.deepEqual(plan.actions(startMs + 24 * h), ['begin T-24h']);
});

test('a release that goes back ends its timeline; a cancelled one does nothing any more', () => {
  const plan = ready()
    .pass(startMs)
    .pass(startMs + 6 * m, 'back');
  assert.equal(plan.one.state.kind, 'ended');
  assert.match(plan.states, /T\+5m cancelled/);
  const gone = new Plan().tell(startMs - 30 * h, { kind: 'timeline-cancelled', data: { id: 't1', why: 'no' } }, 'anna');
  assert.deepEqual([gone.actions(startMs), gone.one.state.kind], [[], 'cancelled']);
});

test('a person may start it before its time: what was to come before is missed then', () => {
  const plan = new Plan().pass(startMs - 24 * h);
  plan.tell(startMs - 20 * h, { kind: 'timeline-entry-asked', data: { id: 't1', entry: 'T-0', why: 'now' } }, 'anna');
  plan.tell(startMs - 20 * h, { kind: 'timeline-started', data: { id: 't1', entry: 'T-0', release: 'r1' } });
  assert.match(plan.states, /^T-24h done, T-12h missed/);
  assert.deepEqual(plan.actions(startMs - 20 * h + 5 * m, 'live'), ['begin T+5m']);
});

test('whatever the clock does, a release starts once, and never while a check of before it has failed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: -60, max: 60 }), fc.boolean()), { maxLength: 30 }), (moments) => {
      const plan = new Plan();
      let starts = 0;
      for (const [hours, ok] of moments) {
        const nowMs = startMs + hours * h;
        const wasStarted = plan.one.state.kind === 'started' || plan.one.state.kind === 'ended';
        const { one } = plan.pass(nowMs, wasStarted ? 'live' : null, ok);
        if (!wasStarted && (one.state.kind === 'started' || one.state.kind === 'ended')) {
          starts += 1;
          const failed = one.entries.filter(
            ({ offsetMs, does, state }) => offsetMs < 0 && does.kind !== 'notify' && state.kind !== 'done',
          );
          assert.deepEqual(failed, []);
          assert.ok(nowMs >= startMs);
        }
      }
      assert.ok(starts <= 1);
    }),
  );
});
