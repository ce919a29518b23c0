import type { Origin } from '../access/types.ts';
import { messageOf, UserError } from '../errors.ts';
import { admissionRefusal, newService } from '../release/decide.ts';
import { drillRefusal } from '../release/drill.ts';
import { causeOfReturn, isCommitted } from '../release/phase-name.ts';
import { restartUnderWay } from '../release/restart.ts';
import type { GroupTag, ReleaseState, ServiceState, Verb } from '../release/types.ts';
import { verbGiven } from '../release/verb-text.ts';
import { verbRefusal } from '../release/verbs.ts';
import type { ServiceSpec } from '../spec/types.ts';
import type { EventLog } from '../stores/log.ts';
import { type Clock, notBefore } from './clock.ts';
import { LogWriter } from './log-writer.ts';
import { LookRounds } from './look-rounds.ts';
import type { Ports } from './ports.ts';
import { loadService } from './record.ts';
import { logFailing, unknownService } from './refusals.ts';
import { restartPlan } from './restart-plan.ts';
import { rollbackPlan } from './rollback-plan.ts';
import { ServiceAgent } from './service-agent.ts';
import type { SignalKeeper } from './signal-keeper.ts';

/** Looks happen once a second, a little after the second has ended, so that its counts are complete. */
const lookMs = 1_000;
const afterSecondMs = 30;

/** Streams that are not services belong to somebody else. */
const servicePrefix = 'service/';

export type ControllerOptions = {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly ports: Ports;
  /** Who runs it, for the log: user and host. */
  readonly owner: string;
  /** A new unique id for a release. */
  readonly newId: (service: string) => string;
  readonly warn?: (service: string | null, text: string) => void;
  /** Keeps the golden signals; left out where nobody looks at them. */
  readonly signals?: SignalKeeper;
  /** Called once when the controller has stopped, with the reason. */
  readonly onStop?: (reason: string) => void;
};

export type ReleaseRequest = {
  readonly spec: ServiceSpec;
  readonly version: string;
  readonly by: string;
  readonly why: string;
  /** From where it is asked, for the record. */
  readonly from?: Origin;
  /** When the change was committed, in unix milliseconds: lead time is counted from it. */
  readonly committedAtMs?: number;
  /** The group that asks for it; left out: it is a release of this service alone. */
  readonly group?: GroupTag;
};

/** `unrecorded`: the verb is in force, and comes on record when the log can be written again; why it cannot be now. */
export type VerbResult = { readonly done: boolean; readonly said: string; readonly unrecorded?: string };

/** How punctual the controller is; a turn that is late protects nobody. */
export type Health = {
  readonly token: number;
  readonly logProblem: string | null;
  readonly latenessMs: number;
  readonly stopped: string | null;
};

