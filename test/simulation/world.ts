import { bucketOf, type Counts, type Sample } from '../../src/analysis/sample.ts';
import { UserError } from '../../src/errors.ts';
import type { Fence, Route, RouteReading, SampleQuery, TrafficRouter } from '../../src/routers/router.ts';
import type { Ports } from '../../src/runtime/ports.ts';
import type { EventLog } from '../../src/stores/log.ts';
import type { Instance, Workload, WorkloadTarget } from '../../src/targets/target.ts';
import type { Random } from './random.ts';
import type { Life, VirtualTime } from './virtual-time.ts';

/** What a simulated version is like. Times are milliseconds after its start, or after its first traffic where said so. */
export type Nature = {
  readonly readyAfterMs: number | null;
  readonly crashAfterMs: number | null;
  /** Share of its requests that fail, from `faultAfterMs` after its first request on. */
  readonly errorShare: number;
  readonly faultAfterMs: number;
  readonly latencyMs: number;
};

export const good: Nature = { readyAfterMs: 800, crashAfterMs: null, errorShare: 0.001, faultAfterMs: 0, latencyMs: 10 };

/** How a door of the world behaves while a fault lasts: `refuses` at once, `hangs` for ever, `deaf` does it and the answer is lost. */
export type DoorFault = 'refuses' | 'hangs' | 'deaf';

type Process = { readonly version: string; readonly startedMs: number; crashes: number; upAgainMs: number };

/**
 * The world that the real runtime meets in a simulation: one router with a lease, one target, users, hooks. It outlives every
 * controller. Each call from a controller passes two boundaries, before and after its effect, at which that controller may die.
 */
export class World {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly natures: Map<string, Nature>;
  readonly leaseMs: number;
  rps: number;
  routerFault: DoorFault | null = null;
  targetFault: DoorFault | null = null;
  logFault: 'full' | 'slow' | null = null;
  hookFails = false;
  /** Counts boundaries; the history kills the controller when it reaches the chosen one. */
  onBoundary: (life: Life) => void = () => {};
  violations: string[] = [];
  started: string[] = [];
  hooksRun: string[] = [];
  requests = { good: 0, failed: 0 };
  #route: RouteReading | null = null;
  #leaseUntilMs = 0;
  readonly #processes = new Map<string, Process>();
  readonly #seconds: { second: number; weight: number; counts: Map<string, Counts> }[] = [];
  readonly #firstTrafficMs = new Map<string, number>();
  #lastReadyMs = new Map<string, number>();

