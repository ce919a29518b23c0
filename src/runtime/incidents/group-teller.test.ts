import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Life, VirtualTime } from '../../../test/simulation/virtual-time.ts';
import { fingerprint } from '../../alerts/fingerprint.ts';
import type { AlertEvent } from '../../alerts/types.ts';
import { groupBySetup } from '../../incidents/group.ts';
import { Dispatch, type Notice, play } from '../../incidents/routing/dispatch.ts';
import type { GroupEvent } from '../../incidents/routing/group-record.ts';
import type { SilenceEvent } from '../../incidents/routing/silence-record.ts';
import type { OutboxEvent, OutboxRecorded } from '../../notifications/types.ts';
import { noSetup } from '../../spec/incident-setup.ts';
import { routingIn } from '../../spec/routing-text.ts';
import type { EventLog } from '../../stores/log.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { alertHistory } from '../alerts/alert-history.ts';
import { type AlertsRecorded, alertRecording } from '../alerts/alert-records.ts';
import { type SilencesRecorded, silenceRecording } from '../alerts/silence-records.ts';
import { Silences } from '../alerts/silences.ts';
import { type MessagesRecorded, messagesStream, outboxRecording } from '../notifications/outbox-records.ts';
import { RecordedState } from '../recorded-state.ts';
import { type GroupsRecorded, groupRecording, groupsStream } from './group-records.ts';
import { GroupTeller } from './group-teller.ts';
import { withMessages } from './incident-caller.ts';
import { IncidentKeeper } from './incident-keeper.ts';
import { type IncidentsRecorded, incidentRecording } from './incident-records.ts';

const s = 1_000;
const m = 60 * s;
/** Sunday, 11:00 UTC. */
const t0 = Date.parse('2026-11-29T11:00:00Z');

const routing = (spec: string) =>
  routingIn(
    `apiVersion: rampart/v1\nkind: AlertRouting\nmetadata: { name: default }\nspec:\n${spec.replace(/^/gm, '  ')}`,
    'routing.yaml',
  );

type Up = {
  readonly alerts: AlertsRecorded;
  readonly records: IncidentsRecorded;
  readonly messages: MessagesRecorded;
  readonly groups: GroupsRecorded;
  readonly silences: Silences;
  readonly silenceRecords: SilencesRecorded;
  readonly keeper: IncidentKeeper;
  readonly teller: GroupTeller;
};

/** One controller after another on one log, in a time that passes when the test says so. */
class Place {
  readonly time = new VirtualTime(t0);
  readonly log: EventLog = openMemoryLog({ hashing: false });
  readonly warnings: string[] = [];
  readonly setup: { setup: typeof noSetup; listen(listener: () => void): () => void } = {
    setup: noSetup,
    listen: () => () => {},
  };
  #life: Life = { dead: false };
  #silences = 0;
  up!: Up;

  constructor(spec: string) {
    this.setup.setup = { ...noSetup, routing: routing(spec) };
  }

