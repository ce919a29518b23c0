import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Incident, IncidentState } from '../incidents/types.ts';
import { textIn } from '../spec/text.ts';
import { acme } from '../views/status/status.fixture.ts';
import { decideStatus } from './decide.ts';
import { noStatus, takeStatus } from './fold.ts';
import { gravity } from './impact.ts';
import { incidentOf } from './incident.fixture.ts';
import type { ServiceReading, StatusEvent, StatusState } from './types.ts';

const minute = 60_000;

/** A page that is looked at again and again. */
class Watched {
  state: StatusState = noStatus;
  nowMs = Date.parse('2026-11-29T00:00:00Z');
  calmerSince: ReadonlyMap<string, number> = new Map();
  publish: 'automatic' | 'by-hand' = 'automatic';

  /** Of the page. */
  names: readonly string[] = acme.components.map(({ name }) => name);

  /** What is new after `afterMs`. */
  look(failed: number, incident: Incident | null = null, afterMs = 10_000): readonly string[] {
    this.nowMs += afterMs;
    const reading = (service: string, bad: number): ServiceReading => ({
      service,
      requests: { all: 1_000, failed: bad, spanMs: 300_000 },
      isServing: true,
      isSlow: false,
      isFailing: false,
      knownAtMs: this.nowMs,
    });
    const { events, calmerSince } = decideStatus({
      page: { ...acme, publish: this.publish, components: acme.components.filter(({ name }) => this.names.includes(name)) },
      state: this.state,
      readings: [reading('api', failed), reading('checkout', 0)],
      incidents: incident ? [incident] : [],
      calmerSince: this.calmerSince,
      nowMs: this.nowMs,
    });
    this.calmerSince = calmerSince;
    this.take(events);
    return events.map(saidOf);
  }

  take(events: readonly StatusEvent[], actor = 'status-page'): void {
    for (const event of events) this.state = takeStatus(this.state, { ...event, actor, at: this.nowMs });
  }
}

function saidOf({ kind, data }: StatusEvent): string {
  const what = 'component' in data ? data.component : data.id;
  return `${kind.slice(7)} ${what}${'state' in data ? ` ${data.state}` : ''}`;
}

test('a component is worse at once, and better after two minutes of calm', () => {
  const page = new Watched();
  assert.deepEqual(page.look(0), ['component-changed c1 operational', 'component-changed c2 operational']);
  assert.deepEqual(page.look(0), []);
  assert.deepEqual(page.look(100), ['component-changed c1 partial_outage']);
  assert.deepEqual(page.look(600), ['component-changed c1 major_outage']);
  assert.deepEqual(page.look(0), []);
  assert.deepEqual(page.look(0, null, minute), []);
  assert.deepEqual(page.look(600, null, minute), [], 'it flaps');
  assert.deepEqual(page.look(0), []);
  assert.deepEqual(page.look(0, null, 2 * minute), ['component-changed c1 operational']);
});

test('an incident that hurts customers is told from beginning to end, by itself where the page says so', () => {
  const page = new Watched();
  page.look(0);
  assert.deepEqual(page.look(100, incidentOf('open')), [
    'component-changed c1 partial_outage',
    'post-drafted p-api-1 investigating',
    'post-published p-api-1 investigating',
  ]);
  assert.deepEqual(page.look(100, incidentOf('acknowledged')), []);
  assert.deepEqual(page.look(0, incidentOf('mitigated')), [
    'post-drafted p-api-1 monitoring',
    'post-published p-api-1 monitoring',
  ]);
  page.look(0, incidentOf('mitigated'), 3 * minute);
  assert.deepEqual(page.look(0, incidentOf('resolved')), ['post-drafted p-api-1 resolved', 'post-published p-api-1 resolved']);
  assert.deepEqual(page.look(0, incidentOf('reviewed')), []);
  const post = page.state.posts.get('p-api-1');
  assert.deepEqual(
    post?.updates.map(({ state, components }) => [state, components.map(({ to }) => to)]),
    [
      ['investigating', ['partial_outage']],
      ['monitoring', []],
      ['resolved', ['operational']],
    ],
  );
  assert.equal(post?.worst, 'partial_outage');
  assert.deepEqual(page.look(600, incidentOf('open')), [
    'component-changed c1 major_outage',
    'post-drafted p-api-1 investigating',
    'post-published p-api-1 investigating',
  ]);
});

test('customers read nothing that the machine knows of the inside', () => {
  const page = new Watched();
  page.look(0);
  page.look(100, incidentOf('open'));
  const texts = JSON.stringify(page.state.posts.get('p-api-1'));
  assert.ok(!texts.includes('version 7'), texts);
});

