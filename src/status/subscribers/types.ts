/** What a subscriber wants to hear of, and in which language. Null: of every component, also of those to come. */
export type Choice = { readonly language: 'en' | 'ru'; readonly components: readonly string[] | null };

/** Somebody who is told of the page by e-mail, or has asked for that. Where they are reached is not in the log. Times are unix milliseconds. */
export type Subscriber = {
  /** `s-` and letters that say nothing. */
  readonly id: string;
  /** Rises with each one: mailings go by it. */
  readonly number: number;
  readonly createdAtMs: number;
  /** Null: it is not confirmed that it was they who have asked. */
  readonly confirmed: (Choice & { readonly atMs: number }) | null;
  /** What waits to be confirmed; null: nothing does. */
  readonly asked: (Choice & { readonly ask: string; readonly atMs: number }) | null;
  /** When they, or somebody in their name, have asked last. */
  readonly askedAtMs: readonly number[];
  /** Messages that their server has refused for good because there is nobody at this address, the newest last. */
  readonly bounces: readonly { readonly message: string; readonly atMs: number }[];
  /** When something was taken after that; 0: never. */
  readonly reachedAtMs: number;
  /** Null: they are told. */
  readonly suspendedAtMs: number | null;
};

/** How far a notice was queued: up to the subscriber of this number. */
export type Mailing = { readonly atMs: number; readonly after: number };

/** Fold of the stream `subscribers`. */
export type SubscribersState = {
  /** Of the last one. */
  readonly number: number;
  /** By id, by rising number. */
  readonly subscribers: ReadonlyMap<string, Subscriber>;
  /** By id of the notice; only of the last days. */
  readonly mailings: ReadonlyMap<string, Mailing>;
};

/** Why a subscription is over. `lapsed`: nobody has confirmed it in time. */
export type EndReason = 'unsubscribed' | 'lapsed' | 'removed';

/** What the stream `subscribers` records: never an address. */
export type SubscriberEvent =
  | { readonly kind: 'subscription-asked'; readonly data: Choice & { readonly id: string; readonly ask: string } }
  | { readonly kind: 'subscription-confirmed'; readonly data: { readonly id: string; readonly ask: string } }
  /** A person says that they have agreed elsewhere. */
  | { readonly kind: 'subscription-imported'; readonly data: Choice & { readonly id: string } }
  | { readonly kind: 'subscription-ended'; readonly data: { readonly id: string; readonly why: EndReason } }
  | {
      readonly kind: 'subscription-bounced';
      readonly data: { readonly id: string; readonly message: string; readonly atMs: number };
    }
  | { readonly kind: 'subscription-reached'; readonly data: { readonly id: string; readonly atMs: number } }
  | { readonly kind: 'subscription-suspended'; readonly data: { readonly id: string; readonly after: number } }
  | {
      readonly kind: 'mailing-queued';
      readonly data: { readonly notice: string; readonly atMs: number; readonly after: number };
    };

export type SubscriberRecorded = SubscriberEvent & { readonly actor: string };
export type SubscriberRecord = SubscriberRecorded & { readonly at: number };

/** Every kind of event of the stream. */
export const subscriberEventKinds: Readonly<Record<SubscriberEvent['kind'], true>> = {
  'subscription-asked': true,
  'subscription-confirmed': true,
  'subscription-imported': true,
  'subscription-ended': true,
  'subscription-bounced': true,
  'subscription-reached': true,
  'subscription-suspended': true,
  'mailing-queued': true,
};