  constructor(time: VirtualTime, random: Random, natures: Map<string, Nature>, leaseMs: number) {
    this.time = time;
    this.random = random;
    this.natures = natures;
    this.leaseMs = leaseMs;
    this.rps = 60;
    time.schedule(1_000 - (time.trueMs % 1_000), () => this.#second());
  }

  /** What is in force, with the lease applied: the truth that invariants are checked against. */
  get reading(): RouteReading | null {
    const reading = this.#route;
    if (!reading || reading.route.candidate === null || this.time.trueMs <= this.#leaseUntilMs) return reading;
    return {
      ...reading,
      route: { ...reading.route, candidate: null, weight: 0, match: [] },
      lapsed: true,
      appliedAtMs: this.#leaseUntilMs,
    };
  }

  get running(): readonly string[] {
    return [...this.#processes.keys()].sort();
  }

  /** The ports of one controller. After its death every call of it hangs. */
  ports(life: Life): Ports {
    const call = <T>(fault: () => DoorFault | null, what: string, work: () => T): Promise<T> =>
      this.#call(life, fault, what, work);
    const router: TrafficRouter = {
      capabilities: { weightStepPercent: 0.01, match: true, lease: true, counts: true },
      open: () =>
        call(
          () => this.routerFault,
          'open',
          () => undefined,
        ),
      setRoute: (route, fence) =>
        call(
          () => this.routerFault,
          'setRoute',
          () => this.#setRoute(route, fence),
        ),
      readRoute: () =>
        call(
          () => this.routerFault,
          'readRoute',
          () => this.reading,
        ),
      renewLease: (token) =>
        call(
          () => this.routerFault,
          'renewLease',
          () => this.#renew(token),
        ),
      samples: (query) =>
        call(
          () => this.routerFault,
          'samples',
          () => this.#samples(query),
        ),
      close: () =>
        call(
          () => null,
          'close',
          () => undefined,
        ),
    };
    const target: WorkloadTarget<unknown> = {
      capabilities: { sideBySide: true },
      ensure: (workload) =>
        call(
          () => this.targetFault,
          'ensure',
          () => this.#ensure(workload),
        ),
      list: () =>
        call(
          () => this.targetFault,
          'list',
          () => this.running.map((version) => this.#instance(version)),
        ),
      retire: (_service, version) =>
        call(
          () => this.targetFault,
          'retire',
          () => void this.#processes.delete(version),
        ),
      onChange: () => () => {},
      close: async () => {},
    };
    return {
      router: () => router,
      target: () => target,
      workload: (spec, version) => ({ service: spec.name, version, replicas: 1, definition: spec.target.config }),
      runHook: (hook) =>
        call(
          () => null,
          'hook',
          () => {
            this.hooksRun.push(hook.name);
            return { ok: !this.hookFails, detail: this.hookFails ? 'exit code 1' : 'exit code 0' };
          },
        ),
      smoke: (instances) =>
        call(
          () => null,
          'smoke',
          () => ({ ok: instances.length > 0, detail: '200' }),
        ),
      problems: () => [],
    };
  }

  /** The log as one controller reaches it. */
  log(life: Life, log: EventLog): EventLog {
    return {
      ...log,
      append: async (token, appends) => {
        await this.#boundary(life);
        if (this.logFault === 'full') throw new UserError('E_LOG_FULL', 'no space left', { where: 'log', fix: 'make room' });
        if (this.logFault === 'slow') await this.time.wait(700);
        const results = await log.append(token, appends);
        await this.#boundary(life);
        return results;
      },
    };
  }

  async #call<T>(life: Life, fault: () => DoorFault | null, what: string, work: () => T): Promise<T> {
    await this.#boundary(life);
    if (this.random.chance(0.3)) await this.time.wait(this.random.between(1, 30));
    const before = fault();
    if (before === 'refuses')
      throw new UserError('E_ROUTER_UNREACHABLE', `${what} refused`, { where: 'simulation', fix: 'wait' });
    if (before === 'hangs') return await new Promise(() => {});
    const result = work();
    if (before === 'deaf') return await new Promise(() => {});
    // Now and then an answer takes its time, and arrives when nobody expects it any more.
    if (this.random.chance(0.01)) await this.time.wait(this.random.between(500, 6_000));
    await this.#boundary(life);
    return result;
  }

  async #boundary(life: Life): Promise<void> {
    if (!life.dead) this.onBoundary(life);
    if (life.dead) await new Promise(() => {});
  }

  #setRoute(route: Route, fence: Fence): void {
    const current = this.#route;
    const refuse = (why: string): never => {
      throw new UserError('E_STALE_FENCE', why, { where: 'simulation', fix: 'stop' });
    };
    if (current && fence.token < current.fence.token) refuse('an older token');
    if (current && fence.token === current.fence.token && fence.seq < current.fence.seq) refuse('an older sequence');
    if (route.weight < 0 || route.weight > 100) this.violations.push(`weight ${route.weight} is no percentage`);
    if (route.candidate) {
      const readyMs = this.#lastReadyMs.get(route.candidate.version) ?? Number.NEGATIVE_INFINITY;
      const isReady = this.#isReady(route.candidate.version);
      // A controller learns of a crash with its next look; more than that is traffic for nobody.
      if (!isReady && this.time.trueMs - readyMs > 9_000)
        this.violations.push(`weight ${route.weight} for ${route.candidate.version}, which is not ready`);
      if (route.candidate.endpoints.length === 0)
        throw new UserError('E_ROUTE_REFUSED', 'no endpoint', { where: 'simulation', fix: 'start it' });
    }
    this.#route = { route: structuredClone(route), fence, appliedAtMs: this.time.trueMs, lapsed: false };
    this.#leaseUntilMs = this.time.trueMs + this.leaseMs;
  }

  #renew(token: number): RouteReading | null {
    if (!this.#route) return null;
    if (token < this.#route.fence.token)
      throw new UserError('E_STALE_FENCE', 'an older token', { where: 'simulation', fix: 'stop' });
    const reading = this.reading;
    if (reading && !reading.lapsed) this.#leaseUntilMs = this.time.trueMs + this.leaseMs;
    else this.#route = reading;
    return reading;
  }

  #ensure(workload: Workload<unknown>): readonly Instance[] {
    const { version } = workload;
    if (!this.#processes.has(version)) {
      this.#processes.set(version, { version, startedMs: this.time.trueMs, crashes: 0, upAgainMs: this.time.trueMs });
      this.started.push(version);
    }
    return [this.#instance(version)];
  }

  #instance(version: string): Instance {
    this.#crash(version);
    const process = this.#processes.get(version);
    const endpoint = { host: '127.0.0.1', port: 1_000 + Number(version.split('.')[0]) };
    const restarts = process?.crashes ?? 0;
    if (process && this.time.trueMs < process.upAgainMs)
      return { id: version, version, endpoint, state: 'crashed', restarts, problem: 'exit code 1' };
    const state = this.#isReady(version) ? 'ready' : 'starting';
    return { id: version, version, endpoint, state, restarts, ...(restarts > 0 ? { problem: 'exit code 1' } : {}) };
  }

  #isReady(version: string): boolean {
    const process = this.#processes.get(version);
    const { readyAfterMs } = this.#nature(version);
    this.#crash(version);
    const ready =
      process !== undefined &&
      readyAfterMs !== null &&
      this.time.trueMs >= process.upAgainMs + (process.crashes > 0 ? 0 : readyAfterMs);
    if (ready) this.#lastReadyMs.set(version, this.time.trueMs);
    return ready;
  }

