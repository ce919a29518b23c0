import type { Sample } from '../../src/analysis/sample.ts';
import { UserError } from '../../src/errors.ts';
import { capabilities } from '../../src/routers/builtin/capabilities.ts';
import type { Backend, Route, RouteReading, SampleQuery, TrafficRouter } from '../../src/routers/router.ts';
import type { HookOutcome, Ports } from '../../src/runtime/ports.ts';
import type { MetricSource } from '../../src/sources/source.ts';
import { replicasOf } from '../../src/spec/replicas.ts';
import type { Hook } from '../../src/spec/types.ts';
import type { EventLog, LoggedEvent } from '../../src/stores/log.ts';
import type { Instance, Workload, WorkloadTarget } from '../../src/targets/target.ts';
import { SimulatedDatabase } from './database.ts';
import { Instances, type Nature } from './instances.ts';
import type { Random } from './random.ts';
import { SimulatedRouter } from './simulated-router.ts';
import { Users } from './users.ts';
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
  #calls = { second: 0, count: 0 };
  readonly #instances: Instances;
  readonly #router: SimulatedRouter;
  readonly #users: Users;

  constructor(time: VirtualTime, random: Random, natures: Map<string, Nature>, leaseMs: number, asking: Random = random) {
    this.time = time;
    this.random = random;
    this.asking = asking;
    this.#instances = new Instances(time, natures);
    this.#router = new SimulatedRouter({
      time,
      leaseMs,
      instances: this.#instances,
      targetHeardMs: () => (this.#targetFault === null ? this.#targetHeardMs : null),
      onRise: (...rise) => this.onRise(...rise),
      violated: (text) => this.violations.push(text),
    });
    this.#users = new Users(time, random, this.#router, this.#instances);
    this.rps = 60;
    const second = (): void => {
      this.#users.second(this.rps);
      time.schedule(1_000, second);
    };
    time.schedule(1_000 - (time.trueMs % 1_000), second);
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
    return this.#router.reading;
  }

  /** When the last candidate lost its traffic; null: none has. */
  get safeAtMs(): number | null {
    return this.#router.safeAtMs;
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
          () => this.#router.setRoute(route, fence, sentMs),
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
          () => this.#router.renew(token, sentMs),
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

  /** How long ago the only instance of a version was last ready. */
  notReadyForMs(version: string): number {
    return this.time.trueMs - (this.#instances.lastReadyMs(version) ?? this.time.trueMs);
  }

  /** How long a candidate really had a weight, in milliseconds. */
  inForceMs(version: string, weight: number): number {
    return this.#router.inForceMs(version, weight);
  }

  /** Exact counts of a version up to and with a second. */
  served(version: string, untilSecond: number): { readonly requests: number; readonly errors: number } {
    return this.#users.served.of(version, untilSecond);
  }

  #retire(version: string): void {
    const route = this.reading?.route;
    const isInUse = route?.stable?.version === version || route?.candidate?.version === version;
    if (isInUse && this.#instances.has(version)) this.onRetireInUse(version);
    this.#instances.end(version);
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

  #source(call: <T>(fault: () => DoorFault | null, what: string, work: () => T) => Promise<T>): MetricSource | null {
    const everyS = this.sourceEveryS;
    if (everyS === null) return null;
    const ask = <T>(work: () => T): Promise<T> => call(() => this.sourceFault, 'source', work);
    return {
      capabilities: { counts: true, latency: true, everyS },
      check: () => ask(() => []),
      samples: (query) => ask(() => this.#users.served.readings(query, everyS)),
      recent: (version, seconds) =>
        ask(() => {
          const afterSecond = Math.floor(this.time.trueMs / 1_000) - seconds;
          return this.#users.served.readings({ stable: version, candidate: null, afterSecond, limit: seconds }, everyS);
        }),
    };
  }

  #samples(query: SampleQuery): readonly Sample[] {
    // Now and then it repeats itself.
    return this.#users.served.samples({ ...query, afterSecond: query.afterSecond - (this.random.chance(0.05) ? 3 : 0) });
  }
}
