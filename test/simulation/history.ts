import { decide, newService } from '../../src/release/decide.ts';
import { restartUnderWay } from '../../src/release/restart.ts';
import { releaseSummary } from '../../src/release/summary.ts';
import type { ReleaseState, ServiceState, Verb } from '../../src/release/types.ts';
import { Controller } from '../../src/runtime/controller.ts';
import { recordedIn } from '../../src/runtime/record.ts';
import type { LoggedEvent } from '../../src/stores/log.ts';
import { openMemoryLog } from '../../src/stores/memory/index.ts';
import { drawChecklists } from './checklists.ts';
import { drawSpec, type Sharing } from './draws.ts';
import type { Nature } from './instances.ts';
import { judgeAct, judgeDatabaseRun, judgeRetireInUse, judgeRise, judgeStep } from './judge-acts.ts';
import { judgeEnd } from './judge-ends.ts';
import { MomentJudge } from './judge-moments.ts';
import { leaseMs, type Played, startMs } from './played.ts';
import { type Random, random } from './random.ts';
import { drawEvents, drawScript, type Events, type Plan, type Script, type Stage } from './script.ts';
import { type Life, VirtualTime } from './virtual-time.ts';
import { World } from './world.ts';

/** Everything has ended by then, or something waits without a deadline. */
const lengthMs = 420_000;
/** Nothing more happens after this long without a live release: searches for strays and back-offs have had their turn. */
const quietNeededMs = 45_000;
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

class History implements Played, Stage {
  readonly #seed: number;
  readonly #random: Random;
  readonly #asking: Random;
  readonly #script: Script;
  readonly #moments = new MomentJudge(this);
  readonly #violations: string[] = [];
  readonly #story: string[] = [];
  readonly time = new VirtualTime(startMs);
  readonly world: World;
  readonly log = openMemoryLog({ hashing: false });
  readonly nature: Nature;
  readonly sharing: Sharing | null;
  controller: Controller | null = null;
  life: Life = { dead: false };
  begunAtMs = startMs;
  healthySinceMs = 0;
  jumped = false;
  readonly forced = new Set<string>();
  readonly released = new Map<string, number>();
  readonly events: LoggedEvent[] = [];
  #folded = 0;
  #recorded: ServiceState = newService('shop');
  #boundaries = 0;
  #killAt: number;
  #killsLeft: number;
  #diedAtMs = startMs;
  #plans: Plan[] = [];
  #routerFails: Events['routerFails'] = null;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = random(seed);
    this.#asking = random(seed + 1_000_003);
    this.#script = drawScript(seed, this.#random);
    const { nature, sharing, sourceEveryS, databaseFailShare, kills } = this.#script;
    this.nature = nature;
    this.sharing = sharing;
    this.#killsLeft = kills.count;
    this.#killAt = kills.firstAt;
    this.world = new World(this.time, this.#random, new Map([['2.0.0', nature]]), leaseMs, this.#asking);
    this.world.sourceEveryS = sourceEveryS;
    if (databaseFailShare !== null) this.world.database.failShare = databaseFailShare;
  }

