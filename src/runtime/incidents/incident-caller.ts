import type { IncidentRecorded } from '../../incidents/events.ts';
import type { IncidentsState } from '../../incidents/fold.ts';
import { policyNameOf } from '../../incidents/group.ts';
import type { Incident } from '../../incidents/types.ts';
import { endedByHand } from '../../notifications/group-telling.ts';
import { escalate, following } from '../../notifications/incident-telling.ts';
import { outcomesOf } from '../../notifications/outcomes.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { MessagesRecorded } from '../notifications/outbox-records.ts';
import type { SetupInForce } from '../notifications/setup-keeper.ts';
import { toldEvents } from '../notifications/told.ts';
import { RecordedState } from '../recorded-state.ts';
import { recordFollowing } from '../what-follows.ts';
import type { GroupsRecorded } from './group-records.ts';
import type { IncidentsRecorded } from './incident-records.ts';

/** It is looked at least so often: the clock may jump. */
const idleMs = 15_000;

/** Puts events of incidents on record. */
export type ChangeIncidents = (build: (state: IncidentsState, atMs: number) => readonly IncidentRecorded[]) => Promise<void>;

/** Puts events of incidents on record together with what those who were told of them have to hear. */
export function withMessages(
  incidents: IncidentsRecorded,
  messages: MessagesRecorded,
  groups: GroupsRecorded,
  consoleUrl: string | null,
): ChangeIncidents {
  return (build) =>
    RecordedState.changeThree(incidents, messages, groups, (state, outbox, known, atMs) => {
      const events = build(state, atMs);
      const queued = following(state, events, outbox, consoleUrl, atMs);
      const told = outcomesOf(outbox, queued, atMs).flatMap((ended) => toldEvents(state, outbox, ended));
      return [[...events, ...told], queued, endedByHand(known, events)];
    });
}

export type IncidentCallerOptions = {
  /** Caught up, both. */
  readonly records: IncidentsRecorded;
  readonly messages: MessagesRecorded;
  readonly setup: SetupInForce;
  /** The document of a service that is in force; null: there is none. */
  readonly spec: (service: string) => ServiceSpec | null;
  /** Which incidents nobody is to be called for at a moment: their alerts are silenced, muted or inhibited. */
  readonly quiet: (nowMs: number) => (incident: Incident) => boolean;
  readonly consoleUrl: string | null;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/** Calls people by the escalation policies of incidents. All timers follow from what is on record. */
export class IncidentCaller {
  readonly #options: IncidentCallerOptions;
  readonly #loop: Loop;

  constructor(options: IncidentCallerOptions) {
    this.#options = options;
    const { records, setup, clock, warn } = options;
    const hears = [records, setup].map((one) => (wake: () => void) => one.listen(wake));
    this.#loop = new Loop({ what: 'escalation', turn: () => this.#turn(), hears, clock, warn });
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Answers how long there is nothing to do, in milliseconds. */
  async #turn(): Promise<number> {
    const { records, messages, setup, consoleUrl, clock } = this.#options;
    const { policies, people, schedules } = setup.setup;
    // Without policies only those are called who were begun to be.
    const isCalling = ({ escalation, state }: Incident): boolean => escalation !== null && state !== 'resolved';
    if (policies.length === 0 && ![...records.state.incidents.values()].some(isCalling)) return idleMs;
    const policyOf = (incident: Incident): string | null => this.#policyOf(incident);
    const calling = (nowMs: number) => {
      const isQuiet = this.#options.quiet(nowMs);
      const isHeld = (incident: Incident): boolean => this.#isHeld(incident);
      return { policies, people, schedules, policyOf, isHeld, isQuiet, consoleUrl };
    };
    const nextMs = await recordFollowing(records, messages, clock, (state, outbox, atMs) => {
      const told = escalate(state, outbox, calling(atMs), atMs);
      return { events: [told.incidents, told.messages], nextMs: told.nextMs };
    });
    return Math.max(0, Math.min(idleMs, nextMs - clock.now()));
  }

  #policyOf(incident: Incident): string | null {
    const { service } = incident;
    const owner = service === null ? null : (this.#options.spec(service)?.owner ?? null);
    return policyNameOf(incident, this.#options.setup.setup, owner);
  }

  /** Where the machine is to try first, nobody is called before it says so. */
  #isHeld({ service, response, person }: Incident): boolean {
    if (person !== null) return false;
    return response !== null || ((service === null ? null : this.#options.spec(service))?.incidents?.respond ?? null) !== null;
  }
}
