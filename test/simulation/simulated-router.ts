import { UserError } from '../../src/errors.ts';
import { sameRoute } from '../../src/release/same-route.ts';
import type { Fence, Route, RouteReading } from '../../src/routers/router.ts';
import type { Instances } from './instances.ts';
import type { VirtualTime } from './virtual-time.ts';

export type RouterSurroundings = {
  readonly time: VirtualTime;
  readonly leaseMs: number;
  readonly instances: Instances;
  /** Since when the target answers; null: it does not. */
  readonly targetHeardMs: () => number | null;
  /** A candidate gets more traffic than before: from which weight, and how long that was really in force. */
  readonly onRise: (version: string, weight: number, forMs: number) => void;
  readonly violated: (text: string) => void;
};

/** A router with a lease and a fence, and what was in force for how long. */
export class SimulatedRouter {
  readonly #around: RouterSurroundings;
  /** When the last candidate lost its traffic. */
  safeAtMs: number | null = null;
  #inForceSinceMs = 0;
  readonly #inForceMs = new Map<string, number>();
  readonly #lastWeight = new Map<string, number>();
  #route: RouteReading | null = null;
  #leaseUntilMs = 0;
  #tokenSeen = 0;

  constructor(around: RouterSurroundings) {
    this.#around = around;
  }

  /** What is in force, with the lease applied: the truth that invariants are checked against. */
  get reading(): RouteReading | null {
    const reading = this.#route;
    if (!reading || reading.route.candidate === null || this.#around.time.trueMs <= this.#leaseUntilMs) return reading;
    return {
      ...reading,
      route: { ...reading.route, candidate: null, weight: 0, match: [] },
      lapsed: true,
      appliedAtMs: this.#leaseUntilMs,
    };
  }

  /** How long a candidate really had a weight, in milliseconds. */
  inForceMs(version: string, weight: number): number {
    return this.#inForceMs.get(`${version} ${weight}`) ?? 0;
  }

  setRoute(route: Route, fence: Fence, sentMs: number): void {
    const current = this.#route;
    const refuse = (why: string): never => {
      throw new UserError('E_STALE_FENCE', why, { where: 'simulation', fix: 'stop' });
    };
    if (fence.token < this.#tokenSeen) refuse('an older token');
    if (current && fence.token === current.fence.token && fence.seq < current.fence.seq) refuse('an older sequence');
    if (route.weight < 0 || route.weight > 100) this.#around.violated(`weight ${route.weight} is no percentage`);
    if (current && fence.token === current.fence.token && fence.seq === current.fence.seq && !sameRoute(route, current.route)) {
      if (!current.lapsed) this.#around.violated(`two routes under the sequence number ${fence.seq}`);
    }
    const leaseUntilMs = sentMs + this.#around.leaseMs;
    if (route.candidate && this.#around.time.trueMs > leaseUntilMs)
      throw new UserError('E_ROUTE_REFUSED', 'older than its lease', { where: 'simulation', fix: 'write it again' });
    if (route.candidate) {
      const { version } = route.candidate;
      const isReady = this.#around.instances.isReady(version);
      const readyMs = this.#around.instances.lastReadyMs(version) ?? Number.NEGATIVE_INFINITY;
      // By what was known when it was sent. A controller learns of a crash with its next look; more than that is traffic for nobody. A
      // target that does not answer leaves it with the last word, and the guard, until it has been looked at again.
      const targetHeardMs = this.#around.targetHeardMs();
      if (!isReady && targetHeardMs !== null && sentMs - Math.max(readyMs, targetHeardMs) > 9_000)
        this.#around.violated(`weight ${route.weight} for ${version}, which is not ready`);
      if (route.candidate.endpoints.length === 0)
        throw new UserError('E_ROUTE_REFUSED', 'no endpoint', { where: 'simulation', fix: 'start it' });
    }
    this.#account(route);
    this.#tokenSeen = fence.token;
    this.#route = { route: structuredClone(route), fence, appliedAtMs: this.#around.time.trueMs, lapsed: false };
    this.#leaseUntilMs = leaseUntilMs;
  }

  renew(token: number, sentMs: number): RouteReading | null {
    if (!this.#route) return null;
    if (token < this.#tokenSeen) throw new UserError('E_STALE_FENCE', 'an older token', { where: 'simulation', fix: 'stop' });
    this.#tokenSeen = token;
    const reading = this.reading;
    if (reading && !reading.lapsed) this.#leaseUntilMs = Math.max(this.#leaseUntilMs, sentMs + this.#around.leaseMs);
    else {
      this.#account(reading?.route ?? null);
      this.#route = reading;
    }
    return reading;
  }

  /** Before another route comes into force: how long the last one was. */
  #account(next: Route | null): void {
    const now = this.#around.time.trueMs;
    const last = this.#route?.route ?? null;
    if (last?.candidate) {
      const { version } = last.candidate;
      const endMs = Math.min(now, this.#leaseUntilMs);
      const key = `${version} ${last.weight}`;
      this.#inForceMs.set(key, (this.#inForceMs.get(key) ?? 0) + Math.max(0, endMs - this.#inForceSinceMs));
      if (!next?.candidate) this.safeAtMs = endMs;
    }
    this.#inForceSinceMs = now;
    if (next?.candidate) {
      const { version } = next.candidate;
      const before = this.#lastWeight.get(version) ?? 0;
      if (before > 0 && next.weight > before)
        this.#around.onRise(version, before, this.#inForceMs.get(`${version} ${before}`) ?? 0);
      this.#lastWeight.set(version, next.weight);
    }
  }
}
