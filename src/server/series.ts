import { LoggedReplay } from '../runtime/replays.ts';
import type { EventLog } from '../stores/log.ts';
import type { Replay, SeriesQuery } from '../views/replay.ts';

/** Releases whose series are kept ready, so that charts that ask every second do not fold the log every second. */
const readyMax = 4;

/** Answers with the series of a release under its own policy. */
export function seriesReader(log: EventLog): (release: string, query: SeriesQuery) => Promise<Replay> {
  const ready = new Map<string, Promise<LoggedReplay>>();
  return async (release, query) => {
    const found = ready.get(release) ?? LoggedReplay.of(log, release, null);
    // The one asked for last stays longest.
    ready.delete(release);
    ready.set(release, found);
    for (const oldest of ready.keys()) if (ready.size > readyMax) ready.delete(oldest);
    try {
      return await (await found).read(query);
    } catch (error) {
      ready.delete(release);
      throw error;
    }
  };
}
