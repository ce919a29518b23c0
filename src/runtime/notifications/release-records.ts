import {
  type NoticesEvent,
  type NoticesRecorded,
  type NoticesState,
  noNotices,
  noticesEventKinds,
  takeNotices,
} from '../../notifications/release-notices.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records what people were told of releases. */
export const noticesStream = 'release-notices';

export type ReleaseNoticesRecorded = RecordedState<NoticesState, NoticesRecorded>;

/** How it is recorded. */
export const releaseNoticesRecording: Recording<NoticesState, NoticesRecorded> = {
  stream: noticesStream,
  empty: noNotices,
  take: takeNotices,
  kinds: Object.keys(noticesEventKinds) as NoticesEvent['kind'][],
  what: 'what is told of releases',
  held: 'nobody is told of releases',
};
