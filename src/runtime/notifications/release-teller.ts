import { setImmediate as breathe } from 'node:timers/promises';
import type { NewsEntry } from '../../notifications/release-notices.ts';
import { type ReleaseForm, type ReleaseTelling, tellReleases } from '../../notifications/release-telling.ts';
import { itself } from '../../notifications/types.ts';
import type { IncidentSetup } from '../../spec/incident-setup.ts';
import type { ReleaseNotice } from '../../spec/release-notices.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { PublishingLog } from '../publishing-log.ts';
import type { Recorded } from '../record.ts';
import { RecordedState } from '../recorded-state.ts';
import type { MessagesRecorded } from './outbox-records.ts';
import type { ReleaseNoticesRecorded } from './release-records.ts';

/** It is looked at least so often: the clock may jump. */
const idleMs = 15_000;
/** Events that are read in one go. */
const pageSize = 100;
/** News that is told in one append, and that may wait for it; with more it is read from the log again. */
const entriesMax = 100;
const waitingMax = 5_000;
/** How far it has read comes on record after so many events of which nothing was told, so that the next start need not read them again. */
const readAfter = 5_000;

export type ReleaseTellerOptions = {
  readonly log: PublishingLog;
  /** Caught up, both. */
  readonly records: ReleaseNoticesRecorded;
  readonly messages: MessagesRecorded;
  /** With the people who are on call. */
  readonly setup: { readonly setup: IncidentSetup; listen(listener: () => void): () => void };
  /** Whom the document of a release names; empty: nobody, or it is not known any more. */
  readonly ownNotices: (release: string) => readonly ReleaseNotice[];
  readonly formOf: (notifier: string) => ReleaseForm | null;
  readonly consoleUrl: string | null;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/**
 * Tells of releases: follows the log, and puts what is told on record together with how far it has come. A controller that dies in between
 * has told nothing of it, and the next one goes on there.
 */
export class ReleaseTeller {
  readonly #options: ReleaseTellerOptions;
  readonly #deaf: readonly (() => void)[];
  readonly #loop: Loop;
  /** What is to be told, in the order of the log. */
  #waiting: NewsEntry[] = [];
  /** Everything up to here was looked at. */
  #seq: number;
  /** Of the last event that was heard of. */
  #heardSeq = 0;
  #isFollowing = false;
  #named: IncidentSetup['releaseNotices'];
  /** Who was named for what came before somebody else was: those hear nothing of it. Null: all of that is told. */
  #before: { readonly upToSeq: number; readonly named: IncidentSetup['releaseNotices'] } | null = null;

  constructor(options: ReleaseTellerOptions) {
    this.#options = options;
    this.#seq = options.records.state.seq;
    this.#named = options.setup.setup.releaseNotices;
    const { clock, warn } = options;
    this.#loop = new Loop({ what: 'notices of releases', turn: () => this.#turn(), clock, warn });
    this.#deaf = [
      options.log.subscribe((events) => this.#heard(events)),
      options.setup.listen(() => {
        const named = options.setup.setup.releaseNotices;
        if (named !== this.#named) this.#before = { upToSeq: this.#heardSeq, named: this.#before?.named ?? this.#named };
        this.#named = named;
        this.#loop.wake();
      }),
    ];
  }

  async stop(): Promise<void> {
    for (const deaf of this.#deaf) deaf();
    await this.#loop.stop();
  }

  #heard(events: readonly LoggedEvent[]): void {
    this.#heardSeq = events.at(-1)?.seq ?? this.#heardSeq;
    if (!this.#isFollowing) return;
    // Somebody else has written to the log in between, or far too much waits.
    if (events[0]?.seq !== this.#seq + 1 || this.#waiting.length > waitingMax) {
      this.#isFollowing = false;
      this.#loop.wake();
      return;
    }
    if (this.#take(events)) this.#loop.wake();
  }

  /** Answers whether there is something to tell. */
  #take(events: readonly LoggedEvent[]): boolean {
    const entries = events.flatMap(entriesOf);
    this.#waiting.push(...entries);
    this.#seq = events.at(-1)?.seq ?? this.#seq;
    return entries.length > 0;
  }

  /** Answers how long there is nothing to do, in milliseconds. */
  async #turn(): Promise<number> {
    const { records, messages, clock } = this.#options;
    if (!this.#isFollowing && this.#waiting.length < entriesMax) await this.#read();
    const before = this.#before;
    const isBefore =
      before !== null && ((this.#waiting[0]?.seq ?? Number.POSITIVE_INFINITY) <= before.upToSeq || this.#seq < before.upToSeq);
    // All of one event, or nothing of it.
    const last = Math.min(
      this.#waiting[entriesMax - 1]?.seq ?? Number.POSITIVE_INFINITY,
      isBefore ? before.upToSeq : Number.POSITIVE_INFINITY,
    );
    const entries = this.#waiting.filter(({ seq }) => seq <= last);
    const telling = this.#telling(isBefore ? before.named : this.#named);
    let { nextMs, notices } = tellReleases(records.state, messages.state, entries, telling, clock.now());
    if (notices.length > 0)
      await RecordedState.changeBoth(records, messages, (state, outbox, atMs) => {
        const told = tellReleases(state, outbox, entries, telling, atMs);
        ({ nextMs, notices } = told);
        return [told.notices, told.messages];
      });
    this.#waiting.splice(0, entries.length);
    const isBehind = !this.#isFollowing || this.#waiting.length > 0;
    await this.#noteRead();
    return isBehind ? 0 : Math.max(0, Math.min(idleMs, nextMs - clock.now()));
  }

  /** The next page of the log, until it hears everything by itself. */
  async #read(): Promise<void> {
    const page = await this.#options.log.readAll(this.#seq, pageSize);
    if (this.#loop.signal.aborted) return;
    this.#take(page);
    this.#isFollowing = page.length < pageSize && this.#heardSeq <= this.#seq;
    await breathe();
  }

  /** How far it has read, where nothing that comes on record says so. */
  async #noteRead(): Promise<void> {
    const { records } = this.#options;
    const before = this.#before;
    // Those who are named now must hear nothing of before from the next controller either.
    const isPast =
      before !== null && this.#seq >= before.upToSeq && (this.#waiting[0]?.seq ?? Number.POSITIVE_INFINITY) > before.upToSeq;
    const seq = this.#waiting.length > 0 ? (before?.upToSeq ?? 0) : this.#seq;
    if (seq > records.state.seq && (isPast || (this.#waiting.length === 0 && seq - records.state.seq >= readAfter)))
      await records.change(() => [{ kind: 'release-notices-read', actor: itself, data: { seq } }]);
    if (isPast && this.#before === before) this.#before = null;
  }

  #telling(named: IncidentSetup['releaseNotices']): ReleaseTelling {
    const { setup, ownNotices, formOf, consoleUrl } = this.#options;
    const { people, schedules } = setup.setup;
    return { people, schedules, notices: named?.tell ?? [], ownNotices, formOf, consoleUrl };
  }
}

function entriesOf({ seq, stream, at, data }: LoggedEvent): readonly NewsEntry[] {
  if (!stream.startsWith(servicePrefix)) return [];
  const { news = [] } = data as Pick<Recorded, 'news'>;
  const service = stream.slice(servicePrefix.length);
  return news.map((one) => ({ seq, service, atMs: at, news: one }));
}

const servicePrefix = 'service/';
