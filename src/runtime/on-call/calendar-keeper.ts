import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import { importedShifts } from '../../incidents/on-call/imported.ts';
import type { PersonSpec } from '../../spec/person.ts';
import { isSafeAddress } from '../../spec/safe-address.ts';
import type { CalendarRead, ScheduleCalendar, ScheduleOverride, ScheduleSpec } from '../../spec/schedule.ts';
import { type ReadText, secretValue } from '../../spec/secret.ts';
import { exchange } from '../../system/http-exchange.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { redactedText } from '../../views/redacted.ts';
import type { Clock } from '../clock.ts';
import type { SetupKeeper } from '../notifications/setup-keeper.ts';
import { readCalendar } from './read-calendar.ts';

const dayMs = 86_400_000;
/** What of a calendar counts, from now: as far as shifts are told. */
const beforeMs = 31 * dayMs;
const aheadMs = 367 * dayMs;
/** Looks for what is due. */
const lookMs = 5_000;
/** A calendar that could not be read is asked again so soon. */
const againMs = 60_000;
/** What has been read is looked through anew so often, because its days pass. */
const anewMs = 3_600_000;
const withinMs = 10_000;
const bytesMax = 2_000_000;
const saidMax = 300;

const Copy = z.object({
  /** Of the address: a copy of another one says nothing. */
  source: z.string(),
  etag: z.string().nullable(),
  readAtMs: z.number(),
  text: z.string(),
});
type Copy = z.output<typeof Copy>;

/** What is known of the calendar of one schedule. */
type Known = {
  readonly copy: Copy | null;
  readonly triedAtMs: number;
  readonly problem: string | null;
  readonly unknown: readonly string[];
  readonly shifts: readonly ScheduleOverride[];
  /** What `shifts` were made of, and when. */
  readonly madeOf: {
    readonly text: string;
    readonly people: readonly PersonSpec[];
    readonly zone: string;
    readonly atMs: number;
  } | null;
};

