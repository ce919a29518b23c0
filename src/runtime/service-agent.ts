import { messageOf, systemCode, UserError } from '../errors.ts';
import { wantedVersions } from '../release/levels.ts';
import { isCommitted, isExposed } from '../release/phase-name.ts';
import { sameRoute } from '../release/same-route.ts';
import type { Effect, RouteLevel, ServiceEvent, ServiceState, Wanted } from '../release/types.ts';
import type { RouteReading } from '../routers/router.ts';
import type { MetricSource } from '../sources/source.ts';
import { redactedText } from '../views/redacted.ts';
import { type Clock, within } from './clock.ts';
import { performEffect, routerTimeoutMs } from './effects.ts';
import type { Ports, ServicePorts } from './ports.ts';
import { PortsInUse } from './ports-in-use.ts';
import { ServiceTurn } from './service-turn.ts';
import type { SignalKeeper } from './signal-keeper.ts';
import { SignalLook } from './signal-look.ts';
import { SourceLook, sourceTimeoutMs } from './source-look.ts';

/** Longest wait for one look at the instances. */
const targetTimeoutMs = 5_000;

/** Wait before a target that did not answer about a candidate is asked again. */
const lookAgainMs = 500;

/** Looks between two searches for instances that should not be there. */
const looksPerSearch = 30;

/** Seconds of counts that one look takes at most: all that a router remembers. */
const samplesPerLook = 900;

/** How far back the guard looks at stable before the candidate has any traffic. */
const historySeconds = 300;

export type AgentContext = {
  readonly clock: Clock;
  readonly ports: Ports;
  readonly token: number;
  readonly flush: () => void;
  readonly flushLater: () => void;
  readonly isLogFailing: () => boolean;
  /** Something in the world that people should know and that changes no release: an unreachable router, a failing look. */
  readonly warn: (service: string, text: string) => void;
  readonly signal: AbortSignal;
  /** Another controller may have taken over: whether this one still has the log is to be found out. */
  readonly doubted: () => void;
  /** Keeps the golden signals; left out where nobody looks at them. */
  readonly signals?: SignalKeeper | undefined;
};

/**
 * One service under control: its turn, and the looks at the world that feed it (router, counts, instances). A look only reports;
 * every reaction is a decision of the core.
 */
export class ServiceAgent {
  readonly turn: ServiceTurn;
  readonly #context: AgentContext;
  /** Ends with the controller. One for each service: listeners of a shared signal are searched one by one, by everybody. */
  readonly #signal: AbortSignal;
  readonly #ports: PortsInUse;
  readonly #source: SourceLook;
  readonly #signals: SignalLook | null;
  #looking = false;
  #supervising: Promise<void> | null = null;
  #superviseAgain = false;
  readonly #told = new Map<string, string>();
  /** Ends of what is under way for a version: starting and retiring it must never overlap. */
  readonly #underWay = new Map<string, Promise<unknown>>();
  /** Versions that the target has told this controller about. */
  readonly #answered = new Set<string>();
  #looks = 0;
  #adopted = false;
  /** Everything is being ended: nothing may be started again. */
  #leaving = false;

  constructor(name: string, state: ServiceState, version: number, context: AgentContext) {
    this.#context = context;
    this.#signal = AbortSignal.any([context.signal]);
    this.#ports = new PortsInUse(context.clock, context.ports, this.#signal, () => void this.supervise());
    this.#source = new SourceLook(context.clock, this.#signal);
    this.#signals = context.signals ? new SignalLook(name, context.signals) : null;
    this.turn = new ServiceTurn(name, state, version, {
      clock: context.clock,
      flush: context.flush,
      flushLater: context.flushLater,
      secrets: () => this.secrets,
      isLogFailing: context.isLogFailing,
      perform: (effect, signal) => this.#perform(effect, signal),
    });
  }

  get name(): string {
    return this.turn.name;
  }