test('by hand, a draft waits for a person: it is drafted once for each state, and none that was declined comes again', () => {
  const page = new Watched();
  page.publish = 'by-hand';
  page.look(0);
  assert.deepEqual(page.look(100, incidentOf('open')), [
    'component-changed c1 partial_outage',
    'post-drafted p-api-1 investigating',
  ]);
  assert.deepEqual(page.look(100, incidentOf('open')), []);
  page.take([{ kind: 'status-post-draft-dropped', data: { id: 'p-api-1', state: 'investigating', why: 'known' } }], 'anna');
  assert.deepEqual(page.look(100, incidentOf('open')), []);
  assert.deepEqual(page.look(100, incidentOf('mitigated')), ['post-drafted p-api-1 monitoring']);
  assert.deepEqual(page.look(100, incidentOf('resolved')), ['post-draft-dropped p-api-1 monitoring']);
  assert.deepEqual(page.look(100, incidentOf('resolved')), []);
  assert.equal(page.state.posts.get('p-api-1')?.publishedAtMs, null);
});

test('a draft that nobody has published before it was over comes anew with its incident', () => {
  const page = new Watched();
  page.publish = 'by-hand';
  page.look(0);
  page.look(100, incidentOf('open'));
  assert.deepEqual(page.look(100, incidentOf('resolved')), ['post-draft-dropped p-api-1 investigating']);
  assert.deepEqual(page.look(100, incidentOf('open')), ['post-drafted p-api-1 investigating']);
});

test('a text says how bad it is by now: the draft that waits, and what the page has told by itself', () => {
  for (const publish of ['by-hand', 'automatic'] as const) {
    const page = new Watched();
    page.publish = publish;
    const title = () => {
      const post = page.state.posts.get('p-api-1');
      return post && textIn((publish === 'automatic' ? post : (post.draft ?? post)).title, 'en');
    };
    page.look(0);
    page.look(100, incidentOf('open'));
    assert.equal(title(), 'API: partial outage');
    page.look(600, incidentOf('open'));
    assert.equal(title(), 'API: outage');
    assert.deepEqual(page.look(100, incidentOf('open')), [], 'what is less bad is no news while it goes on');
    page.look(100, incidentOf('open'), 3 * minute);
    assert.equal(title(), 'API: outage');
  }
});

test('what a person has told is not told otherwise by the page while nothing else happens', () => {
  const page = new Watched();
  page.look(0);
  page.look(100, incidentOf('open'));
  const told = { id: 'p-api-1', update: 'p-api-1/own', state: 'investigating', title: 'Ours', body: 'Ours' } as const;
  page.take([{ kind: 'status-post-published', data: told }], 'anna');
  assert.deepEqual(page.look(600, incidentOf('open')), ['component-changed c1 major_outage']);
});

test('an incident that was told is told to its end, also when its components have left the page', () => {
  const page = new Watched();
  page.look(0);
  page.look(100, incidentOf('open'));
  page.names = page.names.filter((name) => name !== 'c1');
  page.look(100, incidentOf('open'));
  assert.deepEqual(page.look(100, incidentOf('resolved')), ['post-drafted p-api-1 resolved', 'post-published p-api-1 resolved']);
  const post = page.state.posts.get('p-api-1');
  assert.deepEqual(
    [post?.title, post?.updates.at(-1)?.body].map((text) => textIn(text ?? '', 'en')),
    ['API: partial outage', 'This incident is over.'],
  );
});

test('an incident that hurts no component is told to nobody', () => {
  const page = new Watched();
  page.look(0);
  assert.deepEqual(page.look(0, incidentOf('open')), []);
  assert.deepEqual(page.look(100, incidentOf('open', { service: 'mail' })), ['component-changed c1 partial_outage']);
});

test('whatever comes, nothing is said twice, and what is measured is shown within two minutes', () => {
  const look = fc.record({
    failed: fc.constantFrom(0, 20, 51, 400, 800),
    state: fc.constantFrom<IncidentState | null>(null, 'open', 'acknowledged', 'mitigated', 'resolved'),
    afterMs: fc.integer({ min: 1_000, max: 3 * minute }),
  });
  fc.assert(
    fc.property(fc.array(look, { maxLength: 40 }), (looks) => {
      const page = new Watched();
      for (const { failed, state, afterMs } of looks) {
        page.look(failed, state ? incidentOf(state) : null, afterMs);
        assert.deepEqual(page.look(failed, state ? incidentOf(state) : null, 0), [], 'the same look again says nothing new');
      }
      page.look(0, null, 1);
      page.look(0, null, 2 * minute);
      for (const { state } of page.state.components.values()) assert.equal(gravity(state), 0);
      const ids = [...page.state.posts.values()].flatMap(({ updates }) => updates.map(({ id }) => id));
      assert.equal(new Set(ids).size, ids.length);
    }),
    { numRuns: 200 },
  );
});
