import type { Subscriber, SubscriberRecord, SubscribersState } from './types.ts';

/** A mailing is remembered for longer than a notice is news (`mailing.ts`). */
const mailingMs = 3 * 86_400_000;
const asksMax = 10;
const bouncesMax = 20;

/** Nobody has subscribed. */
export const noSubscribers: SubscribersState = { number: 0, subscribers: new Map(), mailings: new Map() };

/** Subscribers after an event. Pure: the state is a fold over the stream `subscribers`. */
export function takeSubscriber(state: SubscribersState, record: SubscriberRecord): SubscribersState {
  const { at } = record;
  switch (record.kind) {
    case 'subscription-asked': {
      const { id, ask, language, components } = record.data;
      return withOne(state, id, at, (one) => ({
        ...one,
        asked: { ask, language, components, atMs: at },
        askedAtMs: [...one.askedAtMs, at].slice(-asksMax),
      }));
    }
    case 'subscription-imported': {
      const { id, language, components } = record.data;
      const confirmed = { language, components, atMs: at };
      return withOne(state, id, at, (one) => ({ ...one, confirmed, asked: null, suspendedAtMs: null, reachedAtMs: at }));
    }
    case 'subscription-confirmed': {
      const { id, ask } = record.data;
      const { asked, confirmed } = state.subscribers.get(id) ?? {};
      if (asked?.ask !== ask) return state;
      // Whoever changes what they want is told of all that has been published since they were confirmed first.
      const after = { language: asked.language, components: asked.components, atMs: confirmed?.atMs ?? at };
      return withOne(state, id, at, (one) => ({
        ...one,
        confirmed: after,
        asked: null,
        suspendedAtMs: null,
        reachedAtMs: at,
      }));
    }
    case 'subscription-ended': {
      const subscribers = new Map(state.subscribers);
      subscribers.delete(record.data.id);
      return { ...state, subscribers };
    }
    case 'subscription-bounced': {
      const { id, message, atMs } = record.data;
      return known(state, id, (one) => ({ ...one, bounces: [...one.bounces, { message, atMs }].slice(-bouncesMax) }));
    }
    case 'subscription-reached':
      return known(state, record.data.id, (one) => ({ ...one, reachedAtMs: record.data.atMs }));
    case 'subscription-suspended':
      return known(state, record.data.id, (one) => ({ ...one, suspendedAtMs: at }));
    case 'mailing-queued': {
      const { notice, atMs, after } = record.data;
      const mailings = new Map(state.mailings).set(notice, { atMs, after });
      for (const [old, mailing] of mailings) if (mailing.atMs < at - mailingMs) mailings.delete(old);
      return { ...state, mailings };
    }
  }
}

function known(state: SubscribersState, id: string, change: (one: Subscriber) => Subscriber): SubscribersState {
  const one = state.subscribers.get(id);
  return one ? { ...state, subscribers: new Map(state.subscribers).set(id, change(one)) } : state;
}

function withOne(state: SubscribersState, id: string, atMs: number, change: (one: Subscriber) => Subscriber): SubscribersState {
  if (state.subscribers.has(id)) return known(state, id, change);
  const number = state.number + 1;
  const fresh: Subscriber = {
    id,
    number,
    createdAtMs: atMs,
    confirmed: null,
    asked: null,
    askedAtMs: [],
    bounces: [],
    reachedAtMs: 0,
    suspendedAtMs: null,
  };
  return { ...state, number, subscribers: new Map(state.subscribers).set(id, change(fresh)) };
}