export type CalendarKeeperOptions = {
  /** Where copies are kept; made when it is missing. */
  readonly folder: string;
  readonly setup: Pick<SetupKeeper, 'setup' | 'listen'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readSecret: ReadText;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/**
 * The calendars elsewhere that schedules name: asked for every so often, and the last good copy of each kept beside the log, so that
 * somebody is on call also while the calendar cannot be reached. An address is shown to nobody: it may be a secret.
 */
export class CalendarKeeper {
  readonly #options: CalendarKeeperOptions;
  readonly #stopping = new AbortController();
  readonly #known = new Map<string, Known>();
  readonly #listeners = new Set<() => void>();
  #loop: Promise<void> = Promise.resolve();
  #deaf: () => void = () => {};
  #wake = new AbortController();
  /** Rises with everything that changes who is on call, or what is known of a calendar. */
  changes = 0;

  private constructor(options: CalendarKeeperOptions) {
    this.#options = options;
  }

  /** Reads the copies that are there, and begins to ask. */
  static async open(options: CalendarKeeperOptions): Promise<CalendarKeeper> {
    const keeper = new CalendarKeeper(options);
    for (const schedule of options.setup.setup.schedules) if (schedule.calendar) await keeper.#load(schedule, schedule.calendar);
    keeper.#deaf = options.setup.listen(() => keeper.#wake.abort());
    keeper.#loop = keeper.#run();
    return keeper;
  }

  /** Schedules with what their calendars say, as overrides before those of the documents. */
  with(schedules: readonly ScheduleSpec[]): readonly ScheduleSpec[] {
    return schedules.map((schedule) => {
      const { calendar, overrides } = schedule;
      if (!calendar) return schedule;
      const known = this.#known.get(schedule.name);
      const read: CalendarRead = {
        atMs: known?.copy?.readAtMs ?? null,
        problem: known ? known.problem : 'it is being asked for the first time',
        unknown: known?.unknown ?? [],
      };
      return { ...schedule, overrides: [...(known?.shifts ?? []), ...overrides], calendar: { ...calendar, read } };
    });
  }

  /** Hears of changes. Answers how to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#deaf();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, setup } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const wanted = setup.setup.schedules;
      for (const name of this.#known.keys())
        if (!wanted.some((one) => one.name === name && one.calendar)) this.#known.delete(name);
      for (const schedule of wanted) {
        if (!schedule.calendar || signal.aborted) continue;
        await this.#turn(schedule, schedule.calendar).catch((error: unknown) => this.#failed(schedule.name, error));
      }
      if (!signal.aborted) await clock.after(lookMs, AbortSignal.any([this.#wake.signal, signal]));
    }
  }

  async #turn(schedule: ScheduleSpec, calendar: ScheduleCalendar): Promise<void> {
    const nowMs = this.#options.clock.now();
    const address = this.#address(calendar);
    const source = 'url' in address ? sourceOf(address.url) : '';
    let known = this.#known.get(schedule.name);
    const isOther = known?.copy != null && known.copy.source !== source && source !== '';
    if (!known || isOther) known = await this.#load(schedule, calendar);
    const waitMs = known.problem === null ? calendar.everyMs : Math.min(againMs, calendar.everyMs);
    if (nowMs - known.triedAtMs < waitMs) return await this.#make(schedule, known);
    const answer: Answer = 'url' in address ? await this.#ask(address.url, known.copy) : { problem: address.problem };
    if (this.#stopping.signal.aborted) return;
    if ('problem' in answer) return this.#put(schedule.name, { ...known, triedAtMs: nowMs, problem: answer.problem });
    const copy: Copy = { source, readAtMs: nowMs, ...answer };
    const asked = { ...known, triedAtMs: nowMs };
    try {
      const made = await this.#made(schedule, copy);
      await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
      await replaceFile(this.#file(schedule.name), JSON.stringify(copy), { durable: false, mode: 0o600 });
      this.#put(schedule.name, { copy, triedAtMs: nowMs, problem: null, ...made });
    } catch (error) {
      this.#put(schedule.name, { ...asked, problem: this.#said(error, 'url' in address ? [address.url] : []) });
    }
  }

  /** Of what is known already not everything counts any more: it stays as it is. */
  #failed(name: string, error: unknown): void {
    const known = this.#known.get(name);
    if (known && known.problem === null) this.#put(name, { ...known, problem: this.#said(error, []) });
  }

  /** What is known already counts for the people of now, and for the days to come. */
  async #make(schedule: ScheduleSpec, known: Known): Promise<void> {
    const { copy, madeOf } = known;
    if (!copy) return;
    const nowMs = this.#options.clock.now();
    const { people } = this.#options.setup.setup;
    const isSame = madeOf?.text === copy.text && madeOf.people === people && madeOf.zone === schedule.timeZone;
    if (isSame && nowMs - madeOf.atMs < anewMs) return;
    this.#put(schedule.name, { ...known, ...(await this.#made(schedule, copy)) });
  }

  async #made({ timeZone: zone }: ScheduleSpec, { text }: Copy): Promise<Pick<Known, 'shifts' | 'unknown' | 'madeOf'>> {
    const nowMs = this.#options.clock.now();
    const { people } = this.#options.setup.setup;
    const events = await readCalendar(text, 'its calendar', { zone, fromMs: nowMs - beforeMs, untilMs: nowMs + aheadMs });
    const { shifts, unknown } = importedShifts(events, people);
    return {
      shifts: shifts.map((shift) => ({ ...shift, why: 'calendar', insteadOf: null })),
      unknown: unknown.slice(0, 100),
      madeOf: { text, people, zone, atMs: nowMs },
    };
  }

  /** The last good copy. One that cannot be read, or is of another address, is none. */
  async #load(schedule: ScheduleSpec, calendar: ScheduleCalendar): Promise<Known> {
    const nothing: Known = { copy: null, triedAtMs: 0, problem: null, unknown: [], shifts: [], madeOf: null };
    let known = nothing;
    try {
      const copy = Copy.parse(JSON.parse(await readFile(this.#file(schedule.name), 'utf8')));
      const address = this.#address(calendar);
      // Where the address is not known now, the copy is all there is.
      if (!('url' in address) || copy.source === sourceOf(address.url))
        known = { ...nothing, copy, ...(await this.#made(schedule, copy)) };
    } catch (error) {
      if (systemCode(error) !== 'ENOENT')
        this.#options.warn(`the copy of the calendar of schedule ${schedule.name} cannot be read: ${messageOf(error)}`);
    }
    this.#put(schedule.name, known);
    return known;
  }

  #address({ url }: ScheduleCalendar): { readonly url: string } | { readonly problem: string } {
    const { environment, readSecret } = this.#options;
    const found = typeof url === 'string' ? { value: url } : secretValue(url, environment, readSecret);
    if ('missing' in found) return { problem: found.missing };
    return isSafeAddress(found.value)
      ? { url: found.value }
      : { problem: 'its address is neither https nor one of this machine' };
  }

  async #ask(url: string, copy: Copy | null): Promise<Answer> {
    const late = AbortSignal.timeout(withinMs);
    const signal = AbortSignal.any([this.#stopping.signal, late]);
    const etag = copy?.source === sourceOf(url) ? copy.etag : null;
    const headers = {
      'user-agent': 'rampart',
      accept: 'text/calendar',
      ...(etag === null ? {} : { 'if-none-match': etag }),
    };
    try {
      const tooLarge = (): Error => new Error(`it is larger than ${bytesMax} bytes`);
      const reply = await exchange(new URL(url), { method: 'GET', agent: false, headers, signal }, '', bytesMax, tooLarge);
      if (reply.status === 304 && copy && etag !== null) return { text: copy.text, etag };
      if (reply.status !== 200)
        return {
          problem: `it answers ${reply.status}${reply.status >= 300 && reply.status < 400 ? ', and redirects are not followed' : ''}`,
        };
      return { text: reply.body, etag: reply.headers.etag?.slice(0, 300) ?? null };
    } catch (error) {
      return { problem: late.aborted ? `no answer within ${withinMs / 1_000} s` : this.#said(error, [url]) };
    }
  }

  /** Without the address, and what stands in it. */
  #said(error: unknown, secrets: readonly string[]): string {
    const text = error instanceof UserError ? error.message : `${systemCode(error) ?? ''} ${messageOf(error)}`.trim();
    const parts = secrets.flatMap((url) => [url, URL.parse(url)?.pathname ?? '', URL.parse(url)?.search ?? '']);
    return redactedText(
      text,
      parts.filter((part) => part.length > 3),
    ).slice(0, saidMax);
  }

  #put(name: string, known: Known): void {
    const before = this.#known.get(name);
    this.#known.set(name, known);
    this.changes += 1;
    if (known.problem !== null && known.problem !== before?.problem)
      this.#options.warn(`the calendar of schedule ${name} cannot be read: ${known.problem}`);
    for (const listener of this.#listeners) listener();
  }

  #file(name: string): string {
    return join(this.#options.folder, `${name}.json`);
  }
}

type Answer = { readonly text: string; readonly etag: string | null } | { readonly problem: string };

function sourceOf(url: string): string {
  return createHash('sha256').update(url).digest('hex');
}
