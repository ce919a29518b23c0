import type { Delivery } from '../notifiers/notifier.ts';
import type { Text } from '../spec/text.ts';
import { durationText } from '../spec/unit-text.ts';
import { laneKey } from './keys.ts';
import { itself, type OutboxRecorded, type OutboxState, type QueuedMessage } from './types.ts';

const firstMs = 1_000;
const longestMs = 300_000;
/** So soon no receiver has recovered. */
const shortestMs = 200;
/** A receiver that has failed so often in a row is asked with one message at a time. */
export const patientAfter = 3;
/** What was told to begin is told to end for longer than anything else is tried. */
const endsMs = 7 * 86_400_000;
const saidMax = 300;

/**
 * What becomes of an attempt. Delivered and refused is the end of a message; anything else is tried again when the receiver has said, or
 * after a wait that is drawn between nothing and twice as long each time, at most 5 minutes.
 *
 * @param seed - In 0…1: the place of the wait in its range. It is on record, so that the same wait follows from it.
 * @param giveUpAfterMs - Since it was queued; an end is tried for a week.
 * @returns No event where the message is over already.
 */
export function outcomeEvents(
  state: OutboxState,
  id: string,
  delivery: Delivery,
  { atMs, seed, giveUpAfterMs }: { readonly atMs: number; readonly seed: number; readonly giveUpAfterMs: number },
): readonly OutboxRecorded[] {
  const queued = state.pending.get(id);
  if (!queued) return [];
  const said = delivery.said.slice(0, saidMax);
  if (delivery.kind === 'delivered')
    return [{ kind: 'message-delivered', actor: itself, data: { id, said, receipt: delivery.receipt } }];
  if (delivery.kind === 'refused') {
    const { nobody } = delivery;
    return [failure(queued, { said, final: 'refused', untaken: true, ...(nobody ? { nobody } : {}), seed, atMs })];
  }
  const { afterMs } = delivery;
  const nextMs = atMs + (afterMs === null ? waitMs(queued.failures + 1, seed) : Math.max(shortestMs, afterMs));
  const untaken = delivery.untaken === true;
  const deadlineMs = giveUpMs(queued, giveUpAfterMs);
  if (nextMs > deadlineMs)
    return [failure(queued, { said: givenUp(queued, giveUpAfterMs, said), final: 'given-up', untaken, seed, atMs })];
  const failures = state.lanes.get(laneKey(queued.notifier, queued.triedRevision ?? 0, queued.message))?.failures ?? 0;
  const isPatient = failures + 1 >= patientAfter;
  const pauseUntilMs = afterMs !== null ? nextMs : isPatient ? atMs + waitMs(failures + 1, seed) : 0;
  return [failure(queued, { said, final: null, untaken, seed, atMs, nextMs, pauseUntilMs })];
}

/** @param failures - At least 1. */
function waitMs(failures: number, seed: number): number {
  return Math.max(shortestMs, Math.round(seed * Math.min(longestMs, firstMs * 2 ** Math.min(failures, 20))));
}

/** When a message is not tried any more. */
export function giveUpMs({ queuedAtMs, message, members }: QueuedMessage, giveUpAfterMs: number): number {
  const isEnd = (members?.map((member) => member.message) ?? [message]).some(({ event }) => event === 'resolve');
  return queuedAtMs + (isEnd ? Math.max(endsMs, giveUpAfterMs) : giveUpAfterMs);
}

/** The event of a message that nobody tries any more. */
export function givingUp(queued: QueuedMessage, giveUpAfterMs: number, atMs: number): OutboxRecorded {
  const said = givenUp(queued, giveUpAfterMs, queued.said ?? '');
  // What was sent and not heard of may have arrived.
  return failure(queued, { said, final: 'given-up', untaken: false, seed: 0, atMs });
}

function givenUp(queued: QueuedMessage, giveUpAfterMs: number, said: string): Text {
  const after = durationText(giveUpMs(queued, giveUpAfterMs) - queued.queuedAtMs);
  const last = said === '' ? '' : `: ${said}`;
  return { en: `given up after ${after}${last}`, ru: `прекращено через ${after}${last}` };
}

type Failure = {
  readonly said: Text;
  readonly final: 'refused' | 'given-up' | null;
  readonly untaken: boolean;
  readonly nobody?: true;
  readonly seed: number;
  readonly atMs: number;
  readonly nextMs?: number;
  readonly pauseUntilMs?: number;
};

/** The event of an attempt that was not taken, or of a message that is over without one. */
export function failure({ id }: QueuedMessage, how: Failure): OutboxRecorded {
  const { said, final, untaken, nobody, seed, atMs, nextMs = atMs, pauseUntilMs = 0 } = how;
  const data = { id, said, untaken, ...(nobody ? { nobody } : {}), final, nextMs, pauseUntilMs, seed };
  return { kind: 'message-failed', actor: itself, data };
}
