import type { Origin } from '../../access/types.ts';
import type { Alert, AlertEvent, AlertsState } from '../../alerts/types.ts';
import { messageOf, UserError } from '../../errors.ts';
import { type Answered, asked, opening, unknownIncident, type Verb, type Wanted } from '../../incidents/asked.ts';
import { nextOverdueMs, overdue, takeIn, takeInAll } from '../../incidents/decide.ts';
import type { IncidentRecorded } from '../../incidents/events.ts';
import type { IncidentsState } from '../../incidents/fold.ts';
import type { GroupOf } from '../../incidents/group.ts';
import type { Incident } from '../../incidents/types.ts';
import type { AlertsRecorded } from '../alerts/alert-records.ts';
import type { Clock } from '../clock.ts';
import type { ChangeIncidents } from './incident-caller.ts';
import type { IncidentsRecorded } from './incident-records.ts';

/** All alerts are compared with the incidents this often: those that had no room have it by then. */
const lookMs = 15_000;
/** After the log has failed. */
const failedMs = 1_000;
/** Changed alerts that are kept apart; when there are more, all of them are looked at. */
const newsMax = 10_000;

export type IncidentKeeperOptions = {
  /** Caught up, both. */
  readonly records: IncidentsRecorded;
  readonly alerts: AlertsRecorded;
  readonly groupOf: GroupOf;
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
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  readonly #deaf: () => void;
  /** What has changed since the last turn: keys of alerts that are open, and alerts that have ended. */
  readonly #keys = new Set<string>();
  readonly #ended = new Map<string, Alert>();
  #isAll = true;
  #lookedAtMs = 0;
  #wake = new AbortController();
  /** What was said of a failure last, so that it is not said every second. */
  #warned = '';

  constructor(options: IncidentKeeperOptions) {
    this.#options = options;
    this.#deaf = options.alerts.listen((events, state) => this.#hear(events, state));
    this.#loop = this.#run();
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
    this.#stopping.abort();
    this.#deaf();
    await this.#loop;
  }

  async #answer<T extends Answered>({ by }: Asker, answer: (state: IncidentsState, atMs: number) => T): Promise<T> {
    let answered: T | null = null;
    await this.#options.change((state, atMs) => {
      answered = answer(state, atMs);
      return answered.events.map((event) => ({ ...event, actor: by }));
    });
    this.#wake.abort();
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
    this.#wake.abort();
  }

  #forget(): void {
    this.#keys.clear();
    this.#ended.clear();
    this.#isAll = true;
  }

  async #run(): Promise<void> {
    const { clock, warn, records } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      let restMs = lookMs;
      try {
        if (clock.now() - this.#lookedAtMs >= lookMs) this.#isAll = true;
        if (this.#isAll || this.#keys.size + this.#ended.size > 0 || nextOverdueMs(records.state) <= clock.now())
          await this.#turn();
        this.#warned = '';
        restMs = Math.max(0, Math.min(lookMs, nextOverdueMs(records.state) - clock.now()));
      } catch (error) {
        if (error instanceof UserError && error.code === 'E_STOPPED') return;
        // What of it came on record is not known: all of it is looked at again.
        this.#isAll = true;
        const text = `incidents: ${messageOf(error)}`;
        if (text !== this.#warned) warn(text);
        this.#warned = text;
        await clock.after(failedMs, signal);
        continue;
      }
      await clock.after(restMs, AbortSignal.any([this.#wake.signal, signal]));
    }
  }

  async #turn(): Promise<void> {
    await this.#options.change((state, atMs) => [...this.#alerts(state, atMs), ...overdue(state, atMs)]);
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
