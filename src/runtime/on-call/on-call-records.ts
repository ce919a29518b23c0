import { noOverrides, type OnCallEvent, type OnCallState, takeOnCall } from '../../incidents/on-call/overrides.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records who is on call otherwise than the documents say. */
export const onCallStream = 'on-call';

export type OnCallRecorded = RecordedState<OnCallState, OnCallEvent>;

/** How overrides and swaps are recorded. */
export const onCallRecording: Recording<OnCallState, OnCallEvent> = {
  stream: onCallStream,
  empty: noOverrides,
  take: takeOnCall,
  kinds: ['on-call-overridden', 'on-call-override-cancelled'],
  what: 'who is on call',
  held: 'nobody takes the turn of another',
};
