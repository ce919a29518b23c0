import { messageOf, UserError } from '../../errors.ts';
import type { ServiceState } from '../../release/types.ts';
import { type Sight, signalAlarms, type Turning } from '../../signals/alarms.ts';
import { assess, type RequestSignals } from '../../signals/assess.ts';
import { signalPolicy } from '../../signals/policy.ts';
import type { SignalPoint } from '../../views/signal-track.ts';
import type { Clock } from '../clock.ts';
import type { SignalKeeper } from '../signal-keeper.ts';
import type { AlertsRecorded } from './alert-records.ts';

/** Requests of this time are looked at: soon enough to be of use, and enough of them to say something. */
const windowS = 20;
/** How often the signals are looked at. */
const lookMs = 5_000;
/** After the log has failed. */
const failedMs = 10_000;

export type SignalWatchOptions = {
  readonly alerts: AlertsRecorded;
  readonly signals: Pick<SignalKeeper, 'points' | 'gauges'>;
  readonly services: () => readonly ServiceState[];
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/**
 * Makes alerts of golden signals that pass their levels, of services whose document says what is done about incidents. How long each has passed it is kept in memory;
 * after a restart each has its time once more.
 */
export class SignalWatch {
  readonly #options: SignalWatchOptions;
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  readonly #turning = new Map<string, Turning>();

  constructor(options: SignalWatchOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, warn } = this.#options;
    const { signal } = this.#stopping;
    let isTold = false;
    for (let waitMs = lookMs; ; ) {
      await clock.after(waitMs, signal);
      if (signal.aborted) return;
      try {
        for (const state of this.#options.services()) await this.#look(state);
        isTold = false;
        waitMs = lookMs;
      } catch (error) {
        if (error instanceof UserError && error.code === 'E_STOPPED') return;
        if (!isTold) warn(`signals are not told of: ${messageOf(error)}`);
        isTold = true;
        waitMs = failedMs;
      }
    }
  }

  async #look(state: ServiceState): Promise<void> {
    const { alerts, clock } = this.#options;
    if ((state.stable ?? state.live)?.spec.incidents?.signals !== true) return;
    const sight = this.#sightOf(state, clock.now());
    const before = this.#turning.get(state.name) ?? new Map();
    const look = signalAlarms(sight, alerts.state.open, before, clock.now());
    if (look.events.length > 0) await alerts.change(({ open }, atMs) => signalAlarms(sight, open, before, atMs).events);
    this.#turning.set(state.name, look.turning);
  }

  #sightOf(state: ServiceState, nowMs: number): Sight {
    const { signals } = this.#options;
    const { name, stable, instances } = state;
    const known = recent(signals.points(name, 10, Math.floor(nowMs / 1_000) - windowS - 10, nowMs), nowMs);
    const all = stable ? (instances[stable.version] ?? []) : [];
    const isDown = stable !== null && all.length > 0 && !all.some(({ state: how }) => how === 'ready');
    const problem = all.find((one) => one.problem !== undefined)?.problem;
    return {
      service: name,
      assessed: assess(known, signals.gauges(name, nowMs), signalPolicy(state)),
      policy: signalPolicy(state),
      requests: known?.requests ?? 0,
      down: isDown ? `no instance of ${stable.version} is ready${problem === undefined ? '' : `: ${problem}`}` : null,
    };
  }
}

/** The requests of the last points; of percentiles the worst. Null: nothing is known of now. */
function recent(points: readonly SignalPoint[], nowMs: number): (RequestSignals & { readonly requests: number }) | null {
  const fresh = points.filter(({ from, seconds }) => from + 10 > nowMs / 1_000 - windowS && seconds > 0);
  const seconds = fresh.reduce((sum, one) => sum + one.seconds, 0);
  if (seconds === 0) return null;
  const requests = fresh.reduce((sum, one) => sum + one.requests, 0);
  const errors = fresh.reduce((sum, one) => sum + one.errors, 0);
  const worst = (name: 'p50' | 'p95' | 'p99'): number | null => {
    const known = fresh.flatMap((one) => one[name] ?? []);
    return known.length === 0 ? null : Math.max(...known);
  };
  return {
    requests,
    requestsPerSecond: requests / seconds,
    errorShare: requests === 0 ? null : errors / requests,
    p50Ms: worst('p50'),
    p95Ms: worst('p95'),
    p99Ms: worst('p99'),
  };
}