  async start(): Promise<Up> {
    this.#life.dead = true;
    this.#life = { dead: false };
    const clock = this.time.clock(this.#life);
    const token = await this.log.claim('test');
    const of = <State, Event extends { kind: string; data: unknown; actor: string }>(
      recording: ConstructorParameters<typeof RecordedState<State, Event>>[0],
    ) => new RecordedState<State, Event>(recording, this.log, token, clock.now);
    const alerts = of(alertRecording);
    const records = of(incidentRecording);
    const messages = of(outboxRecording);
    const groups = of(groupRecording);
    const silenceRecords = of(silenceRecording);
    for (const one of [alerts, records, messages, groups, silenceRecords]) await one.catchUp();
    const warn = (text: string) => void this.warnings.push(text);
    const silences = new Silences(silenceRecords, alerts);
    const { setup } = this;
    const keeper = new IncidentKeeper({
      records,
      alerts,
      groupOf: (alert) => groupBySetup(setup.setup.routing, alert),
      change: withMessages(records, messages, groups, null),
      clock,
      warn,
    });
    const teller = new GroupTeller({ groups, records, messages, alerts, silences, setup, consoleUrl: null, clock, warn });
    this.up = { alerts, records, messages, groups, silences, silenceRecords, keeper, teller };
    return this.up;
  }

  async until(ms: number): Promise<void> {
    await this.time.runUntil(ms);
  }

  async stop(): Promise<void> {
    const ended = Promise.all([this.up.teller.stop(), this.up.keeper.stop()]);
    await this.time.runUntil(this.time.elapsedMs + 100);
    await ended;
  }

  fire(name: string, labels: Record<string, string> = {}): Promise<void> {
    const key = `${labels.service ?? 'none'}/${name}`;
    const service = labels.service ?? null;
    const more = { origin: 'alertmanager', name, service, objective: null, tier: null, urgency: 'page', url: null } as const;
    const events: AlertEvent[] = [
      { kind: 'alert-pending', actor: 'a', data: { key, said: `${name} is bad`, labels, annotations: {}, ...more } },
      { kind: 'alert-fired', actor: 'a', data: { key, said: `${name} is bad`, silencedBy: null, attribution: null } },
    ];
    return this.up.alerts.change(() => events);
  }

  end(name: string, labels: Record<string, string> = {}): Promise<void> {
    const key = `${labels.service ?? 'none'}/${name}`;
    return this.up.alerts.change(() => [{ kind: 'alert-resolved', actor: 'a', data: { key, said: 'over' } }]);
  }

  silence(name: string, forMs: number): Promise<void> {
    const now = t0 + this.time.elapsedMs;
    const data: Extract<SilenceEvent, { kind: 'silence-set' }>['data'] = {
      id: `s${(this.#silences += 1)}`,
      matcherSets: [[{ name: 'alertname', op: '=', value: name }]],
      startsAtMs: now,
      endsAtMs: now + forMs,
      untilResolved: null,
      by: 'anna',
      comment: '',
      replaces: null,
      from: null,
    };
    return this.up.silenceRecords.change(() => [{ kind: 'silence-set', actor: 'anna', data }]);
  }

  /** All that waits is taken by its receivers. */
  async deliver(): Promise<void> {
    await this.up.messages.change(({ pending }) =>
      [...pending.values()].flatMap(({ id }): readonly OutboxRecorded[] => [
        { kind: 'message-attempted', actor: 'a', data: { id, revision: 1 } },
        { kind: 'message-delivered', actor: 'a', data: { id, said: 'yes', receipt: {} } },
      ]),
    );
  }

  /** What receivers were told, one line for each message to a group. */
  async told(): Promise<readonly string[]> {
    const events = (await this.log.read(groupsStream, 0, 10_000)) as unknown as readonly (GroupEvent & { at: number })[];
    return events.flatMap((event) => {
      if (event.kind !== 'alert-group-told') return [];
      const { lookMs, group, reason, notifiers, firing, resolved } = event.data;
      assert(event.at >= lookMs && event.at - lookMs < 1_000, `told ${event.at - lookMs} ms after its time`);
      return [line(lookMs, group, reason, notifiers, firing, resolved)];
    });
  }

  /** The same as a simulation says of the alerts on record. */
  async simulated(): Promise<readonly string[]> {
    const untilMs = t0 + this.time.elapsedMs;
    const { alerts, silences } = await alertHistory(this.log, untilMs);
    const lines: string[] = [];
    const notice = ({ atMs, group, route, reason, firing, resolved }: Notice): void => {
      const prints = (all: Notice['firing']) => all.map(({ labels }) => fingerprint(labels));
      if (route.notifiers.length > 0) lines.push(line(atMs, group, reason, route.notifiers, prints(firing), prints(resolved)));
    };
    const { routing: tree } = this.setup.setup;
    assert(tree);
    play(new Dispatch(tree, silences, { notice }), alerts, untilMs);
    return lines;
  }

  async queued(): Promise<readonly Extract<OutboxEvent, { kind: 'message-queued' }>['data'][]> {
    const events = (await this.log.read(messagesStream, 0, 10_000)) as unknown as readonly OutboxEvent[];
    return events.flatMap((event) => (event.kind === 'message-queued' ? [event.data] : []));
  }
}

function line(
  atMs: number,
  group: string,
  reason: string,
  notifiers: readonly string[],
  firing: readonly string[],
  resolved: readonly string[],
): string {
  return `${atMs - t0} ${group} ${reason} → ${notifiers.join()} firing ${firing.toSorted().join()} over ${resolved.toSorted().join()}`;
}

const trees = [
  `
route: { notifiers: [room], groupBy: [service], groupInterval: 1m, repeatInterval: 5m }`,
  `
route:
  notifiers: [room]
  groupWait: 20s
  groupInterval: 1m
  repeatInterval: 4m
  routes:
    - { matchers: [alertname="A"], notifiers: [pager], groupBy: ["..."], continue: true, groupWait: 10s }
    - { matchers: [service="x"], notifiers: [room, audit], groupBy: [service], muteTimeIntervals: [noon] }
    - { matchers: [alertname="C"], notifiers: [] , policy: off }
inhibitRules:
  - { sourceMatchers: [alertname="D"], targetMatchers: [alertname!="D"], equal: [service] }
timeIntervals:
  - { name: noon, timeIntervals: [{ times: [{ startTime: "11:05", endTime: "11:08" }] }] }`,
];
const calmTree = 'route: { notifiers: [room], groupBy: [service], groupInterval: 1m, repeatInterval: 5m }';

const anyDeed = fc.record({
  name: fc.constantFrom('A', 'B', 'C', 'D'),
  service: fc.constantFrom('x', 'y'),
  what: fc.constantFrom('fire', 'fire', 'end', 'end', 'silence', 'restart'),
  afterS: fc.integer({ min: 1, max: 90 }),
});
type Deed = typeof anyDeed extends fc.Arbitrary<infer T> ? T : never;

/** Plays deeds; each at a moment at which no look is due. */
async function played(place: Place, deeds: readonly Deed[], skipped: readonly Deed['what'][]): Promise<void> {
  await place.start();
  let atMs = 0;
  for (const [index, { name, service, what, afterS }] of deeds.entries()) {
    atMs += afterS * s;
    await place.until(atMs + 101 + index);
    if (skipped.includes(what)) continue;
    if (what === 'fire') await place.fire(name, { service });
    if (what === 'end') await place.end(name, { service });
    if (what === 'silence') await place.silence(name, 3 * m);
    if (what === 'restart') await place.start();
  }
  await place.until(atMs + 12 * m);
}

test('what receivers of groups are told is what the simulation says of the same alerts, silences and routing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...trees), fc.array(anyDeed, { maxLength: 14 }), async (spec, deeds) => {
      const place = new Place(spec);
      await played(place, deeds, ['restart']);
      const told = await place.told();
      assert.deepEqual(told.toSorted(), (await place.simulated()).toSorted());
      const queued = await place.queued();
      const keys = queued.map(({ id }) => id);
      assert.equal(new Set(keys).size, keys.length, 'each message once');
      const notifiers = told.reduce((sum, one) => sum + (one.split(' → ')[1]?.split(' ')[0]?.split(',').length ?? 0), 0);
      assert.equal(queued.length, notifiers, 'a message for each receiver of each telling');
      assert.deepEqual(place.warnings, []);
      await place.stop();
    }),
    { numRuns: 30 },
  );
});

