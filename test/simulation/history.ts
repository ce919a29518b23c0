import { decide, newService } from '../../src/release/decide.ts';
import { guards } from '../../src/release/guarding.ts';
import { effectsOf, nextWakeMs, wantedVersions } from '../../src/release/levels.ts';
import { isCommitted, waitsForRestart } from '../../src/release/phase-name.ts';
import { restartUnderWay } from '../../src/release/restart.ts';
import { sameRoute } from '../../src/release/same-route.ts';
import { candidateReplicas } from '../../src/release/scaling.ts';
import { releaseSummary } from '../../src/release/summary.ts';
import type { ReleaseState, ServiceState, Verb } from '../../src/release/types.ts';
import { Controller } from '../../src/runtime/controller.ts';
import { loadService, recordedIn, streamOf } from '../../src/runtime/record.ts';
import type { LoggedEvent } from '../../src/stores/log.ts';
import { openMemoryLog } from '../../src/stores/memory/index.ts';
import { drawChecklists, unaskedPreflight } from './checklists.ts';
import type { DatabaseRun } from './database.ts';
import { drawSpec, pickNature, pickSharing, type Sharing } from './draws.ts';
import type { Nature } from './instances.ts';
import { type Random, random } from './random.ts';
import { type Life, VirtualTime } from './virtual-time.ts';
import { type Act, type DoorFault, World } from './world.ts';

const leaseMs = 5_000;
const startMs = 1_700_000_000_000;
/** Everything has ended by then, or something waits without a deadline. */
const lengthMs = 420_000;
/** Nothing more happens after this long without a live release: searches for strays and back-offs have had their turn. */
const quietNeededMs = 45_000;
/** From a decision to go back to all traffic on stable, with a controller and a router that answer. */
const safeWithinMs = 9_000;
/** From the loss of the candidate's only instance to the decision to go back: a look, its answer that may be late, and a record. */
const noticedWithinMs = 8_500;
/** What `simulatedService` watches a weight for, less the seconds whose counts may be missing and those that count in part. */
const watchedMs = 10_000 - 4_000;
/** From the moment that a release ends a restart until the instance that was starting is ready and has its requests: its end, its start, two looks. */
const comingBackMs = 6_000;
/** Virtual time between two comparisons of the whole state with the fold of the log; they are what costs most. */
const compareEveryMs = 15_000;

export type HistoryResult = {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly outcomes: readonly string[];
  readonly story: string;
};

/** Plays one history of a service from a seed: versions, users, faults, people and dying controllers, then judges it. */
export async function playHistory(seed: number): Promise<HistoryResult> {
  const history = new History(seed);
  await history.play();
  return history.result();
}

