import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RespondPolicy, responses } from '../spec/incident-response.ts';
import { itself } from './decide.ts';
import type { IncidentEvent } from './events.ts';
import { takeIncidents } from './fold.ts';
import { type Evidence, respond, verifyWithinMs } from './responder.ts';
import { ended, firing, Story } from './story.fixture.ts';
import type { Incident, Severity } from './types.ts';

const minute = 60_000;
const policy: RespondPolicy = {
  P0: ['check', 'restart', 'rollback'],
  P1: [],
  P2: [],
  restart: {
    name: 'restart.sh',
    action: { kind: 'command', command: ['restart.sh'] },
    timeoutMs: 1_000,
    attempts: 1,
    compensate: null,
  },
  page: 'when-needed',
  tries: 1,
  cooldownMs: 10 * minute,
  verifyMs: 5 * minute,
  marginMs: minute,
};
const burn = { name: 'shop/availability P0', shortMs: 5 * minute, factor: 14.4, burn: 144, exhaustedInMs: 60 * minute };
const release = { id: 'shop-a1-b2', version: '1.1.0', to: '1.0.0', isBack: false };
const nothing: Evidence = {
  burns: [burn],
  release: null,
  instances: { ready: 2, wanted: 2 },
  canRestart: false,
  progress: null,
  lastEndedMs: {},
  isBusy: false,
  isGoingBack: false,
};

/** An incident that the machine is at, and what it sees. */
class Response {
  readonly story = new Story();
  readonly alert = firing('errors', { service: 'shop' });
  evidence: Evidence;

  constructor(given: Partial<RespondPolicy> = {}, evidence: Partial<Evidence> = {}, severity: Severity = 'P0') {
    this.evidence = { ...nothing, ...evidence };
    this.story.alerts({ ...this.alert, urgency: severity === 'P0' ? 'page' : 'chat' });
    this.#keep([{ kind: 'incident-responding', data: { id: this.incident.id, policy: { ...policy, ...given } } }]);
  }

  get incident(): Incident {
    return this.story.last;
  }

  /** What it does, until it waits for something. */
  look(evidence: Partial<Evidence> = {}): readonly string[] {
    this.evidence = { ...this.evidence, ...evidence };
    const done: string[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const events = respond(this.incident, this.evidence, this.story.atMs);
      if (events.length === 0) return done;
      this.#keep(events);
      done.push(...events.map(textOf));
      // What has just been begun is not known to be done.
      if (events.some(({ kind, data }) => kind === 'incident-action-begun' && data.does !== 'verify'))
        this.evidence = { ...this.evidence, progress: null };
    }
    throw new Error(`it never waits: ${done.join()}`);
  }

  #keep(events: readonly IncidentEvent[]): void {
    for (const event of events)
      this.story.state = takeIncidents(this.story.state, { ...event, actor: itself, at: this.story.atMs });
  }
}

function textOf(event: IncidentEvent): string {
  switch (event.kind) {
    case 'incident-action-begun':
      return `begin ${event.data.action}`;
    case 'incident-action-ended':
      return `${event.data.action} ${event.data.outcome}`;
    case 'incident-person-needed':
      return `person: ${typeof event.data.why === 'string' ? event.data.why : event.data.why.en}`;
    default:
      return event.kind;
  }
}

const done = { progress: { kind: 'done', said: 'it is done' } } as const;

test('a P0 with a release in reach goes back at once, and that it helped is seen by its alerts', () => {
  const response = new Response({}, { release });
  assert.deepEqual(response.look(), ['begin rollback-1']);
  assert.match(response.incident.actions[0]?.said ?? '', /^1\.1\.0 is taken back, 1\.0\.0 gets all traffic/);
  assert.deepEqual(response.look({ progress: { kind: 'under-way' } }), []);
  assert.deepEqual(response.look(done), ['begin verify-1']);
  // S(1 − F/b) + margin = 5 min × 0.9 + 1 min.
  assert.equal((response.incident.actions[1]?.untilMs ?? 0) - response.story.atMs, 5.5 * minute);
  response.story.alerts({ ...response.alert, state: 'recovering' });
  assert.deepEqual(response.look(), ['rollback-1 helped', 'verify-1 helped']);
  assert.deepEqual([response.look(), response.incident.person], [[], null]);
});