test('controllers that die and are followed by others tell the same: nothing twice, nothing not at all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyDeed, { maxLength: 14 }), async (deeds) => {
      const place = new Place(calmTree);
      await played(place, deeds, ['silence']);
      assert.deepEqual((await place.told()).toSorted(), (await place.simulated()).toSorted());
      await place.stop();
    }),
    { numRuns: 20 },
  );
});

/** What each receiver was told, in its order: `room trigger 3`. */
async function messagesOf(place: Place): Promise<readonly string[]> {
  return (await place.queued()).map(({ notifier, message: { event, facts } }) => {
    const firing = facts.find(({ label }) => label === 'Firing')?.value ?? '-';
    return `${notifier} ${event} ${firing}`;
  });
}

test('an outage of many alerts is a few messages: the first at once, news of it once in an interval', async () => {
  const place = new Place('route: { notifiers: [room], groupBy: [service], groupInterval: 5m }');
  const { alerts } = await place.start();
  for (let second = 0; second < 20; second += 1) {
    await place.until(second * s + 1);
    const events = Array.from({ length: 200 }, (_, index): readonly AlertEvent[] => {
      const labels = { service: 'x', instance: `${second}-${index}` };
      const data = { key: `x/${second}-${index}`, said: 'down' };
      const more = { origin: 'alertmanager', name: 'Down', service: 'x', objective: null, tier: null, url: null } as const;
      return [
        { kind: 'alert-pending', actor: 'a', data: { ...data, ...more, urgency: 'page', labels, annotations: {} } },
        { kind: 'alert-fired', actor: 'a', data: { ...data, silencedBy: null, attribution: null } },
      ];
    });
    await alerts.change(() => events.flat());
  }
  await place.until(11 * m);
  assert.deepEqual(await messagesOf(place), ['room trigger 200', 'room trigger 4000']);
  const [, news] = await place.queued();
  assert.match(news?.message.text ?? '', /^new alerts: 4000 alerts fire now\n- Down: down\n/);
  assert.match(news?.message.text ?? '', /- and 3790 more/);
  await place.stop();
});

