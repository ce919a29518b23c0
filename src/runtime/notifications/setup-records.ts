import { noSetupState, type SetupEvent, type SetupState, takeSetup } from '../../incidents/setup.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records who is told of what. */
export const setupStream = 'incident-setup';

export type SetupRecorded = RecordedState<SetupState, SetupEvent>;

/** How the setup is recorded. */
export const setupRecording: Recording<SetupState, SetupEvent> = {
  stream: setupStream,
  empty: noSetupState,
  take: takeSetup,
  kinds: ['incident-setup-applied'],
  what: 'the setup of incidents',
  held: 'the setup of incidents is not changed',
};
