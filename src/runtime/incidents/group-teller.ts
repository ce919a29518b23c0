import { LiveGroups, type LiveInput, type Look } from '../../incidents/routing/live-groups.ts';
import type { EndOfAlert, Silence } from '../../incidents/routing/silences.ts';
import { tellGroups } from '../../notifications/group-telling.ts';
import type { AlertsRecorded } from '../alerts/alert-records.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { MessagesRecorded } from '../notifications/outbox-records.ts';
import type { SetupInForce } from '../notifications/setup-keeper.ts';
import { RecordedState } from '../recorded-state.ts';
import type { GroupsRecorded } from './group-records.ts';
import type { IncidentsRecorded } from './incident-records.ts';

/** It is looked at least so often: the clock may jump. */
const idleMs = 15_000;
/** In a storm alerts come many times in that time, and are looked at together. */
const restMinMs = 50;

export type GroupTellerOptions = {
  /** Caught up, all of them. */
  readonly groups: GroupsRecorded;
  readonly records: IncidentsRecorded;
  readonly messages: MessagesRecorded;
  readonly alerts: AlertsRecorded;
  readonly silences: { readonly all: readonly Silence[]; readonly endOfAlert: EndOfAlert };
  readonly setup: SetupInForce;
  readonly consoleUrl: string | null;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/**
 * Tells the receivers that the routing tree names of groups of alerts, in the times that it gives. What was told is on record in the same
 * append as the messages, so the next controller tells nothing twice and forgets nothing.
 */
export class GroupTeller {
  readonly #options: GroupTellerOptions;
  readonly #live = new LiveGroups();
  readonly #loop: Loop;

  constructor(options: GroupTellerOptions) {
    this.#options = options;
    const { records, alerts, setup, clock, warn } = options;
    const hears = [records, alerts, setup].map((one) => (wake: () => void) => one.listen(wake));
    this.#loop = new Loop({ what: 'groups of alerts', turn: () => this.#turn(), hears, minRestMs: restMinMs, clock, warn });
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Answers how long there is nothing to do, in milliseconds. */
  async #turn(): Promise<number> {
    const { groups, records, messages, consoleUrl, clock } = this.#options;
    const found = this.#live.due(this.#input(), clock.now());
    let looks: readonly Look[] = found.looks;
    const isNews = ({ tellings, ended }: Look): boolean => tellings.length + ended.length > 0;
    // Who is told is asked again when it is put on record: somebody may have taken or ended it meanwhile.
    if (looks.some(isNews))
      await RecordedState.changeThree(groups, records, messages, (_groups, incidents, outbox, atMs) => {
        looks = this.#live.due(this.#input(), atMs).looks;
        const told = tellGroups(looks, incidents, outbox, consoleUrl, atMs);
        return [told.groups, told.incidents, told.messages];
      });
    this.#live.done(looks);
    const nextMs = looks.length > 0 ? this.#live.due(this.#input(), clock.now()).nextMs : found.nextMs;
    return Math.max(0, Math.min(idleMs, nextMs - clock.now()));
  }

  #input(): LiveInput {
    const { groups, records, alerts, silences, setup } = this.#options;
    const { all, endOfAlert } = silences;
    const { routing } = setup.setup;
    return { routing, groups: groups.state, alerts: alerts.state, incidents: records.state, silences: all, endOfAlert };
  }
}
