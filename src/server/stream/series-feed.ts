import type { Language } from '../../analysis/sentence.ts';
import { messageOf } from '../../errors.ts';
import { LoggedReplay } from '../../runtime/replays.ts';
import type { EventLog } from '../../stores/log.ts';
import type { Replay } from '../../views/replay.ts';
import type { Channel } from './channel.ts';
import { message } from './message.ts';
import type { StreamReader } from './reader.ts';

/** Newest points that a reader begins with. What is older it asks for once, with `GET /releases/ID/series`. */
const beginWith = 60;
/** Releases whose series are followed at once, however many clients each of them has. Of others a client asks now and then. */
const followedMax = 64;
/** A series is read on at most so often. */
const readEveryMs = 1_000;

type Followed = {
  readonly replay: Promise<LoggedReplay>;
  /** Last second (unix) that the readers of a language have been sent. */
  readonly sent: Map<Language, number>;
  isDirty: boolean;
  isReading: boolean;
  readMs: number;
  askedMs: number;
};

/** Series of releases that somebody looks at: the log is folded once for all of them, and on from where it stopped. */
export class SeriesFeed {
  readonly #log: EventLog;
  readonly #warn: (text: string) => void;
  readonly #followed = new Map<string, Followed>();

  readonly #recordSoon: (service: string, release: string) => void;

  /** @param recordSoon - Asks for what is known of a live release to be put on record, because its readers wait for it. */
  constructor(log: EventLog, recordSoon: (service: string, release: string) => void, warn: (text: string) => void) {
    this.#log = log;
    this.#recordSoon = recordSoon;
    this.#warn = warn;
  }

  /** Sends a reader the newest points there are. */
  async begin(release: string, language: Language, reader: StreamReader): Promise<void> {
    const followed = this.#follow(release);
    if (!followed) return;
    try {
      const series = await (await followed.replay).read({ every: 1, after: 0, language });
      reader.passing(seriesMessage(series));
      if (!followed.sent.has(language)) followed.sent.set(language, lastSecond(series));
    } catch (error) {
      this.#forget(release, error);
    }
  }

  /** Something is on record of a release. */
  heard(release: string): void {
    const followed = this.#followed.get(release);
    if (followed) followed.isDirty = true;
  }

  /** Sends what is new to all readers. */
  look(channels: readonly Channel[]): void {
    const read = new Map<string, Channel[]>();
    for (const channel of channels)
      if (channel.topic.kind === 'release')
        read.set(channel.topic.release, [...(read.get(channel.topic.release) ?? []), channel]);
    const nowMs = performance.now();
    for (const [release, followed] of this.#followed) {
      const readers = read.get(release);
      if (!readers) {
        this.#followed.delete(release);
        continue;
      }
      const topic = readers[0]?.topic;
      if (topic?.kind === 'release' && nowMs - followed.askedMs >= readEveryMs) {
        followed.askedMs = nowMs;
        this.#recordSoon(topic.service, release);
      }
      if (followed.isDirty && !followed.isReading && nowMs - followed.readMs >= readEveryMs)
        void this.#send(release, followed, readers);
    }
  }

  async #send(release: string, followed: Followed, channels: readonly Channel[]): Promise<void> {
    followed.isReading = true;
    followed.isDirty = false;
    followed.readMs = performance.now();
    try {
      const replay = await followed.replay;
      for (const { language, readers } of channels) {
        const after = followed.sent.get(language);
        // Nobody has begun yet in this language.
        if (after === undefined) continue;
        const series = await replay.read({ every: 1, after, language });
        if (series.points.length === 0 && series.marks.length === 0) continue;
        followed.sent.set(language, Math.max(after, lastSecond(series)));
        const bytes = seriesMessage(series);
        for (const reader of readers) reader.passing(bytes);
      }
    } catch (error) {
      this.#forget(release, error);
    } finally {
      followed.isReading = false;
    }
  }

  #follow(release: string): Followed | null {
    const known = this.#followed.get(release);
    if (known || this.#followed.size >= followedMax) return known ?? null;
    const followed: Followed = {
      replay: LoggedReplay.of(this.#log, release, null, beginWith),
      sent: new Map(),
      isDirty: false,
      isReading: false,
      readMs: 0,
      askedMs: 0,
    };
    this.#followed.set(release, followed);
    return followed;
  }

  /** The next reader begins anew. */
  #forget(release: string, error: unknown): void {
    this.#followed.delete(release);
    this.#warn(`the series of ${release}: ${messageOf(error)}`);
  }
}

function lastSecond({ points, marks }: Replay): number {
  return Math.max(0, points.at(-1)?.second ?? 0, marks.at(-1)?.second ?? 0);
}

/** What is drawn, and after which second it is all there is when `complete` says so. */
function seriesMessage({ release, after, complete, points, marks }: Replay): Buffer {
  return message('series', { release, after, complete, points, marks });
}
