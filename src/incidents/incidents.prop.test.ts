import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Alert, AlertState } from '../alerts/types.ts';
import type { Verb } from './asked.ts';
import { takeInAll } from './decide.ts';
import type { IncidentRecord } from './events.ts';
import { noIncidents, takeIncidents } from './fold.ts';
import { groupByService } from './group.ts';
import { isOver } from './severity.ts';
import { ended, firing, Story } from './story.fixture.ts';

const minute = 60_000;

const anyAlert = fc.record({
  service: fc.constantFrom('a', 'b', null),
  name: fc.constantFrom('x', 'y', 'z'),
  life: fc.integer({ min: 1, max: 3 }),
  state: fc.constantFrom<AlertState>('pending', 'firing', 'recovering', 'resolved'),
  urgency: fc.constantFrom('page' as const, 'chat' as const, 'email' as const),
});
const anyVerb = fc.oneof(
  fc.constantFrom<Verb>(
    ...(['mitigate', 'resolve', 'reopen', 'review'] as const).map((kind) => ({ kind })),
    { kind: 'acknowledge', forMs: 30 * minute },
    { kind: 'severity', severity: 'P1' },
    { kind: 'note', note: 'n', text: 'seen' },
  ),
);
const anyTurn = fc.oneof(
  fc.record({ alerts: fc.array(anyAlert, { maxLength: 6 }) }),
  fc.record({ verb: anyVerb, by: fc.constantFrom('anna', 'boris'), which: fc.nat(5) }),
  fc.record({ passMs: fc.integer({ min: 0, max: 40 * minute }) }),
  fc.record({ key: fc.constantFrom('service:a', 'hand'), service: fc.constantFrom('a', null) }),
);

function alertOf({ service, name, life, state, urgency }: typeof anyAlert extends fc.Arbitrary<infer T> ? T : never): Alert {
  const firedAtMs = state === 'pending' ? null : life;
  return {
    ...firing(name, { service, urgency, pendingAtMs: life, firedAtMs, state }),
    resolvedAtMs: state === 'resolved' ? life : null,
  };
}

test('whatever happens: one incident of a key at a time, no alert is lost or taken twice, what is repeated changes nothing, and the state is the fold', () => {
  fc.assert(
    fc.property(fc.array(anyTurn, { maxLength: 25 }), (turns) => {
      const story = new Story();
      const fired = new Set<string>();
      const overAlready = new Set<string>();
      for (const turn of turns) {
        if ('passMs' in turn) story.pass(turn.passMs);
        else if ('verb' in turn) {
          const incident = story.all[turn.which];
          if (!incident) continue;
          story.ask(turn.verb, turn.by, incident.id);
          const again = story.ask(turn.verb, turn.by, incident.id);
          assert.deepEqual([again.done, again.events], [false, []], turn.verb.kind);
        } else if ('key' in turn) {
          story.open(turn);
          assert.equal(story.open(turn).done, false);
        } else {
          // An alert that has ended does not come back under its id.
          const alerts = turn.alerts.map(alertOf).filter(({ id }) => !overAlready.has(id));
          story.alerts(...alerts);
          assert.deepEqual(story.alerts(...alerts), [], 'told again');
          for (const { id, state, firedAtMs } of new Map(alerts.map((alert) => [alert.id, alert])).values()) {
            if (firedAtMs !== null) fired.add(id);
            if (state === 'resolved') overAlready.add(id);
          }
        }
        const open = story.all.filter((one) => !isOver(one)).map(({ key }) => key);
        assert.equal(new Set(open).size, open.length, 'one of a key');
        for (const { id, firing: fires, recovering } of story.all) {
          const held = [...story.state.alerts.values()].filter(({ incident }) => incident === id);
          assert.deepEqual([fires + recovering, recovering], [held.length, held.filter((one) => one.isRecovering).length]);
        }
      }
      const taken = story.all.flatMap(({ alerts }) => alerts.map(({ id }) => id));
      // Those that were pending and then ended without firing are no alerts of anything.
      assert.deepEqual(taken.toSorted(), [...fired].filter((id) => taken.includes(id)).toSorted());
      assert.equal(new Set(taken).size, taken.length);
      for (const id of fired) assert(taken.includes(id), `${id} is lost`);
      const records = JSON.parse(JSON.stringify(story.records)) as IncidentRecord[];
      assert.deepEqual(records.reduce(takeIncidents, noIncidents), story.state);
      const open = new Map(
        [...story.state.alerts]
          .map(([id, { isRecovering }]) => [id, id.split('@')[0] ?? '', isRecovering] as const)
          .map(([id, key, is]) => [key, { ...firing('x'), id, key, state: is ? ('recovering' as const) : ('firing' as const) }]),
      );
      const gone = takeInAll(story.state, { open, ended: [] }, groupByService, story.atMs);
      const ends = gone.flatMap((event) => (event.kind === 'incident-alert-ended' ? event.data.alerts : []));
      assert.equal(ends.length, story.state.alerts.size - open.size, 'what is not known any more has ended');
    }),
    { numRuns: 400 },
  );
});

test('100,000 alerts of one outage are one incident, and what is kept in mind of them stays bounded', () => {
  const story = new Story();
  let held: readonly Alert[] = [];
  const groups = 40;
  const perGroup = 2_500;
  for (let group = 0; group < groups; group += 1) {
    story.atMs += 1_000;
    const next = Array.from({ length: perGroup }, (_, at) => firing(`${group}-${at}`, { pendingAtMs: story.atMs }));
    story.alerts(...next);
    if (group % 3 === 2) {
      story.alerts(...held.map((alert) => ended(alert, story.atMs)));
      held = [];
    }
    held = [...held, ...next];
  }
  const { incidents, alerts, ended: over } = story.state;
  assert.deepEqual([incidents.size, story.last.alertCount, story.last.alerts.length], [1, groups * perGroup, 200]);
  assert(alerts.size <= 4 * perGroup && over.length <= 2_000);
  assert(story.records.length <= 500, `${story.records.length} records`);
  story.alerts(...held.map((alert) => ended(alert, story.atMs)));
  assert.equal(story.last.state, 'resolved');
});