  /**
   * Takes a service over from an earlier controller. First it finds out what runs, because a route must not be written again on
   * the word of a dead controller; only a rollback under way goes on at once. Then it hears from the router whether the lease has run
   * out meanwhile, because nothing was observed from then on.
   */
  async adopt(): Promise<void> {
    if (this.turn.head.live?.phase.kind === 'rolling-back') this.turn.act();
    if (this.ports) {
      await Promise.all([this.#findStrays(), this.supervise()]);
      await this.#hearOfCandidate();
      await this.#lookAtRouter();
      await this.turn.submit({ kind: 'controller-started', at: this.#context.clock.now() });
    } else await this.#dropLeft();
    this.#adopted = true;
    this.turn.act();
  }

  /** A controller that stopped right after a first release went back may have left a router that stands in front of nothing. */
  async #dropLeft(): Promise<void> {
    const [last] = this.turn.head.ended;
    if (last)
      await this.#ports
        .dropLeft(last.spec, this.#context.token)
        .catch((error: unknown) => this.#tell('router', messageOf(error)));
  }

  /**
   * Waits until the target has answered about a candidate that has traffic. Until then its lease runs out, and nobody writes it again.
   * One that nothing can be learnt of in the time in which it would have to become ready is as good as none.
   */
  async #hearOfCandidate(): Promise<void> {
    const { clock, signal } = this.#context;
    const beganMs = clock.now();
    for (;;) {
      const { live, instances } = this.turn.head;
      const hasTraffic = live && isExposed(live) && (live.phase.kind === 'stepping' || live.phase.kind === 'held');
      if (!hasTraffic || isCommitted(live) || this.#answered.has(live.version) || signal.aborted) return;
      if (clock.now() - beganMs >= live.plan.readyMs) {
        const problem = 'the target does not answer';
        const lost = (instances[live.version] ?? []).map((instance) => ({ ...instance, state: 'unready' as const, problem }));
        await this.turn.submit({ kind: 'instances', at: clock.now(), version: live.version, instances: lost });
        return;
      }
      await clock.after(lookAgainMs, signal);
      await this.supervise();
    }
  }

  /** Lets time pass for the turn. A rollback under way has its deadlines from the first moment on. */
  wake(): void {
    const mayAct = this.#adopted || this.turn.head.live?.phase.kind === 'rolling-back';
    if (mayAct && !this.#leaving) this.turn.wake();
  }

  /**
   * Looks at the router and its counts, once a second. A look that takes longer than that is not overtaken by the next. Router and
   * target are looked at apart: a target that hangs must not make the guard blind or let the lease run out. So is a source.
   */
  async lookAtTraffic(): Promise<void> {
    if (!this.#mayLook || this.#isIdle()) return;
    void this.#lookAtSource();
    void this.#lookAtUsage();
    void this.#lookAtQueries();
    void this.#lookAtAsked();
    if (this.#looking) return;
    this.#looking = true;
    try {
      await this.#lookAtRouter();
    } finally {
      this.#looking = false;
    }
  }

  /** Looks at what runs, once a second. */
  async lookAtInstances(): Promise<void> {
    if (!this.#mayLook) return;
    if (this.#isIdle()) return await this.#ports.drop();
    this.#looks += 1;
    if (!this.#supervising) void this.supervise();
    if (this.#looks % looksPerSearch === 0) void this.#findStrays();
  }

  /** Makes what is wanted run, and reports how it is. Calls that come while one is under way share the next one. */
  supervise(): Promise<void> {
    if (this.#supervising) {
      this.#superviseAgain = true;
      return this.#supervising;
    }
    const run = async (): Promise<void> => {
      do {
        this.#superviseAgain = false;
        await this.#ensureAll();
      } while (this.#superviseAgain && !this.#signal.aborted);
    };
    this.#supervising = run().finally(() => {
      this.#supervising = null;
    });
    return this.#supervising;
  }

  /** The ports in use, for readers such as the log of an instance; null before the first release. */
  get ports(): ServicePorts | null {
    return this.#ports.current(this.turn.head);
  }

  /** The secrets that its documents name, as they are now, for whoever shows what its programs say. Never to be shown or kept. */
  get secrets(): readonly string[] {
    const { stable, live, queued, previous, ended } = this.turn.head;
    const all = [stable, live, queued, ...previous, ...ended].flatMap((one) => (one ? [one.spec] : []));
    return this.#context.ports.secrets([...new Set(all)]);
  }

  /** Lets go of everything; router and instances stay as they are for the next controller. */
  async stop(): Promise<void> {
    this.turn.stop();
    await this.#ports.release();
  }

  /** Ends everything that runs for the service, for a demo or a test that leaves nothing behind. */
  async dismantle(signal: AbortSignal): Promise<void> {
    const ports = this.ports;
    if (!ports) return;
    this.#leaving = true;
    this.turn.stop();
    await this.#supervising;
    for (const version of new Set((await ports.target.list(this.name, signal)).map((instance) => instance.version)))
      await ports.target.retire(this.name, version, signal);
    await this.#ports.drop();
  }

  get #mayLook(): boolean {
    return this.#adopted && !this.#leaving && this.ports !== null;
  }

  /** Nothing is stable, nothing is on its way, nothing runs: the router has nothing to stand in front of. */
  #isIdle(): boolean {
    const { stable, live, instances } = this.turn.head;
    return stable === null && live === null && Object.keys(instances).length === 0;
  }

  async #lookAtRouter(): Promise<void> {
    const { clock, token } = this.#context;
    const { live } = this.turn.head;
    if (this.turn.head.route.want === null && !live) return;
    if (live?.phase.kind === 'validating') return;
    try {
      await within(clock, routerTimeoutMs, 'the router', this.#signal, async (signal) => {
        const { router } = await this.#ports.opened(this.turn.head);
        // Whatever comes after the time is up is about a moment that has passed.
        if (signal.aborted) return;
        // Without a log there is no controller to speak of: the lease is left to run out, which is what it is for.
        const asked = this.turn.head.route;
        const keep = asked.want?.candidate && !this.#context.isLogFailing();
        const reading = await (keep ? router.renewLease(token, signal) : router.readRoute(signal));
        if (signal.aborted) return;
        if ((reading?.fence.token ?? 0) > token) this.#context.doubted();
        this.#source.heard(reading);
        this.#reportReading(asked, reading);
        if (!live) await this.#signals?.askRouter(router, this.turn.head, clock.now(), signal);
        if (!live || !router.capabilities.counts) return;
        if (live.exposedAtMs !== null) await this.#signals?.catchUp(router, live, signal);
        const query = { stable: live.plan.stable, candidate: live.version, afterSecond: live.lastSecond, limit: samplesPerLook };
        const samples = await router.samples(query, signal);
        // The first look brings stable's recent past, of which the guard needs no more than this.
        const news = live.lastSecond === 0 ? samples.slice(-historySeconds) : samples;
        // They are about the release that asked for them, not about one that has begun meanwhile.
        if (!signal.aborted && news.length > 0 && this.turn.head.live?.id === live.id)
          void this.turn.submit({ kind: 'sampled', at: clock.now(), samples: this.#source.onto(news, live.id) });
        // After the guard: charts can wait.
        if (!signal.aborted) this.#signals?.heard(samples, live);
      });
      this.#told.delete('router');
    } catch (error) {
      if (isGone(error)) this.#ports.forget();
      // A router that gives no answer may have heard a renewal all the same. Whoever has lost the log must not go on with them: nobody
      // would watch the candidate whose traffic they keep.
      const isKept = this.turn.head.route.want?.candidate;
      if (isKept || (error instanceof UserError && error.code === 'E_STALE_FENCE')) this.#context.doubted();
      this.#tell('router', inFull(error));
    }
  }

  /** Only tells and reports: whatever becomes of it, router and lease are looked at without it. */
  async #lookAtSource(): Promise<void> {
    const { live, stable } = this.turn.head;
    const ports = this.ports;
    if (!ports?.source || live?.phase.kind === 'validating') return;
    try {
      const { source, router } = ports;
      if (!live) return await this.#lookAtSourceAlone(source, router.capabilities.counts, stable?.version ?? null);
      const news = await this.#source.ask(source, live, router.capabilities.counts);
      if (news === null) return;
      this.#told.delete('source');
      if (!router.capabilities.counts) this.#signals?.heard(news, live);
      if (news.length > 0 && this.turn.head.live?.id === live.id)
        void this.turn.submit({ kind: 'sampled', at: this.#context.clock.now(), samples: news });
    } catch (error) {
      this.#tell('source', inFull(error));
    }
  }

  /** Without a release, what stable's users get is in the golden signals only: from the source where the router does not count. */
  async #lookAtSourceAlone(source: MetricSource, routerCounts: boolean, stable: string | null): Promise<void> {
    const { clock } = this.#context;
    if (!this.#signals || routerCounts || stable === null || !this.#signals.isSourceDue(source, clock.now())) return;
    const signals = this.#signals;
    await within(clock, sourceTimeoutMs, 'the source', this.#signal, (signal) => signals.askSource(source, stable, signal));
    this.#told.delete('source');
  }

  /** What the instances use is looked at by people only: nobody waits for it, and nobody is told when it is not known. */
  async #lookAtUsage(): Promise<void> {
    const target = this.ports?.target;
    const { clock } = this.#context;
    const signals = this.#signals;
    if (!target || !signals?.isUsageDue(target, clock.now())) return;
    await within(clock, targetTimeoutMs, 'the target', this.#signal, (signal) =>
      signals.askUsage(target, () => clock.now(), signal),
    ).catch(() => {});
  }

  /** What users ask for is looked at by people only, too. */
  async #lookAtAsked(): Promise<void> {
    const router = this.ports?.router;
    const { clock } = this.#context;
    const signals = this.#signals;
    if (!router || !signals?.isTrafficDue(router, clock.now())) return;
    await within(clock, routerTimeoutMs, 'the router', this.#signal, (signal) =>
      signals.askTraffic(router, () => clock.now(), signal),
    ).catch(() => {});
  }

  /** What the document asks the source for its golden signals: for people too, but a query that fails is told once. */
  async #lookAtQueries(): Promise<void> {
    const { clock } = this.#context;
    const ports = this.ports;
    const state = this.turn.head;
    const signals = this.#signals;
    const source = ports?.source;
    if (!source || !signals?.areQueriesDue(source, state, clock.now())) return;
    const isTrafficKnown = ports.router.traffic !== undefined;
    await within(clock, sourceTimeoutMs, 'the source', this.#signal, (signal) =>
      signals.askQueries(source, state, isTrafficKnown, () => clock.now(), signal),
    )
      .then(() => this.#told.delete('signals'))
      .catch((error: unknown) => this.#tell('signals', inFull(error)));
  }

  /** What runs without being on record was started by a controller that died before it could say so; on record it is retired. */
  async #findStrays(): Promise<void> {
    const { clock } = this.#context;
    const signal = this.#signal;
    const ports = this.ports;
    if (!ports) return;
    try {
      const found = await within(clock, targetTimeoutMs, 'the target', signal, (inner) => ports.target.list(this.name, inner));
      const strays = new Set(found.map(({ version }) => version).filter((version) => !(version in this.turn.head.instances)));
      for (const version of strays)
        void this.turn.submit({
          kind: 'instances',
          at: clock.now(),
          version,
          instances: found.filter((instance) => instance.version === version),
        });
      this.#told.delete('target');
    } catch (error) {
      this.#tell('target', messageOf(error));
    }
  }

  /** Runs `work` on a version after whatever is under way for it. */
  #exclusive<T>(version: string, work: () => Promise<T>): Promise<T> {
    const before = this.#underWay.get(version) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.set(version, settled);
    void settled.then(() => {
      if (this.#underWay.get(version) === settled) this.#underWay.delete(version);
    });
    return mine;
  }

  #wanted(version: string): Wanted | undefined {
    return wantedVersions(this.turn.head).find((wanted) => wanted.version === version);
  }

  /**
   * Only news: a confirmed route that the router confirms again is none, nor is an answer that was asked for before the route changed.
   * A lapse during the absence of a controller is, whatever the controller before was about to write.
   */
  #reportReading(asked: RouteLevel, reading: RouteReading | null): void {
    const { route } = this.turn.head;
    if (route.want === null || asked.seq !== route.seq) return;
    if (asked.status !== 'confirmed' && (this.#adopted || !reading?.lapsed)) return;
    if (reading && !reading.lapsed && reading.fence.seq === route.seq && sameRoute(reading.route, route.want)) return;
    void this.turn.submit({ kind: 'route-read', at: this.#context.clock.now(), reading });
  }

  async #ensureAll(): Promise<void> {
    const ports = this.ports;
    if (!ports || this.#leaving) return;
    const { head, staged } = this.turn;
    // What is not on record yet is not started; what runs already is kept running, also while the log takes nothing.
    const wanted = wantedVersions(head).filter(
      ({ version }) => staged.length === 0 || (head.instances[version] ?? []).length > 0,
    );
    await Promise.all(wanted.map(({ version }) => this.#ensure(ports, version)));
  }

  async #ensure(ports: ServicePorts, version: string): Promise<void> {
    const { clock } = this.#context;
    const signal = this.#signal;
    try {
      const instances = await this.#exclusive(version, async () => {
        // How many are wanted may have changed while it waited for its turn.
        const wanted = this.#wanted(version);
        if (!wanted || this.#leaving) return null;
        return await within(clock, targetTimeoutMs, 'the target', signal, (inner) =>
          ports.target.ensure(this.#context.ports.workload(wanted), inner),
        );
      });
      this.#told.delete(`ensure ${version}`);
      this.#answered.add(version);
      if (!instances || !this.#wanted(version) || JSON.stringify(instances) === JSON.stringify(this.turn.head.instances[version]))
        return;
      void this.turn.submit({ kind: 'instances', at: clock.now(), version, instances });
    } catch (error) {
      if (signal.aborted) return;
      const live = this.turn.head.live;
      if (error instanceof UserError && live?.version === version && live.phase.kind === 'preparing') {
        void this.turn.submit({ kind: 'ensure-failed', at: clock.now(), version, reason: `${error.message}. ${error.fix}` });
      } else this.#tell(`ensure ${version}`, messageOf(error));
    }
  }

  async #perform(effect: Effect, signal: AbortSignal): Promise<ServiceEvent> {
    const { clock, ports, token } = this.#context;
    const target = (): ServicePorts['target'] => {
      const current = this.ports;
      if (!current) throw new Error(`${this.name} has no target yet`);
      return current.target;
    };
    try {
      const context = {
        clock,
        ports,
        token,
        service: this.name,
        target,
        source: () => this.ports?.source ?? null,
        opened: () => this.#ports.opened(this.turn.head),
      };
      const perform = (): Promise<ServiceEvent> => {
        // It may have had to wait for its turn, and be wanted no more.
        signal.throwIfAborted();
        return performEffect(effect, context, signal);
      };
      return await (effect.kind === 'retire' || effect.kind === 'restart' ? this.#exclusive(effect.version, perform) : perform());
    } catch (error) {
      if (isGone(error)) this.#ports.forget();
      throw error;
    }
  }

  /** Says a problem once, and again only when it changes. */
  #tell(about: string, said: string): void {
    const text = redactedText(said, this.secrets);
    if (this.#told.get(about) === text || this.#signal.aborted) return;
    this.#told.set(about, text);
    this.#context.warn(this.name, text);
  }
}

/** What is wrong, where, and what to do about it where that is known. */
function inFull(error: unknown): string {
  return error instanceof UserError ? `${error.message} (${error.where}). ${error.fix}` : messageOf(error);
}

function isGone(error: unknown): boolean {
  if (error instanceof UserError) return error.code === 'E_ROUTER_UNREACHABLE';
  const code = systemCode(error);
  return code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'ECONNRESET';
}
