import { diagnose } from '../../diagnosis/diagnose.ts';
import { type NarrationStory, noStory, takeStory } from '../../diagnosis/narration/story.ts';
import { messageOf, UserError } from '../../errors.ts';
import type { AfterEvent } from '../../incidents/after-events.ts';
import { type Answered, unknownIncident } from '../../incidents/asked.ts';
import { itself } from '../../incidents/decide.ts';
import { measureIncident } from '../../incidents/impact/measure.ts';
import type { Measure } from '../../incidents/impact/types.ts';
import { learnedOf } from '../../incidents/learning/learn.ts';
import type { Learned } from '../../incidents/learning/types.ts';
import { isLate, type OwedItem } from '../../incidents/open-items.ts';
import { type Review, reviewOf } from '../../incidents/review.ts';
import { editing, type ReviewEdit, type ReviewPlace, settingItem, type WantedItem } from '../../incidents/review-asked.ts';
import { isOver } from '../../incidents/severity.ts';
import type { Incident } from '../../incidents/types.ts';
import type { ServiceState } from '../../release/types.ts';
import type { EventLog, LoggedEvent } from '../../stores/log.ts';
import { postMortem } from '../../views/post-mortem/post-mortem.ts';
import { type LoggedIncident, type LoggedRelease, timelineOf } from '../../views/post-mortem/timeline.ts';
import type { PostMortem, PublicUpdate } from '../../views/post-mortem/types.ts';
import type { SignalPoint } from '../../views/signal-track.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { RunRecord } from '../readiness/readiness-records.ts';
import { recordedIn } from '../record.ts';
import { diagnosisInput, reachMs } from './diagnosing.ts';
import { type Found, foundIn } from './found.ts';
import type { Asker } from './incident-keeper.ts';
import type { IncidentsRecorded } from './incident-records.ts';
import { learnFrom } from './learning.ts';
import { type MeasuringWorld, measureInput, suspectOf } from './measuring.ts';

/** How long after its end an incident is measured: the last seconds are counted a moment later. */
const settleMs = 15_000;
/** And how long after users are not hurt any more: by then it shows what has helped. */
const mitigatedMs = 300_000;
/** How often it is looked whether one has ended. */
const lookMs = 5_000;
/** Ended longer ago, it is not measured any more: its counts are coarse or gone. */
const measuredWithinMs = 86_400_000;
/** Incidents whose post-mortem is looked at for what people wrote of their causes. */
const pastMax = 100;
/** Events of its service around an incident that are looked at. */
const aroundMax = 5_000;
/** Events of a release in a timeline. */
const releaseEventsMax = 5_000;
const pageSize = 500;

