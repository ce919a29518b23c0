import { messageOf, UserError } from '../../errors.ts';
import type { EventReader, EventsRead } from '../../sources/source.ts';
import type { Plugged } from '../../spec/types.ts';
import { type Clock, within } from '../clock.ts';
import type { RunningObjective } from './running-objective.ts';

/** Longest wait for one reading of one source, and how many are read at once. */
const timeoutMs = 20_000;
const atOnce = 8;
/** Readings in a row that a long past is read with, before others have their turn. */
const readingsMax = 50;
/** A slot that is longer came after a time of which nothing was known: its events count where they were found. */
const slotMaxS = 60;

/** Objectives whose events one source counts, by the name of a service or of a document. */
export type Group = { readonly of: string; readonly source: Plugged; readonly objectives: readonly RunningObjective[] };

/** Builds what reads the events of a group; null: its kind of source cannot count any. */
export type ReaderOf = (group: Group) => EventReader | null;

type Feed = {
  readonly group: Group;
  readonly reader: EventReader;
  /** Unix second that was read last; null: nothing was, since the start. */
  toSecond: number | null;
  dueMs: number;
  isReading: boolean;
  /** There is more to read than was read in one go. */
  isBehind: boolean;
};

/** Reads what only sources count: each as often as it has news, a few at once, and what was missed as well. */
export class EventFeeds {
  readonly #readerOf: ReaderOf;
  readonly #clock: Clock;
  #feeds: Feed[] = [];

  constructor(readerOf: ReaderOf, clock: Clock) {
    this.#readerOf = readerOf;
    this.#clock = clock;
  }

  /** Takes over which groups there are. What goes on unchanged goes on where it is. */
  use(groups: readonly Group[]): void {
    const before = new Map(this.#feeds.map((feed) => [keyOf(feed.group), feed]));
    this.#feeds = groups.flatMap((group): Feed[] => {
      const known = before.get(keyOf(group));
      if (known && sameObjectives(known.group, group)) return [known];
      const reader = readerFor(group, this.#readerOf);
      if (!reader) return [];
      for (const one of group.objectives) one.everyS = reader.everyS;
      return [{ group, reader, toSecond: null, dueMs: 0, isReading: false, isBehind: true }];
    });
  }

  /** Whether some of the past is still to be read. */
  get isBehind(): boolean {
    return this.#feeds.some(({ isBehind }) => isBehind);
  }

  /** Reads whatever is due. Resolves when all of it has been read, or has failed. */
  async read(signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.now();
    const due = this.#feeds.filter((feed) => !feed.isReading && feed.dueMs <= nowMs).values();
    const work = async (): Promise<void> => {
      for (const feed of due) await this.#readOne(feed, signal);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  async #readOne(feed: Feed, parent: AbortSignal): Promise<void> {
    const { group, reader } = feed;
    feed.isReading = true;
    try {
      for (let readings = 0; readings < readingsMax && !parent.aborted; readings += 1) {
        const nowS = Math.floor(this.#clock.now() / 1_000);
        const from = Math.max(feed.toSecond ?? knownTo(group), nowS - reader.reachS);
        const read = await within(this.#clock, timeoutMs, 'the source', parent, (signal) => reader.read(from, nowS, signal));
        take(group, read);
        feed.isBehind = read.toSecond > from;
        feed.toSecond = read.toSecond;
        if (!feed.isBehind) break;
      }
    } catch (error) {
      const said = error instanceof UserError ? `${error.message}. ${error.fix}` : messageOf(error);
      for (const one of group.objectives) one.notes = [`its source cannot be read: ${said}`];
      feed.isBehind = false;
    } finally {
      feed.isReading = false;
      feed.dueMs = this.#clock.now() + (feed.isBehind ? 0 : reader.everyS * 1_000);
    }
  }
}

/** From where a group is read on: what the one that is behind has. A new one begins as far back as the source looks. */
function knownTo({ objectives }: Group): number {
  return Math.min(...objectives.map(({ sums }) => sums.knownToS));
}

function take({ objectives }: Group, { readings, notes }: EventsRead): void {
  const byName = new Map(readings.map((reading) => [reading.objective, reading]));
  for (const one of objectives) {
    const reading = byName.get(one.id);
    if (!reading) continue;
    const undecided = reading.slots.filter(({ badAtMost }) => badAtMost !== undefined).at(-1);
    for (const { second, seconds, bad, total, badAtMost } of reading.slots) {
      if (badAtMost !== undefined) continue;
      const fromS = second - (seconds > slotMaxS ? 10 : seconds);
      one.takeEvents(Math.max(fromS, Math.min(one.sums.knownToS, second - 1)), second, { bad, total });
    }
    one.notes = [
      ...(reading.problem === null ? [] : [reading.problem]),
      ...(undecided
        ? [
            `its threshold lies inside of a bucket, so nothing is decided by it: between ${undecided.bad} and ${undecided.badAtMost} of the last ${undecided.total} were bad`,
          ]
        : []),
      ...reading.notes,
      ...notes,
    ];
  }
}

/** A source that cannot even be built says so where people look. */
function readerFor(group: Group, readerOf: ReaderOf): EventReader | null {
  try {
    const reader = readerOf(group);
    if (reader) return reader;
    for (const one of group.objectives) one.notes = [`a source of kind ${group.source.kind} counts no events`];
  } catch (error) {
    for (const one of group.objectives) one.notes = [messageOf(error)];
  }
  return null;
}

function keyOf({ of, source }: Group): string {
  return JSON.stringify([of, source]);
}

function sameObjectives(a: Group, b: Group): boolean {
  return a.objectives.length === b.objectives.length && a.objectives.every((one, index) => one === b.objectives[index]);
}