test('what fires again after help has helped says so to the person who has to come', () => {
  const response = new Response({ P0: ['restart'] });
  response.look();
  response.look(done);
  response.story.alerts(ended(response.alert, response.story.atMs));
  assert.deepEqual(response.look(), ['restart-1 helped', 'verify-1 helped']);
  response.story.pass(minute);
  response.story.alerts({ ...response.alert, id: 'again', pendingAtMs: response.story.atMs });
  assert.deepEqual(response.look({ progress: null }), [
    'person: it fires again: restart helped before, and may not be tried again now',
  ]);
});

test('without a release it looks at the health, restarts, and calls a person when that did not help in time', () => {
  const response = new Response();
  assert.deepEqual(response.look(), ['begin check-1', 'check-1 no-help', 'begin restart-1']);
  assert.deepEqual(response.look(done), ['begin verify-1']);
  response.story.pass(5.5 * minute - 1);
  assert.deepEqual(response.look(), []);
  response.story.pass(1);
  assert.deepEqual(response.look({ progress: null }), ['restart-1 no-help', 'verify-1 no-help', 'person: restart did not help']);
});

test('how many instances are ready is said as it is, and so is what has to come where no objective burns', () => {
  const looked = (ready: number, wanted: number) => {
    const response = new Response({ P0: ['check'] }, { instances: { ready, wanted } });
    response.look();
    return response.incident.actions[0]?.said;
  };
  assert.deepEqual(
    [looked(2, 2), looked(1, 1), looked(0, 1), looked(1, 3), looked(0, 0)],
    [
      'all 2 instances are ready, and users are hurt all the same',
      'the only instance is ready, and users are hurt all the same',
      '0 of 1 instance is ready',
      '1 of 3 instances are ready',
      'no instance of a stable version is known',
    ],
  );
  const response = new Response({}, { release, burns: [] });
  response.look();
  response.look(done);
  assert.equal(response.incident.actions.at(-1)?.said, 'it is done; its alerts have to end within 6m');
});

test('without a command the target restarts, where it can now; where it cannot, the next is tried', () => {
  const own: Partial<RespondPolicy> = { P0: ['restart', 'rollback'], restart: null };
  const can = new Response(own, { canRestart: true });
  assert.deepEqual(can.look(), ['begin restart-1']);
  assert.equal(can.incident.actions[0]?.said, 'the instances are started anew, one after another');
  assert.deepEqual(new Response({ ...own, P1: ['restart', 'rollback'] }, { release }, 'P1').look(), ['begin rollback-1']);
  assert.deepEqual(new Response({ ...own, P0: ['restart'] }).look(), ['person: nothing of what may be tried can be done now']);
});

for (const [name, given, evidence, why] of [
  ['there is no data', {}, { burns: [{ ...burn, burn: null }] }, 'there is no data of shop/availability P0'],
  ['the policy says always', { page: 'always' }, {}, 'the service asks for a person each time'],
  [
    'the budget is gone before',
    {},
    { burns: [{ ...burn, exhaustedInMs: 2 * minute }] },
    'the budget of shop/availability P0 is gone in 2m, and help takes 5m30s',
  ],
  ['the budget is spent', {}, { burns: [{ ...burn, exhaustedInMs: 0 }] }, 'the budget of shop/availability P0 is spent'],
] as const)
  test(`a person is called at once, and it tries all the same, when ${name}`, () => {
    const response = new Response(given, { ...evidence, release });
    assert.deepEqual(response.look(), [`person: ${why}`, 'begin rollback-1']);
  });

test('a person is called when an action fails, and what is left is tried', () => {
  const response = new Response({}, { release });
  response.look();
  const [failed, ...others] = response.look({ progress: { kind: 'failed', said: 'the router refuses' } });
  assert.equal(failed, 'rollback-1 failed');
  assert.deepEqual(others, [
    'person: rollback has failed: the router refuses',
    'begin check-1',
    'check-1 no-help',
    'begin restart-1',
  ]);
});

