import type { EndedMessage } from '../../notifications/types.ts';
import type { Choice, Subscriber, SubscriberEvent, SubscribersState } from './types.ts';

/** What a StatusPage document says of subscribers. */
export type SubscriberRules = {
  /** Subscribers at most, with those who have not confirmed. */
  readonly max: number;
  readonly confirmWithinMs: number;
  /** Refusals of an address in a row, after which nobody writes to it any more. */
  readonly suspendAfter: number;
};

/** A mail that asks for a confirmation is sent to one address so often at most, whoever asks for it. */
const againMs = 5 * 60_000;
const perDayMax = 5;
const dayMs = 86_400_000;

/** What becomes of a wish to subscribe. `quiet`: nothing, and nobody is told so: whoever asks must not learn who has subscribed. */
export type Asking = { readonly kind: 'asked'; readonly event: SubscriberEvent } | { readonly kind: 'quiet' | 'full' };

/**
 * A wish to subscribe, from whoever can type an address.
 *
 * @param id - Of whoever has this address; a new one where nobody has.
 * @param ask - A new id for this wish.
 */
export function askFor(
  state: SubscribersState,
  rules: SubscriberRules,
  { id, ask, choice }: { readonly id: string; readonly ask: string; readonly choice: Choice },
  nowMs: number,
): Asking {
  // Whether this address is known must not show, so a full list refuses everybody.
  if (state.subscribers.size >= rules.max) return { kind: 'full' };
  const recent = (state.subscribers.get(id)?.askedAtMs ?? []).filter((at) => at > nowMs - dayMs);
  if (recent.length >= perDayMax || recent.some((at) => at > nowMs - againMs)) return { kind: 'quiet' };
  return { kind: 'asked', event: { kind: 'subscription-asked', data: { id, ask, ...choice } } };
}

/** The confirmation of a wish; null: there is none by this id any more, or its time has passed. */
export function confirm(
  state: SubscribersState,
  rules: SubscriberRules,
  id: string,
  ask: string,
  nowMs: number,
): SubscriberEvent | null {
  const asked = state.subscribers.get(id)?.asked;
  if (asked?.ask !== ask || nowMs > asked.atMs + rules.confirmWithinMs) return null;
  return { kind: 'subscription-confirmed', data: { id, ask } };
}

/** Ids of wishes that nobody has confirmed in time, where nothing was confirmed before. */
export function lapsed(state: SubscribersState, rules: SubscriberRules, nowMs: number): readonly string[] {
  return [...state.subscribers.values()]
    .filter(({ confirmed, asked }) => confirmed === null && nowMs > (asked?.atMs ?? 0) + rules.confirmWithinMs)
    .map(({ id }) => id);
}

/** Name of a subscriber as a receiver's address in the outbox: the log has no other. */
const prefix = 'subscriber:';

export function addressee(id: string): string {
  return `${prefix}${id}`;
}

/** Id of the subscriber behind an address of the outbox; null: it is somebody else's. */
export function subscriberOf(to: string | null): string | null {
  return to?.startsWith(prefix) ? to.slice(prefix.length) : null;
}

/** What follows for subscribers from messages that are over. Says nothing twice of one message. */
export function outcomesFor(
  state: SubscribersState,
  rules: SubscriberRules,
  ended: readonly EndedMessage[],
): readonly SubscriberEvent[] {
  const own = Map.groupBy(ended, ({ to }) => subscriberOf(to));
  return [...own].flatMap(([id, messages]): readonly SubscriberEvent[] => {
    const one = id === null ? undefined : state.subscribers.get(id);
    return one
      ? outcomesOfOne(
          one,
          rules,
          messages.toSorted((a, b) => a.endedAtMs - b.endedAtMs),
        )
      : [];
  });
}

function outcomesOfOne(
  one: Subscriber,
  { suspendAfter }: SubscriberRules,
  messages: readonly EndedMessage[],
): readonly SubscriberEvent[] {
  const { id } = one;
  const events: SubscriberEvent[] = [];
  let { reachedAtMs } = one;
  let inRow = one.bounces.filter(({ atMs }) => atMs > reachedAtMs).length;
  let lastMs = one.bounces.at(-1)?.atMs ?? 0;
  for (const { message, state, isNobody = false, endedAtMs } of messages) {
    // One that was refused before they have come back says nothing about now.
    if (isNobody && endedAtMs > reachedAtMs && !one.bounces.some((bounce) => bounce.message === message.key)) {
      events.push({ kind: 'subscription-bounced', data: { id, message: message.key, atMs: endedAtMs } });
      inRow += 1;
      lastMs = endedAtMs;
    } else if (state === 'delivered' && inRow > 0 && endedAtMs > lastMs) {
      events.push({ kind: 'subscription-reached', data: { id, atMs: endedAtMs } });
      reachedAtMs = endedAtMs;
      inRow = 0;
    }
  }
  if (inRow >= suspendAfter && one.suspendedAtMs === null && events.length > 0)
    events.push({ kind: 'subscription-suspended', data: { id, after: inRow } });
  return events;
}

/** How many there are of each. */
export function countsOf({ subscribers }: SubscribersState): {
  readonly confirmed: number;
  readonly waiting: number;
  readonly suspended: number;
} {
  const all = [...subscribers.values()];
  return {
    confirmed: all.filter(({ confirmed, suspendedAtMs }) => confirmed !== null && suspendedAtMs === null).length,
    waiting: all.filter(({ confirmed }) => confirmed === null).length,
    suspended: all.filter(({ confirmed, suspendedAtMs }) => confirmed !== null && suspendedAtMs !== null).length,
  };
}
