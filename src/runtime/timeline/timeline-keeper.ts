import type { Origin } from '../../access/types.ts';
import { messageOf, UserError } from '../../errors.ts';
import { standardTimeline } from '../../spec/timeline.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { actionsOf, nextDueMs, type StartedRelease, type TimelineAction } from '../../timeline/actions.ts';
import { cancelling, type Deed, moving, mustBeOnly, mustCome, running, skipping, unknownTimeline } from '../../timeline/asked.ts';
import { isOver } from '../../timeline/moments.ts';
import type { Asked as Noted, PlannedEntry, PlannedRelease } from '../../timeline/types.ts';
import type { Clock } from '../clock.ts';
import type { Controller } from '../controller.ts';
import { Loop } from '../loop.ts';
import type { TimelineDeeds } from './deeds.ts';
import type { TimelineRecorded, TimelinesRecorded } from './timeline-records.ts';

/** A planned release that something of is under way is looked at this often; any other when something is due, and now and then: the clock may jump. */
const lookMs = 1_000;
const idleMs = 15_000;

/** Who acts where nobody has asked. */
const itself = 'timeline';

export type Asked = { readonly by: string; readonly why: string; readonly from?: Origin };

export type TimelineKeeperOptions = {
  /** Caught up. */
  readonly records: TimelinesRecorded;
  readonly controller: Pick<Controller, 'request' | 'service' | 'release'>;
  readonly deeds: TimelineDeeds;
  readonly clock: Clock;
  /** A new unique id for a planned release of a service. */
  readonly newId: (service: string) => string;
  readonly warn: (text: string) => void;
};

/**
 * Every planned release of one log: begins what is due, starts the release at its time, and keeps what people decide about it. What has
 * begun is on record before it is done, so the next controller goes on with it.
 */
export class TimelineKeeper {
  readonly #options: TimelineKeeperOptions;
  readonly #tasks = new Map<string, AbortController>();
  readonly #loop: Loop;

  constructor(options: TimelineKeeperOptions) {
    this.#options = options;
    const { clock, warn } = options;
    this.#loop = new Loop({ what: 'timeline', turn: () => this.#look(), clock, warn });
  }

  /** Newest first. */
  get all(): readonly PlannedRelease[] {
    return [...this.#options.records.state.values()].toReversed();
  }

  /** By its id, or the newest of a service. */
  find(idOrService: string): PlannedRelease | undefined {
    const { state } = this.#options.records;
    const own = this.all.filter(({ service }) => service === idOrService);
    return state.get(idOrService) ?? own.find((one) => !isOver(one)) ?? own[0];
  }

  /**
   * Plans a release. Resolves with its id once that is on record.
   *
   * @throws UserError `E_REFUSED` when its start is past, or another one of the service is planned.
   */
  async plan({ spec, version, startMs, by, why, from }: Asked & Wish): Promise<string> {
    mustCome(spec.name, startMs, this.#options.clock.now());
    const id = this.#options.newId(spec.name);
    const entries = spec.release.timeline ?? standardTimeline(spec.readiness?.checklist ?? null);
    await this.#options.records.change((state) => {
      mustBeOnly(spec.name, state.values());
      const data = { id, service: spec.name, version, spec, startMs, entries, why, ...(from ? { from } : {}) };
      return [{ kind: 'timeline-planned', actor: by, data }];
    });
    this.#loop.wake();
    return id;
  }

  /** Moves the start, and with it everything that has not been done yet. */
  async move(id: string, startMs: number, asked: Asked): Promise<void> {
    const nowMs = this.#options.clock.now();
    await this.#ask(id, asked, (data) => moving(data, startMs, nowMs));
  }

  /** Nothing of it happens any more. A release that it has started goes on. */
  async cancel(id: string, asked: Asked): Promise<void> {
    await this.#ask(id, asked, cancelling);
  }

  /** Leaves an entry out. */
  async skip(id: string, entry: string, asked: Asked): Promise<void> {
    await this.#ask(id, asked, (data) => skipping(data, entry));
  }

  /** Runs an entry now, also one that was run before. The start: whatever stands against it. */
  async run(id: string, entry: string, asked: Asked): Promise<void> {
    await this.#ask(id, asked, (data) => running(data, entry));
  }