test('an incident that is resolved by hand ends its threads at once and begins them anew when it is opened again', async () => {
  const place = new Place('route: { notifiers: [room], groupBy: [service], groupInterval: 5m }');
  const { keeper } = await place.start();
  await place.fire('A', { service: 'x' });
  await place.until(s);
  await place.deliver();
  const [incident] = keeper.all;
  assert(incident);
  const by = { by: 'anna', why: '' };
  await keeper.ask(incident.id, { kind: 'acknowledge', forMs: null }, by);
  await keeper.ask(incident.id, { kind: 'resolve' }, by);
  await place.deliver();
  await place.until(9 * m);
  assert.deepEqual(await messagesOf(place), ['room trigger 1', 'room acknowledge -', 'room resolve -']);
  await keeper.ask(incident.id, { kind: 'reopen' }, by);
  await place.until(10 * m);
  await place.deliver();
  assert.deepEqual((await messagesOf(place)).slice(3), ['room trigger 1']);
  await place.end('A', { service: 'x' });
  await place.until(16 * m);
  assert.deepEqual((await messagesOf(place)).slice(4), ['room resolve 0']);
  const threads = new Set((await place.queued()).map(({ message }) => message.thread));
  assert.match([...threads].join(), /^x-20261129-1\/g[0-9a-f]{8}$/);
  await place.stop();
});

test('a routing that names others ends what it has begun at the ones before, and begins it at the new ones', async () => {
  const place = new Place('route: { notifiers: [room, audit], groupBy: [service], groupInterval: 1m }');
  await place.start();
  await place.fire('A', { service: 'x' });
  await place.until(s);
  place.setup.setup = {
    ...noSetup,
    routing: routing('route: { notifiers: [room, pager], groupBy: [service], groupInterval: 1m }'),
  };
  await place.start();
  await place.until(2 * m);
  const after = await messagesOf(place);
  assert.deepEqual(after.slice(2).toSorted(), ['audit resolve 0', 'pager trigger 1']);
  place.setup.setup = { ...noSetup, routing: routing('route: { notifiers: [other], groupBy: [alertname], groupInterval: 1m }') };
  await place.start();
  await place.until(4 * m);
  assert.deepEqual((await messagesOf(place)).slice(4).toSorted(), ['other trigger 1', 'pager resolve 0', 'room resolve 0']);
  place.setup.setup = noSetup;
  await place.start();
  await place.until(10 * m);
  assert.deepEqual((await messagesOf(place)).slice(7), ['other resolve 0']);
  await place.stop();
});