class History {
  readonly #seed: number;
  readonly #random: Random;
  readonly #asking: Random;
  readonly #time = new VirtualTime(startMs);
  readonly #world: World;
  readonly #log = openMemoryLog({ hashing: false });
  readonly #violations: string[] = [];
  readonly #story: string[] = [];
  readonly #nature: Nature;
  readonly #natureName: string;
  #controller: Controller | null = null;
  #life: Life = { dead: false };
  #boundaries = 0;
  #killAt: number;
  #killsLeft: number;
  #returnsAfterMs: number;
  /** Since when a controller and a router have been there without a break. */
  #healthySinceMs = 0;
  /** Releases that somebody sent on without evidence. */
  readonly #forced = new Set<string>();
  /** Whether the wall clock jumped: durations by the controller's clock are not true ones then. */
  #jumped = false;
  #last: ServiceState | null = null;
  /** What is durably in the log, and the state that follows from it: the only thing that may be acted upon. */
  readonly #events: LoggedEvent[] = [];
  #folded = 0;
  #recorded: ServiceState = newService('shop');
  /** What somebody does as soon as the release is in a place. */
  readonly #plans: { readonly place: string; readonly verb: Verb; readonly then: Verb | null; readonly afterMs: number }[] = [];
  /** Where of the release of 2.0.0 the router begins to refuse, and for how long; null: it does not. */
  #routerFails: { readonly place: string; readonly forMs: number } | null = null;
  /** When the source does not answer, and how. */
  readonly #sourceFails: { readonly fault: DoorFault; readonly from: number; readonly forMs: number }[] = [];
  /** What releases do with the database; null: they leave it alone. */
  readonly #database: Random | null;
  /** How often each version was asked for. */
  readonly #released = new Map<string, number>();
  #begunAtMs = startMs;
  /** Every release of this history changes the number of instances as it goes; null: none does. */
  readonly #sharing: Sharing | null;
  /** When somebody asks for a restart. */
  readonly #restartsAtMs: readonly number[];
  #faultAtMs = Number.NEGATIVE_INFINITY;
  #rejectedByLogMs = Number.NEGATIVE_INFINITY;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = random(seed);
    this.#asking = random(seed + 1_000_003);
    const { name, nature } = pickNature(this.#random);
    this.#nature = nature;
    this.#natureName = name;
    this.#world = new World(this.#time, this.#random, new Map([['2.0.0', nature]]), leaseMs, this.#asking);
    // Drawn apart, so that the other histories stay what they were.
    const source = random(seed ^ 0x50_0c_e5);
    if (source.chance(0.2)) {
      this.#world.sourceEveryS = source.pick([2, 5]);
      for (let count = source.between(0, 2); count > 0; count -= 1) {
        const fault = source.pick<DoorFault>(['refuses', 'hangs', 'deaf']);
        const from = source.between(2_000, 80_000);
        const forMs = source.between(500, 40_000);
        this.#sourceFails.push({ fault, from, forMs });
      }
    }
    const database = random(seed ^ 0x0d_a7_ab);
    this.#database = database.chance(0.2) ? database : null;
    if (database.chance(0.3)) this.#world.database.failShare = 0.3;
    const rolling = random(seed ^ 0x20_11_16);
    this.#sharing = rolling.chance(0.2) ? pickSharing(rolling) : null;
    const restarting = random(seed ^ 0x4e_57_a7);
    this.#restartsAtMs = restarting.chance(0.3) ? [restarting.between(8_000, 19_900), restarting.between(20_000, 150_000)] : [];
    // Every fourth history has no crash; in the others the boundary moves with the seed, so that each is met again and again.
    this.#killsLeft = this.#random.chance(0.75) ? this.#random.between(1, 3) : 0;
    this.#killAt = this.#killsLeft > 0 ? this.#random.between(1, 400) : Number.POSITIVE_INFINITY;
    this.#returnsAfterMs = this.#random.pick([1, 300, 2_000, 4_000, 8_000, 20_000]);
  }

  async play(): Promise<void> {
    const time = this.#time;
    this.#world.onBoundary = (life) => this.#boundary(life);
    this.#world.onAppended = (events) => void this.#events.push(...events);
    this.#world.onAct = (life, act) => this.#checkAct(life, act);
    this.#world.onRise = (version, weight, forMs) => this.#checkRise(version, weight, forMs);
    this.#world.database.onRun = (run, life) => this.#checkDatabaseRun(run, life);
    this.#world.onEndInUse = (instance) => this.#fail(`${instance} is ended while the router sends requests to it`);
    this.#world.onEndWhileMissing = (instance) => this.#fail(`${instance} is restarted while another one is not ready`);
    this.#world.onRetireInUse = (version) => this.#checkRetireInUse(version);
    await this.#begin();
    const steps = this.#schedule();
    let quietMs = 0;
    for (let elapsed = 0; elapsed < lengthMs && quietMs < quietNeededMs; elapsed += 250) {
      while ((steps[0]?.at ?? Number.POSITIVE_INFINITY) <= elapsed) steps.shift()?.run();
      await time.runUntil(elapsed);
      this.#check(elapsed % compareEveryMs === 0);
      const state = this.#controller?.service('shop');
      const isQuiet = steps.length === 0 && state?.live === null && restartUnderWay(state) === undefined;
      quietMs = isQuiet ? quietMs + 250 : 0;
    }
    await this.#checkEnd();
    await this.#controller?.stop();
  }