  /** Ends what runs; the next controller begins it again. */
  async stop(): Promise<void> {
    const stopped = this.#loop.stop();
    for (const task of this.#tasks.values()) task.abort();
    await stopped;
  }

  async #ask(id: string, { by, why, from }: Asked, deed: (data: Noted) => Deed): Promise<void> {
    await this.#options.records.change((state) => {
      const planned = state.get(id);
      if (!planned) throw unknownTimeline(id);
      return [{ ...deed({ id, why, ...(from ? { from } : {}) })(planned), actor: by }];
    });
    this.#loop.wake();
  }

  async #look(): Promise<number> {
    try {
      for (const planned of this.#options.records.state.values()) await this.#turn(planned.id);
    } finally {
      this.#callOffTasks();
    }
    return this.#restMs();
  }

  #restMs(): number {
    const nowMs = this.#options.clock.now();
    const open = [...this.#options.records.state.values()].filter((one) => !isOver(one));
    if (open.some(({ state }) => state.kind !== 'planned') || this.#tasks.size > 0) return lookMs;
    return Math.max(0, Math.min(idleMs, ...open.map((planned) => nextDueMs(planned, nowMs) - nowMs)));
  }

  /** What is due is put on record; what is on record and not done is done. */
  async #turn(id: string): Promise<void> {
    const { records, clock } = this.#options;
    const planned = records.state.get(id);
    if (!planned || isOver(planned)) return;
    const actions = actionsOf(planned, clock.now(), this.#started(planned));
    const events = actions.flatMap((action) => eventsOf(id, action));
    // People may have changed it meanwhile: then it is looked at anew.
    if (events.length > 0) await records.change((state) => (state.get(id) === planned ? events : []));
    if (actions.some(({ kind }) => kind === 'start')) await this.#start(id, null);
    for (const entry of records.state.get(id)?.entries ?? []) {
      if (entry.state.kind !== 'running') continue;
      if (entry.does.kind === 'start') await this.#start(id, entry.state.by);
      else this.#begin(id, entry);
    }
  }

  #begin(id: string, entry: PlannedEntry): void {
    const key = `${id}/${entry.id}`;
    const planned = this.#options.records.state.get(id);
    if (this.#tasks.has(key) || !planned || this.#loop.signal.aborted) return;
    const task = new AbortController();
    this.#tasks.set(key, task);
    this.#perform(planned, entry, task.signal)
      .catch((error: unknown) => {
        if (!task.signal.aborted) this.#options.warn(`timeline ${id}, ${entry.id}: ${messageOf(error)}`);
      })
      .finally(() => {
        this.#tasks.delete(key);
        this.#loop.wake();
      });
  }

  async #perform(planned: PlannedRelease, entry: PlannedEntry, signal: AbortSignal): Promise<void> {
    const { ok, detail, run } = await this.#options.deeds(planned, entry, signal);
    if (signal.aborted) return;
    const data = { id: planned.id, entry: entry.id, ok, detail, run };
    await this.#options.records.change((state) => {
      const now = state.get(planned.id)?.entries.find((one) => one.id === entry.id);
      return now?.state.kind === 'running' ? [{ kind: 'timeline-entry-ended', actor: itself, data }] : [];
    });
  }

  /** Tasks whose entry nobody wants any more. */
  #callOffTasks(): void {
    for (const [key, task] of this.#tasks) {
      const [id = '', entry] = key.split('/');
      const state = this.#options.records.state.get(id)?.entries.find((one) => one.id === entry)?.state;
      if (state?.kind !== 'running') task.abort();
    }
  }

  /** Starts the release, or says why it cannot. One that an earlier turn has started and not put on record is found again. */
  async #start(id: string, by: string | null): Promise<void> {
    const { records, controller } = this.#options;
    const planned = records.state.get(id);
    const entry = planned?.entries.find(({ does }) => does.kind === 'start');
    if (!planned || !entry || planned.state.kind === 'started') return;
    const mark = `(timeline ${id})`;
    try {
      const why = `${planned.why === '' ? '' : `${planned.why} `}${mark}`;
      const asked = { spec: planned.spec, version: planned.version, by: by ?? planned.by, why };
      const release = this.#begun(planned.service, mark) ?? (await controller.request(asked));
      await records.change(() => [{ kind: 'timeline-started', actor: by ?? itself, data: { id, entry: entry.id, release } }]);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'E_REFUSED') throw error;
      const detail = error.message;
      const isSaid = planned.state.kind === 'waiting' && planned.state.why === detail && entry.state.kind !== 'running';
      if (!isSaid) await records.change(() => [{ kind: 'timeline-waits', actor: itself, data: { id, detail } }]);
    }
  }

  #begun(service: string, mark: string): string | undefined {
    const state = this.#options.controller.service(service);
    return [state?.live, state?.queued, ...(state?.ended ?? [])].find((release) => release?.why.endsWith(mark))?.id;
  }

  #started({ state }: PlannedRelease): StartedRelease | null {
    if (state.kind !== 'started') return null;
    const phase = this.#options.controller.release(state.release)?.release.phase;
    if (phase?.kind === 'rolling-back') return 'back';
    // One that is not remembered any more ended long ago, and what it has to tell is in the log.
    if (phase?.kind !== 'ended') return 'live';
    return phase.outcome === 'succeeded' ? 'succeeded' : 'back';
  }
}

type Wish = { readonly spec: ServiceSpec; readonly version: string; readonly startMs: number };

function eventsOf(id: string, action: TimelineAction): readonly TimelineRecorded[] {
  switch (action.kind) {
    case 'begin':
      return [{ kind: 'timeline-entry-began', actor: itself, data: { id, entry: action.entry, late: action.late } }];
    case 'miss':
      return [{ kind: 'timeline-entry-missed', actor: itself, data: { id, entry: action.entry, detail: action.detail } }];
    case 'wait':
      return [{ kind: 'timeline-waits', actor: itself, data: { id, detail: action.detail } }];
    case 'end':
      return [{ kind: 'timeline-ended', actor: itself, data: { id, detail: action.detail } }];
    case 'start':
      return [];
  }
}
