import { noSubscribers, takeSubscriber } from '../../status/subscribers/fold.ts';
import {
  type SubscriberEvent,
  type SubscriberRecorded,
  type SubscribersState,
  subscriberEventKinds,
} from '../../status/subscribers/types.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records who is told of the status page by mail, without their addresses. */
export const subscribersStream = 'subscribers';

export type SubscribersRecorded = RecordedState<SubscribersState, SubscriberRecorded>;

/** How subscribers are recorded. */
export const subscriberRecording: Recording<SubscribersState, SubscriberRecorded> = {
  stream: subscribersStream,
  empty: noSubscribers,
  take: takeSubscriber,
  kinds: Object.keys(subscriberEventKinds) as SubscriberEvent['kind'][],
  what: 'subscribers of the status page',
  held: 'nobody is subscribed or unsubscribed',
};
