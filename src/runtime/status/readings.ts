import type { AlertsState } from '../../alerts/types.ts';
import type { ServiceState } from '../../release/types.ts';
import type { ServiceReading } from '../../status/types.ts';
import type { SignalKeeper } from '../signal-keeper.ts';

/** What `Signals` are counted over. */
const spanMs = 60_000;
/** Counts that are older say nothing about now. */
const freshMs = 120_000;

/** What readings are taken from. */
export type ReadingSources = {
  readonly service: (name: string) => ServiceState | undefined;
  readonly signals: Pick<SignalKeeper, 'signals' | 'lastSecond'>;
  readonly alerts: { readonly state: AlertsState };
  /** Whether an objective is about how fast answers come; undefined: there is none of this id. */
  readonly isOfLatency: (objective: string) => boolean | undefined;
};

/** What is known of the users of services at a moment: their last minute, and which objectives somebody is told of. */
export function readingsOf(sources: ReadingSources, services: readonly string[], nowMs: number): readonly ServiceReading[] {
  const firing = [...sources.alerts.state.open.values()].filter(
    ({ state, urgency }) => state === 'firing' && urgency !== 'email',
  );
  return services.map((service) => {
    const state = sources.service(service);
    const lastMs = sources.signals.lastSecond(service) * 1_000;
    const isFresh = lastMs > 0 && nowMs - lastMs < freshMs;
    const signals = isFresh ? sources.signals.signals(service, nowMs) : null;
    const all = signals ? Math.round((signals.requestsPerSecond * spanMs) / 1_000) : 0;
    const own = firing.filter((alert) => alert.service === service && alert.objective !== null);
    const isAbout = (latency: boolean): boolean =>
      own.some(({ objective }) => objective !== null && sources.isOfLatency(objective) === latency);
    const serves = isServing(state);
    // That nothing could answer is known now, also when nobody asks any more.
    const knownAtMs = signals ? Math.min(lastMs, nowMs) : serves === false ? nowMs : null;
    return {
      service,
      requests: signals ? { all, failed: Math.round((signals.errorShare ?? 0) * all), spanMs } : null,
      isServing: serves,
      isSlow: isAbout(true),
      isFailing: isAbout(false),
      knownAtMs,
    };
  });
}

/** Whether some version has an instance that is ready; null: nothing was ever released, or instances are not known. */
function isServing(state: ServiceState | undefined): boolean | null {
  if (!state?.stable) return null;
  const versions = Object.values(state.instances);
  if (versions.every((instances) => instances.length === 0)) return null;
  return versions.some((instances) => instances.some((instance) => instance.state === 'ready'));
}
