import { setImmediate as breathe } from 'node:timers/promises';
import type { NewsEntry } from '../../notifications/release-notices.ts';
import { type ReleaseFormOf, type ReleaseTelling, tellReleases } from '../../notifications/release-telling.ts';
import { itself } from '../../notifications/types.ts';
import type { IncidentSetup } from '../../spec/incident-setup.ts';
import type { ReleaseNotice } from '../../spec/release-notices.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { PublishingLog } from '../publishing-log.ts';
import type { Recorded } from '../record.ts';
import { recordFollowing } from '../what-follows.ts';
import type { MessagesRecorded } from './outbox-records.ts';
import type { ReleaseNoticesRecorded } from './release-records.ts';
import type { SetupInForce } from './setup-keeper.ts';

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
  readonly setup: SetupInForce;
  /** Whom the document of a release names; empty: nobody, or it is not known any more. */
  readonly ownNotices: (release: string) => readonly ReleaseNotice[];
  readonly formOf: ReleaseFormOf;
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
  readonly #loop: Loop;
  /** What is to be told, in the order of the log. */
  #waiting: NewsEntry[] = [];
  /** Everything up to here was looked at. */
  #seq: number;
  /** Of the last event that was heard of. */
  #heardSeq = 0;
  #isFollowing = false;
  #named: IncidentSetup['releaseNotices'];
  /** Who was named for what came before somebody else was, oldest first: those hear nothing of it. Empty: all of that is told. */
  #before: readonly { readonly upToSeq: number; readonly named: IncidentSetup['releaseNotices'] }[] = [];

  constructor(options: ReleaseTellerOptions) {
    this.#options = options;
    const { log, records, setup, clock, warn } = options;
    this.#seq = records.state.seq;
    this.#named = setup.setup.releaseNotices;
    const hears = [
      () => log.subscribe((events) => this.#heard(events)),
      (wake: () => void) =>
        setup.listen(() => {
          this.#nameOthers(setup.setup.releaseNotices);
          wake();
        }),
    ];
    this.#loop = new Loop({ what: 'notices of releases', turn: () => this.#turn(), hears, clock, warn });
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  #nameOthers(named: IncidentSetup['releaseNotices']): void {
    if (named !== this.#named) this.#before = [...this.#before, { upToSeq: this.#heardSeq, named: this.#named }];
    this.#named = named;
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
    const before = this.#before.find(({ upToSeq }) => !this.#isPast(upToSeq));
    // All of one event, or nothing of it.
    const last = Math.min(
      this.#waiting[entriesMax - 1]?.seq ?? Number.POSITIVE_INFINITY,
      before?.upToSeq ?? Number.POSITIVE_INFINITY,
    );
    const entries = this.#waiting.filter(({ seq }) => seq <= last);
    const telling = this.#telling(before ? before.named : this.#named);
    const nextMs = await recordFollowing(records, messages, clock, (state, outbox, atMs) => {
      const told = tellReleases(state, outbox, entries, telling, atMs);
      return { events: [told.notices, told.messages], nextMs: told.nextMs };
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
    // Those who are named now must hear nothing of before from the next controller either.
    const past = this.#before.filter(({ upToSeq }) => this.#isPast(upToSeq));
    const seq = this.#waiting.length > 0 ? (past.at(-1)?.upToSeq ?? 0) : this.#seq;
    if (seq > records.state.seq && (past.length > 0 || (this.#waiting.length === 0 && seq - records.state.seq >= readAfter)))
      await records.change(() => [{ kind: 'release-notices-read', actor: itself, data: { seq } }]);
    this.#before = this.#before.filter((one) => !past.includes(one));
  }

  /** Whether everything up to there was read and told. */
  #isPast(seq: number): boolean {
    return this.#seq >= seq && (this.#waiting[0]?.seq ?? Number.POSITIVE_INFINITY) > seq;
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
