import type { IncidentRecorded } from '../../incidents/events.ts';
import type { IncidentsState } from '../../incidents/fold.ts';
import type { Incident } from '../../incidents/types.ts';
import { escalate, following } from '../../notifications/incident-telling.ts';
import { outcomesOf } from '../../notifications/outcomes.ts';
import type { IncidentSetup } from '../../spec/incident-setup.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { MessagesRecorded } from '../notifications/outbox-records.ts';
import { toldEvents } from '../notifications/told.ts';
import { RecordedState } from '../recorded-state.ts';
import type { IncidentsRecorded } from './incident-records.ts';

/** It is looked at least so often: the clock may jump. */
const idleMs = 15_000;

/** Puts events of incidents on record. */
export type ChangeIncidents = (build: (state: IncidentsState, atMs: number) => readonly IncidentRecorded[]) => Promise<void>;

/** Puts events of incidents on record together with what those who were told of them have to hear. */
export function withMessages(
  incidents: IncidentsRecorded,
  messages: MessagesRecorded,
  consoleUrl: string | null,
): ChangeIncidents {
  return (build) =>
    RecordedState.changeBoth(incidents, messages, (state, outbox, atMs) => {
      const events = build(state, atMs);
      const queued = following(state, events, outbox, consoleUrl, atMs);
      const told = outcomesOf(outbox, queued, atMs).flatMap((ended) => toldEvents(state, ended));
      return [[...events, ...told], queued];
    });
}

export type IncidentCallerOptions = {
  /** Caught up, both. */
  readonly records: IncidentsRecorded;
  readonly messages: MessagesRecorded;
  readonly setup: { readonly setup: IncidentSetup; listen(listener: () => void): () => void };
  /** The document of a service that is in force; null: there is none. */
  readonly spec: (service: string) => ServiceSpec | null;
  /** Which incidents nobody is to be called for at a moment: their alerts are silenced, muted or inhibited. */
  readonly quiet: (nowMs: number) => (incident: Incident) => boolean;
  /** Names of receivers that routing tells of an incident at once. */
  readonly channelsOf: (incident: Incident) => readonly string[];
  readonly consoleUrl: string | null;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/** Calls people by the escalation policies of incidents. All timers follow from what is on record. */
export class IncidentCaller {
  readonly #options: IncidentCallerOptions;
  readonly #deaf: readonly (() => void)[];
  readonly #loop: Loop;

  constructor(options: IncidentCallerOptions) {
    this.#options = options;
    const { clock, warn } = options;
    this.#loop = new Loop({ what: 'escalation', turn: () => this.#turn(), clock, warn });
    this.#deaf = [options.records.listen(this.#loop.wake), options.setup.listen(this.#loop.wake)];
  }

  async stop(): Promise<void> {
    for (const deaf of this.#deaf) deaf();
    await this.#loop.stop();
  }

  /** Answers how long there is nothing to do, in milliseconds. */
  async #turn(): Promise<number> {
    const { records, messages, setup, consoleUrl, clock } = this.#options;
    const { policies, people, schedules } = setup.setup;
    if (policies.length === 0 && setup.setup.routing === null) return idleMs;
    const policyOf = (incident: Incident): string | null => this.#policyOf(incident);
    const calling = (nowMs: number) => {
      const isQuiet = this.#options.quiet(nowMs);
      const isHeld = (incident: Incident): boolean => this.#isHeld(incident);
      const { channelsOf } = this.#options;
      return { policies, people, schedules, policyOf, isHeld, isQuiet, channelsOf, consoleUrl };
    };
    const nowMs = clock.now();
    const look = escalate(records.state, messages.state, calling(nowMs), nowMs);
    if (look.incidents.length > 0)
      await RecordedState.changeBoth(records, messages, (state, outbox, atMs) => {
        const told = escalate(state, outbox, calling(atMs), atMs);
        return [told.incidents, told.messages];
      });
    return Math.max(0, Math.min(idleMs, look.nextMs - clock.now()));
  }

  /** The one that routing has named; without routing that of the service, of its owner, `default`, or the only one. */
  #policyOf({ policy, service, openedBy }: Incident): string | null {
    const { policies, routing } = this.#options.setup.setup;
    if (policy !== null || (routing !== null && openedBy === null)) return policy;
    const owner = service === null ? null : (this.#options.spec(service)?.owner ?? null);
    const names = policies.map(({ name }) => name);
    const wanted = [service, owner, 'default'].find((name) => name !== null && names.includes(name));
    return wanted ?? (names.length === 1 ? (names[0] ?? null) : null);
  }

  /** Where the machine is to try first, nobody is called before it says so. */
  #isHeld({ service, response, person }: Incident): boolean {
    if (person !== null) return false;
    return response !== null || ((service === null ? null : this.#options.spec(service))?.incidents?.respond ?? null) !== null;
  }
}