export type PostMortemWorld = MeasuringWorld & {
  /** Caught up. */
  readonly records: IncidentsRecorded;
  readonly log: EventLog;
  /** An incident of any age; undefined: there is none. */
  readonly find: (id: string) => Promise<Incident | undefined>;
  /** Its events, oldest first. */
  readonly events: (id: string) => Promise<readonly LoggedEvent[]>;
  /** What the public was told of it, oldest first. */
  readonly updates: (id: string) => Promise<readonly PublicUpdate[]>;
  readonly services: () => readonly ServiceState[];
  readonly runs: (service: string) => readonly RunRecord[];
  /** Minutes of a service since a second (unix). */
  readonly minutes: (service: string, fromS: number) => readonly SignalPoint[];
  /** Base URL of the console, without a slash at the end; null: not known. */
  readonly consoleUrl: string | null;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/**
 * What comes after an incident: it is measured and diagnosed once it has ended, its post-mortem is written from the record whenever
 * somebody asks, and people add what only they can say.
 */
export class PostMortems {
  readonly #world: PostMortemWorld;
  readonly #loop: Loop;
  /** Incidents that were looked at since they ended, or since their beginning was corrected: by which of both that was. */
  readonly #done = new Map<string, string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(world: PostMortemWorld) {
    this.#world = world;
    const { clock, warn } = world;
    const turn = async (): Promise<number> => {
      await this.turn();
      return lookMs;
    };
    this.#loop = new Loop({ what: 'post-mortems', turn, clock, warn });
  }

  /**
   * The post-mortem of an incident, as its record stands. Of one that goes on it is how it stands now.
   *
   * @throws UserError `E_UNKNOWN_INCIDENT`.
   */
  async of(id: string): Promise<PostMortem> {
    const incident = await this.incident(id);
    const records = await this.#records(id);
    const recorded = foundIn(records);
    const found = recorded ?? (await this.#look(incident, records));
    const release = await this.#release(incident);
    const { entries, leftOut } = timelineOf(records, release, this.#urlOf(incident));
    return postMortem({
      incident,
      entries,
      entriesLeftOut: leftOut,
      updates: await this.#world.updates(id),
      measure: found.measure,
      release: found.release,
      causes: found.causes,
      lessons: found.lessons,
      review: reviewOf(records),
      narration: records.reduce(takeStory, noStory).last,
    });
  }

  /**
   * Alerts that would have told of an incident earlier, at what price, each with the test that it becomes.
   *
   * @throws UserError `E_UNKNOWN_INCIDENT`.
   */
  async learned(id: string): Promise<Learned> {
    const incident = await this.incident(id);
    const records = await this.#records(id);
    const { lessons, recorded } = foundIn(records) ?? (await this.#look(incident, records));
    return learnedOf(id, lessons, recorded);
  }

  /**
   * What was narrated of an incident.
   *
   * @throws UserError `E_UNKNOWN_INCIDENT`.
   */
  async narrated(id: string): Promise<NarrationStory> {
    const { narrations, incidents } = this.#world.records.state;
    const known = narrations.stories.get(id);
    if (known || incidents.has(id)) return known ?? noStory;
    await this.incident(id);
    return (await this.#records(id)).reduce(takeStory, noStory);
  }

  /** @throws UserError `E_UNKNOWN_INCIDENT`. */
  async incident(id: string): Promise<Incident> {
    const incident = await this.#world.find(id);
    if (!incident) throw unknownIncident(id);
    return incident;
  }

  /** Writes in the post-mortem. @throws UserError `E_UNKNOWN_INCIDENT`, `E_INPUT`. */
  async edit(id: string, edit: ReviewEdit, asker: Asker): Promise<Answered> {
    return await this.#change(id, asker, (review, place) => editing(review, edit, place));
  }

  /** Sets an action item. @throws UserError `E_UNKNOWN_INCIDENT`, `E_UNKNOWN_ITEM`, `E_INPUT`. */
  async setItem(id: string, item: WantedItem, asker: Asker): Promise<Answered & { readonly item: string }> {
    return await this.#change(id, asker, (review, place) => settingItem(review, item, place));
  }

  /** What was decided to be done after incidents of any age and is not done yet, what is due first at the beginning. */
  async openItems(): Promise<readonly OwedItem[]> {
    const nowMs = this.#world.clock.now();
    const owed: OwedItem[] = [];
    for (const [incident, items] of this.#world.records.state.openItems) {
      const { title, service } = await this.incident(incident);
      for (const item of items) {
        const { id, text, owner, due } = item;
        owed.push({ id, text, owner, due, incident, title, service, isLate: isLate(item, nowMs) });
      }
    }
    return owed.toSorted((a, b) => (a.due < b.due ? -1 : a.due > b.due ? 1 : 0));
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /**
   * Measures what has ended and was not measured since. Counts grow coarse, and the slowest alert of an incident may hold for hours, so it is
   * measured a while after users are not hurt any more, and again at its end where that shows something else. Safe to repeat: what is on
   * record counts.
   */
  async turn(): Promise<void> {
    const { records, clock } = this.#world;
    const nowMs = clock.now();
    for (const incident of records.state.incidents.values()) {
      const { id, state, startedAtMs, startedBy, mitigatedAtMs, resolvedAtMs } = incident;
      const isEnded = isOver(incident);
      const fromMs = isEnded
        ? resolvedAtMs
        : state === 'mitigated' && mitigatedAtMs !== null
          ? mitigatedAtMs + mitigatedMs
          : null;
      if (fromMs === null || nowMs - fromMs < settleMs) continue;
      // A beginning that was corrected later is measured with what is left of the counts: their cells say how exactly.
      if (nowMs - fromMs > measuredWithinMs && startedBy === null) continue;
      const looked = startedBy === null ? `${fromMs}` : `${fromMs} from ${startedAtMs}`;
      if (this.#done.get(id) === looked) continue;
      try {
        const known = await this.#records(id);
        const before = foundIn(known);
        if (!before) await this.#record(incident, known, null);
        else if (isEnded && before.atMs < fromMs && nowMs - fromMs <= measuredWithinMs)
          await this.#record(incident, known, before.measure);
      } catch (error) {
        // The log, or whoever has taken over: nothing can be measured now. Else one incident must not keep the others waiting.
        if (error instanceof UserError) throw error;
        this.#world.warn(`${id} cannot be measured: ${messageOf(error)}`);
      }
      this.#done.set(id, looked);
    }
    for (const id of this.#done.keys()) if (!records.state.incidents.has(id)) this.#done.delete(id);
  }

  async #record(incident: Incident, known: readonly LoggedIncident[], before: Measure | null): Promise<void> {
    const { id } = incident;
    const { measure: counted, release, causes, lessons, recorded } = await this.#look(incident, known);
    const measure = withKeptCounts(counted, known);
    const coarseMs = 2_000 * Math.max(0, ...measure.objectives.map(({ cellS }) => cellS));
    if (before && measure.endedAtMs <= before.endedAtMs + coarseMs) return;
    const events: readonly AfterEvent[] = [
      { kind: 'incident-measured', data: { id, measure, release } },
      { kind: 'incident-diagnosed', data: { id, causes } },
      { kind: 'incident-learned', data: { id, lessons, recorded } },
    ];
    await this.#world.records.change((state) => {
      const now = state.incidents.get(id);
      // Reopened meanwhile: it is measured when it has ended again.
      if (now && now.resolvedAtMs !== incident.resolvedAtMs && now.reopenedAtMs !== incident.reopenedAtMs) return [];
      // Corrected meanwhile: the next turn measures it from there.
      if (now && now.startedBy !== null && now.startedAtMs !== incident.startedAtMs) return [];
      return events.map((event) => ({ ...event, actor: itself }));
    });
  }

  async #look(incident: Incident, known: readonly LoggedIncident[]): Promise<Found> {
    const { services, runs, minutes, clock, records } = this.#world;
    const measure = measureIncident(measureInput(this.#world, incident, clock.now()));
    const { service } = incident;
    const own = services().find(({ name }) => name === service);
    const past = [...records.state.incidents.values()]
      .filter(({ id }) => id !== incident.id)
      .toReversed()
      .slice(0, pastMax);
    const input = diagnosisInput(incident, measure, {
      services: services(),
      runs: service === null ? [] : runs(service),
      events: await this.#around(incident, known),
      minutes: service === null ? [] : minutes(service, Math.floor((measure.startedAtMs - reachMs) / 1_000)),
      signals: (own?.stable ?? own?.live)?.spec.signals,
      past,
      pastCauses: await this.#pastCauses(past),
    });
    const { lessons, recorded } = learnFrom(this.#world.objectives, incident, measure, past);
    return { measure, release: suspectOf(incident, own), causes: diagnose(input), lessons, recorded };
  }

  /** What people wrote of the causes of incidents that were reviewed. */
  async #pastCauses(past: readonly Incident[]): Promise<ReadonlyMap<string, string>> {
    const causes = new Map<string, string>();
    for (const { id } of past.filter(({ state }) => state === 'reviewed').slice(0, 10)) {
      const written = reviewOf(await this.#records(id)).texts.causes?.text;
      if (written !== undefined) causes.set(id, written);
    }
    return causes;
  }

  /** Events of its service from some time before it was known of until it ended. */
  async #around({ service, resolvedAtMs }: Incident, known: readonly LoggedIncident[]): Promise<readonly LoggedEvent[]> {
    const { log } = this.#world;
    const [first, last] = [known[0], known.at(-1)];
    if (service === null || !first || !last) return [];
    const found: LoggedEvent[] = [];
    let seq = Math.max(0, first.seq - aroundMax / 2);
    for (let read = 0; read < aroundMax; read += pageSize) {
      const page = await log.readAll(seq, pageSize);
      found.push(...page.filter(({ stream }) => stream === `service/${service}`));
      seq = page.at(-1)?.seq ?? seq;
      if (page.length < pageSize || seq >= last.seq || (page[0]?.at ?? 0) > (resolvedAtMs ?? Number.POSITIVE_INFINITY)) break;
    }
    return found;
  }

  /** Where an event is to be read by itself. */
  #urlOf({ id, attribution }: Incident): (seq: number, source: 'incident' | 'release') => string | null {
    const { consoleUrl } = this.#world;
    const release = attribution?.release?.id ?? '';
    return (seq, source) => {
      const of = source === 'incident' ? `incidents/${encodeURIComponent(id)}` : `releases/${encodeURIComponent(release)}`;
      return consoleUrl === null ? null : `${consoleUrl}/api/v1/${of}/events?after=${seq - 1}&limit=1`;
    };
  }

  async #release({ attribution }: Incident): Promise<readonly LoggedRelease[]> {
    const id = attribution?.release?.id;
    if (id === undefined) return [];
    const found: LoggedRelease[] = [];
    let after = 0;
    for (let read = 0; read < releaseEventsMax; read += pageSize) {
      const page = await this.#world.log.readRelease(id, after, pageSize);
      for (const logged of page) {
        const { said } = recordedIn(logged);
        if (said !== null) found.push({ seq: logged.seq, at: logged.at, kind: logged.kind, actor: logged.actor, said });
      }
      after = page.at(-1)?.seq ?? after;
      if (page.length < pageSize) break;
    }
    return found;
  }

  async #records(id: string): Promise<readonly LoggedIncident[]> {
    const events = await this.#world.events(id);
    return events.map(({ seq, at, kind, actor, data }) => ({ seq, at, kind, actor, data }) as LoggedIncident);
  }

  async #change<T extends Answered>(
    id: string,
    { by, why, from }: Asker,
    build: (review: Review, place: ReviewPlace) => T,
  ): Promise<T> {
    const { records } = this.#world;
    // One after the other: two who add an item at once would give it the same id.
    const turn = this.#last.then(async () => {
      await this.incident(id);
      const answered = build(reviewOf(await this.#records(id)), { id, why, ...(from ? { from } : {}) });
      if (answered.events.length > 0) await records.change(() => answered.events.map((event) => ({ ...event, actor: by })));
      return answered;
    });
    this.#last = turn.catch(() => {});
    return await turn;
  }
}

/** Where nothing is left of the counts any more, those that were put on record stay, also when its beginning is corrected. */
function withKeptCounts(measure: Measure, known: readonly LoggedIncident[]): Measure {
  const hasCounts = ({ objectives }: Measure): boolean => objectives.some(({ during }) => during.total > 0);
  const last = known.findLast((record) => record.kind === 'incident-measured')?.data.measure;
  if (hasCounts(measure) || !last || !hasCounts(last)) return measure;
  return { ...last, startedAtMs: measure.startedAtMs, start: null };
}
