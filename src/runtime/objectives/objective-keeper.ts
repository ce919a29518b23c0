import type { AlertEvent } from '../../alerts/types.ts';
import type { Sample } from '../../analysis/sample.ts';
import { messageOf } from '../../errors.ts';
import type { ServiceState } from '../../release/types.ts';
import { alertKey, decideAlerts } from '../../slo/alerting.ts';
import { attribute } from '../../slo/attribution.ts';
import { type Correction, concerns, isLeftOut, spansOf } from '../../slo/corrections.ts';
import type { Reading } from '../../slo/evaluate.ts';
import { sumOf } from '../../slo/events.ts';
import type { Events } from '../../slo/types.ts';
import { slotS } from '../../slo/windows.ts';
import type { Plugged } from '../../spec/types.ts';
import type { AlertsRecorded } from '../alerts/alert-records.ts';
import type { Clock } from '../clock.ts';
import type { Cell, CountStore } from './count-store.ts';
import { changesOf, isSame, type Wanted, wantedOf } from './document-changes.ts';
import { EventFeeds, type Group, type ReaderOf } from './event-feeds.ts';
import { ObjectiveChanges } from './objective-changes.ts';
import type { ObjectiveEvent, ObjectivesRecorded } from './objective-records.ts';
import { RunningObjective, rawName } from './running-objective.ts';
import { ServiceFeed } from './service-feed.ts';

