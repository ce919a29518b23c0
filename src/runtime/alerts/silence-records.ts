import { noSilences, type SilenceEvent, type SilencesState, takeSilence } from '../../incidents/routing/silence-record.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records silences. */
export const silencesStream = 'silences';

/** An event of the stream, with whose it is. */
export type SilenceRecorded = SilenceEvent & { readonly actor: string };
export type SilencesRecorded = RecordedState<SilencesState, SilenceRecorded>;

const kinds: Readonly<Record<SilenceEvent['kind'], true>> = { 'silence-set': true, 'silence-ended': true };

/** How silences are recorded. */
export const silenceRecording: Recording<SilencesState, SilenceRecorded> = {
  stream: silencesStream,
  empty: noSilences,
  take: takeSilence,
  kinds: Object.keys(kinds) as SilenceEvent['kind'][],
  what: 'silences',
  held: 'no silence is set or ended',
};
