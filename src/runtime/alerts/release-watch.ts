import { setImmediate as afterThis } from 'node:timers/promises';
import { releaseAlarms } from '../../alerts/release-alarms.ts';
import type { ServiceState } from '../../release/types.ts';
import type { Clock } from '../clock.ts';
import { Loop } from '../loop.ts';
import type { PublishingLog } from '../publishing-log.ts';
import type { AlertsRecorded } from './alert-records.ts';

/** All services are looked at this often, whatever was heard of them. */
const lookMs = 5_000;
const servicePrefix = 'service/';

export type ReleaseWatchOptions = {
  readonly log: Pick<PublishingLog, 'subscribe'>;
  readonly alerts: AlertsRecorded;
  readonly services: () => readonly ServiceState[];
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/**
 * Makes alerts of releases that go back, of services whose document says what is done about incidents. It follows from how releases stand,
 * so what happened while nobody looked comes on record with the next look.
 */
export class ReleaseWatch {
  readonly #options: ReleaseWatchOptions;
  readonly #loop: Loop;
  readonly #changed = new Set<string>();
  #allAtMs = 0;

  constructor(options: ReleaseWatchOptions) {
    this.#options = options;
    const { log, clock, warn } = options;
    const hear = (wake: () => void) =>
      log.subscribe((events) => {
        for (const { stream } of events)
          if (stream.startsWith(servicePrefix)) this.#changed.add(stream.slice(servicePrefix.length));
        if (this.#changed.size > 0) wake();
      });
    this.#loop = new Loop({ what: 'alerts of releases', turn: () => this.#turn(), hears: [hear], clock, warn });
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #turn(): Promise<number> {
    const { services, clock } = this.#options;
    // Who listens to the log is called before the controller has acted on it.
    await afterThis();
    const isAll = clock.now() - this.#allAtMs >= lookMs;
    const changed = new Set(this.#changed);
    this.#changed.clear();
    for (const state of services()) if (isAll || changed.has(state.name)) await this.#look(state);
    if (isAll) this.#allAtMs = clock.now();
    return lookMs;
  }

  async #look(state: ServiceState): Promise<void> {
    const { alerts, clock } = this.#options;
    if ((state.stable ?? state.live)?.spec.incidents?.releases !== true) return;
    if (releaseAlarms(state, alerts.state, clock.now()).length === 0) return;
    await alerts.change((known, atMs) => releaseAlarms(state, known, atMs));
  }
}
