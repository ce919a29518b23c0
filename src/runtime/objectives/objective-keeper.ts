import { randomUUID } from 'node:crypto';
import type { Origin } from '../../access/types.ts';
import type { AlertEvent } from '../../alerts/types.ts';
import type { Sample } from '../../analysis/sample.ts';
import { messageOf, UserError } from '../../errors.ts';
import type { ServiceState } from '../../release/types.ts';
import { alertKey, decideAlerts } from '../../slo/alerting.ts';
import { attribute } from '../../slo/attribution.ts';
import { type Correction, concerns, isLeftOut, spansOf } from '../../slo/corrections.ts';
import type { Reading } from '../../slo/evaluate.ts';
import type { Events } from '../../slo/types.ts';
import { slotS } from '../../slo/windows.ts';
import type { EventCheck } from '../../sources/source.ts';
import type { Objective, Plugged, StandaloneObjective } from '../../spec/types.ts';
import type { AlertsRecorded } from '../alerts/alert-records.ts';
import { type Clock, within } from '../clock.ts';
import type { CountStore } from './count-store.ts';
import { EventFeeds, type Group, type ReaderOf } from './event-feeds.ts';
import type { ObjectiveEvent, ObjectivesRecorded } from './objective-records.ts';
import { RunningObjective, rawName } from './running-objective.ts';
import { ServiceFeed } from './service-feed.ts';

/** How long after the end of a slot it is evaluated: its last second is asked for a moment after it has ended. */
const lagMs = 2_000;
/** What ended longer ago says nothing about now: a quiet service is looked at every ten seconds. */
const freshS = 60;
/** How long before an alert of somebody else a release may have done it. */
const reachMs = 3_600_000;
/** Objectives that are evaluated in one go; between two goes others have their turn. */
const atOnce = 500;
/** Longest look at what objectives would count. */
const checkMs = 10_000;
/** Time that a correction may cover, and how many there may be. */
const correctionMaxMs = 92 * 86_400_000;
const correctionsMax = 1_000;

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

/** The objectives of the document in force, and those that only a live release has. */
type Seen = { readonly objectives: readonly Objective[]; readonly more: readonly Objective[] };

/** Who asks for a change, why, and from where; `from` left out: nobody keeps that. */
export type Asked = { readonly by: string; readonly why: string; readonly from?: Origin };

/**
 * All objectives of one controller: counts what happens, slot by slot, judges it every ten seconds, and puts alerts on record. Nothing
 * that releases do waits for it.
 */
export class ObjectiveKeeper {
  readonly #options: ObjectiveKeeperOptions;
  readonly #running = new Map<string, RunningObjective>();
  readonly #byService = new Map<string, RunningObjective[]>();
  readonly #feeds = new Map<string, ServiceFeed>();
  /** The list of objectives that each service was last seen with: a new document has a new one. */
  readonly #seen = new Map<string, Seen>();
  readonly #stopping = new AbortController();
  readonly #events: EventFeeds;
  #loop: Promise<unknown> = Promise.resolve();
  #latenessMs = 0;

