import { bucketOf, type Counts, type Sample } from '../../src/analysis/sample.ts';
import { UserError } from '../../src/errors.ts';
import { sameRoute } from '../../src/release/same-route.ts';
import { capabilities } from '../../src/routers/builtin/capabilities.ts';
import type { Backend, Fence, Route, RouteReading, SampleQuery, TrafficRouter } from '../../src/routers/router.ts';
import type { HookOutcome, Ports } from '../../src/runtime/ports.ts';
import type { MetricSource } from '../../src/sources/source.ts';
import { replicasOf } from '../../src/spec/replicas.ts';
import type { Hook } from '../../src/spec/types.ts';
import type { EventLog, LoggedEvent } from '../../src/stores/log.ts';
import type { Instance, Workload, WorkloadTarget } from '../../src/targets/target.ts';
import { SimulatedDatabase } from './database.ts';
import { Instances, type Nature } from './instances.ts';
import type { Random } from './random.ts';
import { ServedSeconds } from './served-seconds.ts';
import type { Life, VirtualTime } from './virtual-time.ts';

/**
 * How a door of the world behaves while a fault lasts: `refuses` at once, `hangs` for ever, `deaf` does it and the answer is lost. A
 * router that hung reads what it was sent when it wakes.
 */
export type DoorFault = 'refuses' | 'hangs' | 'deaf';

/** A call of a controller as it begins: what it is about to change. The history judges whether that is on record. */
export type Act =
  | { readonly kind: 'set-route'; readonly route: Route; readonly seq: number }
  | { readonly kind: 'start' | 'retire' | 'restart'; readonly version: string }
  | { readonly kind: 'smoke' }
  | { readonly kind: 'hook'; readonly name: string };

/** A hook that ran, by whom and for what. */
export type HookRun = { readonly name: string; readonly release: string; readonly life: Life; readonly ok: boolean };

/** Longest time that a request is held up on its way. */
const lateMaxMs = 4_000;

/** More calls than this in one second are a loop without a back-off. */
const callsPerSecondMax = 60;

/**
 * The world that the real runtime meets in a simulation: one router with a lease, one target, users, hooks. It outlives every
 * controller. Each call from a controller passes two boundaries, before and after its effect, at which that controller may die.
 */
export class World {
  readonly time: VirtualTime;
  readonly random: Random;
  /** What checklists say: see `drawChecklists`. */
  readonly asking: Random;
  readonly leaseMs: number;
  rps: number;
  #routerFault: DoorFault | null = null;
  /** What the router was sent and has not read yet. */
  #unread: (() => unknown)[] = [];
  #targetFault: DoorFault | null = null;
  /** Since when the target answers. */
  #targetHeardMs = Number.NEGATIVE_INFINITY;
  sourceFault: DoorFault | null = null;
  /** Seconds between two readings of a source that counts, because the router does not; null: the router counts. */
  sourceEveryS: number | null = null;
  logFault: 'full' | 'slow' | null = null;
  /** Share of hook runs that fail. */
  hookFailShare = 0;
  readonly database = new SimulatedDatabase();
  /** Counts boundaries; the history kills the controller when it reaches the chosen one. */
  onBoundary: (life: Life) => void = () => {};
  onAct: (life: Life, act: Act) => void = () => {};
  /** What a controller has just got into the log. */
  onAppended: (events: readonly LoggedEvent[]) => void = () => {};
  /** A version is ended while the router sends requests to it. */
  onRetireInUse: (version: string) => void = () => {};
  /** One of several instances is ended while the router sends requests to it. */
  onEndInUse: (instance: string) => void = () => {};
  /** An instance that works is ended for its restart although another one is not ready. */
  onEndWhileMissing: (instance: string) => void = () => {};
  /** A candidate gets more traffic than before: from which weight, and how long that was really in force. */
  onRise: (version: string, weight: number, forMs: number) => void = () => {};
  violations: string[] = [];
  started: string[] = [];
  hooksRun: HookRun[] = [];
  /** When the last candidate lost its traffic. */
  safeAtMs: number | null = null;
  #inForceSinceMs = 0;
  readonly #inForceMs = new Map<string, number>();
  readonly #lastWeight = new Map<string, number>();
  #calls = { second: 0, count: 0 };
  #route: RouteReading | null = null;
  #leaseUntilMs = 0;
  #tokenSeen = 0;
  readonly #instances: Instances;
  readonly #seconds = new ServedSeconds();
  readonly #firstTrafficMs = new Map<string, number>();

