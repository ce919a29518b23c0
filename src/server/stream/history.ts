import { setImmediate as breathe } from 'node:timers/promises';
import type { Language } from '../../analysis/sentence.ts';
import { streamOf } from '../../runtime/record.ts';
import type { EventLog, LoggedEvent } from '../../stores/log.ts';
import { type Entry, entryOf, incidentEntry } from './entry.ts';
import type { Topic } from './topic.ts';

/** Events that are read in one go. */
const pageSize = 200;

/** Where the past is read. */
export type Past = {
  readonly log: EventLog;
  /** Events of one incident after a position of the log, oldest first. */
  readonly incidentEvents: (id: string, afterSeq: number, limit: number) => Promise<readonly LoggedEvent[]>;
};

/**
 * The timelines of topics after a position of the log, oldest first, one page at a time, so that a reader who was away for long is
 * never held in memory as a whole. Ends when nothing more is on record.
 *
 * @param afterSeq - Only what is on record after it.
 * @param language - Of what incidents say.
 */
export async function* history(
  { log, incidentEvents }: Past,
  topics: readonly Topic[],
  afterSeq: number,
  language: Language,
): AsyncGenerator<readonly Entry[]> {
  const lanes: Lane[] = [];
  for (const topic of topics) {
    if (topic.kind === 'release')
      lanes.push(new Lane((after) => log.readRelease(topic.release, after.seq, pageSize), entryOf, afterSeq, 0));
    if (topic.kind === 'service') {
      const stream = streamOf(topic.service);
      const version = await versionAt(log, stream, afterSeq);
      lanes.push(new Lane((after) => log.read(stream, after.version, pageSize), entryOf, afterSeq, version));
    }
    if (topic.kind === 'incident') {
      const told = (event: LoggedEvent): Entry => incidentEntry(event, topic.service, language);
      lanes.push(new Lane((after) => incidentEvents(topic.incident, after.seq, pageSize), told, afterSeq, 0));
    }
  }
  for (;;) {
    for (const lane of lanes) await lane.fill();
    // Up to where every lane has been read: beyond that one of them may have something earlier.
    const until = Math.min(...lanes.map((lane) => lane.readUntil));
    const entries = lanes.flatMap((lane) => lane.takeUntil(until)).sort((a, b) => a.seq - b.seq);
    // A release and its service share their events.
    yield entries.filter((entry, index) => entry.seq !== entries[index - 1]?.seq);
    if (lanes.every((lane) => lane.isOver)) return;
    // A log may answer at once: a past of a million counts must not keep the guards from their looks.
    await breathe();
  }
}

type Position = { readonly seq: number; readonly version: number };

/** One topic's way through the log. */
class Lane {
  readonly #read: (after: Position) => Promise<readonly LoggedEvent[]>;
  readonly #told: (event: LoggedEvent) => Entry | null;
  #at: Position;
  #waiting: Entry[] = [];
  #isRead = false;

  constructor(
    read: (after: Position) => Promise<readonly LoggedEvent[]>,
    told: (event: LoggedEvent) => Entry | null,
    seq: number,
    version: number,
  ) {
    this.#read = read;
    this.#told = told;
    this.#at = { seq, version };
  }

  get readUntil(): number {
    return this.#isRead ? Number.POSITIVE_INFINITY : this.#at.seq;
  }

  get isOver(): boolean {
    return this.#isRead && this.#waiting.length === 0;
  }

  async fill(): Promise<void> {
    if (this.#isRead || this.#waiting.length > 0) return;
    const page = await this.#read(this.#at);
    this.#at = page.at(-1) ?? this.#at;
    this.#isRead = page.length < pageSize;
    this.#waiting = page.map(this.#told).filter((entry) => entry !== null);
  }

  takeUntil(seq: number): readonly Entry[] {
    const first = this.#waiting.findIndex((entry) => entry.seq > seq);
    return this.#waiting.splice(0, first < 0 ? this.#waiting.length : first);
  }
}

/** How many events of a stream lie at or before a position of the log: streams are read by version, positions are of all of them. */
async function versionAt(log: EventLog, stream: string, seq: number): Promise<number> {
  if (seq <= 0) return 0;
  const isAfter = async (version: number): Promise<boolean> => {
    const [next] = await log.read(stream, version, 1);
    return next === undefined || next.seq > seq;
  };
  let low = 0;
  let high = 1;
  while (!(await isAfter(high))) {
    low = high;
    high *= 2;
  }
  // `low` may still be followed by something old enough; `high` is not.
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isAfter(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