  private constructor(options: ObjectiveKeeperOptions) {
    this.#options = options;
    this.#events = new EventFeeds(options.readerOf, options.clock);
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
    return this.#options.store
      .cells(id, Math.ceil(fromMs / 1_000), Math.floor(toMs / 1_000))
      .reduce((all, { bad, total, isLeftOut: out }) => (out ? all : { bad: all.bad + bad, total: all.total + total }), {
        bad: 0,
        total: 0,
      });
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

  /**
   * Leaves time out of the account of an objective, also time that is over.
   *
   * @throws UserError when there is no such objective, or the time is none; `E_LOG_FAILING`.
   */
  async correct(objective: string, fromMs: number, toMs: number, { why, by, from }: Asked): Promise<string> {
    const found = this.#running.get(objective);
    if (!found) throw unknownObjective(objective);
    if (!(toMs > fromMs) || toMs - fromMs > correctionMaxMs)
      throw new UserError('E_BAD_CORRECTION', 'a correction covers some time, at most 92 days', {
        where: 'fromMs, toMs',
        fix: 'give a later end, or several corrections',
      });
    const id = randomUUID().slice(0, 8);
    await this.#options.records.change(({ corrections }) => {
      if (corrections.length >= correctionsMax)
        throw new UserError('E_TOO_MANY', `there are ${correctionsMax} corrections`, {
          where: 'corrections',
          fix: 'remove old ones',
        });
      return [{ kind: 'correction-added', actor: by, data: { id, objective, fromMs, toMs, why, ...(from ? { from } : {}) } }];
    });
    this.#recount(found, fromMs, toMs);
    return id;
  }

  /** Takes a correction back. @throws UserError when there is none; `E_LOG_FAILING`. */
  async uncorrect(objective: string, id: string, { why, by, from }: Asked): Promise<void> {
    const correction = this.corrections.find((one) => one.id === id && concerns(one, objective));
    if (!correction)
      throw new UserError('E_UNKNOWN_CORRECTION', `${objective} has no correction ${id}`, {
        where: 'correction',
        fix: `see \`rampart slo show ${objective}\``,
      });
    await this.#options.records.change(() => [
      { kind: 'correction-removed', actor: by, data: { id, objective: correction.objective, why, ...(from ? { from } : {}) } },
    ]);
    for (const one of this.all) if (concerns(correction, one.id)) this.#recount(one, correction.fromMs, correction.toMs);
  }

  /**
   * Looks at what free-standing objectives would count, before they are put into force: what has to be corrected, and what should be
   * said. A source that cannot be asked now may be able to later.
   */
  async checkEvents(objectives: readonly StandaloneObjective[]): Promise<EventCheck> {
    const found: { problems: string[]; notes: string[] } = { problems: [], notes: [] };
    for (const { source, group } of sourceGroups(objectives)) {
      const asked = group.map((standalone) => ({ id: standaloneId(standalone), objective: standalone.objective }));
      try {
        const reader = this.#options.readerOf({ of: 'slo', source, objectives: asked });
        if (!reader) found.problems.push(`a source of kind ${source.kind} counts no events`);
        else {
          const signal = this.#stopping.signal;
          const { problems, notes } = await within(this.#options.clock, checkMs, 'the source', signal, (inner) =>
            reader.check(inner),
          );
          found.problems.push(...problems);
          found.notes.push(...notes);
        }
      } catch (error) {
        found.notes.push(`what they count could not be looked at: ${messageOf(error)}`);
      }
    }
    return found;
  }

  /** Puts free-standing objectives on record, all of them or none. @throws UserError `E_LOG_FAILING`. */
  async apply(objectives: readonly StandaloneObjective[], { why, by, from }: Asked): Promise<readonly string[]> {
    await this.#options.records.change((state) =>
      objectives.flatMap((standalone): readonly ObjectiveEvent[] => {
        const id = standaloneId(standalone);
        const before = state.objectives.get(id);
        if (before && !before.standalone)
          throw new UserError('E_REFUSED', `${id} is an objective of the service ${before.service}`, {
            where: 'metadata.name',
            fix: 'give it another name',
          });
        if (before?.standalone && JSON.stringify(before.standalone) === JSON.stringify(standalone)) return [];
        const { service, objective } = standalone;
        return [
          { kind: 'objective-set', actor: by, data: { id, service, standalone, objective, why, ...(from ? { from } : {}) } },
        ];
      }),
    );
    this.#restart();
    return objectives.map(standaloneId);
  }

  /** Ends a free-standing objective. @throws UserError when there is none, or a document of a service has it. */
  async remove(id: string, { why, by, from }: Asked): Promise<void> {
    const found = this.#running.get(id);
    if (!found) throw unknownObjective(id);
    if (!found.known.standalone)
      throw new UserError('E_REFUSED', `${id} stands in the document of ${found.known.service}`, {
        where: 'objective',
        fix: 'release a version whose document is without it',
      });
    await this.#options.records.change(() => [
      { kind: 'objective-removed', actor: by, data: { id, why, ...(from ? { from } : {}) } },
    ]);
    this.#restart();
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
    return decideAlerts({
      id,
      name: objective.name,
      service: known.service,
      target: objective,
      reading: this.read(running),
      nowMs,
      open,
      attribute: (windowMs) =>
        attribute(this.#service(known.service), this.byVersion(running, nowMs - windowMs, nowMs), nowMs - windowMs, nowMs),
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
    const events: ObjectiveEvent[] = [];
    const seen: (readonly [string, Seen])[] = [];
    for (const { name, stable, live } of this.#options.services()) {
      const installed = stable ?? live;
      if (!installed) continue;
      const { objectives } = installed.spec;
      // What a release brings is counted from its beginning: its own gates ask for it.
      const more = live ? live.spec.objectives.filter((one) => !objectives.some((known) => known.name === one.name)) : [];
      const before = this.#seen.get(name);
      if (before && before.objectives === objectives && sameNames(before.more, more)) continue;
      seen.push([name, { objectives, more }]);
      events.push(...this.#changes(name, [...objectives, ...more], installed.version));
    }
    if (events.length > 0) await this.#options.records.change(() => events);
    for (const [name, wanted] of seen) this.#seen.set(name, wanted);
    if (events.length > 0 || this.#running.size !== this.#options.records.state.objectives.size) this.#restart();
    else if (seen.length > 0) this.#regroup();
  }

  #changes(service: string, wanted: readonly Objective[], version: string): readonly ObjectiveEvent[] {
    const actor = 'controller';
    const why = `it stands in the document of ${version}`;
    const known = [...this.#options.records.state.objectives.values()].filter(
      (one) => one.service === service && !one.standalone,
    );
    const ids = new Set(wanted.map(({ name }) => `${service}/${name}`));
    const gone = known.filter(({ id }) => !ids.has(id));
    return [
      ...gone.map(
        ({ id }): ObjectiveEvent => ({
          kind: 'objective-removed',
          actor,
          data: { id, why: `the document of ${version} is without it` },
        }),
      ),
      ...wanted.flatMap((objective): readonly ObjectiveEvent[] => {
        const id = `${service}/${objective.name}`;
        const before = this.#options.records.state.objectives.get(id)?.versions[0]?.objective;
        if (before && JSON.stringify(before) === JSON.stringify(objective)) return [];
        return [{ kind: 'objective-set', actor, data: { id, service, standalone: null, objective, why } }];
      }),
    ];
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

function sameNames(a: readonly Objective[], b: readonly Objective[]): boolean {
  return a.length === b.length && a.every(({ name }, index) => name === b[index]?.name);
}

function sourceGroups(objectives: readonly StandaloneObjective[]) {
  const groups = Map.groupBy(
    objectives.filter(({ source }) => source !== null),
    ({ source }) => JSON.stringify(source),
  );
  return [...groups.values()].flatMap((group) => (group[0]?.source ? [{ source: group[0].source, group }] : []));
}

/** Id of a free-standing objective: `slo/NAME`. */
export function standaloneId({ name }: Pick<StandaloneObjective, 'name'>): string {
  return `slo/${name}`;
}

export function unknownObjective(id: string): UserError {
  return new UserError('E_UNKNOWN_OBJECTIVE', `there is no objective ${id}`, {
    where: 'objective',
    fix: 'see `rampart slo` for those there are',
  });
}
