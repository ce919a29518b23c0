import { guards } from '../../src/release/guarding.ts';
import { effectsOf, nextWakeMs } from '../../src/release/levels.ts';
import type { ReleaseState, ServiceState } from '../../src/release/types.ts';
import { judgeEnded, judgeFold } from './judge-ends.ts';
import { leaseMs, type Played } from './played.ts';

/** From a decision to go back to all traffic on stable, with a controller and a router that answer. */
const safeWithinMs = 9_000;
/** From the loss of the candidate's only instance to the decision to go back: a look, its answer that may be late, and a record. */
const noticedWithinMs = 8_500;
/** From the moment that a release ends a restart until the instance that was starting is ready and has its requests: its end, its start, two looks. */
const comingBackMs = 6_000;

/** What must hold at every moment. */
export class MomentJudge {
  readonly #played: Played;
  #last: ServiceState | null = null;
  #faultAtMs = Number.NEGATIVE_INFINITY;
  #rejectedByLogMs = Number.NEGATIVE_INFINITY;

  constructor(played: Played) {
    this.#played = played;
  }

  /** The service as it was judged last; null: never. */
  get last(): ServiceState | null {
    return this.#last;
  }

  /** What must hold at every moment. */
  judge(wholly: boolean): void {
    const now = this.#played.time.trueMs;
    const reading = this.#played.world.reading;
    const state = this.#played.controller?.service('shop') ?? null;
    if (this.#played.world.logFault !== null) this.#rejectedByLogMs = now;
    if (
      !this.#played.controller &&
      reading?.route.candidate &&
      now - (reading.appliedAtMs ?? 0) > 0 &&
      this.#played.deadForMs > leaseMs + 1_000
    ) {
      this.#played.fail(
        `without a controller for longer than the lease, ${reading.route.candidate.version} still has ${reading.route.weight} %`,
      );
    }
    if (!state) return;
    const { live } = state;
    if (live?.phase.kind === 'rolling-back') {
      const since = Math.max(live.phase.cause.decidedAtMs - this.#played.time.skewMs, this.#played.healthySinceMs);
      // Stable first gets back the instances that it has given up.
      const withinMs = safeWithinMs + (live.plan.rolling ? live.plan.readyMs : 0);
      if (now - since > withinMs && reading?.route.candidate)
        this.#played.fail(
          `too long after the decision to go back ${reading.route.candidate.version} still has ${reading.route.weight} %`,
        );
    }
    if (live) {
      const wakeMs = nextWakeMs(state, 0);
      if (!Number.isFinite(wakeMs) && effectsOf(state).length === 0)
        this.#played.fail(`${live.version} waits in ${live.phase.kind} without a deadline`);
    }
    if (live) this.#judgeCapacity(state, live);
    if (live) this.#judgeLive(live);
    const token = this.#played.controller?.health.token ?? 0;
    if (
      state.stable &&
      reading &&
      reading.fence.token < token &&
      now - this.#played.healthySinceMs > 15_000 &&
      !this.#played.world.targetFault
    )
      this.#played.fail('the router still obeys an earlier controller');
    const turn = this.#played.controller?.agent('shop')?.turn;
    if (wholly && turn?.isOnRecord && turn.version === this.#played.events.length) judgeFold(this.#played, turn.head);
    for (const release of state.ended)
      if (!this.#last?.ended.some(({ id }) => id === release.id)) judgeEnded(this.#played, state, release);
    this.#last = state;
  }

  /** A rolling update keeps enough instances ready, and never has more than there is room for. */
  #judgeCapacity(state: ServiceState, { plan, phase, version }: ReleaseState): void {
    const now = this.#played.time.trueMs;
    const { routerFault, targetFault, logFault, capacity, reading } = this.#played.world;
    if (routerFault !== null || targetFault !== null || logFault !== null || this.#played.life.dead) this.#faultAtMs = now;
    if (!plan.rolling || phase.kind === 'validating' || phase.kind === 'awaiting-approval' || phase.kind === 'queued') return;
    if (capacity.existing > plan.rolling.ceiling)
      this.#played.fail(`${capacity.existing} instances run, and there is room for ${plan.rolling.ceiling}`);
    // What crashes by itself, or lapses without a controller, is nobody's decision; nor is what a controller cannot see.
    const isLost = this.#played.nature.crashAfterMs !== null || reading?.lapsed !== false || this.#played.jumped;
    if (isLost || now - this.#faultAtMs < 25_000 || state.stable === null) return;
    // The instance that a restart had ended before the release began comes back in its own time; the release takes none beside it.
    const [last] = state.restarts ?? [];
    const isComing = last?.end?.outcome === 'stopped' && state.atMs - last.end.atMs < comingBackMs;
    const floor = plan.rolling.floor - (isComing ? 1 : 0);
    if (capacity.serving < floor)
      this.#played.fail(`${capacity.serving} instances serve in ${phase.kind} of ${version}, and ${floor} have to`);
  }

  #judgeLive(live: ReleaseState): void {
    const { phase, verdict, plan } = live;
    const now = this.#played.time.trueMs;
    // Where stable cannot take the traffic, people may have sent it on against the guard.
    const guarded = guards(live) && !plan.incompatible;
    if (guarded && verdict?.kind === 'fail') this.#played.fail(`the guard says fail, and ${live.version} is still ${phase.kind}`);
    const unservedMs = Math.min(this.#played.world.notReadyForMs(live.version), now - this.#played.healthySinceMs);
    if (guarded && live.exposure.weight > 0 && unservedMs > noticedWithinMs && this.#played.world.targetFault === null)
      this.#played.fail(`${live.version} has had no ready instance for too long, and is still ${phase.kind}`);
    if (this.#played.jumped || this.#played.world.logFault !== null) return;
    // In a rolling update stable gets its instances back before that.
    const isLater = phase.kind === 'rolling-back' && plan.rolling !== undefined;
    const backSinceMs = isLater ? phase.untilMs - plan.routeMs : phase.kind === 'rolling-back' ? phase.cause.decidedAtMs : now;
    const failing = phase.kind === 'rolling-back' && phase.part === 'route' && !phase.failing;
    if (
      failing &&
      this.#played.life.dead === false &&
      now - backSinceMs > plan.routeMs + 3_000 &&
      now > this.#played.begunAtMs + 3_000
    )
      this.#played.fail('the router refuses the way back for too long, and nobody is told');
    const untilMs =
      'untilMs' in phase ? phase.untilMs : phase.kind === 'stepping' && 'untilMs' in phase.part ? phase.part.untilMs : now;
    // A new controller may first have to wait for the target's word, for as long as a candidate may take to become ready.
    const awayMs = 12_000 + plan.readyMs + 6_000;
    if (now - untilMs > 12_000 && now - this.#played.begunAtMs > awayMs && now - this.#rejectedByLogMs > 12_000)
      this.#played.fail(`the deadline of ${phase.kind} passed without effect`);
  }
}
