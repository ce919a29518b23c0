import type { Sample } from '../analysis/sample.ts';
import { messageOf } from '../errors.ts';
import { decide } from '../release/decide.ts';
import { effectsOf, nextWakeMs } from '../release/levels.ts';
import type { Decision, Effect, ServiceEvent, ServiceState } from '../release/types.ts';
import type { NewEvent } from '../stores/log.ts';
import type { Clock } from './clock.ts';
import { toRecord } from './record.ts';
import { stagger } from './stagger.ts';
import { withoutSecrets } from './without-secrets.ts';

/**
 * Samples that change nothing but counts wait for each other, so that the log grows with what happens and not with time. Each service
 * has its own second of these to write them in, so that a thousand releases do not do it all at once.
 */
const samplesPerRecord = 10;

/** A decision that is made and waits for its place in the log. */
type Staged = { readonly record: NewEvent; readonly resolve: () => void };

/** What a turn needs from the controller around it. */
export type TurnContext = {
  readonly clock: Clock;
  /** Asks for the staged records to be put on record soon. */
  readonly flush: () => void;
  /** The same for records that nothing waits for: they go with the next ones, or once all looks of this second have begun. */
  readonly flushLater: () => void;
  /** Carries out one effect and answers with the event that it led to. */
  readonly perform: (effect: Effect, signal: AbortSignal) => Promise<ServiceEvent>;
  /** The secrets that the service's documents name, as they are: they go on no record. */
  readonly secrets: () => readonly string[];
  /** The log takes nothing at the moment: only what protects users may be done. */
  readonly isLogFailing: () => boolean;
};

/**
 * The one turn, for one service: decide (pure) → put on record → act → record the outcome. The same turn is the normal path, the
 * retry and the recovery after a crash. Decisions are made at once and in order; effects begin only after their decision is in the log.
 */
export class ServiceTurn {
  readonly name: string;
  /** The latest decision, on record or about to be. */
  head: ServiceState;
  /** Version of the stream in the log. */
  version: number;
  #staged: Staged[] = [];
  #samples: Sample[] = [];
  #sampledAt = 0;
  readonly #recordAt: number;
  /** The first moment to wake at, and the state that it follows from. */
  #wakeMs = Number.POSITIVE_INFINITY;
  #wakeOf: ServiceState | null = null;
  /** Called with every new head. */
  readonly #watchers = new Set<() => void>();
  readonly #inFlight = new Map<string, AbortController>();
  readonly #context: TurnContext;

  constructor(name: string, state: ServiceState, version: number, context: TurnContext) {
    this.name = name;
    this.head = state;
    this.version = version;
    this.#recordAt = stagger(name, samplesPerRecord);
    this.#context = context;
  }

  /** Decides on an event. Resolves when the decision is on record; at once when there is nothing to record. */
  submit(heard: ServiceEvent): Promise<Decision> {
    const event = withoutSecrets(heard, this.#context.secrets);
    const before = this.head;
    const decision = decide(before, event);
    this.head = decision.state;
    for (const look of this.#watchers) look();
    if (decision.state === before && event.kind !== 'verb') return Promise.resolve(decision);
    if (event.kind === 'sampled' && isQuiet(before, decision.state)) {
      this.#samples.push(...event.samples);
      this.#sampledAt = event.at;
      const last = event.samples.at(-1)?.second ?? 0;
      if (this.#samples.length >= samplesPerRecord || last % samplesPerRecord === this.#recordAt)
        this.#stageSamples(this.#context.flushLater);
      return Promise.resolve(decision);
    }
    // Samples that led here come first, and in one record with this one if it brings some itself.
    if (event.kind === 'sampled') {
      const samples = [...this.#samples, ...event.samples];
      this.#samples = [];
      return this.#stage({ ...event, samples }, before, decision);
    }
    this.#stageSamples(this.#context.flush, before);
    return this.#stage(event, before, decision);
  }

  /** Resolves with what `find` makes of the latest decision as soon as that is not null; with null when the signal comes first. */
  until<Found>(find: (head: ServiceState) => Found | null, signal: AbortSignal): Promise<Found | null> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = find(this.head);
        if (found === null && !signal.aborted) return;
        this.#watchers.delete(look);
        signal.removeEventListener('abort', look);
        resolve(found);
      };
      this.#watchers.add(look);
      signal.addEventListener('abort', look, { once: true });
      look();
    });
  }

  /** Records that wait, oldest first. They stay until `settled` is called for them. */
  get staged(): readonly NewEvent[] {
    return this.#staged.map(({ record }) => record);
  }

  /** Puts the counts that wait for more of their kind on record with the next look: somebody looks at them. */
  recordSoon(): void {
    this.#stageSamples(this.#context.flushLater);
  }

