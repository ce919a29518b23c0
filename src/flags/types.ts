import type { FlagSetSpec, FlagSpec } from '../spec/flag-set.ts';

/** Where somebody has put a flag, beside what its document says. It stays when the document is applied again. */
export type FlagLevel =
  /** The kill switch: everybody has the off variant. */
  | { readonly kind: 'off' }
  /** This share of the users has the variant, the others the off variant; sticky by targeting key. 10 % is 100_000. */
  | { readonly kind: 'share'; readonly variant: string; readonly sharePpm: number };

/** A level, and who has set it. */
export type SetLevel = { readonly level: FlagLevel; readonly by: string; readonly why: string; readonly atMs: number };

/** A flag as it is in force. */
export type Flag = {
  readonly key: string;
  /** The set that it belongs to. */
  readonly set: string;
  readonly spec: FlagSpec;
  /** null: as its document says. */
  readonly level: SetLevel | null;
};

/** All that the stream `flags` says: the fold of its events. */
export type FlagsState = {
  readonly sets: ReadonlyMap<string, FlagSetSpec>;
  /** By key, in the order of sets and documents. */
  readonly flags: ReadonlyMap<string, Flag>;
};

/** From where something was asked, as the access of the API puts it on record. */
type From = { readonly address: string; readonly via: string; readonly credential: string | null };

type FlagData<Before, After> = {
  /** The set, or the key of the flag. */
  readonly subject: string;
  readonly from: From;
  readonly why: string;
  readonly before: Before;
  readonly after: After;
};

/** What the stream `flags` of the log records. */
export type FlagEvent =
  | { readonly kind: 'flag-set-applied'; readonly data: FlagData<FlagSetSpec | null, FlagSetSpec> }
  | { readonly kind: 'flag-set-removed'; readonly data: FlagData<FlagSetSpec, null> }
  | { readonly kind: 'flag-off'; readonly data: FlagData<FlagLevel | null, FlagLevel> }
  | { readonly kind: 'flag-share'; readonly data: FlagData<FlagLevel | null, FlagLevel> }
  | { readonly kind: 'flag-reset'; readonly data: FlagData<FlagLevel | null, null> };

/** The events of the stream `flags`, with when and by whom, as the log holds them. */
export type FlagRecord = FlagEvent & { readonly at: number; readonly actor: string };
