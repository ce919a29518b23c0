import type { Origin } from '../../access/types.ts';
import type { Alert, AlertEvent, AlertsState } from '../../alerts/types.ts';
import { type Answered, asked, opening, unknownIncident, type Verb, type Wanted } from '../../incidents/asked.ts';
import { nextOverdueMs, overdue, takeIn, takeInAll } from '../../incidents/decide.ts';
import type { IncidentRecorded } from '../../incidents/events.ts';
import { type IncidentsState, takeAllIncidents } from '../../incidents/fold.ts';
import type { GroupOf } from '../../incidents/group.ts';
import type { Incident } from '../../incidents/types.ts';
import type { AlertsRecorded } from '../alerts/alert-records.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { ChangeIncidents } from './incident-caller.ts';
import type { IncidentsRecorded } from './incident-records.ts';

/** All alerts are compared with the incidents this often: those that had no room have it by then. */
const lookMs = 15_000;
/** Changed alerts that are kept apart; when there are more, all of them are looked at. */
const newsMax = 10_000;

export type IncidentKeeperOptions = {
  /** Caught up, both. */
  readonly records: IncidentsRecorded;
  readonly alerts: AlertsRecorded;
  readonly groupOf: GroupOf;
  /** Which incidents nobody is to hear of at a moment; left out: everybody may hear of any. */
  readonly quiet?: (nowMs: number) => (incident: Incident) => boolean;
  /** How incidents change. */
  readonly change: ChangeIncidents;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/** Who asks, and why. */
export type Asker = { readonly by: string; readonly why: string; readonly from?: Origin };

/**
 * Every incident of one log: alerts become incidents as soon as they are on record, and what people decide is kept. All of it follows
 * from what is on record, so the next controller goes on with it.
 */
export class IncidentKeeper {
  readonly #options: IncidentKeeperOptions;
  readonly #loop: Loop;
  /** What has changed since the last turn: keys of alerts that are open, and alerts that have ended. */
  readonly #keys = new Set<string>();
  readonly #ended = new Map<string, Alert>();
  #isAll = true;
  #lookedAtMs = 0;

  constructor(options: IncidentKeeperOptions) {
    this.#options = options;
    const { alerts, clock, warn } = options;
    const hears = [() => alerts.listen((events, state) => this.#hear(events, state))];
    this.#loop = new Loop({ what: 'incidents', turn: () => this.#look(), hears, clock, warn });
  }

  /** Newest first: all that are not over, and the last ones that are. */
  get all(): readonly Incident[] {
    return [...this.#options.records.state.incidents.values()].toReversed();
  }

  /** By id; the same object while nothing has changed. */
  get byId(): ReadonlyMap<string, Incident> {
    return this.#options.records.state.incidents;
  }

  /** Id of the incident that an alert belongs to which has not ended; null: to none. */
  incidentOf(alert: string): string | null {
    return this.#options.records.state.alerts.get(alert)?.incident ?? null;
  }

  find(id: string): Incident | undefined {
    return this.#options.records.state.incidents.get(id);
  }

  /**
   * Does what a person asks of an incident. Idempotent: what is so already is said to be so.
   *
   * @throws UserError `E_UNKNOWN_INCIDENT`, and those of `RecordedState.change`.
   */
  async ask(id: string, verb: Verb, asker: Asker): Promise<Answered> {
    return await this.#answer(asker, (state, atMs) => {
      const incident = state.incidents.get(id);
      if (!incident) throw unknownIncident(id);
      return asked(state, incident, verb, { ...asker, atMs });
    });
  }

  /** Opens an incident by hand, or answers the one there is. */
  async open(wanted: Omit<Wanted, 'startedAtMs'> & { readonly startedAtMs?: number }, asker: Asker) {
    return await this.#answer(asker, (state, atMs) => opening(state, { startedAtMs: atMs, ...wanted }, { ...asker, atMs }));
  }

  /** Takes in no more; what is on record stays. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #answer<T extends Answered>({ by }: Asker, answer: (state: IncidentsState, atMs: number) => T): Promise<T> {
    let answered: T | null = null;
    await this.#options.change((state, atMs) => {
      answered = answer(state, atMs);
      return answered.events.map((event) => ({ ...event, actor: by }));
    });
    this.#loop.wake();
    return answered as unknown as T;
  }

  #hear(events: readonly AlertEvent[], { ended }: AlertsState): void {
    for (const { kind, data } of events) {
      if (kind !== 'alert-resolved') this.#keys.add(data.key);
      else {
        this.#keys.delete(data.key);
        const alert = ended.find(({ key }) => key === data.key);
        if (alert) this.#ended.set(alert.id, alert);
      }
    }
    if (this.#keys.size + this.#ended.size > newsMax) this.#forget();
    this.#loop.wake();
  }

  #forget(): void {
    this.#keys.clear();
    this.#ended.clear();
    this.#isAll = true;
  }

  /** Answers how long there is nothing to do, in milliseconds. */
  async #look(): Promise<number> {
    const { clock, records } = this.#options;
    if (clock.now() - this.#lookedAtMs >= lookMs) this.#isAll = true;
    if (this.#isAll || this.#keys.size + this.#ended.size > 0 || nextOverdueMs(records.state) <= clock.now()) await this.#turn();
    return Math.max(0, Math.min(lookMs, nextOverdueMs(records.state) - clock.now()));
  }

  async #turn(): Promise<void> {
    try {
      await this.#change();
    } catch (error) {
      // What of it came on record is not known: all of it is looked at again.
      this.#isAll = true;
      throw error;
    }
  }

  async #change(): Promise<void> {
    const { change, quiet } = this.#options;
    await change((state, atMs) => {
      const events = this.#alerts(state, atMs);
      let asked: ((incident: Incident) => boolean) | undefined;
      const isQuiet = (incident: Incident): boolean => (asked ??= quiet?.(atMs))?.(incident) ?? false;
      const late = overdue(state, atMs, isQuiet);
      if (late.length === 0 || events.length === 0) return [...events, ...late];
      const records = events.map((event) => ({ ...event, at: atMs }));
      return [...events, ...overdue(takeAllIncidents(state, records), atMs, isQuiet)];
    });
  }

  #alerts(state: IncidentsState, atMs: number): readonly IncidentRecorded[] {
    const { alerts, groupOf } = this.#options;
    const news = [...this.#ended.values(), ...[...this.#keys].flatMap((key) => alerts.state.open.get(key) ?? [])];
    const isAll = this.#isAll;
    this.#keys.clear();
    this.#ended.clear();
    this.#isAll = false;
    if (!isAll) return takeIn(state, news, groupOf, atMs);
    this.#lookedAtMs = atMs;
    return takeInAll(state, alerts.state, groupOf, atMs, news);
  }
}
