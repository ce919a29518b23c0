import { bucketOf, type Counts, type Sample } from '../../src/analysis/sample.ts';
import { UserError } from '../../src/errors.ts';
import { sameRoute } from '../../src/release/same-route.ts';
import { capabilities } from '../../src/routers/builtin/capabilities.ts';
import type { Backend, Fence, Route, RouteReading, SampleQuery, TrafficRouter } from '../../src/routers/router.ts';
import type { HookOutcome, Ports } from '../../src/runtime/ports.ts';
import type { MetricSource, SourceQuery } from '../../src/sources/source.ts';
import { replicasOf } from '../../src/spec/replicas.ts';
import type { Hook } from '../../src/spec/types.ts';
import type { EventLog, LoggedEvent } from '../../src/stores/log.ts';
import type { Instance, Workload, WorkloadTarget } from '../../src/targets/target.ts';
import { SimulatedDatabase } from './database.ts';
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

/**
 * How a door of the world behaves while a fault lasts: `refuses` at once, `hangs` for ever, `deaf` does it and the answer is lost. A
 * router that hung reads what it was sent when it wakes.
 */
export type DoorFault = 'refuses' | 'hangs' | 'deaf';

/** A call of a controller as it begins: what it is about to change. The history judges whether that is on record. */
export type Act =
  | { readonly kind: 'set-route'; readonly route: Route; readonly seq: number }
  | { readonly kind: 'start' | 'retire'; readonly version: string }
  | { readonly kind: 'smoke' }
  | { readonly kind: 'hook'; readonly name: string };

/** A hook that ran, by whom and for what. */
export type HookRun = { readonly name: string; readonly release: string; readonly life: Life; readonly ok: boolean };

/** Longest time that a request is held up on its way. */
const lateMaxMs = 4_000;

/** More calls than this in one second are a loop without a back-off. */
const callsPerSecondMax = 60;

type ServedSecond = { readonly second: number; readonly weight: number; readonly counts: Map<string, Counts> };

/** An instance of a version. One that was asked to end takes its time. */
type Process = {
  readonly version: string;
  readonly ordinal: number;
  crashes: number;
  upAgainMs: number;
  endsAtMs: number;
};

/** How long an instance takes to end when there are to be fewer. */
const endingMs = 1_500;

/**
 * The world that the real runtime meets in a simulation: one router with a lease, one target, users, hooks. It outlives every
 * controller. Each call from a controller passes two boundaries, before and after its effect, at which that controller may die.
 */
export class World {
  readonly time: VirtualTime;
  readonly random: Random;
  /** What checklists say: see `drawChecklists`. */
  readonly asking: Random;
  readonly natures: Map<string, Nature>;
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
  readonly #processes = new Map<string, Process>();
  readonly #seconds: ServedSecond[] = [];
  readonly #firstTrafficMs = new Map<string, number>();
  #lastReadyMs = new Map<string, number>();

