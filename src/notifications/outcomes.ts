import { takeOutbox } from './fold.ts';
import type { EndedMessage, OutboxRecorded, OutboxState } from './types.ts';

/**
 * The messages that are over once these events are on record, oldest first: for whoever has asked for them to be told, to note in the same
 * append.
 */
export function outcomesOf(before: OutboxState, events: readonly OutboxRecorded[], atMs: number): readonly EndedMessage[] {
  let state = before;
  return events.flatMap((event) => {
    const last = state.ended[0];
    state = takeOutbox(state, { ...event, at: atMs });
    const news = last === undefined ? state.ended.length : state.ended.indexOf(last);
    return state.ended.slice(0, news === -1 ? state.ended.length : news).toReversed();
  });
}
