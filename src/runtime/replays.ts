import { setImmediate as breathe } from 'node:timers/promises';
import type { GuardPolicy } from '../analysis/guard.ts';
import type { Language } from '../analysis/sentence.ts';
import { UserError } from '../errors.ts';
import { decide, newService } from '../release/decide.ts';
import type { ServiceState } from '../release/types.ts';
import type { EventLog, LoggedEvent } from '../stores/log.ts';
import { type GoodReleases, newestHour, ReleaseReplay, type Replay, type SeriesQuery } from '../views/replay.ts';
import { recordedIn, stateOn, streamOf } from './record.ts';

/** Events that are read in one go, and how long they are folded in one go: a controller that replays has looks to make in between. */
const pageSize = 50;
const foldMaxMs = 2;

/** Releases that were asked for while the one before was under way, in a row, until the fold begins with the service's first event. */
const hopsMax = 20;

/** A replay of one release that reads on where it stopped, so that a chart can ask every second. */
export class LoggedReplay {
  readonly #log: EventLog;
  readonly #stream: string;
  readonly #replay: ReleaseReplay;
  #state: ServiceState;
  #version = 0;
  #reading: Promise<unknown> = Promise.resolve();

  private constructor(log: EventLog, stream: string, replay: ReleaseReplay, start: Start) {
    this.#log = log;
    this.#stream = stream;
    this.#replay = replay;
    this.#state = start.state;
    this.#version = start.version;
  }

  /**
   * @param policy - null: the release's own.
   * @throws UserError `E_UNKNOWN_RELEASE`.
   */
  static async of(log: EventLog, release: string, policy: GuardPolicy | null, keep?: number): Promise<LoggedReplay> {
    const [first] = await log.readRelease(release, 0, 1);
    if (!first) throw unknownRelease(release);
    return new LoggedReplay(log, first.stream, new ReleaseReplay(release, policy, keep), await startOf(log, first));
  }

  /** What is on record by now, with the part of the series that is wanted. Reading on is the same work in every language. */
  async read(query: SeriesQuery = newestHour): Promise<Replay> {
    // One after the other: two readers of the same page would fold it twice.
    const reading = this.#reading.then(() => this.#readOn());
    this.#reading = reading.catch(() => {});
    await reading;
    await inTurns(this.#replay.shownLater(query));
    const result = this.#replay.shown(query);
    if (!result) throw unknownRelease(this.#replay.release);
    return result;
  }

  async #readOn(): Promise<void> {
    while (!this.#replay.isOver) {
      const page = await this.#log.read(this.#stream, this.#version, pageSize);
      let sinceMs = performance.now();
      for (const logged of page) {
        const { event } = recordedIn(logged);
        const before = this.#state;
        this.#state = decide(before, event).state;
        this.#version = logged.version;
        this.#replay.take(before, event, this.#state);
        // A record may hold many seconds: what counts is how long others have waited.
        if (performance.now() - sinceMs < foldMaxMs) continue;
        await breathe();
        sinceMs = performance.now();
      }
      if (page.length < pageSize) return;
      await breathe();
    }
  }
}

/** Does pieces of work, and lets others have their turn in between. */
async function inTurns(works: Iterable<() => unknown>): Promise<void> {
  let sinceMs = performance.now();
  for (const work of works) {
    work();
    if (performance.now() - sinceMs < foldMaxMs) continue;
    await breathe();
    sinceMs = performance.now();
  }
}

/** A state on the way of a stream, and the version it is the fold of. */
export type Start = { readonly state: ServiceState; readonly version: number };

/**
 * Where the fold for a release begins. What was stable and what it ran on count too: the record says it where no other release was under
 * way. Else it begins with the one that was; in old logs with the first event of the service.
 */
export async function startOf(log: EventLog, first: LoggedEvent): Promise<Start> {
  const name = first.stream.slice(streamOf('').length);
  let at: LoggedEvent | undefined = first;
  for (let hops = 0; at !== undefined && hops < hopsMax; hops += 1) {
    const { basis } = recordedIn(at);
    if (basis) return { state: stateOn(basis, name), version: at.version - 1 };
    const [before]: readonly LoggedEvent[] = at.version < 2 ? [] : await log.read(at.stream, at.version - 2, 1);
    if (before?.release == null) break;
    [at] = await log.readRelease(before.release, 0, 1);
  }
  return { state: newService(name), version: 0 };
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