  constructor(time: VirtualTime, random: Random, natures: Map<string, Nature>, leaseMs: number, asking: Random = random) {
    this.time = time;
    this.random = random;
    this.asking = asking;
    this.#instances = new Instances(time, natures);
    this.leaseMs = leaseMs;
    this.rps = 60;
    time.schedule(1_000 - (time.trueMs % 1_000), () => this.#second());
  }

  get targetFault(): DoorFault | null {
    return this.#targetFault;
  }

  set targetFault(fault: DoorFault | null) {
    this.#targetFault = fault;
    if (fault === null) this.#targetHeardMs = this.time.trueMs;
  }

  get routerFault(): DoorFault | null {
    return this.#routerFault;
  }

  set routerFault(fault: DoorFault | null) {
    this.#routerFault = fault;
    const unread = fault === 'hangs' ? [] : this.#unread.splice(0);
    for (const command of unread) {
      try {
        command();
      } catch (error) {
        // Whoever would be told has given up long ago.
        if (!(error instanceof UserError)) throw error;
      }
    }
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
    return this.#instances.versions;
  }

  /** The ports of one controller. After its death every call of it hangs. */
  ports(life: Life): Ports {
    const call = <T>(fault: () => DoorFault | null, what: string, work: () => T, act?: Act): Promise<T> => {
      if (act && !life.dead) this.onAct(life, act);
      return this.#call(life, fault, what, work);
    };
    const router: TrafficRouter = {
      capabilities: { ...capabilities, counts: this.sourceEveryS === null },
      open: () =>
        call(
          () => this.routerFault,
          'open',
          () => undefined,
        ),
      setRoute: (route, fence) => {
        const sentMs = this.time.trueMs;
        return call(
          () => this.routerFault,
          'setRoute',
          () => this.#setRoute(route, fence, sentMs),
          { kind: 'set-route', route, seq: fence.seq },
        );
      },
      readRoute: () =>
        call(
          () => this.routerFault,
          'readRoute',
          () => this.reading,
        ),
      renewLease: (token) => {
        const sentMs = this.time.trueMs;
        return call(
          () => this.routerFault,
          'renewLease',
          () => this.#renew(token, sentMs),
        );
      },
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
      capabilities: { sideBySide: true, restarts: 'one-by-one' },
      ensure: (workload) =>
        call(
          () => this.targetFault,
          'ensure',
          () => this.#ensure(workload),
          this.#instances.has(workload.version) ? undefined : { kind: 'start', version: workload.version },
        ),
      list: () =>
        call(
          () => this.targetFault,
          'list',
          () => this.running.flatMap((version) => this.#instances.told(version)),
        ),
      retire: (_service, version) =>
        call(
          () => this.targetFault,
          'retire',
          () => this.#retire(version),
          { kind: 'retire', version },
        ),
      restart: ({ version }, { instances }) =>
        call(
          () => this.targetFault,
          'restart',
          () => this.#instances.restart(version, instances, (port, name) => this.#restarts(version, port, name)),
          { kind: 'restart', version },
        ),
      onChange: () => () => {},
      close: async () => {},
    };
    return {
      router: () => router,
      source: () => this.#source(call),
      target: () => target,
      workload: ({ spec, version, replicas = replicasOf(spec) }) => ({
        service: spec.name,
        version,
        replicas,
        definition: spec.target.config,
      }),
      runHook: async (hook, environment, _folder, signal) => {
        if (!life.dead) this.onAct(life, { kind: 'hook', name: hook.name });
        await this.#boundary(life);
        const ofDatabase = this.#runOnDatabase(hook, environment.RAMPART_RELEASE ?? '', life, signal);
        if (ofDatabase) return await ofDatabase;
        if (hook.action.kind === 'checklist') return await this.#askChecklist(life);
        const ok = !this.random.chance(this.hookFailShare);
        this.hooksRun.push({ name: hook.name, release: environment.RAMPART_RELEASE ?? '', life, ok });
        await this.time.wait(this.random.between(10, 3_000));
        await this.#boundary(life);
        return { ok, detail: ok ? 'exit code 0' : 'exit code 1' };
      },
      smoke: (instances) =>
        call(
          () => null,
          'smoke',
          () => ({ ok: instances.length > 0, detail: '200' }),
          { kind: 'smoke' },
        ),
      secrets: () => [],
      problems: () => [],
    };
  }

  /** The log as one controller reaches it. */
  log(life: Life, log: EventLog): EventLog {
    return {
      ...log,
      append: async (token, appends) => {
        await this.#boundary(life);
        this.#mustHaveSpace();
        if (this.logFault === 'slow') await this.time.wait(700);
        const results = await log.append(token, appends);
        for (const result of results) if (result.kind === 'appended') this.onAppended(result.events);
        await this.#boundary(life);
        return results;
      },
      writeSnapshot: async (...snapshot) => {
        this.#mustHaveSpace();
        await log.writeSnapshot(...snapshot);
      },
    };
  }

  #mustHaveSpace(): void {
    if (this.logFault === 'full') throw new UserError('E_LOG_FULL', 'no space left', { where: 'log', fix: 'make room' });
  }

  /** A checklist answers, most often that it is ready. */
  async #askChecklist(life: Life): Promise<HookOutcome> {
    await this.time.wait(this.asking.between(10, 3_000));
    await this.#boundary(life);
    const ok = this.asking.chance(0.7);
    return { ok, detail: ok ? 'ready' : `not ready: ${this.asking.pick(['code.tests', 'backups.fresh'])}` };
  }

