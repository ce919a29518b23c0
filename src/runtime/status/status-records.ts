import { noStatus, takeStatus } from '../../status/fold.ts';
import type { StatusEvent, StatusState } from '../../status/types.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records what customers were shown and told. */
export const statusStream = 'status-page';

export type StatusRecorded = RecordedState<StatusState, StatusEvent & { readonly actor: string }>;

const kinds: Readonly<Record<StatusEvent['kind'], true>> = {
  'status-component-changed': true,
  'status-component-removed': true,
  'status-post-drafted': true,
  'status-post-published': true,
  'status-post-draft-dropped': true,
  'status-post-components': true,
  'status-work-announced': true,
  'status-work-moved': true,
  'status-work-begun': true,
  'status-work-ended': true,
  'status-work-cancelled': true,
};

/** How a status page is recorded. */
export const statusRecording: Recording<StatusState, StatusEvent & { readonly actor: string }> = {
  stream: statusStream,
  empty: noStatus,
  take: takeStatus,
  kinds: Object.keys(kinds) as StatusEvent['kind'][],
  what: 'the status page',
  held: 'nothing on the status page is changed',
};
