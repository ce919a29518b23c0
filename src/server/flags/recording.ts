import { noFlags, takeFlags } from '../../flags/fold.ts';
import type { FlagEvent, FlagsState } from '../../flags/types.ts';
import type { RecordedState, Recording } from '../../runtime/recorded-state.ts';

/** Name of the stream that records sets of flags, and what was switched. */
export const flagsStream = 'flags';

/** An event of the stream, with whose it is. */
export type Entry = FlagEvent & { readonly actor: string };

/** The flags as they are on record. */
export type FlagsRecorded = RecordedState<FlagsState, Entry>;

const kinds: Readonly<Record<FlagEvent['kind'], true>> = {
  'flag-set-applied': true,
  'flag-set-removed': true,
  'flag-off': true,
  'flag-share': true,
  'flag-routed': true,
  'flag-reset': true,
};

/** How the flags are recorded. */
export const recording: Recording<FlagsState, Entry> = {
  stream: flagsStream,
  empty: noFlags,
  take: takeFlags,
  kinds: Object.keys(kinds) as FlagEvent['kind'][],
  what: 'flags',
  held: 'no flag is changed',
};
