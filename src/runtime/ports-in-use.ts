import type { ServiceState } from '../release/types.ts';
import type { ServiceSpec } from '../spec/types.ts';
import { type Clock, within } from './clock.ts';
import type { Ports, RouterLimits, ServicePorts } from './ports.ts';

/** Longest wait until a router that was started answers, or one that is ended has gone. */
const openTimeoutMs = 10_000;

type Open = ServicePorts & {
  readonly identity: string;
  readonly limits: string;
  readonly asked: string;
  readonly unsubscribe: () => void;
};

/** The two documents that decide which ports are in use. */
type Documents = { readonly spec: ServiceSpec; readonly liveSpec: ServiceSpec };

/**
 * Router, target and source of one service as they follow from its state. What listens where belongs to the stable version's document
 * and is built anew only while nothing depends on it; what is counted, what the source is asked and how long the lease is belongs to
 * the release under way.
 */
export class PortsInUse {
  readonly #clock: Clock;
  readonly #ports: Ports;
  readonly #signal: AbortSignal;
  readonly #onChange: () => void;
  #open: Open | null = null;
  /** What `#open` was last found right for: it is asked for several times a second, and documents hardly ever change. */
  #openFor: Documents | null = null;
  #opening: Promise<void> | null = null;
  /** Ends when every router that was let go of has gone. The next one of the service may need its place: its address and its folder. */
  #leaving: Promise<void> = Promise.resolve();

  constructor(clock: Clock, ports: Ports, signal: AbortSignal, onChange: () => void) {
    this.#clock = clock;
    this.#ports = ports;
    this.#signal = signal;
    this.#onChange = onChange;
  }

  /** The ports for this state; null before the first release. Starts nothing. */
  current(state: ServiceState): ServicePorts | null {
    const { stable, live } = state;
    const spec = stable?.spec ?? live?.spec;
    if (!spec) return this.#open;
    const liveSpec = live?.spec ?? spec;
    if (this.#open && this.#openFor?.spec === spec && this.#openFor.liveSpec === liveSpec) return this.#open;
    this.#openFor = { spec, liveSpec };
    const limits = routerLimits(liveSpec);
    const identity = JSON.stringify([spec.router, spec.target.kind]);
    const asked = JSON.stringify([liveSpec.source ?? null, liveSpec.release.metricQueries ?? [], limits.edgesMs]);
    const before = this.#open;
    const opening = this.#opening;
    const isSame = before?.identity === identity;
    const isSameRouter = isSame && before.limits === JSON.stringify(limits);
    if (isSameRouter && before.asked === asked) return before;
    if (!isSameRouter) this.#opening = null;
    const target = isSame ? before.target : this.#ports.target(spec);
    const unsubscribe = isSame ? before.unsubscribe : target.onChange(this.#onChange);
    this.#open = {
      router: isSameRouter ? before.router : this.#ports.router(spec, limits),
      target,
      source: before?.asked === asked ? before.source : this.#ports.source(liveSpec, limits.edgesMs),
      identity,
      limits: JSON.stringify(limits),
      asked,
      unsubscribe,
    };
    if (before && !isSame) void this.#dismiss(before, opening).catch(() => {});
    return this.#open;
  }

  /** The ports with the router answering. Opened once, and again after `forget`. */
  async opened(state: ServiceState): Promise<ServicePorts> {
    const ports = this.current(state);
    if (!ports) throw new Error(`${state.name} has no router yet`);
    // Not under the signal of whoever asks first: the others wait for the same opening.
    const opening = (this.#opening ??= this.#leaving.then(() =>
      within(this.#clock, openTimeoutMs, 'opening the router', this.#signal, (inner) => ports.router.open(inner)),
    ));
    try {
      await opening;
      return ports;
    } catch (error) {
      if (this.#opening === opening) this.#opening = null;
      throw error;
    }
  }

  /** The router did not answer: the next one who needs it opens it again. */
  forget(): void {
    this.#opening = null;
  }

  /** Ends the router, because nothing is left behind it. */
  async drop(): Promise<void> {
    const open = this.#open;
    const opening = this.#opening;
    this.#open = null;
    this.#opening = null;
    if (open) await this.#dismiss(open, opening);
  }

  /** Ends the router of a document that nothing needs any more, whoever has started it. */
  async dropLeft(spec: ServiceSpec, token: number): Promise<void> {
    const router = this.#ports.router(spec, routerLimits(spec));
    await within(this.#clock, closeTimeoutMs(router), 'closing the router', this.#signal, async (inner) => {
      // Only whoever holds the token may clear up. One that does not answer may still be starting, and is ended then.
      await router.renewLease(token, inner).catch(() => null);
      await router.close(inner);
    });
  }

  /** Lets go of everything and leaves it running. */
  async release(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    this.#opening = null;
    open?.unsubscribe();
    await open?.target.close();
  }

  #dismiss(open: Open, opening: Promise<void> | null): Promise<void> {
    open.unsubscribe();
    const end = async (): Promise<void> => {
      await open.target.close();
      // What is being started could not be found to be ended.
      await opening?.catch(() => {});
      await within(this.#clock, closeTimeoutMs(open.router), 'closing the router', this.#signal, (inner) =>
        open.router.close(inner),
      );
    };
    const ended = this.#leaving.then(end);
    this.#leaving = ended.catch(() => {});
    return ended;
  }
}

function closeTimeoutMs({ capabilities }: ServicePorts['router']): number {
  return Math.max(openTimeoutMs, capabilities.setRouteMs ?? 0);
}

/** What a release asks its router to count exactly, and to hold: every threshold of its guard and its objectives. */
export function routerLimits(spec: ServiceSpec): RouterLimits {
  const edges = [
    ...spec.release.guard.latency.flatMap(({ maxMs, warnMs = null }) => [maxMs, warnMs]),
    ...spec.objectives.map(({ belowMs }) => belowMs),
  ];
  const edgesMs = [...new Set(edges.filter((edge) => edge !== null))].sort((a, b) => a - b);
  return { edgesMs, leaseMs: spec.release.leaseMs };
}
