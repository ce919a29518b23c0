import { setImmediate as breathe } from 'node:timers/promises';
import { messageOf, UserError } from '../../errors.ts';
import type { NewsEntry } from '../../notifications/release-notices.ts';
import { type ReleaseForm, type ReleaseTelling, tellReleases } from '../../notifications/release-telling.ts';
import { itself } from '../../notifications/types.ts';
import type { IncidentSetup } from '../../spec/incident-setup.ts';
import type { ReleaseNotice } from '../../spec/release-notices.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import type { Clock } from '../clock.ts';
import type { PublishingLog } from '../publishing-log.ts';
import type { Recorded } from '../record.ts';
import { RecordedState } from '../recorded-state.ts';
import type { MessagesRecorded } from './outbox-records.ts';
import type { ReleaseNoticesRecorded } from './release-records.ts';

/** It is looked at least so often: the clock may jump. */
const idleMs = 15_000;
/** After the log has failed. */
const failedMs = 1_000;
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
  readonly #stopping = new AbortController();
  readonly #deaf: readonly (() => void)[];
  readonly #loop: Promise<void>;
  #wake = new AbortController();
  #warned = '';
  /** What is to be told, in the order of the log. */
  #waiting: NewsEntry[] = [];
  /** Everything up to here was looked at. */
  #seq: number;
  /** Of the last event that was heard of. */
  #heardSeq = 0;
  #isFollowing = false;
  /** Those who are named now hear nothing of what was before. */
  #isRenamed = false;
  #named: IncidentSetup['releaseNotices'];

  constructor(options: ReleaseTellerOptions) {
    this.#options = options;
    this.#seq = options.records.state.seq;
    this.#named = options.setup.setup.releaseNotices;
    this.#deaf = [
      options.log.subscribe((events) => this.#heard(events)),
      options.setup.listen(() => {
        const named = options.setup.setup.releaseNotices;
        this.#isRenamed ||= named !== this.#named;
        this.#named = named;
        this.#wake.abort();
      }),
    ];
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const deaf of this.#deaf) deaf();
    await this.#loop;
  }

  #heard(events: readonly LoggedEvent[]): void {
    this.#heardSeq = events.at(-1)?.seq ?? this.#heardSeq;
    if (!this.#isFollowing) return;
    // Somebody else has written to the log in between, or far too much waits.
    if (events[0]?.seq !== this.#seq + 1 || this.#waiting.length > waitingMax) {
      this.#isFollowing = false;
      this.#wake.abort();
      return;
    }
    if (this.#take(events)) this.#wake.abort();
  }

  /** Answers whether there is something to tell. */
  #take(events: readonly LoggedEvent[]): boolean {
    const entries = events.flatMap(entriesOf);
    this.#waiting.push(...entries);
    this.#seq = events.at(-1)?.seq ?? this.#seq;
    return entries.length > 0;
  }

  async #run(): Promise<void> {
    const { clock, warn } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      let restMs: number;
      try {
        restMs = await this.#turn();
        this.#warned = '';
      } catch (error) {
        if (signal.aborted || (error instanceof UserError && error.code === 'E_STOPPED')) return;
        const text = `notices of releases: ${messageOf(error)}`;
        if (text !== this.#warned) warn(text);
        this.#warned = text;
        restMs = failedMs;
      }
      if (restMs > 0) await clock.after(restMs, AbortSignal.any([this.#wake.signal, signal]));
    }
  }

  /** Answers how long there is nothing to do, in milliseconds. */
  async #turn(): Promise<number> {
    const { records, messages, clock } = this.#options;
    if (!this.#isFollowing && this.#waiting.length < entriesMax) await this.#read();
    // All of one event, or nothing of it.
    const last = this.#waiting[entriesMax - 1]?.seq ?? Number.POSITIVE_INFINITY;
    const entries = this.#waiting.filter(({ seq }) => seq <= last);
    const telling = this.#telling();
    let { nextMs, notices } = tellReleases(records.state, messages.state, entries, telling, clock.now());
    if (notices.length > 0)
      await RecordedState.changeBoth(records, messages, (state, outbox, atMs) => {
        const told = tellReleases(state, outbox, entries, telling, atMs);
        ({ nextMs, notices } = told);
        return [told.notices, told.messages];
      });
    this.#waiting.splice(0, entries.length);
    const isBehind = !this.#isFollowing || this.#waiting.length > 0;
    await this.#noteRead(isBehind);
    return isBehind ? 0 : Math.max(0, Math.min(idleMs, nextMs - clock.now()));
  }

  /** The next page of the log, until it hears everything by itself. */
  async #read(): Promise<void> {
    const page = await this.#options.log.readAll(this.#seq, pageSize);
    if (this.#stopping.signal.aborted) return;
    this.#take(page);
    this.#isFollowing = page.length < pageSize && this.#heardSeq <= this.#seq;
    await breathe();
  }

  async #noteRead(isBehind: boolean): Promise<void> {
    const { records } = this.#options;
    const isDue = this.#seq - records.state.seq >= readAfter || (this.#isRenamed && !isBehind);
    if (!isDue || this.#waiting.length > 0) return;
    const seq = this.#seq;
    this.#isRenamed = false;
    if (seq <= records.state.seq) return;
    await records.change(() => [{ kind: 'release-notices-read', actor: itself, data: { seq } }]);
  }

  #telling(): ReleaseTelling {
    const { setup, ownNotices, formOf, consoleUrl } = this.#options;
    const { people, schedules, releaseNotices } = setup.setup;
    return { people, schedules, notices: releaseNotices?.tell ?? [], ownNotices, formOf, consoleUrl };
  }
}

function entriesOf({ seq, stream, at, data }: LoggedEvent): readonly NewsEntry[] {
  if (!stream.startsWith(servicePrefix)) return [];
  const { news = [] } = data as Pick<Recorded, 'news'>;
  const service = stream.slice(servicePrefix.length);
  return news.map((one) => ({ seq, service, atMs: at, news: one }));
}

const servicePrefix = 'service/';
