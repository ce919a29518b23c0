import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { acme, acmeView } from '../views/status/status.fixture.ts';
import { statuspageJson } from '../views/status/statuspage.ts';
import { decideStatus } from './decide.ts';
import { noStatus, takeStatus } from './fold.ts';
import { historyOf } from './history.ts';
import { incidentOf } from './incident.fixture.ts';
import type { StatusEvent, StatusState } from './types.ts';
import { announceWork, changeWork, type WorkVerb } from './work-verbs.ts';

const hour = 3_600_000;
const t0 = Date.parse('2026-11-29T20:00:00Z');
const day = { title: null, body: null, components: ['c1'], fromMs: t0 + 2 * hour, untilMs: t0 + 4 * hour };

/** A page whose component `c1` fails by so much, looked at at a moment. */
class Page {
  state: StatusState = noStatus;
  failed = 0;
  readonly said: string[] = [];

  take(event: StatusEvent, at: number, actor = 'anna'): void {
    this.state = takeStatus(this.state, { ...event, at, actor });
    this.said.push('id' in event.data ? `${event.kind.slice(7)} ${event.data.id}` : event.kind);
  }

  look(nowMs: number, incidents: Parameters<typeof decideStatus>[0]['incidents'] = []): readonly StatusEvent[] {
    const readings = ['api', 'checkout'].map((service) => ({
      service,
      requests: { all: 1_000, failed: service === 'api' ? this.failed : 0, spanMs: 60_000 },
      isServing: true,
      isSlow: false,
      isFailing: false,
      knownAtMs: nowMs,
    }));
    const { events } = decideStatus({
      page: { ...acme, publish: 'automatic' },
      state: this.state,
      readings,
      incidents,
      calmerSince: new Map(),
      nowMs,
    });
    for (const event of events) this.take(event, nowMs, 'status-page');
    return events;
  }
}

test('announced maintenance begins and ends by itself in its time, once', () => {
  const page = new Page();
  page.look(t0);
  page.take(announceWork(acme, page.state, day, t0), t0);
  const id = 'm-20261129-1';
  assert.equal(page.state.works.get(id)?.state, 'scheduled');
  assert.deepEqual(page.look(t0 + hour), []);
  assert.deepEqual(
    page.look(t0 + 2 * hour + 3_000).map(({ kind }) => kind),
    ['status-work-begun'],
  );
  assert.deepEqual(page.look(t0 + 3 * hour), []);
  page.look(t0 + 4 * hour + 4_000);
  const work = page.state.works.get(id);
  assert.deepEqual([work?.state, work?.begunAtMs, work?.endedAtMs], ['completed', day.fromMs, day.untilMs]);
  assert.deepEqual(
    work?.updates.map(({ state, by }) => [state, by]),
    [
      ['scheduled', 'anna'],
      ['in_progress', 'status-page'],
      ['completed', 'status-page'],
    ],
  );
  assert.deepEqual(page.look(t0 + 9 * hour), []);
});

test('while it is under way customers are told of maintenance, not of an incident, and the history has no outage', () => {
  const page = new Page();
  page.look(t0);
  page.take(announceWork(acme, page.state, day, t0), t0);
  page.failed = 900;
  page.look(t0 + 2 * hour + 3_000, [incidentOf('open')]);
  assert.equal(page.state.posts.size, 0, 'no draft');
  const during = acmeView({ state: page.state, releases: [], nowMs: t0 + 3 * hour });
  assert.deepEqual(
    during.components.map(({ spec, state, isMaintained }) => [spec.name, state, isMaintained]),
    [
      ['c1', 'operational', true],
      ['c2', 'operational', false],
    ],
  );
  const summary = statuspageJson(during, 'summary.json') as {
    status: { indicator: string };
    components: { id: string; status: string }[];
    scheduled_maintenances: { status: string; incident_updates: { status: string }[] }[];
  };
  assert.equal(summary.status.indicator, 'maintenance');
  assert.equal(summary.components.find(({ id }) => id === 'c1')?.status, 'under_maintenance');
  assert.deepEqual(
    summary.scheduled_maintenances.map((one) => [one.status, one.incident_updates.map(({ status }) => status)]),
    [['in_progress', ['in_progress', 'scheduled']]],
  );
  page.look(t0 + 4 * hour + 1_000, [incidentOf('open')]);
  assert.equal(page.state.posts.size, 0, 'in the look that ends it');
  page.look(t0 + 4 * hour + 6_000, [incidentOf('open')]);
  assert.equal(page.state.posts.size, 1, 'it does not work after its time: that is an incident');
  const { history } = acmeView({ state: page.state, releases: [], nowMs: t0 + 5 * hour }).components[0] ?? {};
  const out = history?.days.reduce((sum, { majorMs }) => sum + majorMs, 0);
  assert.equal(out, hour, 'only what was out after the end counts');
});

