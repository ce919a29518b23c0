import { LoggedReplay } from '../runtime/replays.ts';
import type { EventLog } from '../stores/log.ts';
import type { Replay } from '../views/replay.ts';

/** Releases whose series are kept ready, so that charts that ask every second do not fold the log every second. */
const readyMax = 4;

/** Answers with the series of a release after a second (unix), oldest first; the release's own policy. */
export function seriesReader(log: EventLog): (release: string, after: number) => Promise<Replay> {
  const ready = new Map<string, Promise<LoggedReplay>>();
  return async (release, after) => {
    const found = ready.get(release) ?? LoggedReplay.of(log, release, null);
    // The one asked for last stays longest.
    ready.delete(release);
    ready.set(release, found);
    for (const oldest of ready.keys()) if (ready.size > readyMax) ready.delete(oldest);
    try {
      const replay = await (await found).read();
      return { ...replay, points: replay.points.filter(({ second }) => second > after) };
    } catch (error) {
      ready.delete(release);
      throw error;
    }
  };
}
