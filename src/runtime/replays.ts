import { setImmediate as breathe } from 'node:timers/promises';
import type { GuardPolicy } from '../analysis/guard.ts';
import type { Language } from '../analysis/sentence.ts';
import { UserError } from '../errors.ts';
import { decide, newService } from '../release/decide.ts';
import type { ServiceState } from '../release/types.ts';
import type { EventLog } from '../stores/log.ts';
import { type GoodReleases, newestHour, ReleaseReplay, type Replay, type SeriesQuery } from '../views/replay.ts';
import { foldStart, recordedIn, streamOf } from './record.ts';

/** Events that are folded in one go. */
const pageSize = 50;

/** The same for a chart: a controller that draws has looks to make and others to answer in between. Of a live release each has 10 s. */
const chartPageSize = 10;

/** A replay of one release that reads on where it stopped, so that a chart can ask every second. */
export class LoggedReplay {
  readonly #log: EventLog;
  readonly #stream: string;
  readonly #replay: ReleaseReplay;
  #state: ServiceState;
  #version: number;
  #reading: Promise<unknown> = Promise.resolve();

  private constructor(log: EventLog, start: NonNullable<Awaited<ReturnType<typeof foldStart>>>, replay: ReleaseReplay) {
    this.#log = log;
    this.#stream = start.stream;
    this.#replay = replay;
    this.#state = start.state;
    this.#version = start.version;
  }

  /**
   * @param policy - null: the release's own.
   * @throws UserError `E_UNKNOWN_RELEASE`.
   */
  static async of(log: EventLog, release: string, policy: GuardPolicy | null, keep?: number): Promise<LoggedReplay> {
    const start = await foldStart(log, release);
    if (!start) throw unknownRelease(release);
    return new LoggedReplay(log, start, new ReleaseReplay(release, policy, keep));
  }

  /** What is on record by now, with the part of the series that is wanted. Reading on is the same work in every language. */
  async read(query: SeriesQuery = newestHour): Promise<Replay> {
    // One after the other: two readers of the same page would fold it twice.
    const reading = this.#reading.then(() => this.#readOn());
    this.#reading = reading.catch(() => {});
    await reading;
    const result = this.#replay.shown(query);
    if (!result) throw unknownRelease(this.#replay.release);
    return result;
  }

  async #readOn(): Promise<void> {
    while (!this.#replay.isOver) {
      const page = await this.#log.read(this.#stream, this.#version, chartPageSize);
      for (const logged of page) {
        const { event } = recordedIn(logged);
        const before = this.#state;
        this.#state = decide(before, event).state;
        this.#version = logged.version;
        this.#replay.take(before, event, this.#state);
      }
      if (page.length < chartPageSize) return;
      await breathe();
    }
  }
}

/**
 * What a policy would have done to the recorded releases of a service that succeeded. Each one that it takes back is a false abort.
 * @throws UserError `E_UNKNOWN_SERVICE`.
 */
export async function replayGood(
  log: EventLog,
  service: string,
  policy: GuardPolicy | null,
  language: Language = 'en',
): Promise<GoodReleases> {
  const live = new Map<string, ReleaseReplay>();
  const falseAborts: Replay[] = [];
  let state = newService(service);
  let releases = 0;
  let version = 0;
  for (;;) {
    const page = await log.read(streamOf(service), version, pageSize);
    for (const logged of page) {
      const { event } = recordedIn(logged);
      const before = state;
      state = decide(before, event).state;
      version = logged.version;
      if (event.kind === 'requested') live.set(event.release, new ReleaseReplay(event.release, policy, 0));
      for (const [id, replay] of live) {
        replay.take(before, event, state);
        if (!replay.isOver) continue;
        live.delete(id);
        const result = replay.shown({ ...newestHour, language });
        if (result?.recorded?.outcome !== 'succeeded') continue;
        releases += 1;
        if (result.abort) falseAborts.push(result);
      }
    }
    if (version === 0)
      throw new UserError('E_UNKNOWN_SERVICE', `there is no service ${service} on record`, {
        where: 'service',
        fix: 'see `rampart status` for the services there are',
      });
    if (page.length < pageSize) return { service, releases, falseAborts };
    await breathe();
  }
}

function unknownRelease(release: string): UserError {
  return new UserError('E_UNKNOWN_RELEASE', `there is no release ${release} on record`, {
    where: 'release',
    fix: 'see `rampart status` for the releases there are; `rampart release` and `status SERVICE --json` print their ids',
  });
}