  constructor(time: VirtualTime, random: Random, natures: Map<string, Nature>, leaseMs: number, asking: Random = random) {
    this.time = time;
    this.random = random;
    this.asking = asking;
    this.natures = natures;
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
    return [...new Set([...this.#processes.values()].map(({ version }) => version))].sort();
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
      capabilities: { sideBySide: true },
      ensure: (workload) =>
        call(
          () => this.targetFault,
          'ensure',
          () => this.#ensure(workload),
          this.#of(workload.version).length > 0 ? undefined : { kind: 'start', version: workload.version },
        ),
      list: () =>
        call(
          () => this.targetFault,
          'list',
          () => this.running.flatMap((version) => this.#instances(version)),
        ),
      retire: (_service, version) =>
        call(
          () => this.targetFault,
          'retire',
          () => this.#retire(version),
          { kind: 'retire', version },
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
      const readyMs = this.#lastReadyMs.get(route.candidate.version) ?? Number.NEGATIVE_INFINITY;
      const isReady = this.#isReady(route.candidate.version);
      // By what was known when it was sent. A controller learns of a crash with its next look; more than that is traffic for nobody. A
      // target that does not answer leaves it with the last word, and the guard, until it has been looked at again.
      const knowableMs = Math.max(readyMs, this.#targetHeardMs);
      if (!isReady && this.targetFault === null && sentMs - knowableMs > 9_000)
        this.violations.push(`weight ${route.weight} for ${route.candidate.version}, which is not ready`);
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
    return this.time.trueMs - (this.#lastReadyMs.get(version) ?? this.time.trueMs);
  }

  /** How long a candidate really had a weight, in milliseconds. */
  inForceMs(version: string, weight: number): number {
    return this.#inForceMs.get(`${version} ${weight}`) ?? 0;
  }

  /** Exact counts of a version up to and with a second. */
  served(version: string, untilSecond: number): { readonly requests: number; readonly errors: number } {
    let requests = 0;
    let errors = 0;
    for (const { second, counts } of this.#seconds) {
      const count = second <= untilSecond ? counts.get(version) : undefined;
      requests += count?.n ?? 0;
      errors += count?.errors ?? 0;
    }
    return { requests, errors };
  }

  #retire(version: string): void {
    const route = this.reading?.route;
    const processes = this.#of(version);
    if (processes.length > 0 && (route?.stable?.version === version || route?.candidate?.version === version))
      this.onRetireInUse(version);
    for (const process of processes) this.#processes.delete(keyOf(process));
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
    const now = this.time.trueMs;
    const known = new Set(this.#of(version).map(({ ordinal }) => ordinal));
    for (const process of this.#of(version))
      if (process.ordinal >= replicas && process.endsAtMs === Number.POSITIVE_INFINITY) this.#endOne(process);
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
      if (known.has(ordinal)) continue;
      const process: Process = { version, ordinal, crashes: 0, upAgainMs: now, endsAtMs: Number.POSITIVE_INFINITY };
      this.#processes.set(keyOf(process), process);
      if (known.size === 0 && ordinal === 0) this.started.push(version);
    }
    return this.#instances(version);
  }

  #endOne(process: Process): void {
    const route = this.reading?.route;
    const port = portOf(process);
    const isIn = (backend: Backend | null | undefined, weight: number): boolean =>
      weight > 0 && (backend?.endpoints.some((endpoint) => endpoint.port === port) ?? false);
    // Also where all requests go to the candidate: when the lease runs out they go to what the route has of stable.
    if (isIn(route?.stable, 100) || isIn(route?.candidate, route?.weight ?? 0)) this.onEndInUse(keyOf(process));
    process.endsAtMs = this.time.trueMs + endingMs;
  }

  /** Instances that exist, of every version, and those that are ready and that requests are sent to. */
  get capacity(): { readonly existing: number; readonly serving: number } {
    const route = this.reading?.route;
    const ports = [route?.stable, route?.candidate].flatMap((backend) => backend?.endpoints.map(({ port }) => port) ?? []);
    const all = this.running.flatMap((version) => this.#of(version));
    const serving = all.filter((process) => this.#isUp(process) && ports.includes(portOf(process)));
    return { existing: all.length, serving: serving.length };
  }

  /** Instances of a version by ordinal, without those that have ended meanwhile. */
  #of(version: string): readonly Process[] {
    const found = [...this.#processes.values()].filter((process) => process.version === version);
    for (const process of found) if (this.time.trueMs >= process.endsAtMs) this.#processes.delete(keyOf(process));
    return found.filter(({ endsAtMs }) => this.time.trueMs < endsAtMs).sort((a, b) => a.ordinal - b.ordinal);
  }

  #instances(version: string): readonly Instance[] {
    return this.#of(version).map((process) => this.#snapshot(process));
  }

  #snapshot(process: Process): Instance {
    this.#crash(process);
    const { version, ordinal, crashes: restarts } = process;
    const endpoint = { host: '127.0.0.1', port: portOf(process) };
    const id = ordinal === 0 ? version : keyOf(process);
    if (process.endsAtMs < Number.POSITIVE_INFINITY) return { id, version, endpoint, state: 'stopping', restarts };
    if (this.time.trueMs < process.upAgainMs)
      return { id, version, endpoint, state: 'crashed', restarts, problem: 'exit code 1' };
    const state = this.#isUp(process) ? 'ready' : 'starting';
    return { id, version, endpoint, state, restarts, ...(restarts > 0 ? { problem: 'exit code 1' } : {}) };
  }

  /** Whether any of its instances is ready. */
  #isReady(version: string): boolean {
    const ready = this.#of(version).filter((process) => this.#isUp(process)).length > 0;
    if (ready) this.#lastReadyMs.set(version, this.time.trueMs);
    return ready;
  }

  #isUp(process: Process): boolean {
    const { readyAfterMs } = this.#nature(process.version);
    this.#crash(process);
    return (
      readyAfterMs !== null &&
      process.endsAtMs === Number.POSITIVE_INFINITY &&
      this.time.trueMs >= process.upAgainMs + (process.crashes > 0 ? 0 : readyAfterMs)
    );
  }

  #crash(process: Process): void {
    const { crashAfterMs } = this.#nature(process.version);
    if (crashAfterMs === null || this.time.trueMs < process.upAgainMs + crashAfterMs) return;
    process.crashes += 1;
    process.upAgainMs = this.time.trueMs + 6_000 * 2 ** Math.min(process.crashes, 3);
  }

  #nature(version: string): Nature {
    return this.natures.get(version) ?? good;
  }

  /** One second of users. */
  #second(): void {
    const second = Math.floor(this.time.trueMs / 1_000) - 1;
    const reading = this.reading;
    const counts = new Map<string, Counts>();
    for (const version of this.running) this.#isReady(version);
    const n = Math.max(0, this.rps + this.random.between(-5, 5));
    let candidates = 0;
    if (reading?.route.candidate)
      for (let i = 0; i < n; i += 1) if (this.random.next() * 100 < reading.route.weight) candidates += 1;
    if (reading?.route.candidate)
      counts.set(reading.route.candidate.version, this.#serve(reading.route.candidate, candidates, second));
    if (reading?.route.stable)
      counts.set(reading.route.stable.version, this.#serve(reading.route.stable, n - candidates, second));
    this.#seconds.push({ second, weight: reading?.route.candidate ? reading.route.weight : 0, counts });
    if (this.#seconds.length > 900) this.#seconds.shift();
    this.time.schedule(1_000, () => this.#second());
  }

  #serve({ version, endpoints }: Backend, n: number, second: number): Counts {
    const nature = this.#nature(version);
    if (n > 0 && !this.#firstTrafficMs.has(version)) this.#firstTrafficMs.set(version, this.time.trueMs);
    const first = this.#firstTrafficMs.get(version) ?? this.time.trueMs;
    const faulty = this.time.trueMs - first >= nature.faultAfterMs ? nature.errorShare : 0;
    const up = this.#of(version).filter((process) => this.#isUp(process));
    const served = endpoints.filter(({ port }) => up.some((process) => portOf(process) === port)).length;
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
      samples: (query) => ask(() => this.#readings(query, everyS)),
      recent: (version, seconds) =>
        ask(() => {
          const afterSecond = Math.floor(this.time.trueMs / 1_000) - seconds;
          return this.#readings({ stable: version, candidate: null, afterSecond, limit: seconds }, everyS);
        }),
    };
  }

  /** Seconds of the router's users, several at once, from multiples of the interval to the next. */
  #readings({ stable, candidate, afterSecond, limit }: SourceQuery, everyS: number): readonly Sample[] {
    const sum = (version: string | null, seconds: readonly ServedSecond[]): Counts | null => {
      if (version === null) return null;
      const all = seconds.flatMap(({ counts }) => counts.get(version) ?? []);
      const total = (of: (counts: Counts) => number): number => all.reduce((whole, counts) => whole + of(counts), 0);
      const errors = total((counts) => counts.errors);
      const buckets = new Map<number, number>();
      for (const { histogram } of all)
        for (let i = 0; i < histogram.length; i += 2)
          buckets.set(histogram[i] ?? 0, (buckets.get(histogram[i] ?? 0) ?? 0) + (histogram[i + 1] ?? 0));
      return {
        n: total((counts) => counts.n),
        errors,
        classes: errors > 0 ? { status: errors } : {},
        histogram: [...buckets].sort(([a], [b]) => a - b).flat(),
        slower: [total((counts) => counts.slower[0] ?? 0)],
      };
    };
    const windows = new Map<number, ServedSecond[]>();
    for (const second of this.#seconds) {
      const window = Math.floor(second.second / everyS);
      windows.set(window, [...(windows.get(window) ?? []), second]);
    }
    return [...windows]
      .map(([window, seconds]) => ({ second: (window + 1) * everyS - 1, seconds }))
      .filter(({ second, seconds }) => seconds.length === everyS && second > afterSecond)
      .slice(0, limit)
      .map(({ second, seconds }) => ({
        second,
        seconds: everyS,
        edgesMs: [500],
        weight: 0,
        stable: sum(stable, seconds),
        candidate: sum(candidate, seconds),
      }));
  }

  #samples(query: SampleQuery): readonly Sample[] {
    // Now and then it repeats itself.
    const afterSecond = query.afterSecond - (this.random.chance(0.05) ? 3 : 0);
    const zero: Counts = { n: 0, errors: 0, classes: {}, histogram: [], slower: [0] };
    return this.#seconds
      .filter(({ second }) => second > afterSecond)
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

function keyOf({ version, ordinal }: Process): string {
  return `${version}/${ordinal}`;
}

function portOf({ version, ordinal }: Process): number {
  return 1_000 + Number(version.split('.')[0]) + 10 * ordinal;
}