test('what a person may not say is refused, with what to do instead', () => {
  const page = new Page();
  const bad = (given: object, code: string, text: RegExp): void =>
    void assert.throws(() => announceWork(acme, page.state, { ...day, ...given }, t0), { code, message: text });
  bad({ components: ['c9'] }, 'E_INPUT', /no component c9/);
  bad({ components: [] }, 'E_INPUT', /no component is named/);
  bad({ fromMs: t0 - hour }, 'E_INPUT', /cannot begin in the past/);
  bad({ untilMs: day.fromMs }, 'E_INPUT', /end after it begins/);
  bad({ untilMs: day.fromMs + 15 * 24 * hour }, 'E_INPUT', /at most 14 days/);
  bad({ fromMs: t0 + 400 * 24 * hour, untilMs: t0 + 401 * 24 * hour }, 'E_INPUT', /more than a year/);
  page.take(announceWork(acme, page.state, day, t0), t0);
  const id = 'm-20261129-1';
  const change = (verb: WorkVerb, at: number) => changeWork(page.state, id, verb, at);
  assert.throws(() => changeWork(page.state, 'm-0', { verb: 'end', body: null }, t0), { code: 'E_UNKNOWN_MAINTENANCE' });
  assert.throws(() => change({ verb: 'end', body: null }, t0), { code: 'E_REFUSED', message: /not begun/ });
  assert.throws(() => change({ verb: 'move', fromMs: null, untilMs: null, body: null }, t0), { code: 'E_INPUT' });
  page.take(change({ verb: 'move', fromMs: t0 + hour, untilMs: null, body: null }, t0), t0);
  assert.equal(page.state.works.get(id)?.untilMs, t0 + 3 * hour, 'it takes as long as before');
  page.look(t0 + hour);
  assert.throws(() => change({ verb: 'cancel', why: '', body: null }, t0 + hour), { code: 'E_REFUSED', message: /has begun/ });
  assert.throws(() => change({ verb: 'move', fromMs: t0 + 2 * hour, untilMs: null, body: null }, t0 + hour), {
    code: 'E_REFUSED',
  });
  page.take(change({ verb: 'end', body: 'Earlier than planned.' }, t0 + 2 * hour), t0 + 2 * hour);
  assert.equal(page.state.works.get(id)?.endedAtMs, t0 + 2 * hour);
  assert.throws(() => change({ verb: 'end', body: null }, t0 + 2 * hour), { code: 'E_REFUSED', message: /is over/ });
});

test('each word about a maintenance has an id of its own, also of one that is moved again and again', () => {
  const page = new Page();
  page.take(announceWork(acme, page.state, day, t0), t0);
  const ids = new Set<string | undefined>();
  for (let count = 0; count < 120; count += 1) {
    page.take(
      changeWork(page.state, 'm-20261129-1', { verb: 'move', fromMs: day.fromMs + count, untilMs: null, body: null }, t0),
      t0,
    );
    ids.add(page.state.works.get('m-20261129-1')?.updates.at(-1)?.id);
  }
  assert.equal(ids.size, 120);
});

test('a controller that was away for the whole time says that it began and ended, and counts nothing twice', () => {
  const page = new Page();
  page.take(announceWork(acme, page.state, day, t0), t0);
  assert.deepEqual(
    page
      .look(t0 + 30 * hour)
      .map(({ kind }) => kind)
      .filter((kind) => kind.startsWith('status-work')),
    ['status-work-begun', 'status-work-ended'],
  );
});

test('whatever is worked on when, availability is what is left of outages outside of it', () => {
  const minute = 60_000;
  const createdAtMs = t0;
  const span = fc.record({ at: fc.integer({ min: 1, max: 500 }), state: fc.constantFrom('operational', 'major_outage') });
  const work = fc.record({ at: fc.integer({ min: 0, max: 500 }), length: fc.integer({ min: 0, max: 200 }) });
  fc.assert(
    fc.property(fc.array(span, { maxLength: 8 }), fc.array(work, { maxLength: 4 }), (given, works) => {
      const changes = given.toSorted((a, b) => a.at - b.at);
      const spans = [
        { fromMs: createdAtMs, state: 'operational' as const },
        ...changes.map(({ at, state }) => ({
          fromMs: createdAtMs + at * minute,
          state: state as 'operational' | 'major_outage',
        })),
      ];
      const windows = works.map(({ at, length }) => ({
        fromMs: createdAtMs + at * minute,
        untilMs: createdAtMs + (at + length) * minute,
      }));
      let expected = 0;
      for (let index = 0; index < 600; index += 1) {
        const ms = createdAtMs + index * minute;
        const isOut = spans.findLast(({ fromMs }) => fromMs <= ms)?.state === 'major_outage';
        if (isOut && !windows.some(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs)) expected += minute;
      }
      const { days } = historyOf({ createdAtMs, spans }, 'UTC', createdAtMs + 600 * minute, windows);
      assert.equal(
        days.reduce((sum, { majorMs }) => sum + majorMs, 0),
        expected,
      );
    }),
    { numRuns: 40 },
  );
});