  async play(): Promise<void> {
    const time = this.time;
    this.world.onBoundary = (life) => this.#boundary(life);
    this.world.onAppended = (events) => void this.events.push(...events);
    this.world.onAct = (life, act) => judgeAct(this, life, act);
    this.world.onRise = (version, weight, forMs) => judgeRise(this, version, weight, forMs);
    this.world.database.onRun = (run, life) => judgeDatabaseRun(this, run, life);
    this.world.onEndInUse = (instance) => this.fail(`${instance} is ended while the router sends requests to it`);
    this.world.onEndWhileMissing = (instance) => this.fail(`${instance} is restarted while another one is not ready`);
    this.world.onRetireInUse = (version) => judgeRetireInUse(this, version);
    await this.#begin();
    const { steps, plans, routerFails } = drawEvents(this.#random, this.#script, this);
    this.#plans = plans;
    this.#routerFails = routerFails;
    let quietMs = 0;
    for (let elapsed = 0; elapsed < lengthMs && quietMs < quietNeededMs; elapsed += 250) {
      while ((steps[0]?.at ?? Number.POSITIVE_INFINITY) <= elapsed) steps.shift()?.run();
      await time.runUntil(elapsed);
      const { routerFault, logFault } = this.world;
      if (routerFault !== null || logFault === 'slow') this.healthySinceMs = Number.POSITIVE_INFINITY;
      this.#moments.judge(elapsed % compareEveryMs === 0);
      const state = this.controller?.service('shop');
      if (state?.live) this.#carryOut(state.live);
      const isQuiet = steps.length === 0 && state?.live === null && restartUnderWay(state) === undefined;
      quietMs = isQuiet ? quietMs + 250 : 0;
    }
    await judgeEnd(this);
    await this.controller?.stop();
  }

  result(): HistoryResult {
    const { last } = this.#moments;
    const ended = last?.ended ?? [];
    const how = this.sharing ? ' in batches' : '';
    const outcomes = ended.map((release) => `${release.version} ${releaseSummary(release)?.outcome}${how}`);
    for (const { end } of last?.restarts ?? []) if (end) outcomes.push(`restart ${end.outcome}${how}`);
    const unique = [...new Set([...this.#violations, ...this.world.violations])];
    return {
      seed: this.#seed,
      violations: unique,
      outcomes,
      story: [`seed ${this.#seed}: 2.0.0 is ${this.#script.natureName}`, ...this.#story].join('\n'),
    };
  }

  request(version: string): void {
    this.world.hookFailShare = this.#random.chance(0.3) ? 0.6 : 0;
    const spec = drawSpec(this.#random, {
      version,
      checklists: drawChecklists(this.#asking),
      sharing: this.sharing,
      database: this.#script.database,
    });
    this.released.set(version, (this.released.get(version) ?? 0) + 1);
    void this.controller
      ?.request({
        spec,
        version,
        by: 'anna',
        why: '',
      })
      .catch(() => {});
  }

  verb(verb: Verb): void {
    const live = this.controller?.service('shop')?.live;
    if (!live) return;
    if (verb === 'promote') this.forced.add(live.id);
    void this.controller?.verb(live.id, verb, 'anna', '').catch(() => {});
  }

  rollback(): void {
    void this.controller?.rollback('shop', null, 'anna', '').catch(() => {});
  }

  restart(): void {
    void this.controller?.restart('shop', null, 'anna', '').catch(() => {});
  }

  takeOver(): void {
    void this.#begin();
  }

  heal(): void {
    this.healthySinceMs = this.time.trueMs;
  }

  jump(ms: number): void {
    this.jumped = true;
    this.time.skewMs += ms;
  }

  tell(line: string): void {
    this.#story.push(line);
  }

  fail(text: string): void {
    if (this.#violations.includes(text)) return;
    this.#violations.push(text);
    this.#tellNow(`VIOLATION ${text}`);
  }

  get deadForMs(): number {
    return this.life.dead ? this.time.trueMs - this.#diedAtMs : 0;
  }

  /** Folded only when somebody asks. */
  get onRecord(): ServiceState {
    for (; this.#folded < this.events.length; this.#folded += 1) {
      const logged = this.events[this.#folded];
      if (!logged) continue;
      const before = this.#recorded.live;
      this.#recorded = decide(this.#recorded, recordedIn(logged).event).state;
      const { live } = this.#recorded;
      if (before && live?.id === before.id) judgeStep(this, before, live, this.#recorded);
    }
    return this.#recorded;
  }

  #tellNow(text: string): void {
    this.tell(`${((this.time.trueMs - startMs) / 1_000).toFixed(2)} s: ${text}`);
  }

  async #begin(): Promise<void> {
    const life: Life = { dead: false };
    this.life = life;
    let count = 0;
    const token = this.#boundaries;
    const starting = Controller.start({
      log: this.world.log(life, this.log),
      clock: this.time.clock(life),
      ports: this.world.ports(life),
      owner: 'simulation',
      newId: () => `r${token}-${(count += 1)}`,
    });
    const controller = await starting;
    if (life.dead) return;
    this.controller = controller;
    this.healthySinceMs = this.time.trueMs;
    this.begunAtMs = this.time.trueMs;
  }

  #boundary(life: Life): void {
    this.#boundaries += 1;
    if (this.#boundaries < this.#killAt || this.#killsLeft === 0 || life !== this.life) return;
    life.dead = true;
    this.controller = null;
    this.#killsLeft -= 1;
    this.#killAt = this.#boundaries + this.#random.between(1, 300);
    this.healthySinceMs = Number.POSITIVE_INFINITY;
    this.#diedAtMs = this.time.trueMs;
    this.#tellNow(`the controller is killed for ${this.#script.kills.returnsAfterMs} ms`);
    this.time.schedule(this.#script.kills.returnsAfterMs, () => void this.#begin());
  }

  #carryOut({ phase, version }: ReleaseState): void {
    // Nothing but a person ends this hold.
    if (phase.kind === 'held' && phase.reason === 'irreversible' && this.time.trueMs - phase.sinceMs > 15_000) this.verb('abort');
    const place = phase.kind === 'stepping' ? phase.part.kind : phase.kind;
    const fails = this.#routerFails;
    if (fails?.place === place && version === '2.0.0') {
      this.#routerFails = null;
      this.#tellNow(`router refuses for ${fails.forMs} ms`);
      this.time.schedule(place === 'observing' ? 500 : 0, () => (this.world.routerFault = 'refuses'));
      this.time.schedule(500 + fails.forMs, () => {
        this.world.routerFault = null;
        this.heal();
      });
    }
    const index = this.#plans.findIndex((plan) => plan.place === place);
    const [plan] = index < 0 ? [] : this.#plans.splice(index, 1);
    if (!plan) return;
    this.time.schedule(plan.afterMs, () => {
      this.#tellNow(`${plan.verb}, because it was ${place}`);
      this.verb(plan.verb);
      if (plan.then) this.time.schedule(4_000, () => plan.then && this.verb(plan.then));
    });
  }
}