  /** Whether `head` is exactly the fold of what is in the log. */
  get isOnRecord(): boolean {
    return this.#staged.length === 0 && this.#samples.length === 0;
  }

  /** `count` staged records are in the log now: their effects may begin. */
  settled(count: number): void {
    const done = this.#staged.splice(0, count);
    this.version += count;
    for (const { resolve } of done) resolve();
    this.act();
  }

  /** Begins every effect that is on record, not under way and not waiting for its back-off; ends those that nobody wants any more. */
  act(): void {
    const now = this.#context.clock.now();
    const isSafe = this.#staged.length === 0;
    const effects = effectsOf(this.head);
    const pending = new Set(effects.map(({ key }) => key));
    for (const [key, controller] of this.#inFlight) {
      if (!pending.has(key)) {
        controller.abort();
        this.#inFlight.delete(key);
      }
    }
    for (const effect of effects) {
      if (this.#inFlight.has(effect.key) || (this.head.retries[effect.key]?.notBeforeMs ?? 0) > now) continue;
      if (!isSafe && !(this.#context.isLogFailing() && isProtective(effect))) continue;
      this.#begin(effect);
    }
  }

  /** Lets time pass: an event only when something was waiting for this moment. */
  wake(): void {
    const at = this.#context.clock.now();
    const decision = decide(this.head, { kind: 'woke', at });
    if (decision.state !== this.head) void this.submit({ kind: 'woke', at });
    this.act();
  }

  /** The next moment at which `wake` has something to do. Asked for all services whenever one of them moves, so it is remembered. */
  nextWakeMs(afterMs: number): number {
    if (this.#wakeOf !== this.head) {
      this.#wakeOf = this.head;
      this.#wakeMs = nextWakeMs(this.head, 0);
    }
    return this.#wakeMs > afterMs ? this.#wakeMs : nextWakeMs(this.head, afterMs);
  }

  /** Calls off everything under way; what is on record is done again by the next controller. */
  stop(): void {
    for (const controller of this.#inFlight.values()) controller.abort();
    this.#inFlight.clear();
    for (const { resolve } of this.#staged) resolve();
    this.#staged = [];
  }

  #begin(effect: Effect): void {
    const controller = new AbortController();
    this.#inFlight.set(effect.key, controller);
    const finished = (event: ServiceEvent): void => {
      // An answer that came after its effect was called off is about a world that nobody wants any more.
      if (this.#inFlight.get(effect.key) !== controller) return;
      this.#inFlight.delete(effect.key);
      void this.submit(event);
      this.act();
    };
    this.#context.perform(effect, controller.signal).then(finished, (error: unknown) => {
      finished({ kind: 'effect-failed', at: this.#context.clock.now(), key: effect.key, reason: messageOf(error) });
    });
  }

  /** `state`: as it was when they came, because a record belongs to the release that was live then. */
  #stageSamples(flush: () => void, state = this.head): void {
    if (this.#samples.length === 0) return;
    const event: ServiceEvent = { kind: 'sampled', at: this.#sampledAt, samples: this.#samples };
    this.#samples = [];
    void this.#stage(event, state, { state, said: null }, flush);
  }

  #stage(event: ServiceEvent, before: ServiceState, decision: Decision, flush = this.#context.flush): Promise<Decision> {
    return new Promise((resolve) => {
      this.#staged.push({ record: toRecord(event, before, decision), resolve: () => resolve(decision) });
      flush();
    });
  }
}

/** Whether samples changed nothing but counts: the release stands where it stood, and the guard says the same. */
function isQuiet(before: ServiceState, after: ServiceState): boolean {
  const was = before.live;
  const is = after.live;
  if (!was || !is || was.id !== is.id) return false;
  if (before.route !== after.route || before.instances !== after.instances || before.retries !== after.retries) return false;
  if (was.verdict?.kind !== is.verdict?.kind || was.drill !== is.drill) return false;
  if (was.phase === is.phase) return true;
  // Only the number of requests seen differs while the same step is being observed, or is held for more of them.
  if (was.phase.kind === 'held' && is.phase.kind === 'held') return was.phase.sinceMs === is.phase.sinceMs;
  return (
    was.phase.kind === 'stepping' &&
    is.phase.kind === 'stepping' &&
    was.phase.step === is.phase.step &&
    was.phase.part.kind === 'observing' &&
    is.phase.part.kind === 'observing'
  );
}

/** Taking traffic back may go ahead of the log: it is safe to do twice and to do needlessly, and not doing it hurts. */
function isProtective(effect: Effect): boolean {
  return (effect.kind === 'set-route' && effect.route.candidate === null) || effect.kind === 'read-route';
}
