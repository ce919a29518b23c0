import { effectsOf, nextWakeMs } from '../../src/release/levels.ts';
import { isCommitted } from '../../src/release/phase-name.ts';
import { releaseSummary } from '../../src/release/summary.ts';
import type { ReleaseState, ServiceState, Verb } from '../../src/release/types.ts';
import { Controller } from '../../src/runtime/controller.ts';
import { loadService, recordedIn, streamOf } from '../../src/runtime/record.ts';
import type { Hook } from '../../src/spec/types.ts';
import { openMemoryLog } from '../../src/stores/memory/index.ts';
import { type Random, random } from './random.ts';
import { simulatedService } from './spec.ts';
import { type Life, VirtualTime } from './virtual-time.ts';
import { type DoorFault, good, type Nature, World } from './world.ts';

const leaseMs = 5_000;
const startMs = 1_700_000_000_000;
/** Everything has ended by then, or something waits without a deadline. */
const lengthMs = 420_000;
/** Nothing more happens after this long without a live release: searches for strays and back-offs have had their turn. */
const quietNeededMs = 45_000;
/** From a decision to go back to all traffic on stable, with a controller and a router that answer. */
const safeWithinMs = 9_000;

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
  #forced = false;
  #last: ServiceState | null = null;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = random(seed);
    const { name, nature } = pickNature(this.#random);
    this.#nature = nature;
    this.#natureName = name;
    this.#world = new World(this.#time, this.#random, new Map([['2.0.0', nature]]), leaseMs);
    // Every fourth history has no crash; in the others the boundary moves with the seed, so that each is met again and again.
    this.#killsLeft = this.#random.chance(0.75) ? this.#random.between(1, 3) : 0;
    this.#killAt = this.#killsLeft > 0 ? this.#random.between(1, 400) : Number.POSITIVE_INFINITY;
    this.#returnsAfterMs = this.#random.pick([1, 300, 2_000, 4_000, 8_000, 20_000]);
  }

  async play(): Promise<void> {
    const time = this.#time;
    this.#world.onBoundary = (life) => this.#boundary(life);
    await this.#begin();
    const steps = this.#schedule();
    let quietMs = 0;
    for (let elapsed = 0; elapsed < lengthMs && quietMs < quietNeededMs; elapsed += 250) {
      while ((steps[0]?.at ?? Number.POSITIVE_INFINITY) <= elapsed) steps.shift()?.run();
      await time.runUntil(elapsed);
      this.#check();
      quietMs = steps.length === 0 && this.#controller?.service('shop')?.live === null ? quietMs + 250 : 0;
    }
    await this.#checkEnd();
    await this.#controller?.stop();
  }

  result(): HistoryResult {
    const ended = this.#last?.ended ?? [];
    const outcomes = ended.map((release) => `${release.version} ${releaseSummary(release)?.outcome}`);
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
      const verb = pick<Verb>(['pause', 'resume', 'abort', 'promote', 'retry', 'approve']);
      at(between(20_000, 90_000), verb, () => this.#verb(verb));
    }
    for (let count = between(0, 2); count > 0; count -= 1) {
      const fault = pick<DoorFault>(['refuses', 'hangs', 'deaf']);
      const door = pick(['router', 'target']);
      const from = between(2_000, 80_000);
      const forMs = between(500, 25_000);
      const set = (value: DoorFault | null): void => {
        if (door === 'router') this.#world.routerFault = value;
        else this.#world.targetFault = value;
        if (value === null) this.#healthySinceMs = this.#time.trueMs;
      };
      at(from, `${door} ${fault} for ${forMs} ms`, () => set(fault));
      at(from + forMs, `${door} answers again`, () => set(null));
    }
    if (chance(0.15)) {
      const from = between(2_000, 80_000);
      at(from, 'log is full', () => (this.#world.logFault = pick(['full', 'slow'])));
      at(from + between(500, 15_000), 'log takes records again', () => {
        this.#world.logFault = null;
        this.#healthySinceMs = this.#time.trueMs;
      });
    }
    if (chance(0.1)) at(between(20_000, 60_000), 'users stay away', () => (this.#world.rps = 0));
    if (chance(0.15))
      at(between(5_000, 60_000), 'the clock jumps', () => (this.#time.skewMs += pick([-3_600_000, -5_000, 5_000, 60_000])));
    if (chance(0.1)) at(between(10_000, 60_000), 'a second controller takes over', () => void this.#begin());
    return steps.sort((a, b) => a.at - b.at);
  }

  #request(version: string): void {
    const { chance } = this.#random;
    this.#world.hookFails = chance(0.2);
    const hook: Hook = {
      name: 'migrate',
      action: { kind: 'command', command: ['migrate'] },
      timeoutMs: 5_000,
      attempts: 1,
      compensate: { kind: 'command', command: ['undo'] },
    };
    const spec = simulatedService();
    const { strategy } = spec.release;
    const withHook =
      strategy.kind === 'canary' && chance(0.3)
        ? { ...strategy, steps: [...strategy.steps.slice(0, 1), { kind: 'hook' as const, hook }, ...strategy.steps.slice(1)] }
        : strategy;
    const smoke = chance(0.3) ? [{ path: '/', method: 'GET', status: 200, timeoutMs: 1_000, contains: null }] : [];
    void this.#controller
      ?.request({ spec: { ...spec, release: { ...spec.release, strategy: withHook, smoke } }, version, by: 'anna', why: '' })
      .catch(() => {});
  }

  #verb(verb: Verb): void {
    const live = this.#controller?.service('shop')?.live;
    if (!live) return;
    if (verb === 'promote' || verb === 'resume') this.#forced = true;
    void this.#controller?.verb(live.id, verb, 'anna', '').catch(() => {});
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
    this.#controller = await starting;
    this.#healthySinceMs = this.#time.trueMs;
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

  #fail(text: string): void {
    this.#violations.push(text);
    this.#story.push(`${((this.#time.trueMs - startMs) / 1_000).toFixed(2)} s: VIOLATION ${text}`);
  }

  /** What must hold at every moment. */
  #check(): void {
    const now = this.#time.trueMs;
    const reading = this.#world.reading;
    const state = this.#controller?.service('shop') ?? null;
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
      if (now - since > safeWithinMs && reading?.route.candidate)
        this.#fail(
          `${now - since} ms after the decision to go back ${reading.route.candidate.version} still has ${reading.route.weight} %`,
        );
    }
    if (live) {
      const wakeMs = nextWakeMs(state, 0);
      if (!Number.isFinite(wakeMs) && effectsOf(state).length === 0)
        this.#fail(`${live.version} waits in ${live.phase.kind} without a deadline`);
    }
    if (live && this.#last?.live?.id === live.id) this.#checkStep(this.#last.live, live);
    this.#last = state;
  }

  /** More traffic only on positive evidence, unless a person said so or there is nothing to compare with. */
  #checkStep(before: ReleaseState, after: ReleaseState): void {
    const rises = after.exposure.weight > before.exposure.weight && before.exposure.weight > 0;
    if (!rises || this.#forced || after.plan.strategy === 'first') return;
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
    if (Number.isFinite(nextWakeMs(state, 0))) this.#fail('a timer is left');
    for (const release of state.ended) this.#checkOutcome(release);
    for (const logged of replayed) {
      const { event } = recordedIn(logged);
      if (event.kind === 'sampled' && event.samples.length > 700) this.#fail('a record without bound');
    }
  }

  #checkOutcome(release: ReleaseState): void {
    const succeeded = release.phase.kind === 'ended' && release.phase.outcome === 'succeeded';
    const hurts = this.#nature.errorShare >= 0.2 && this.#nature.faultAfterMs === 0;
    if (succeeded !== isCommitted(release)) this.#fail(`${release.version} ended in between`);
    if (release.version === '2.0.0' && hurts && succeeded && release.plan.strategy !== 'first' && !this.#forced)
      this.#fail('a version that fails one request in five was promoted');
    if (release.version === '2.0.0' && this.#nature.readyAfterMs === null && succeeded)
      this.#fail('a version that never became ready was promoted');
    const compensations = this.#world.hooksRun.filter((name) => name === 'undo migrate').length;
    if (!succeeded && release.compensate.length > 0 && compensations === 0) this.#fail('a hook was not undone');
  }
}

function pickNature({ pick, between }: Random): { name: string; nature: Nature } {
  return pick([
    { name: 'good', nature: good },
    { name: 'good', nature: good },
    { name: 'failing one in five', nature: { ...good, errorShare: 0.2 } },
    { name: 'failing one in two, late', nature: { ...good, errorShare: 0.5, faultAfterMs: between(5_000, 25_000) } },
    { name: 'never ready', nature: { ...good, readyAfterMs: null } },
    { name: 'crashing at once', nature: { ...good, crashAfterMs: 200 } },
    { name: 'crashing later', nature: { ...good, crashAfterMs: between(3_000, 40_000) } },
    { name: 'slow', nature: { ...good, latencyMs: 900 } },
  ]);
}
