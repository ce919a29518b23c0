import { LoggedReplay } from '../runtime/replays.ts';
import type { EventLog } from '../stores/log.ts';
import type { Replay, SeriesQuery } from '../views/replay.ts';

/**
 * Releases whose series are kept ready, so that charts that ask every second do not fold the log every second: more than one person
 * looks at in turn.
 */
const readyMax = 12;

/** Answers with the series of a release under its own policy. */
export function seriesReader(log: EventLog): (release: string, query: SeriesQuery) => Promise<Replay> {
  const ready = new Map<string, LoggedReplay>();
  return async (release, query) => {
    // A release that is not on record takes nobody's place.
    const found = ready.get(release) ?? (await LoggedReplay.of(log, release, null));
    // Two that have asked at once share the first.
    const kept = ready.get(release) ?? found;
    // The one asked for last stays longest.
    ready.delete(release);
    ready.set(release, kept);
    for (const oldest of ready.keys()) if (ready.size > readyMax) ready.delete(oldest);
    try {
      return await kept.read(query);
    } catch (error) {
      ready.delete(release);
      throw error;
    }
  };
}