  /** A program of the database; null when it is none. */
  #runOnDatabase(hook: Hook, release: string, life: Life, signal: AbortSignal): Promise<HookOutcome> | null {
    const { database, random, time } = this;
    const after = async (outcome: HookOutcome): Promise<HookOutcome> => {
      await this.#boundary(life);
      return outcome;
    };
    const asked = database.status(hook);
    if (asked) return after(asked);
    const run = database.runOf(hook, release);
    if (!run) return null;
    const leftOut = database.leftOut(hook);
    if (leftOut) return after(leftOut);
    return (async () => {
      const ok = !random.chance(database.failShare);
      // What is done at once is done also when the program is ended or its controller dies, or when it fails afterwards.
      const isAtOnce = random.chance(0.5);
      if (isAtOnce) database.do(run, life);
      await time.wait(random.between(10, 3_000));
      if (!isAtOnce && ok && !signal.aborted && !life.dead) database.do(run, life);
      return after({ ok, detail: ok ? 'exit code 0' : 'exit code 1' });
    })();
  }

  async #call<T>(life: Life, fault: () => DoorFault | null, what: string, work: () => T): Promise<T> {
    await this.#boundary(life);
    if (this.#isTooMuch(what)) return await new Promise(() => {});
    // Now and then a request is held up on its way, and a newer one arrives before it.
    if (this.random.chance(0.005)) await this.time.wait(this.random.between(200, lateMaxMs));
    if (this.random.chance(0.3)) await this.time.wait(this.random.between(1, 30));
    const before = fault();
    if (before === 'refuses')
      throw new UserError('E_ROUTER_UNREACHABLE', `${what} refused`, { where: 'simulation', fix: 'wait' });
    if (before === 'hangs') {
      if (what === 'setRoute' || what === 'renewLease') this.#unread.push(work);
      return await new Promise(() => {});
    }
    const result = work();
    if (before === 'deaf') return await new Promise(() => {});
    // Now and then an answer takes its time, and arrives when nobody expects it any more.
    if (this.random.chance(0.01)) await this.time.wait(this.random.between(500, 6_000));
    await this.#boundary(life);
    return result;
  }

  #isTooMuch(what: string): boolean {
    const second = Math.floor(this.time.elapsedMs / 1_000);
    if (this.#calls.second !== second) this.#calls = { second, count: 0 };
    this.#calls.count += 1;
    if (this.#calls.count <= callsPerSecondMax) return false;
    this.violations.push(`more than ${callsPerSecondMax} calls in one second, such as ${what}`);
    return true;
  }

  async #boundary(life: Life): Promise<void> {
    if (!life.dead) this.onBoundary(life);
    if (life.dead) await new Promise(() => {});
  }

  #setRoute(route: Route, fence: Fence, sentMs: number): void {
    const current = this.#route;
    const refuse = (why: string): never => {
      throw new UserError('E_STALE_FENCE', why, { where: 'simulation', fix: 'stop' });
    };
    if (fence.token < this.#tokenSeen) refuse('an older token');
    if (current && fence.token === current.fence.token && fence.seq < current.fence.seq) refuse('an older sequence');
    if (route.weight < 0 || route.weight > 100) this.violations.push(`weight ${route.weight} is no percentage`);
    if (current && fence.token === current.fence.token && fence.seq === current.fence.seq && !sameRoute(route, current.route)) {
      if (!current.lapsed) this.violations.push(`two routes under the sequence number ${fence.seq}`);
    }
    const leaseUntilMs = sentMs + this.leaseMs;
    if (route.candidate && this.time.trueMs > leaseUntilMs)
      throw new UserError('E_ROUTE_REFUSED', 'older than its lease', { where: 'simulation', fix: 'write it again' });
    if (route.candidate) {
      const { version } = route.candidate;
      const isReady = this.#instances.isReady(version);
      const readyMs = this.#instances.lastReadyMs(version) ?? Number.NEGATIVE_INFINITY;
      // By what was known when it was sent. A controller learns of a crash with its next look; more than that is traffic for nobody. A
      // target that does not answer leaves it with the last word, and the guard, until it has been looked at again.
      const knowableMs = Math.max(readyMs, this.#targetHeardMs);
      if (!isReady && this.targetFault === null && sentMs - knowableMs > 9_000)
        this.violations.push(`weight ${route.weight} for ${version}, which is not ready`);
      if (route.candidate.endpoints.length === 0)
        throw new UserError('E_ROUTE_REFUSED', 'no endpoint', { where: 'simulation', fix: 'start it' });
    }
    this.#account(route);
    this.#tokenSeen = fence.token;
    this.#route = { route: structuredClone(route), fence, appliedAtMs: this.time.trueMs, lapsed: false };
    this.#leaseUntilMs = leaseUntilMs;
  }

  /** Before another route comes into force: how long the last one was. */
  #account(next: Route | null): void {
    const now = this.time.trueMs;
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
      if (before > 0 && next.weight > before) this.onRise(version, before, this.#inForceMs.get(`${version} ${before}`) ?? 0);
      this.#lastWeight.set(version, next.weight);
    }
  }

  /** How long ago the only instance of a version was last ready. */
  notReadyForMs(version: string): number {
    return this.time.trueMs - (this.#instances.lastReadyMs(version) ?? this.time.trueMs);
  }

  /** How long a candidate really had a weight, in milliseconds. */
  inForceMs(version: string, weight: number): number {
    return this.#inForceMs.get(`${version} ${weight}`) ?? 0;
  }

  /** Exact counts of a version up to and with a second. */
  served(version: string, untilSecond: number): { readonly requests: number; readonly errors: number } {
    return this.#seconds.of(version, untilSecond);
  }

  #retire(version: string): void {
    const route = this.reading?.route;
    const isInUse = route?.stable?.version === version || route?.candidate?.version === version;
    if (isInUse && this.#instances.has(version)) this.onRetireInUse(version);
    this.#instances.end(version);
  }

  #renew(token: number, sentMs: number): RouteReading | null {
    if (!this.#route) return null;
    if (token < this.#tokenSeen) throw new UserError('E_STALE_FENCE', 'an older token', { where: 'simulation', fix: 'stop' });
    this.#tokenSeen = token;
    const reading = this.reading;
    if (reading && !reading.lapsed) this.#leaseUntilMs = Math.max(this.#leaseUntilMs, sentMs + this.leaseMs);
    else {
      this.#account(reading?.route ?? null);
      this.#route = reading;
    }
    return reading;
  }

  #ensure({ version, replicas }: Workload<unknown>): readonly Instance[] {
    if (this.#instances.ensure(version, replicas, (port, name) => this.#ends(port, name))) this.started.push(version);
    return this.#instances.told(version);
  }

  /** One that others can stand in for has no requests when it is started anew, and no other one is missing then. */
  #restarts(version: string, port: number, name: string): void {
    const others = this.#instances.ports(version).filter((one) => one.port !== port);
    if (others.some(({ isUp }) => isUp)) this.#ends(port, name);
    const isSteady = this.#instances.nature(version).crashAfterMs === null;
    if (isSteady && others.some(({ isUp }) => !isUp)) this.onEndWhileMissing(name);
  }

  #ends(port: number, name: string): void {
    const route = this.reading?.route;
    const isIn = (backend: Backend | null | undefined, weight: number): boolean =>
      weight > 0 && (backend?.endpoints.some((endpoint) => endpoint.port === port) ?? false);
    // Also where all requests go to the candidate: when the lease runs out they go to what the route has of stable.
    if (isIn(route?.stable, 100) || isIn(route?.candidate, route?.weight ?? 0)) this.onEndInUse(name);
  }

  /** Instances that exist, of every version, and those that are ready and that requests are sent to. */
  get capacity(): { readonly existing: number; readonly serving: number } {
    const route = this.reading?.route;
    const ports = [route?.stable, route?.candidate].flatMap((backend) => backend?.endpoints.map(({ port }) => port) ?? []);
    const all = this.running.flatMap((version) => this.#instances.ports(version));
    const serving = all.filter(({ port, isUp }) => isUp && ports.includes(port));
    return { existing: all.length, serving: serving.length };
  }

  /** One second of users. */
  #second(): void {
    const second = Math.floor(this.time.trueMs / 1_000) - 1;
    const reading = this.reading;
    const counts = new Map<string, Counts>();
    for (const version of this.running) this.#instances.isReady(version);
    const n = Math.max(0, this.rps + this.random.between(-5, 5));
    let candidates = 0;
    if (reading?.route.candidate)
      for (let i = 0; i < n; i += 1) if (this.random.next() * 100 < reading.route.weight) candidates += 1;
    if (reading?.route.candidate)
      counts.set(reading.route.candidate.version, this.#serve(reading.route.candidate, candidates, second));
    if (reading?.route.stable)
      counts.set(reading.route.stable.version, this.#serve(reading.route.stable, n - candidates, second));
    this.#seconds.add({ second, weight: reading?.route.candidate ? reading.route.weight : 0, counts });
    this.time.schedule(1_000, () => this.#second());
  }

  #serve({ version, endpoints }: Backend, n: number, second: number): Counts {
    const nature = this.#instances.nature(version);
    if (n > 0 && !this.#firstTrafficMs.has(version)) this.#firstTrafficMs.set(version, this.time.trueMs);
    const first = this.#firstTrafficMs.get(version) ?? this.time.trueMs;
    const faulty = this.time.trueMs - first >= nature.faultAfterMs ? nature.errorShare : 0;
    const up = this.#instances.ports(version).flatMap(({ port, isUp }) => (isUp ? [port] : []));
    const served = endpoints.filter(({ port }) => up.includes(port)).length;
    const share =
      served === endpoints.length && served > 0 ? faulty : 1 - (served / Math.max(1, endpoints.length)) * (1 - faulty);
    let errors = 0;
    for (let i = 0; i < n; i += 1) if (this.random.next() < share) errors += 1;
    return {
      n,
      errors,
      classes: errors > 0 ? { status: errors } : {},
      histogram: n > 0 ? [bucketOf(nature.latencyMs), n] : [],
      slower: [nature.latencyMs > 500 ? n : 0],
      ...(errors > 0 ? { firstErrorAtMs: second * 1_000 + 500 } : {}),
    };
  }

  #source(call: <T>(fault: () => DoorFault | null, what: string, work: () => T) => Promise<T>): MetricSource | null {
    const everyS = this.sourceEveryS;
    if (everyS === null) return null;
    const ask = <T>(work: () => T): Promise<T> => call(() => this.sourceFault, 'source', work);
    return {
      capabilities: { counts: true, latency: true, everyS },
      check: () => ask(() => []),
      samples: (query) => ask(() => this.#seconds.readings(query, everyS)),
      recent: (version, seconds) =>
        ask(() => {
          const afterSecond = Math.floor(this.time.trueMs / 1_000) - seconds;
          return this.#seconds.readings({ stable: version, candidate: null, afterSecond, limit: seconds }, everyS);
        }),
    };
  }

  #samples(query: SampleQuery): readonly Sample[] {
    // Now and then it repeats itself.
    return this.#seconds.samples({ ...query, afterSecond: query.afterSecond - (this.random.chance(0.05) ? 3 : 0) });
  }
}
