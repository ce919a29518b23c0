import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { until } from '../../../test/acceptance/stage.ts';
import type { IncidentRecorded } from '../../incidents/events.ts';
import { policy } from '../../incidents/setup.fixture.ts';
import { roomOutcome } from '../../notifications/room-outcome.ts';
import { itself, type OutboxRecorded } from '../../notifications/types.ts';
import { defineNotifier, type RoomTask } from '../../notifiers/notifier.ts';
import { noSetup } from '../../spec/incident-setup.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { systemClock } from '../clock.ts';
import { outboxRecording } from '../notifications/outbox-records.ts';
import { RecordedState } from '../recorded-state.ts';
import { incidentRecording, incidentsStream } from './incident-records.ts';
import { RoomKeeper } from './room-keeper.ts';
import { roomRecording } from './room-records.ts';

const id = 'shop-20261129-1';
/** A kind of receiver that has rooms. */
const chat = defineNotifier({
  title: 'Chat',
  schema: z.object({}),
  capabilities: {
    ...{ updatesInPlace: true, buttons: true, threads: true, deduplicates: false, interrupts: false },
    ...{ releases: 'thread', releaseEvents: [] },
  },
  perMinute: 60,
  open: () => assert.fail('nothing is sent here'),
  roomPolicy: () => ({
    ...{ severities: ['P0'], prefix: 'inc-', isPrivate: false, invite: [], archiveAfterMs: null, language: 'en' },
  }),
});
const delivery = { perMinute: null, inFlight: 4, timeoutMs: 1_000, giveUpAfterMs: 60_000, bundle: null };
const setup = { ...noSetup, notifiers: [{ name: 'team', receiver: { kind: 'chat', config: {} }, delivery }] };

/** A log with an incident, and keepers of its room one after another. */
async function stage(t: TestContext) {
  const log = openMemoryLog();
  const token = await log.claim('test');
  const of = [log, token, systemClock.now] as const;
  const [records, rooms, messages] = [
    new RecordedState(incidentRecording, ...of),
    new RecordedState(roomRecording, ...of),
    new RecordedState(outboxRecording, ...of),
  ];
  const happen = async (...events: readonly IncidentRecorded[]) => await records.change(() => events);
  const opened = {
    key: 'k',
    policy: null,
    title: 'Down',
    service: null,
    severity: 'P0',
    startedAtMs: 0,
    attribution: null,
  } as const;
  const escalation = policy('all', '{ steps: [ { notify: [ { notifier: team } ] } ] }');
  await happen(
    { kind: 'incident-opened', actor: itself, data: { id, ...opened, byHand: false, why: '' } },
    { kind: 'incident-policy-taken', actor: itself, data: { id, policy: escalation, code: '1' } },
  );
  const warnings: string[] = [];
  let keeper: RoomKeeper | null = null;
  t.after(async () => {
    await keeper?.stop();
    assert.deepEqual(warnings, []);
  });
  /** Another controller goes on. */
  const up = async () => {
    await keeper?.stop();
    keeper = new RoomKeeper({
      ...{ records, rooms, messages, plugins: { chat }, consoleUrl: null, clock: systemClock },
      setup: { setup, listen: () => () => {} },
      quiet: () => () => false,
      channelsOf: () => [],
      events: async (_, after, limit) =>
        (await log.read(incidentsStream, 0, 10_000)).filter(({ seq }) => seq > after).slice(0, limit),
      runs: () => [],
      posts: () => [],
      warn: (text) => void warnings.push(text),
    });
  };
  /** The one task that waits, once it does; then it is done. */
  const task = async (): Promise<RoomTask> => {
    await until('a task for the room', () => messages.state.pending.size > 0);
    const [queued, ...others] = [...messages.state.pending.values()];
    assert(queued?.message.room && others.length === 0);
    const receipt = { channel: 'C1', ts: '1', name: 'inc' };
    const event = { kind: 'message-delivered', actor: itself, data: { id: queued.id, said: 'yes', receipt } } as const;
    const attempted: OutboxRecorded = { kind: 'message-attempted', actor: itself, data: { id: queued.id, revision: 1 } };
    await RecordedState.changeBoth(messages, records, (outbox) => [[attempted, event], roomOutcome(outbox, event)]);
    return queued.message.room;
  };
  return { happen, up, task, rooms };
}

test('a room is made and told on by one controller after another, and what nobody is told there hides nothing', async (t) => {
  const { happen, up, task, rooms } = await stage(t);
  await up();
  assert.equal((await task()).kind, 'open');
  await up();
  // More than a page of it.
  const told = { id, key: 'k', notifier: 'team', person: null, step: 0, state: 'queued', said: '' } as const;
  await happen(...Array.from({ length: 1_200 }, (): IncidentRecorded => ({ kind: 'incident-told', actor: itself, data: told })));
  await happen({ kind: 'incident-noted', actor: 'anna', data: { id, why: '', note: 'n', text: 'look here' } });
  const first = await task();
  assert.deepEqual(first.kind === 'tell' && first.lines, ['anna: look here']);
  const upto = rooms.state.get(id)?.upto;
  await up();
  await happen({ kind: 'incident-noted', actor: 'anna', data: { id, why: '', note: 'm', text: 'and here' } });
  const second = await task();
  assert.deepEqual(second.kind === 'tell' && second.lines, ['anna: and here']);
  assert((rooms.state.get(id)?.upto ?? 0) > (upto ?? 0));
});
