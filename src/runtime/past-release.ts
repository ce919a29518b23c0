import { setImmediate as breathe } from 'node:timers/promises';
import { decide } from '../release/decide.ts';
import type { ReleaseState } from '../release/types.ts';
import type { EventLog } from '../stores/log.ts';
import { recordedIn, releaseOf } from './record.ts';
import { startOf } from './replays.ts';

/** Events that are folded in one go. */
const pageSize = 50;

/** Where the records are that asked for a release and that ended it. */
export type Place = { readonly askedSeq: number; readonly endedSeq: number };

/** A release as it was when it ended, from the record of its end; null when that does not have it, as old ones do not. */
export async function releaseAt(log: EventLog, id: string, { askedSeq, endedSeq }: Place): Promise<ReleaseState | null> {
  const [asked] = await log.readAll(askedSeq - 1, 1);
  const [ending] = await log.readAll(endedSeq - 1, 1);
  if (!asked || !ending) return null;
  const { event } = recordedIn(asked);
  const kept = recordedIn(ending).ended?.find(({ summary }) => summary.release === id);
  return kept && event.kind === 'requested' && event.release === id ? releaseOf(kept, event.spec) : null;
}

/** The same by folding what its service did. Null for a release that is not on record, or has not ended there. */
export async function foldedRelease(log: EventLog, id: string): Promise<ReleaseState | null> {
  const [first] = await log.readRelease(id, 0, 1);
  if (!first) return null;
  let { state, version } = await startOf(log, first);
  for (;;) {
    const page = await log.read(first.stream, version, pageSize);
    for (const logged of page) {
      const before = state;
      state = decide(before, recordedIn(logged).event).state;
      version = logged.version;
      const found = state.ended === before.ended ? undefined : state.ended.find((release) => release.id === id);
      if (found) return found;
    }
    if (page.length < pageSize) return null;
    await breathe();
  }
}