/** All services of one log under one controller: the loop around their turns, and what people and programs ask of them. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #agents = new Map<string, ServiceAgent>();
  readonly #stopping = new AbortController();
  readonly #token: number;
  readonly #writer: LogWriter;
  readonly #rounds: LookRounds;
  #latenessMs = 0;
  #stopped: string | null = null;
  #reservedBy: (service: string) => string | null = () => null;
  #wake = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  private constructor(options: ControllerOptions, token: number) {
    this.#options = options;
    this.#token = token;
    const { log, clock } = options;
    const agents = (): Iterable<ServiceAgent> => this.#agents.values();
    const warn = (service: string | null, text: string): void => options.warn?.(service, text);
    this.#writer = new LogWriter({
      log,
      token,
      agents,
      warn,
      wake: () => this.#wake.abort(),
      stop: (reason) => this.stop(reason),
      isStopped: () => this.#stopped !== null,
    });
    this.#rounds = new LookRounds({ clock, agents, warn, signal: this.#stopping.signal, flush: () => this.#writer.request() });
  }

  /** Takes the log over, folds every service and goes on where the last controller was. */
  static async start(options: ControllerOptions): Promise<Controller> {
    const token = await options.log.claim(options.owner);
    const loaded: Awaited<ReturnType<typeof loadService>>[] = [];
    for (const stream of await options.log.streams())
      if (stream.startsWith(servicePrefix)) loaded.push(await loadService(options.log, stream.slice(servicePrefix.length)));
    // Deadlines on record are in the time of the controllers before; a clock behind it would put them all off.
    const clock = notBefore(options.clock, Math.max(0, ...loaded.map(({ state }) => state.atMs)));
    const controller = new Controller({ ...options, clock }, token);
    for (const { state, version } of loaded) controller.#add(state.name, state, version);
    for (const agent of controller.#agents.values()) controller.#adopt(agent);
    controller.#loop = controller.#run();
    return controller;
  }

  get health(): Health {
    return { token: this.#token, logProblem: this.#writer.problem, latenessMs: this.#latenessMs, stopped: this.#stopped };
  }

  /** Every service as it is now, by name. */
  get services(): readonly ServiceState[] {
    return [...this.#agents.values()].map((agent) => agent.turn.head).sort((a, b) => a.name.localeCompare(b.name));
  }

  service(name: string): ServiceState | undefined {
    return this.#agents.get(name)?.turn.head;
  }

  agent(name: string): ServiceAgent | undefined {
    return this.#agents.get(name);
  }

  /** The release as it is now, with its service; undefined when it is not among the live and the last ended ones. */
  release(id: string): { readonly service: ServiceState; readonly release: ReleaseState } | undefined {
    for (const { turn } of this.#agents.values()) {
      const release = [turn.head.live, turn.head.queued, ...turn.head.ended].find((candidate) => candidate?.id === id);
      if (release) return { service: turn.head, release };
    }
    return undefined;
  }

  /** Asks for a release. Resolves with its id once the request is on record. */
  async request(request: ReleaseRequest, restore = false): Promise<string> {
    const { spec, version } = request;
    const reserved = restore || request.group ? null : this.#reservedBy(spec.name);
    const refusal = admissionRefusal(this.service(spec.name) ?? newService(spec.name), version, restore) ?? reserved;
    if (refusal)
      throw new UserError('E_REFUSED', `${spec.name}: ${refusal}`, {
        where: `service ${spec.name}`,
        fix: 'see `rampart status`; release another version, or abort what is under way first',
      });
    this.#mustRecord();
    const release = this.#options.newId(spec.name);
    const agent = this.#agents.get(spec.name) ?? this.#addNew(spec.name);
    const recorded = agent.turn.submit({ kind: 'requested', at: this.#options.clock.now(), release, ...request, restore });
    const problem = await this.#writer.failureBefore(recorded);
    this.#mustRun();
    if (problem !== null) {
      // Its record waits for the log. Whoever is told that it failed must not find it running when there is room again.
      const why = 'the log could not be written when it was asked for';
      void agent.turn.submit({ kind: 'verb', at: this.#options.clock.now(), release, verb: 'abort', by: request.by, why });
      throw logFailing(problem);
    }
    this.#wake.abort();
    return release;
  }

  /**
   * Keeps services for whoever else plans to release them: nobody starts a release of one meanwhile; the way back stays free.
   *
   * @param reservedBy - Why a service is kept, in one sentence; null: it is not.
   */
  reserve(reservedBy: (service: string) => string | null): void {
    this.#reservedBy = reservedBy;
  }

  /** Lets a release of a group past the barrier at `step`. Once it does not wait there any more this changes nothing. */
  async openBarrier(service: string, release: string, step: number, by: string): Promise<void> {
    this.#mustRun();
    const event = { kind: 'barrier-opened', at: this.#options.clock.now(), release, step, by } as const;
    await this.#agents.get(service)?.turn.submit(event);
    this.#wake.abort();
  }

  /**
   * Gives some of the traffic to the candidate of a release for a moment. Resolves when that is on record; the route follows from it.
   *
   * @param percent - Of the requests.
   * @param maxMs - It ends after so long even when nobody ends it.
   * @throws UserError `E_DRILL_REFUSED` where it may not be done now, with the reason.
   */
  async beginDrill(id: string, percent: number, maxMs: number, by: string): Promise<void> {
    this.#mustRecord();
    const found = this.release(id);
    const agent = found && this.#agents.get(found.service.name);
    const refusal = found ? drillRefusal(found.service, percent) : `there is no release ${id}`;
    if (!agent || refusal !== null)
      throw new UserError('E_DRILL_REFUSED', `no traffic can go to the candidate and back now: ${refusal}`, {
        where: `release ${id}`,
        fix: 'let it run while a release waits, with its candidate ready, for a person, a gate, a hook or a pause',
      });
    const at = this.#options.clock.now();
    const recorded = agent.turn.submit({ kind: 'drill-asked', at, release: id, percent, maxMs, by });
    const problem = await this.#writer.failureBefore(recorded);
    if (problem === null) return;
    await this.endDrill(id, by, 'its beginning could not be recorded');
    throw logFailing(problem);
  }

  /** Takes that traffic back. Where it is back already this changes nothing. */
  async endDrill(id: string, by: string, why: string): Promise<void> {
    const name = this.release(id)?.service.name;
    const event = { kind: 'drill-ended', at: this.#options.clock.now(), release: id, by, why } as const;
    // Also where the log takes nothing: traffic goes back ahead of its record.
    const decided = name === undefined ? undefined : this.#agents.get(name)?.turn.submit(event);
    if (decided) await this.#writer.failureBefore(decided);
  }

  /** Gives a verb to a release. Idempotent: one that does nothing any more says why. */
  async verb(id: string, verb: Verb, by: string, why: string, from?: Origin): Promise<VerbResult> {
    const found = this.release(id);
    if (!found)
      throw new UserError('E_UNKNOWN_RELEASE', `there is no release ${id}`, {
        where: 'release',
        fix: 'see `rampart status` for the releases there are',
      });
    this.#mustRun();
    const refusal = verbRefusal(found.service, id, verb, by, 'en', why);
    const agent = this.#agents.get(found.service.name);
    const asked = { release: id, verb, by, why, ...(from === undefined ? {} : { from }) };
    const decided = agent?.turn.submit({ kind: 'verb', at: this.#options.clock.now(), ...asked });
    const problem = decided ? await this.#writer.failureBefore(decided) : null;
    this.#mustRun();
    this.#wake.abort();
    if (problem === null) return { done: refusal === null, said: refusal ?? (await decided)?.said ?? verb };
    return { done: refusal === null, said: refusal ?? verbGiven(verb, by, why), unrecorded: problem };
  }

  /** See `rollbackPlan`. @throws UserError `E_UNKNOWN_SERVICE` as well. */
  rollbackPlan(name: string, to: string | null): ReturnType<typeof rollbackPlan> {
    return rollbackPlan(this.#mustKnow(name).turn.head, to);
  }

  /** Goes back: aborts the live release, or brings an earlier version back at once. Answers the release that does it. */
  async rollback(
    name: string,
    to: string | null,
    by: string,
    why: string,
    from?: Origin,
  ): Promise<{ readonly release: string; readonly said: string }> {
    const plan = this.rollbackPlan(name, to);
    if (plan.kind === 'abort') {
      const cause = causeOfReturn(plan.release);
      // A second abort would give up what it left to do: the way back of the database, or the end of a migration.
      if (cause) return { release: plan.release.id, said: `it is going back already: ${cause.sentence}` };
      const result = await this.verb(plan.release.id, 'abort', by, why, from);
      return { release: plan.release.id, said: result.said };
    }
    const live = this.#agents.get(name)?.turn.head.live;
    if (live && !isCommitted(live) && causeOfReturn(live) === null) await this.verb(live.id, 'abort', by, why, from);
    const { installed } = plan;
    const asked = { spec: installed.spec, version: installed.version, by, why, ...(from === undefined ? {} : { from }) };
    const release = await this.request(asked, true);
    return { release, said: `brings ${installed.version} back` };
  }

  /** See `restartPlan`. @throws UserError `E_UNKNOWN_SERVICE` as well. */
  restartPlan(name: string, version: string | null): ReturnType<typeof restartPlan> {
    const { turn, ports } = this.#mustKnow(name);
    return restartPlan(turn.head, ports?.target.capabilities.restarts ?? 'none', version);
  }

  /**
   * Starts the instances of the stable version anew, one after another. Resolves with its id once that is on record.
   *
   * @param id - The same again is the same restart, which is then not begun once more; left out: a new one.
   * @throws As `restartPlan`, and `E_LOG_FAILING`, `E_STOPPED`.
   */
  async restart(name: string, version: string | null, by: string, why: string, from?: Origin, id?: string): Promise<string> {
    this.#mustRecord();
    const { turn } = this.#mustKnow(name);
    if (id !== undefined && turn.head.restarts?.some((one) => one.id === id)) return id;
    const plan = this.restartPlan(name, version);
    const restart = id ?? this.#options.newId(name);
    const asked = { restart, version: plan.version, how: plan.how, by, why, ...(from === undefined ? {} : { from }) };
    const recorded = turn.submit({ kind: 'restart-asked', at: this.#options.clock.now(), ...asked });
    const problem = await this.#writer.failureBefore(recorded);
    this.#mustRun();
    this.#wake.abort();
    if (problem === null) return restart;
    await this.stopRestart(name, by, 'the log could not be written when it was asked for');
    throw logFailing(problem);
  }

  /** Ends a restart where it is; what it has ended comes back. Answers whether one was under way. */
  async stopRestart(name: string, by: string, why: string, from?: Origin): Promise<boolean> {
    this.#mustRun();
    const { turn } = this.#mustKnow(name);
    const restart = restartUnderWay(turn.head)?.id;
    if (restart === undefined) return false;
    const asked = { restart, by, why, ...(from === undefined ? {} : { from }) };
    await this.#writer.failureBefore(turn.submit({ kind: 'restart-stopped', at: this.#options.clock.now(), ...asked }));
    return true;
  }

  /** Stops controlling. Instances and routers stay as they are: the next controller adopts them. */
  async stop(reason = 'stopped'): Promise<void> {
    if (this.#stopped === null) {
      this.#stopped = reason;
      this.#stopping.abort();
      this.#wake.abort();
      for (const agent of this.#agents.values()) await agent.stop();
      this.#options.onStop?.(reason);
    }
    await this.#loop;
  }

  #add(name: string, state: ServiceState, version: number): ServiceAgent {
    const agent = new ServiceAgent(name, state, version, {
      clock: this.#options.clock,
      ports: this.#options.ports,
      token: this.#token,
      flush: () => this.#writer.request(),
      flushLater: () => this.#rounds.flushAfter(),
      isLogFailing: () => this.#writer.problem !== null,
      warn: (service, text) => this.#options.warn?.(service, text),
      signal: this.#stopping.signal,
      doubted: () => void this.#writer.ask(),
      signals: this.#options.signals,
    });
    this.#agents.set(name, agent);
    this.#writer.add(name, version);
    return agent;
  }

  #addNew(name: string): ServiceAgent {
    const agent = this.#add(name, newService(name), 0);
    this.#adopt(agent);
    return agent;
  }

  #adopt(agent: ServiceAgent): void {
    agent.adopt().catch((error: unknown) => this.#options.warn?.(agent.name, messageOf(error)));
  }

  /** Looks at everything once a second, and lets time pass for whoever waits for a moment in between. */
  async #run(): Promise<void> {
    const { clock } = this.#options;
    let nextLookMs = clock.now();
    while (!this.#stopping.signal.aborted) {
      const now = clock.now();
      if (now >= nextLookMs) {
        this.#latenessMs = Math.max(0, now - nextLookMs);
        nextLookMs = Math.floor(now / lookMs) * lookMs + lookMs + afterSecondMs;
        if (this.#writer.problem !== null) this.#writer.request();
        void this.#rounds.round();
      }
      for (const agent of this.#agents.values()) if (agent.turn.nextWakeMs(0) <= now) agent.wake();
      let next = nextLookMs;
      for (const agent of this.#agents.values()) next = Math.min(next, agent.turn.nextWakeMs(now));
      this.#wake = new AbortController();
      await clock.after(Math.max(1, next - clock.now()), this.#wake.signal);
    }
  }

  /** Nobody decides any more once it has stopped, and what waited for the log then may or may not be in it. */
  #mustRun(): void {
    if (this.#stopped !== null)
      throw new UserError('E_STOPPED', `this controller has stopped: ${this.#stopped}`, {
        where: 'controller',
        fix: 'start it again with `rampart up`',
      });
  }

  #mustKnow(name: string): ServiceAgent {
    const agent = this.#agents.get(name);
    if (!agent) throw unknownService(name);
    return agent;
  }

  #mustRecord(): void {
    this.#mustRun();
    if (this.#writer.problem !== null) throw logFailing(this.#writer.problem);
  }
}