/** How long after the end of a slot it is evaluated: its last second is asked for a moment after it has ended. */
const lagMs = 2_000;
/** What ended longer ago says nothing about now: a quiet service is looked at every ten seconds. */
const freshS = 60;
/** How long before an alert of somebody else a release may have done it. */
const reachMs = 3_600_000;
/** Hours back at which counts grow coarser: inside of these, cells of 5 minutes, 1 minute and 10 seconds are kept. */
const keptHours = [94, 6, 1] as const;
/** Objectives that are evaluated in one go; between two goes others have their turn. */
const atOnce = 500;
export type ObjectiveKeeperOptions = {
  readonly store: CountStore;
  readonly records: ObjectivesRecorded;
  readonly alerts: AlertsRecorded;
  /** Every service as it is now. */
  readonly services: () => readonly ServiceState[];
  readonly service: (name: string) => ServiceState | undefined;
  /** Builds what counts the events that only a source knows; null: its kind cannot. */
  readonly readerOf: ReaderOf;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/**
 * All objectives of one controller: counts what happens, slot by slot, judges it every ten seconds, and puts alerts on record. Nothing
 * that releases do waits for it.
 */
export class ObjectiveKeeper {
  readonly #options: ObjectiveKeeperOptions;
  readonly #running = new Map<string, RunningObjective>();
  readonly #byService = new Map<string, RunningObjective[]>();
  readonly #feeds = new Map<string, ServiceFeed>();
  /** What each service was last seen with. */
  readonly #seen = new Map<string, Wanted>();
  readonly #stopping = new AbortController();
  /** What people change. */
  readonly changes: ObjectiveChanges;
  readonly #events: EventFeeds;
  #loop: Promise<unknown> = Promise.resolve();
  #latenessMs = 0;

  private constructor(options: ObjectiveKeeperOptions) {
    this.#options = options;
    this.#events = new EventFeeds(options.readerOf, options.clock);
    const { records, readerOf, clock } = options;
    this.changes = new ObjectiveChanges({
      records,
      readerOf,
      clock,
      signal: this.#stopping.signal,
      all: () => this.all,
      get: (id) => this.get(id),
      restart: () => this.#restart(),
      recount: (running, fromMs, toMs) => this.#recount(running, fromMs, toMs),
    });
  }

  /** Goes on with what is on record and on the disk. */
  static async open(options: ObjectiveKeeperOptions): Promise<ObjectiveKeeper> {
    const keeper = new ObjectiveKeeper(options);
    await keeper.#sync();
    keeper.#loop = Promise.all([keeper.#run(), keeper.#readEvents()]);
    return keeper;
  }

  /** How late the last evaluation was done, in milliseconds. */
  get latenessMs(): number {
    return this.#latenessMs;
  }

  get all(): readonly RunningObjective[] {
    return [...this.#running.values()];
  }

  get(id: string): RunningObjective | undefined {
    return this.#running.get(id);
  }

  of(service: string): readonly RunningObjective[] {
    return this.#byService.get(service) ?? [];
  }

  get corrections(): readonly Correction[] {
    return this.#options.records.state.corrections;
  }

  get store(): CountStore {
    return this.#options.store;
  }

  nowMs(): number {
    return this.#options.clock.now();
  }

  /** How an objective stands now. */
  read(running: RunningObjective): Reading {
    return running.sums.read(Math.floor(this.nowMs() / 1_000), freshS + 2 * running.everyS);
  }

  /** The last second of a service that was taken in; infinite where it has no objectives, and nobody has to ask for them. */
  lastSecond(service: string): number {
    if (this.of(service).length === 0) return Number.POSITIVE_INFINITY;
    return this.#feed(service).lastSecond;
  }

  /** Counts of a service, oldest first, and whose the sides of the samples are. */
  take(
    service: string,
    samples: readonly Sample[],
    versions: { readonly stable: string | null; readonly candidate: string | null },
  ): void {
    const objectives = this.of(service);
    if (objectives.length === 0) return;
    const slots = this.#feed(service).take(samples, versions);
    for (const slot of slots) for (const one of objectives) one.takeSlot(slot);
  }

  /** What counts of an objective between two moments. */
  between(id: string, fromMs: number, toMs: number): Events {
    if (this.#running.get(id)?.hasNews) this.#flush();
    const cells = this.#options.store.cells(id, Math.ceil(fromMs / 1_000), Math.floor(toMs / 1_000));
    return sumOf(cells.filter(({ isLeftOut: out }) => !out));
  }

  /**
   * What was counted of an objective, oldest first: as fine as it is still known since `fineMs`, and before that as fine as its beginning
   * allows.
   */
  cells({ id, hasNews }: RunningObjective, fromMs: number, fineMs: number, toMs: number): readonly Cell[] {
    if (hasNews) this.#flush();
    const hourS = 3_600;
    const [fromS, toS] = [Math.floor(fromMs / 1_000), Math.ceil(toMs / 1_000)];
    const fineS = Math.max(fromS, Math.floor(fineMs / 1_000 / hourS) * hourS);
    const nowS = Math.ceil(this.nowMs() / 1_000);
    // Cells of a span are as fine as its beginning is kept: what is younger and still kept finer is read apart.
    const finer = keptHours
      .map((hours) => Math.floor((nowS - hours * hourS) / hourS) * hourS)
      .filter((at) => at > fineS && at < toS);
    const begins = [fromS, fineS, ...finer, toS];
    return begins.flatMap((beginS, index) => this.#options.store.cells(id, beginS, begins[index + 1] ?? toS));
  }

  /** All that is known of an objective since a moment, oldest first, each piece as fine as it is still kept. */
  history(running: RunningObjective, fromMs: number): readonly Cell[] {
    const nowS = Math.ceil(this.nowMs() / 1_000);
    if (running.hasNews) this.#flush();
    const begins = [fromMs / 1_000, ...keptHours.map((hours) => nowS - hours * 3_600)]
      .map((second) => Math.floor(second / 3_600) * 3_600)
      .filter((second, index) => index === 0 || second * 1_000 > fromMs);
    return begins.flatMap((fromS, index) => this.#options.store.cells(running.id, fromS, begins[index + 1] ?? nowS));
  }

  /** What each version did to an objective between two moments. Empty: versions cannot be told apart. */
  byVersion(running: RunningObjective, fromMs: number, toMs: number): readonly { version: string; bad: number; total: number }[] {
    if (running.hasNews) this.#flush();
    const name = running.objective.slices ? rawName(running.id) : running.id;
    const sums = new Map<string, { version: string; bad: number; total: number }>();
    const fromS = Math.floor(Math.max(fromMs, running.countedSinceMs) / 1_000);
    for (const { version, bad, total } of this.#options.store.cells(name, fromS, Math.ceil(toMs / 1_000))) {
      if (version === '') continue;
      const sum = sums.get(version) ?? { version, bad: 0, total: 0 };
      sums.set(version, { version, bad: sum.bad + bad, total: sum.total + total });
    }
    return [...sums.values()].sort((a, b) => b.bad - a.bad || b.total - a.total);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    this.#flush();
    this.#options.store.close();
  }

  /** One evaluation of everything. */
  async tick(): Promise<void> {
    // Without a log nothing new begins to be counted, and what is counted goes on.
    await this.#sync().catch((error: unknown) => this.#options.warn(`objectives: ${messageOf(error)}`));
    this.#flush();
    const nowMs = this.nowMs();
    const { open } = this.#options.alerts.state;
    const changed: RunningObjective[] = [];
    let count = 0;
    for (const running of this.#running.values()) {
      count += 1;
      if (count % atOnce === 0) await new Promise((resolve) => setImmediate(resolve));
      const { tiers } = this.read(running);
      if (tiers.some(({ isMet, tier }) => isMet || open.has(alertKey(running.id, tier.name)))) changed.push(running);
    }
    const lost = [...open.values()].filter(
      ({ origin, objective, tier }) =>
        origin === 'objective' && !this.#running.get(objective ?? '')?.sums.policy.some(({ name }) => name === tier),
    );
    const joined = this.#joined(nowMs);
    if (changed.length + lost.length + joined.length === 0) return;
    await this.#options.alerts.change(
      (state) => [
        ...changed.flatMap((running) => this.#alerts(running, nowMs, state.open)),
        ...joined,
        ...lost.map(({ key }): AlertEvent => {
          const said = 'its objective has no such alert any more';
          return { kind: 'alert-resolved', actor: 'controller', data: { key, said } };
        }),
      ],
      () => {},
      true,
    );
  }

  #alerts(running: RunningObjective, nowMs: number, open: Parameters<typeof decideAlerts>[0]['open']): readonly AlertEvent[] {
    const { id, objective, known } = running;
    const reading = this.read(running);
    // The windows of the reading: a slot that is still being counted is in none of them.
    const toMs = reading.endS * 1_000;
    return decideAlerts({
      id,
      name: objective.name,
      service: known.service,
      target: objective,
      reading,
      nowMs,
      open,
      attribute: (windowMs) =>
        attribute(this.#service(known.service), this.byVersion(running, toMs - windowMs, toMs), toMs - windowMs, nowMs),
      wayBack: ({ attribution }) => {
        const release = this.#service(known.service)?.ended.find((one) => one.id === attribution?.release?.id);
        const sinceMs = release?.safeAtMs ?? null;
        return sinceMs === null ? null : { sinceMs, ...this.between(id, sinceMs + slotS * 1_000, nowMs) };
      },
    });
  }

  #sourceOf(service: string | null): Plugged | null {
    const state = this.#service(service);
    return (state?.stable ?? state?.live)?.spec.source ?? null;
  }

  /** Alerts that others have told us of a service of ours, with the release that was in reach when they came. */
  #joined(nowMs: number): readonly AlertEvent[] {
    return [...this.#options.alerts.state.open.values()].flatMap(({ key, said, origin, service, attribution, pendingAtMs }) => {
      const state = origin === 'objective' || attribution ? undefined : this.#service(service);
      if (!state) return [];
      const [first] = this.of(state.name);
      const fromMs = pendingAtMs - reachMs;
      const versions = first ? this.byVersion(first, fromMs, nowMs) : [];
      const found = attribute(state, versions, fromMs, nowMs);
      return [{ kind: 'alert-changed', actor: 'controller', data: { key, said, attribution: found } } satisfies AlertEvent];
    });
  }

  #service(name: string | null): ServiceState | undefined {
    return name === null ? undefined : this.#options.service(name);
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const signal = this.#stopping.signal;
    const everyMs = slotS * 1_000;
    while (!signal.aborted) {
      const now = clock.now();
      const dueMs = Math.floor((now - lagMs) / everyMs) * everyMs + everyMs + lagMs;
      await clock.after(dueMs - now, signal);
      if (signal.aborted) break;
      await this.tick().catch((error: unknown) => this.#options.warn(`objectives: ${messageOf(error)}`));
      this.#latenessMs = clock.now() - dueMs;
    }
  }

  /** Beside the evaluation: a slow source keeps nobody else waiting. */
  async #readEvents(): Promise<void> {
    const signal = this.#stopping.signal;
    while (!signal.aborted) {
      // Each reading is bounded by itself, and others begin meanwhile.
      void this.#events.read(signal);
      await this.#options.clock.after(1_000, signal);
    }
  }

  /** Brings what is on record to what the documents in force say. */
  async #sync(): Promise<void> {
    const { records, services } = this.#options;
    const events: ObjectiveEvent[] = [];
    const seen: (readonly [string, Wanted])[] = [];
    for (const service of services()) {
      const wanted = wantedOf(service);
      const before = this.#seen.get(service.name);
      if (!wanted || (before && isSame(before, wanted))) continue;
      seen.push([service.name, wanted]);
      events.push(...changesOf(records.state, service, wanted));
    }
    if (events.length > 0) await records.change(() => events);
    for (const [name, wanted] of seen) this.#seen.set(name, wanted);
    if (events.length > 0 || this.#running.size !== records.state.objectives.size) this.#restart();
    else if (seen.length > 0) this.#regroup();
  }

  /** Begins to count what is on record and does not run, and ends what runs and is not on record any more. */
  #restart(): void {
    this.#flush();
    const { objectives, corrections } = this.#options.records.state;
    for (const [id] of this.#running) if (!objectives.has(id)) this.#running.delete(id);
    for (const [id, known] of objectives) {
      const before = this.#running.get(id)?.known;
      if (before && before.versions[0] === known.versions[0]) continue;
      this.#running.set(id, new RunningObjective(known, corrections, this.#options.store, this.nowMs()));
    }
    this.#regroup();
    this.#options.store.keep(Math.max(0, ...this.all.map(({ objective }) => objective.windowMs)));
  }

  /** Who counts for whom: the router of a service for its objectives, sources for the others. */
  #regroup(): void {
    this.#byService.clear();
    const groups = new Map<string, Group & { objectives: RunningObjective[] }>();
    for (const one of this.#running.values()) {
      const { service, standalone } = one.known;
      const source = standalone?.source ?? (one.objective.events ? this.#sourceOf(service) : null);
      if (source) {
        const of = standalone ? 'slo' : (service ?? '');
        const key = JSON.stringify([of, source]);
        const group = groups.get(key) ?? { of, source, objectives: [] };
        groups.set(key, group);
        group.objectives.push(one);
      } else if (one.objective.events || service === null) one.notes = ['nothing counts its events: it has no source'];
      else this.#byService.set(service, [...(this.#byService.get(service) ?? []), one]);
    }
    this.#events.use([...groups.values()]);
  }

  /** Counts some of the past anew, after what is left out of it has changed. */
  #recount(running: RunningObjective, fromMs: number, toMs: number): void {
    this.#flush();
    const spans = spansOf(this.corrections.filter((one) => concerns(one, running.id)));
    const [fromS, toS] = [Math.floor(fromMs / 1_000), Math.ceil(toMs / 1_000)];
    this.#options.store.reclassify(running.id, fromS, toS, (atMs) => isLeftOut(spans, atMs));
    const again = new RunningObjective(running.known, this.corrections, this.#options.store, this.nowMs());
    this.#running.set(running.id, again);
    again.notes = running.notes;
    this.#regroup();
  }

  #feed(service: string): ServiceFeed {
    const known = this.#feeds.get(service);
    if (known) return known;
    const feed = new ServiceFeed(this.#options.store.mark(`service/${service}`));
    this.#feeds.set(service, feed);
    return feed;
  }

  #flush(): void {
    const cells = this.all.flatMap((one) => one.news());
    const marks = [...this.#feeds].flatMap(([service, feed]) => {
      const [name, second] = [`service/${service}`, feed.completeSecond];
      return second > this.#options.store.mark(name) ? [{ feed: name, second }] : [];
    });
    this.#options.store.write(cells, marks);
  }
}
