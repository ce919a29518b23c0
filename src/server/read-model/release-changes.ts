import { type Outcome, outcomes } from '../../release/types.ts';
import { type EndedRelease, type Recorded, recordedIn } from '../../runtime/record.ts';
import type { LoggedEvent } from '../../stores/log.ts';

/** What an event changes about the list of releases. */
export type ReleaseChange =
  | {
      readonly kind: 'requested';
      readonly seq: number;
      readonly id: string;
      readonly service: string;
      readonly version: string;
      readonly by: string;
      readonly why: string;
      readonly restore: boolean;
      readonly requestedAtMs: number;
      readonly committedAtMs: number | null;
    }
  | { readonly kind: 'stands'; readonly id: string; readonly state: string }
  | {
      readonly kind: 'ended';
      readonly id: string;
      /** Position of the record that ended it. */
      readonly seq: number;
      readonly atMs: number;
      readonly outcome: Outcome;
      readonly reason: string;
      readonly secondsToSafety: number | null;
      /** null: not on record. */
      readonly failedRequests: number | null;
      readonly candidateRequests: number | null;
      readonly isFirst: boolean;
      /** Whether users' requests reached it; null: not on record. */
      readonly isExposed: boolean | null;
      readonly stableAtMs: number | null;
    };

const servicePrefix = 'service/';

const ends: ReadonlySet<string> = new Set(outcomes);

/** What an event changes about the list of releases. Pure: the same events always make the same list. */
export function releaseChanges(logged: LoggedEvent): readonly ReleaseChange[] {
  if (!logged.stream.startsWith(servicePrefix)) return [];
  // The counts of a second are most of a log, and say nothing here: they stay packed.
  const recorded = logged.data as Omit<Recorded, 'event'>;
  const changes: ReleaseChange[] = [];
  if (logged.kind === 'requested') {
    const { event } = recordedIn(logged);
    if (event.kind === 'requested') changes.push(requested(logged, event));
  }
  if (logged.release !== null && recorded.phase !== null) changes.push(stands(logged, logged.release, recorded));
  for (const release of recorded.ended ?? []) changes.push(ended(logged, release));
  return changes;
}

function requested(
  { seq, stream, at }: LoggedEvent,
  event: Extract<Recorded['event'], { kind: 'requested' }>,
): Extract<ReleaseChange, { kind: 'requested' }> {
  const { release, version, by, why, restore, committedAtMs = null } = event;
  const service = stream.slice(servicePrefix.length);
  return { kind: 'requested', seq, id: release, service, version, by, why, restore, requestedAtMs: at, committedAtMs };
}

/** Old records only say where the release stands; of one that has ended by that, no numbers are on record. */
function stands(
  { seq, at }: LoggedEvent,
  id: string,
  { phase, said, ended: kept }: Pick<Recorded, 'said' | 'phase' | 'ended'>,
): ReleaseChange {
  const state = phase ?? '';
  if (!isOutcome(state) || kept?.some(({ summary }) => summary.release === id)) return { kind: 'stands', id, state };
  return {
    kind: 'ended',
    id,
    seq,
    atMs: at,
    outcome: state,
    reason: said ?? '',
    secondsToSafety: null,
    failedRequests: null,
    candidateRequests: null,
    isFirst: false,
    isExposed: null,
    stableAtMs: state === 'succeeded' ? at : null,
  };
}

function isOutcome(state: string): state is Outcome {
  return ends.has(state);
}

function ended({ seq }: LoggedEvent, { summary, stableAtMs, release }: EndedRelease): ReleaseChange {
  const { outcome, reason, secondsToSafety, failedRequests, candidateRequests } = summary;
  return {
    kind: 'ended',
    id: summary.release,
    seq,
    atMs: summary.endedAtMs,
    outcome,
    reason,
    secondsToSafety,
    failedRequests,
    candidateRequests,
    isFirst: release.plan.strategy === 'first',
    isExposed: release.exposedAtMs !== null,
    stableAtMs,
  };
}
