import { noRunbooks, takeRunbooks } from '../../incidents/runbooks/fold.ts';
import type { RunbookEvent, RunbooksState } from '../../incidents/runbooks/types.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records what runbooks have told. */
export const runbooksStream = 'runbooks';

export type RunbookRecorded = RunbookEvent & { readonly actor: string };
export type RunbooksRecorded = RecordedState<RunbooksState, RunbookRecorded>;

const kinds: Readonly<Record<RunbookEvent['kind'], true>> = { 'runbook-attached': true, 'runbook-step-ended': true };

/** How runbooks of incidents are recorded. */
export const runbookRecording: Recording<RunbooksState, RunbookRecorded> = {
  stream: runbooksStream,
  empty: noRunbooks,
  take: takeRunbooks,
  kinds: Object.keys(kinds) as RunbookEvent['kind'][],
  what: 'runbooks of incidents',
  held: 'no step of a runbook is put on record',
};
