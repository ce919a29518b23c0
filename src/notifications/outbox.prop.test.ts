import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Message } from '../notifiers/notifier.ts';
import { partsOf } from './keys.ts';
import { down, laneRules, lost, messageOf, Stage, yes } from './outbox.fixture.ts';
import type { Sending } from './turn.ts';
import type { OutboxState, QueuedMessage } from './types.ts';

/** What has been taken, by place. Each revision of the configuration is a receiver of its own, and takes each key once. */
class Receiver {
  readonly keys = new Set<string>();
  readonly taken: { readonly place: string; readonly message: Message; readonly seq: number }[] = [];
  readonly sentAtMs: number[] = [];

  /** What a sending tells, as it was when it began. */
  readonly #parts = new Map<Sending, readonly QueuedMessage[]>();

  begin(sending: Sending, state: OutboxState): void {
    const queued = state.pending.get(sending.id);
    if (queued) this.#parts.set(sending, partsOf(queued));
  }

  take(sending: Sending): void {
    const { message, notifier, to, revision } = sending;
    const key = `${revision} ${to} ${message.key}`;
    if (this.keys.has(key)) return;
    this.keys.add(key);
    for (const part of this.#parts.get(sending) ?? [])
      this.taken.push({
        place: `${notifier}@${revision} ${to} ${part.message.thread}`,
        message: part.message,
        seq: part.seq,
      });
  }

  /** Places where the last that was told is no end. */
  get open(): readonly string[] {
    const last = new Map<string, boolean>();
    for (const { place, message } of this.taken)
      if (message.event === 'trigger') last.set(place, true);
      else if (message.event === 'resolve') last.set(place, false);
    return [...last].filter(([, isOpen]) => isOpen).map(([place]) => place);
  }
}

const to = fc.constantFrom(null, 'anna');
const number = fc.integer({ min: 1, max: 4 });
const stepOf = (thread: fc.Arbitrary<string>) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('tell' as const),
        thread,
        to,
        event: fc.constantFrom(
          'trigger' as const,
          'trigger' as const,
          'update' as const,
          'acknowledge' as const,
          'resolve' as const,
          'notice' as const,
        ),
        number,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('call-off' as const), thread }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('answer' as const),
        how: fc.constantFrom('yes', 'yes', 'lost', 'taken-and-lost', 'down', 'busy'),
        seed: fc.double({ min: 0, max: 1, noNaN: true }),
        pick: fc.nat({ max: 5 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), arrives: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30_000 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('reconfigure' as const, 'reconfigure' as const, 'remove' as const) }),
    },
  );

const rules = { ...laneRules, perMinute: 4 };

for (const bundles of [false, true])
  test(`whatever happens, nothing is lost or told twice, and what was told to begin is told to end (${bundles ? 'bundled' : 'one by one'})`, () => {
    fc.assert(
      fc.property(
        fc.array(stepOf(fc.constantFrom(...(bundles ? 'abcdefghij' : 'ab'))), { maxLength: 120, size: 'max' }),
        (steps) => {
          const stage = new Stage({ chat: { ...rules, bundles } });
          const receiver = new Receiver();
          const told = new Set<string>();
          const take = (sending: Sending): void => receiver.take(sending);
          const turn = (): void => {
            for (const sending of stage.turn()) {
              receiver.begin(sending, stage.state);
              receiver.sentAtMs.push(stage.nowMs);
            }
          };
          for (const one of steps) {
            switch (one.kind) {
              case 'tell':
                stage.queue(messageOf(one.thread, one.event, one.number), 'chat', one.to);
                told.add(one.thread);
                break;
              case 'call-off':
                stage.cancel({ incident: one.thread, events: ['trigger'], why: 'taken' });
                break;
              case 'turn':
                turn();
                break;
              case 'answer': {
                const sending = [...stage.underWay.values()][one.pick % Math.max(1, stage.underWay.size)];
                if (!sending) break;
                if (one.how === 'yes' || one.how === 'taken-and-lost') take(sending);
                const busy = { kind: 'retry', afterMs: 5_000, said: '429', untaken: true } as const;
                stage.answer(sending.id, { yes, lost, 'taken-and-lost': lost, down, busy }[one.how] ?? lost, one.seed);
                break;
              }
              case 'crash':
                if (one.arrives) for (const sending of stage.underWay.values()) take(sending);
                stage.crash();
                break;
              case 'wait':
                stage.nowMs += one.ms;
                break;
              case 'reconfigure':
                stage.reconfigure('chat');
                break;
              case 'remove':
                stage.removed.add('chat');
                break;
            }
          }
          // All is well again, and every incident ends.
          stage.crash();
          for (const name of told) for (const at of [null, 'anna']) stage.queue(messageOf(name, 'resolve', 99), 'chat', at);
          for (let rounds = 0; stage.state.pending.size > 0; rounds += 1) {
            assert(rounds < 2_000, 'it comes to an end');
            turn();
            for (const sending of stage.underWay.values()) {
              take(sending);
              stage.answer(sending.id, yes);
            }
            stage.nowMs += 1_000;
          }
          assert.deepEqual(receiver.open, [], 'open at the receiver');
          assert.deepEqual(stage.state.handedOver, []);
          assert([...stage.state.places.values()].every(({ isOpen, unsure }) => !isOpen && unsure === 0));
          const seqs = new Map<string, number>();
          const once = new Set<string>();
          const seen = new Set<number>();
          for (const { place, seq, message } of receiver.taken) {
            assert(!once.has(`${seq} ${place}`), `${message.key} was told twice`);
            once.add(`${seq} ${place}`);
            seen.add(seq);
            assert(seq > (seqs.get(place) ?? 0), `${message.key} at ${place} came after a later one`);
            seqs.set(place, seq);
          }
          for (const { seq, state, message } of stage.state.ended)
            if (state === 'delivered' && !message.key.startsWith('bundle/')) assert(seen.has(seq), `${message.key} was lost`);
          const perMinute = receiver.sentAtMs.map(
            (ms) => receiver.sentAtMs.filter((other) => other > ms - 60_000 && other <= ms).length,
          );
          assert(perMinute.every((count) => count <= rules.perMinute * (stage.lanes.get('chat')?.size ?? 1)));
        },
      ),
      { numRuns: bundles ? 100 : 300 },
    );
  });