test('a person is called for what a person has opened: nothing would say whether the machine helps', () => {
  const story = new Story();
  story.open({ key: 'hand', service: 'shop', severity: 'P0' });
  const event = { kind: 'incident-responding', data: { id: story.last.id, policy } } as const;
  const incident = takeIncidents(story.state, { ...event, actor: itself, at: story.atMs }).incidents.get(story.last.id);
  assert(incident);
  assert.deepEqual(respond(incident, { ...nothing, release }, story.atMs).map(textOf), [
    'person: it was opened by hand, and no alert would say whether anything helps',
  ]);
});

test('P1 asks the team with the verb at hand, and nothing is tried', () => {
  assert.deepEqual(new Response({}, { release }, 'P1').look(), ['person: for P1 the team decides: rampart rollback shop']);
});

test('nobody is called for a release that goes back by itself, unless that does not help', () => {
  const going = new Response({}, { release, isGoingBack: true }, 'P1');
  assert.deepEqual(going.look(), []);
  // What is stable now is not to be taken back for what another version did.
  assert.deepEqual(going.look({ isGoingBack: false, release: { ...release, isBack: true } }), [
    'person: for P1 the team decides: 1.1.0 is taken back already, and its alerts still fire',
  ]);
});

test('an action rests between two incidents, waits for that of another one, and is not begun when somebody has taken it', () => {
  const rests = { release, lastEndedMs: { rollback: new Story().atMs - 9 * minute } };
  const resting = new Response({ P0: ['rollback'] }, rests);
  assert.deepEqual(resting.look(), [], 'it may still be told which release it comes from');
  resting.story.pass(15_000);
  assert.deepEqual(resting.look(), ['person: what may be tried was tried a short time ago in another incident of the service']);
  assert.deepEqual(new Response({}, { release, isBusy: true }).look(), []);
  const taken = new Response({}, { release });
  taken.story.ask({ kind: 'acknowledge', forMs: minute });
  assert.deepEqual(taken.look(), []);
});

test('whatever is seen: one action at a time, none more often than it may be, each ends, and an incident that goes on ends with a person', () => {
  const look = fc.record({
    passMs: fc.integer({ min: 0, max: 7 * minute }),
    release: fc.option(fc.constant(release)),
    progress: fc.option(fc.constantFrom('under-way' as const, 'done' as const, 'failed' as const)),
    burn: fc.option(fc.integer({ min: 0, max: 1_000 })),
    alert: fc.constantFrom('firing' as const, 'firing' as const, 'recovering' as const),
  });
  const tried = fc.record({ tries: fc.integer({ min: 1, max: 3 }), P0: fc.shuffledSubarray([...responses]) });
  fc.assert(
    fc.property(tried, fc.array(look, { maxLength: 20 }), ({ tries, P0 }, looks) => {
      const response = new Response({ tries, P0, cooldownMs: 0 });
      const alert = { ...response.alert };
      for (const { passMs, progress, alert: state, burn: now, ...rest } of looks) {
        response.story.pass(passMs);
        response.story.alerts({ ...alert, state });
        const said = progress === null ? null : progress === 'under-way' ? { kind: progress } : { kind: progress, said: 'so' };
        response.look({ ...rest, progress: said, burns: [{ ...burn, burn: now }] });
        const open = response.incident.actions.filter(({ endedAtMs }) => endedAtMs === null);
        assert(open.filter(({ kind }) => kind !== 'verify').length <= 1 && open.length <= 2);
        for (const kind of responses) assert(response.incident.actions.filter((one) => one.kind === kind).length <= tries);
      }
      response.story.alerts(alert);
      for (let turn = 0; turn < 20; turn += 1) {
        response.story.pass(20 * minute);
        response.look({ progress: null, burns: [burn] });
      }
      assert(response.incident.person !== null);
      response.story.alerts(ended(alert, response.story.atMs));
      response.look();
      assert(response.incident.actions.every(({ endedAtMs, outcome }) => endedAtMs !== null && outcome !== null));
    }),
    { numRuns: 300 },
  );
});

test('the time that help has is the longest of what burns, and that of the policy where nothing is reckoned', () => {
  assert.equal(verifyWithinMs(policy, []), 6 * minute);
  assert.equal(verifyWithinMs(policy, [{ ...burn, burn: 10 }]), 6 * minute, 'it does not burn any more: nothing to reckon with');
  const slow = { ...burn, shortMs: 30 * minute, factor: 6, burn: 60 };
  assert.equal(verifyWithinMs(policy, [burn, slow]), 28 * minute);
});