  result(): HistoryResult {
    const ended = this.#last?.ended ?? [];
    const how = this.#sharing ? ' in batches' : '';
    const outcomes = ended.map((release) => `${release.version} ${releaseSummary(release)?.outcome}${how}`);
    for (const { end } of this.#last?.restarts ?? []) if (end) outcomes.push(`restart ${end.outcome}${how}`);
    const unique = [...new Set([...this.#violations, ...this.#world.violations])];
    return {
      seed: this.#seed,
      violations: unique,
      outcomes,
      story: [`seed ${this.#seed}: 2.0.0 is ${this.#natureName}`, ...this.#story].join('\n'),
    };
  }

  /** What happens besides the release itself, by time. */
  #schedule(): { at: number; run: () => void }[] {
    const { between, chance, pick } = this.#random;
    const steps: { at: number; run: () => void }[] = [];
    const at = (ms: number, text: string, run: () => void): void => {
      steps.push({
        at: ms,
        run: () => {
          this.#story.push(`${(ms / 1_000).toFixed(1)} s: ${text}`);
          run();
        },
      });
    };
    at(1_000, 'release 1.0.0', () => this.#request('1.0.0'));
    at(20_000, 'release 2.0.0', () => this.#request('2.0.0'));
    if (chance(0.3)) at(between(20_000, 60_000), 'release 3.0.0', () => this.#request('3.0.0'));
    for (let count = between(0, 3); count > 0; count -= 1) {
      const verb = pick<Verb>(['pause', 'pause', 'resume', 'abort', 'promote', 'retry', 'approve']);
      const ms = between(20_000, 90_000);
      at(ms, verb, () => this.#verb(verb));
      if (verb !== 'pause' || chance(0.3)) continue;
      const then = pick<Verb>(['resume', 'resume', 'promote', 'abort', 'retry']);
      at(ms + between(100, 20_000), then, () => this.#verb(then));
    }
    if (chance(0.15)) at(between(20_000, 120_000), 'rollback', () => this.#rollback());
    for (let count = between(0, 2); count > 0; count -= 1)
      this.#plans.push({
        place: pick([
          'applying',
          'observing',
          'running',
          'waiting',
          'asking',
          'settling',
          'held',
          'held',
          'rolling-back',
          'committing',
        ]),
        verb: pick<Verb>(['pause', 'pause', 'promote', 'promote', 'abort', 'retry', 'resume']),
        then: pick<Verb | null>(['resume', 'promote', null]),
        afterMs: between(0, 2_000),
      });
    for (let count = between(0, 2); count > 0; count -= 1) {
      const fault = pick<DoorFault>(['refuses', 'hangs', 'deaf']);
      const door = pick(['router', 'target']);
      const from = chance(0.7) ? between(20_000, 60_000) : between(2_000, 80_000);
      const forMs = between(500, 25_000);
      const set = (value: DoorFault | null): void => {
        if (door === 'router') this.#world.routerFault = value;
        else this.#world.targetFault = value;
        if (value === null) this.#healthySinceMs = this.#time.trueMs;
      };
      at(from, `${door} ${fault} for ${forMs} ms`, () => set(fault));
      at(from + forMs, `${door} answers again`, () => set(null));
    }
    for (const { fault, from, forMs } of this.#sourceFails) {
      at(from, `source ${fault} for ${forMs} ms`, () => (this.#world.sourceFault = fault));
      at(from + forMs, 'source answers again', () => (this.#world.sourceFault = null));
    }
    this.#routerFails = chance(0.3) ? { place: pick(['observing', 'rolling-back']), forMs: between(6_000, 20_000) } : null;
    if (chance(0.15)) {
      const from = between(2_000, 80_000);
      at(from, 'log is full', () => (this.#world.logFault = pick(['full', 'slow'])));
      at(from + between(500, 15_000), 'log takes records again', () => {
        this.#world.logFault = null;
        this.#healthySinceMs = this.#time.trueMs;
      });
    }
    const isCrashing = this.#nature.crashAfterMs !== null;
    if (chance(isCrashing ? 0.5 : 0.15)) at(between(19_000, 60_000), 'users stay away', () => (this.#world.rps = 0));
    if (chance(0.15))
      at(between(5_000, 60_000), 'the clock jumps', () => {
        this.#jumped = true;
        this.#time.skewMs += pick([-3_600_000, -5_000, 5_000, 60_000]);
      });
    for (const ms of this.#restartsAtMs)
      at(ms, 'restart', () => void this.#controller?.restart('shop', null, 'anna', '').catch(() => {}));
    if (chance(0.1)) at(between(10_000, 60_000), 'a second controller takes over', () => void this.#begin());
    return steps.sort((a, b) => a.at - b.at);
  }

  #request(version: string): void {
    this.#world.hookFailShare = this.#random.chance(0.3) ? 0.6 : 0;
    const spec = drawSpec(this.#random, {
      version,
      checklists: drawChecklists(this.#asking),
      sharing: this.#sharing,
      database: this.#database,
    });
    this.#released.set(version, (this.#released.get(version) ?? 0) + 1);
    void this.#controller
      ?.request({
        spec,
        version,
        by: 'anna',
        why: '',
      })
      .catch(() => {});
  }

  #verb(verb: Verb): void {
    const live = this.#controller?.service('shop')?.live;
    if (!live) return;
    if (verb === 'promote') this.#forced.add(live.id);
    void this.#controller?.verb(live.id, verb, 'anna', '').catch(() => {});
  }

  #rollback(): void {
    void this.#controller?.rollback('shop', null, 'anna', '').catch(() => {});
  }

  /** The state that the log gives. Folded only when somebody asks. */
  get #onRecord(): ServiceState {
    for (; this.#folded < this.#events.length; this.#folded += 1) {
      const logged = this.#events[this.#folded];
      if (!logged) continue;
      const before = this.#recorded.live;
      this.#recorded = decide(this.#recorded, recordedIn(logged).event).state;
      const { live } = this.#recorded;
      if (before && live?.id === before.id) this.#checkStep(before, live, this.#recorded);
    }
    return this.#recorded;
  }

  async #begin(): Promise<void> {
    const life: Life = { dead: false };
    this.#life = life;
    let count = 0;
    const token = this.#boundaries;
    const starting = Controller.start({
      log: this.#world.log(life, this.#log),
      clock: this.#time.clock(life),
      ports: this.#world.ports(life),
      owner: 'simulation',
      newId: () => `r${token}-${(count += 1)}`,
    });
    const controller = await starting;
    if (life.dead) return;
    this.#controller = controller;
    this.#healthySinceMs = this.#time.trueMs;
    this.#begunAtMs = this.#time.trueMs;
  }

  #boundary(life: Life): void {
    this.#boundaries += 1;
    if (this.#boundaries < this.#killAt || this.#killsLeft === 0 || life !== this.#life) return;
    life.dead = true;
    this.#controller = null;
    this.#killsLeft -= 1;
    this.#killAt = this.#boundaries + this.#random.between(1, 300);
    this.#healthySinceMs = Number.POSITIVE_INFINITY;
    this.#story.push(
      `${((this.#time.trueMs - startMs) / 1_000).toFixed(2)} s: the controller is killed for ${this.#returnsAfterMs} ms`,
    );
    this.#time.schedule(this.#returnsAfterMs, () => void this.#begin());
  }

  /** Nothing is begun that does not follow from what is in the log, but for taking traffic back while the log takes nothing. */
  #checkAct(life: Life, act: Act): void {
    if (life !== this.#life) return;
    const state = this.#onRecord;
    const wanted = wantedVersions(state).some(({ version }) => 'version' in act && version === act.version);
    const effects = effectsOf(state);
    switch (act.kind) {
      case 'set-route': {
        const isProtective = act.route.candidate === null && this.#world.logFault !== null;
        const isOnRecord = act.seq < state.route.seq || (act.seq === state.route.seq && sameRoute(act.route, state.route.want));
        if (!isOnRecord && !isProtective) this.#fail(`route ${act.seq} is written before it is on record`);
        return;
      }
      case 'start':
        if (!wanted && !(act.version in state.instances)) this.#fail(`${act.version} is started before that is on record`);
        if (state.live?.version === act.version && unaskedPreflight(state.live) !== null && state.stable?.version !== act.version)
          this.#fail(`${act.version} is started before ${unaskedPreflight(state.live)}`);
        if (state.live?.version === act.version)
          for (const step of state.live.plan.steps)
            if (step.kind === 'migrate' && !this.#world.database.applied.has(step.name))
              this.#fail(`${act.version} is started before ${step.name} is applied`);
        return;
      case 'retire':
        if (wanted) this.#fail(`${act.version} is ended although the log wants it`);
        return;
      case 'restart':
        if (!effects.some(({ kind }) => kind === 'restart')) this.#fail(`${act.version} is restarted before that is on record`);
        if (state.live && !waitsForRestart(state.live)) this.#fail(`${act.version} is restarted beside a release`);
        return;
      case 'smoke':
        if (!effects.some(({ kind }) => kind === 'smoke')) this.#fail('checks run that are not on record');
        return;
      case 'hook':
        if (!effects.some((effect) => effect.kind === 'run-hook' && effect.hook.name === act.name))
          this.#fail(`hook ${act.name} runs before it is on record`);
    }
  }

  /** The order of a release's programs on the database: backup, up, and back in reverse; never back past what cannot be undone. */
  #checkDatabaseRun({ release, what, name }: DatabaseRun, life: Life): void {
    // What an earlier controller has begun goes on beside the next one: everything may run twice.
    if (life !== this.#life) return;
    const { database } = this.#world;
    const live = this.#onRecord.live;
    // A program that outlives its release's end would be one that nobody waited for.
    if (live?.id !== release) {
      this.#fail(`${what} ${name} of a release that is not live`);
      return;
    }
    const own = database.own.get(release) ?? [];
    if (what === 'up') {
      const first = live.plan.steps[0];
      if (first?.kind === 'backup' && !database.hasBackup(release)) this.#fail(`${name} is applied without a backup`);
    }
    if (what === 'backup' && own.length > 0) this.#fail(`the backup has ${own.join(', ')} in it already`);
    if (what !== 'down' && what !== 'restore') return;
    const forever = own.find((other) => other.startsWith('!'));
    if (forever) this.#fail(`${what} ${name} past ${forever}, which cannot be undone`);
    if (what === 'down' && own.includes(name) && own.at(-1) !== name) this.#fail(`${name} is undone before ${own.at(-1)}`);
    if (this.#world.running.includes(live.version)) this.#fail(`${what} ${name} while ${live.version} runs`);
    if (this.#world.reading?.route.candidate) this.#fail(`${what} ${name} before all traffic is on stable`);
  }

  /** What a release leaves of its migrations: all of them when it has succeeded, none when not, unless people were told. */
  #checkDatabaseEnd(release: ReleaseState): void {
    const { own, runs } = this.#world.database;
    const left = own.get(release.id) ?? [];
    const isBack = runs.some((run) => run.release === release.id && (run.what === 'down' || run.what === 'restore'));
    const succeeded = release.phase.kind === 'ended' && release.phase.outcome === 'succeeded';
    if (succeeded && isBack) this.#fail(`migrations of ${release.version}, which is stable, were undone`);
    const isTold = release.findings.some(({ what }) => what === 'database');
    if (!succeeded && !isTold && left.length > 0)
      this.#fail(`${release.version} has ended and left ${left.join(', ')} in the database`);
  }

  /** A higher weight needs the one before it to have been watched, in force, for its whole time. */
  #checkRise(version: string, weight: number, forMs: number): void {
    const live = this.#onRecord.live;
    if (live?.version !== version || this.#forced.has(live.id) || this.#jumped || forMs >= watchedMs || live.hurried) return;
    // What a batch leaves to fewer instances is not watched for itself: the batch after it is.
    const isWatched = live.plan.steps.some((step) => step.kind === 'weight' && step.percent === weight);
    if (!isWatched) return;
    this.#fail(`${version} gets more than ${weight} % after ${forMs} ms`);
  }

  #checkRetireInUse(version: string): void {
    const phase = this.#onRecord.live?.phase;
    // The way out when the router takes no route: without instances nobody can be hurt by the candidate.
    const isWayOut = phase?.kind === 'rolling-back' && phase.stopped && this.#onRecord.live?.version === version;
    if (!isWayOut) this.#fail(`${version} is ended while the router sends requests to it`);
  }

  #fail(text: string): void {
    if (this.#violations.includes(text)) return;
    this.#violations.push(text);
    this.#story.push(`${((this.#time.trueMs - startMs) / 1_000).toFixed(2)} s: VIOLATION ${text}`);
  }

  /** What must hold at every moment. */
  #check(wholly: boolean): void {
    const now = this.#time.trueMs;
    const reading = this.#world.reading;
    const state = this.#controller?.service('shop') ?? null;
    if (this.#world.logFault !== null) this.#rejectedByLogMs = now;
    if (this.#world.routerFault !== null || this.#world.logFault === 'slow') this.#healthySinceMs = Number.POSITIVE_INFINITY;
    if (
      !this.#controller &&
      reading?.route.candidate &&
      now - (reading.appliedAtMs ?? 0) > 0 &&
      this.#life.dead &&
      this.#deadForMs() > leaseMs + 1_000
    ) {
      this.#fail(
        `without a controller for longer than the lease, ${reading.route.candidate.version} still has ${reading.route.weight} %`,
      );
    }
    if (!state) return;
    const { live } = state;
    if (live?.phase.kind === 'rolling-back') {
      const since = Math.max(live.phase.cause.decidedAtMs - this.#time.skewMs, this.#healthySinceMs);
      // Stable first gets back the instances that it has given up.
      const withinMs = safeWithinMs + (live.plan.rolling ? live.plan.readyMs : 0);
      if (now - since > withinMs && reading?.route.candidate)
        this.#fail(
          `too long after the decision to go back ${reading.route.candidate.version} still has ${reading.route.weight} %`,
        );
    }
    if (live) {
      const wakeMs = nextWakeMs(state, 0);
      if (!Number.isFinite(wakeMs) && effectsOf(state).length === 0)
        this.#fail(`${live.version} waits in ${live.phase.kind} without a deadline`);
    }
    if (live) this.#checkCapacity(state, live);
    if (live) this.#checkLive(live);
    if (live) this.#carryOut(live);
    const token = this.#controller?.health.token ?? 0;
    if (state.stable && reading && reading.fence.token < token && now - this.#healthySinceMs > 15_000 && !this.#world.targetFault)
      this.#fail('the router still obeys an earlier controller');
    const turn = this.#controller?.agent('shop')?.turn;
    if (wholly && turn?.isOnRecord && turn.version === this.#events.length) this.#checkFold(turn.head);
    for (const release of state.ended)
      if (!this.#last?.ended.some(({ id }) => id === release.id)) this.#checkEnded(state, release);
    this.#last = state;
  }

  #carryOut({ phase, version }: ReleaseState): void {
    // Nothing but a person ends this hold.
    if (phase.kind === 'held' && phase.reason === 'irreversible' && this.#time.trueMs - phase.sinceMs > 15_000)
      this.#verb('abort');
    const place = phase.kind === 'stepping' ? phase.part.kind : phase.kind;
    const fails = this.#routerFails;
    if (fails?.place === place && version === '2.0.0') {
      this.#routerFails = null;
      this.#story.push(`${((this.#time.trueMs - startMs) / 1_000).toFixed(2)} s: router refuses for ${fails.forMs} ms`);
      this.#time.schedule(place === 'observing' ? 500 : 0, () => (this.#world.routerFault = 'refuses'));
      this.#time.schedule(500 + fails.forMs, () => {
        this.#world.routerFault = null;
        this.#healthySinceMs = this.#time.trueMs;
      });
    }
    const index = this.#plans.findIndex((plan) => plan.place === place);
    const [plan] = index < 0 ? [] : this.#plans.splice(index, 1);
    if (!plan) return;
    this.#time.schedule(plan.afterMs, () => {
      this.#story.push(`${((this.#time.trueMs - startMs) / 1_000).toFixed(2)} s: ${plan.verb}, because it was ${place}`);
      this.#verb(plan.verb);
      if (plan.then) this.#time.schedule(4_000, () => plan.then && this.#verb(plan.then));
    });
  }

  /** A rolling update keeps enough instances ready, and never has more than there is room for. */
  #checkCapacity(state: ServiceState, { plan, phase, version }: ReleaseState): void {
    const now = this.#time.trueMs;
    const { routerFault, targetFault, logFault, capacity, reading } = this.#world;
    if (routerFault !== null || targetFault !== null || logFault !== null || this.#life.dead) this.#faultAtMs = now;
    if (!plan.rolling || phase.kind === 'validating' || phase.kind === 'awaiting-approval' || phase.kind === 'queued') return;
    if (capacity.existing > plan.rolling.ceiling)
      this.#fail(`${capacity.existing} instances run, and there is room for ${plan.rolling.ceiling}`);
    // What crashes by itself, or lapses without a controller, is nobody's decision; nor is what a controller cannot see.
    const isLost = this.#nature.crashAfterMs !== null || reading?.lapsed !== false || this.#jumped;
    if (isLost || now - this.#faultAtMs < 25_000 || state.stable === null) return;
    // The instance that a restart had ended before the release began comes back in its own time; the release takes none beside it.
    const [last] = state.restarts ?? [];
    const isComing = last?.end?.outcome === 'stopped' && state.atMs - last.end.atMs < comingBackMs;
    if (isComing) return;
    if (capacity.serving < plan.rolling.floor)
      this.#fail(`${capacity.serving} instances serve in ${phase.kind} of ${version}, and ${plan.rolling.floor} have to`);
  }

  #checkFold(head: ServiceState): void {
    if (JSON.stringify(this.#onRecord) !== JSON.stringify(head)) this.#fail('the state is not the fold of the log');
  }

  #checkLive(live: ReleaseState): void {
    const { phase, verdict, plan } = live;
    const now = this.#time.trueMs;
    // Where stable cannot take the traffic, people may have sent it on against the guard.
    const guarded = guards(live) && !plan.incompatible;
    if (guarded && verdict?.kind === 'fail') this.#fail(`the guard says fail, and ${live.version} is still ${phase.kind}`);
    const unservedMs = Math.min(this.#world.notReadyForMs(live.version), now - this.#healthySinceMs);
    if (guarded && live.exposure.weight > 0 && unservedMs > noticedWithinMs && this.#world.targetFault === null)
      this.#fail(`${live.version} has had no ready instance for too long, and is still ${phase.kind}`);
    if (this.#jumped || this.#world.logFault !== null) return;
    // In a rolling update stable gets its instances back before that.
    const isLater = phase.kind === 'rolling-back' && plan.rolling !== undefined;
    const backSinceMs = isLater ? phase.untilMs - plan.routeMs : phase.kind === 'rolling-back' ? phase.cause.decidedAtMs : now;
    const failing = phase.kind === 'rolling-back' && phase.part === 'route' && !phase.failing;
    if (failing && this.#life.dead === false && now - backSinceMs > plan.routeMs + 3_000 && now > this.#begunAtMs + 3_000)
      this.#fail('the router refuses the way back for too long, and nobody is told');
    const untilMs =
      'untilMs' in phase ? phase.untilMs : phase.kind === 'stepping' && 'untilMs' in phase.part ? phase.part.untilMs : now;
    // A new controller may first have to wait for the target's word, for as long as a candidate may take to become ready.
    const awayMs = 12_000 + plan.readyMs + 6_000;
    if (now - untilMs > 12_000 && now - this.#begunAtMs > awayMs && now - this.#rejectedByLogMs > 12_000)
      this.#fail(`the deadline of ${phase.kind} passed without effect`);
  }

  /** What must hold when a release has just ended. */
  #checkEnded(state: ServiceState, release: ReleaseState): void {
    const summary = releaseSummary(release);
    if (!summary) {
      this.#fail(`${release.version} has ended without a summary`);
      return;
    }
    if (summary.outcome === 'succeeded' && state.stable?.release !== release.id)
      this.#fail(`${release.version} has succeeded, and ${state.stable?.version} is stable`);
    if (summary.outcome === 'succeeded' && this.#world.inForceMs(release.version, 100) === 0)
      this.#fail(`${release.version} became stable without ever having had all traffic`);
    if (summary.outcome === 'rolled-back' && state.stable?.release === release.id)
      this.#fail(`${release.version} is rolled back, and stable`);
    if (this.#released.get(release.version) !== 1 || release.plan.strategy === 'restore' || this.#jumped) return;
    const served = this.#world.served(release.version, release.lastSecond);
    const { requests, errors } = release.totals.candidate;
    if (release.exposedBy >= 0 && (requests !== served.requests || errors !== served.errors))
      this.#fail(
        `${release.version} has ${errors} of ${requests} requests failed on record, and had ${served.errors} of ${served.requests}`,
      );
    if (summary.outcome !== 'rolled-back') return;
    const all = this.#world.served(release.version, Number.POSITIVE_INFINITY);
    const hasHadTime = this.#time.trueMs - this.#healthySinceMs > 10_000 && release.safeAtMs !== null;
    // What a source has read last may come when the release has ended already.
    if (hasHadTime && this.#world.sourceEveryS === null && all.errors !== summary.failedRequests)
      this.#fail(`${release.version} failed ${all.errors} requests, and its summary says ${summary.failedRequests}`);
    const { safeAtMs } = this.#world;
    if (release.safeAtMs !== null && safeAtMs !== null && release.safeAtMs < safeAtMs)
      this.#fail(`all traffic was on stable ${safeAtMs - release.safeAtMs} ms later than the summary says`);
  }

  /** From one event to the next: more traffic only on positive evidence, unless a person said so or there is nothing to compare with. */
  #checkStep(before: ReleaseState, after: ReleaseState, { instances }: ServiceState): void {
    const ready = (instances[after.version] ?? []).filter(({ state }) => state === 'ready').length;
    const isMore = after.exposure.weight > before.exposure.weight && after.exposedBy !== before.exposedBy;
    const isSized = after.phase.kind === 'stepping' && after.plan.steps[after.phase.step - 1]?.kind === 'scale';
    if (isMore && isSized && ready < candidateReplicas(after))
      this.#fail(`weight rose to ${after.exposure.weight} on ${ready} of ${candidateReplicas(after)} instances`);
    const rises = after.exposure.weight > before.exposure.weight && before.exposure.weight > 0;
    if (!rises || after.hurried || this.#forced.has(after.id) || after.plan.strategy === 'first') return;
    if (before.verdict?.kind !== 'pass' && after.verdict?.kind !== 'pass')
      this.#fail(`weight rose to ${after.exposure.weight} on verdict ${before.verdict?.kind ?? 'none'}`);
  }

  #deadForMs(): number {
    return this.#life.dead ? this.#time.trueMs - this.#diedAtMs : 0;
  }

  get #diedAtMs(): number {
    const line = this.#story.findLast((text) => text.includes('is killed'));
    return startMs + Number(line?.split(' s:')[0] ?? 0) * 1_000;
  }

  /** What must hold when everything has ended. */
  async #checkEnd(): Promise<void> {
    const controller = this.#controller;
    const state = controller?.service('shop');
    if (!controller || !state) return this.#fail('no controller at the end');
    const folded = await loadService(this.#log, 'shop');
    const replayed = await this.#log.read(streamOf('shop'), 0, 100_000);
    for (const logged of replayed) {
      const { said, phase } = recordedIn(logged);
      if (said !== null)
        this.#story.push(`  log ${((logged.at - startMs) / 1_000).toFixed(2)} s ${logged.kind} [${phase}]: ${said}`);
    }
    const agent = controller.agent('shop');
    if (agent?.turn.isOnRecord && JSON.stringify(folded.state) !== JSON.stringify(state))
      this.#fail('the state is not the fold of the log');
    this.#checkFold(folded.state);
    const requested = replayed.filter(({ kind }) => kind === 'requested').length;
    if (state.live === null && requested !== state.ended.length) this.#fail(`${requested} releases, ${state.ended.length} ends`);
    if (replayed.length === 0 && state.ended.length > 0) this.#fail('releases without a log');
    if (state.live) return this.#fail(`${state.live.version} has not ended: ${state.live.phase.kind}`);
    const reading = this.#world.reading;
    if (reading?.route.candidate)
      this.#fail(`an ended release left ${reading.route.weight} % on ${reading.route.candidate.version}`);
    if ((reading?.route.stable?.version ?? null) !== (state.stable?.version ?? null))
      this.#fail(`the router has ${reading?.route.stable?.version} as stable, the log ${state.stable?.version}`);
    const wanted = state.stable ? [state.stable.version] : [];
    if (JSON.stringify(this.#world.running) !== JSON.stringify(wanted))
      this.#fail(`${this.#world.running.join(', ')} run, ${wanted.join(', ')} should`);
    const instances = this.#sharing?.replicas ?? 1;
    const { existing } = this.#world.capacity;
    if (state.stable && existing !== instances) this.#fail(`${existing} instances run, and ${instances} should`);
    if (Number.isFinite(nextWakeMs(state, 0))) this.#fail('a timer is left');
    for (const release of state.ended) this.#checkOutcome(release);
    if (restartUnderWay(state)) this.#fail('a restart has not ended');
    for (const logged of replayed) {
      const { event } = recordedIn(logged);
      if (event.kind === 'sampled' && event.samples.length > 700) this.#fail('a record without bound');
    }
  }

  #checkOutcome(release: ReleaseState): void {
    const succeeded = release.phase.kind === 'ended' && release.phase.outcome === 'succeeded';
    const hurts = this.#nature.errorShare >= 0.2 && this.#nature.faultAfterMs === 0;
    if (succeeded !== isCommitted(release)) this.#fail(`${release.version} ended in between`);
    if (
      release.version === '2.0.0' &&
      hurts &&
      succeeded &&
      release.plan.steps.some(({ kind }) => kind === 'weight') &&
      !this.#forced.has(release.id)
    )
      this.#fail('a version that fails one request in five was promoted');
    if (release.version === '2.0.0' && this.#nature.readyAfterMs === null && succeeded)
      this.#fail('a version that never became ready was promoted');
    this.#checkDatabaseEnd(release);
    const runs = this.#world.hooksRun.filter((run) => run.release === release.id);
    const undone = runs.some(({ name }) => name === 'undo migrate');
    if (runs.length > 0 && !succeeded && !undone) this.#fail(`a hook of ${release.version} was not undone`);
    if (succeeded && undone) this.#fail(`a hook of ${release.version}, which is stable, was undone`);
    // Only the death of its controller may make a hook run once more than it has to.
    for (const life of new Set(runs.map((run) => run.life)))
      for (const name of ['migrate', 'undo migrate'])
        if (runs.filter((run) => run.life === life && run.name === name && (run.ok || name !== 'migrate')).length > 1)
          this.#fail(`${name} ran again after it had ended`);
  }
}