  #crash(version: string): void {
    const process = this.#processes.get(version);
    const { crashAfterMs } = this.#nature(version);
    if (!process || crashAfterMs === null || this.time.trueMs < process.upAgainMs + crashAfterMs) return;
    process.crashes += 1;
    process.upAgainMs = this.time.trueMs + 1_000 * 2 ** Math.min(process.crashes, 5);
  }

  #nature(version: string): Nature {
    return this.natures.get(version) ?? good;
  }

  /** One second of users. */
  #second(): void {
    const second = Math.floor(this.time.trueMs / 1_000) - 1;
    const reading = this.reading;
    const counts = new Map<string, Counts>();
    const n = Math.max(0, this.rps + this.random.between(-5, 5));
    let candidates = 0;
    if (reading?.route.candidate)
      for (let i = 0; i < n; i += 1) if (this.random.next() * 100 < reading.route.weight) candidates += 1;
    if (reading?.route.candidate)
      counts.set(reading.route.candidate.version, this.#serve(reading.route.candidate.version, candidates, second));
    if (reading?.route.stable)
      counts.set(reading.route.stable.version, this.#serve(reading.route.stable.version, n - candidates, second));
    this.#seconds.push({ second, weight: reading?.route.candidate ? reading.route.weight : 0, counts });
    if (this.#seconds.length > 900) this.#seconds.shift();
    this.time.schedule(1_000, () => this.#second());
  }

  #serve(version: string, n: number, second: number): Counts {
    const nature = this.#nature(version);
    if (n > 0 && !this.#firstTrafficMs.has(version)) this.#firstTrafficMs.set(version, this.time.trueMs);
    const first = this.#firstTrafficMs.get(version) ?? this.time.trueMs;
    const share = !this.#isReady(version) ? 1 : this.time.trueMs - first >= nature.faultAfterMs ? nature.errorShare : 0;
    let errors = 0;
    for (let i = 0; i < n; i += 1) if (this.random.next() < share) errors += 1;
    this.requests.failed += errors;
    this.requests.good += n - errors;
    return {
      n,
      errors,
      classes: errors > 0 ? { status: errors } : {},
      histogram: n > 0 ? [bucketOf(nature.latencyMs), n] : [],
      slower: [nature.latencyMs > 500 ? n : 0],
      ...(errors > 0 ? { firstErrorAtMs: second * 1_000 + 500 } : {}),
    };
  }

  #samples(query: SampleQuery): readonly Sample[] {
    const zero: Counts = { n: 0, errors: 0, classes: {}, histogram: [], slower: [0] };
    return this.#seconds
      .filter(({ second }) => second > query.afterSecond)
      .slice(0, query.limit)
      .map(({ second, weight, counts }) => ({
        second,
        edgesMs: [500],
        weight,
        stable: query.stable === null ? null : (counts.get(query.stable) ?? zero),
        candidate: query.candidate === null ? null : (counts.get(query.candidate) ?? zero),
      }));
  }
}
