import { phaseName } from '../../release/phase-name.ts';
import { stepText } from '../../release/step-text.ts';
import type { ReleaseState, ServiceState } from '../../release/types.ts';
import { doing } from '../../views/doing.ts';

/** What a release began at a moment: a step of its plan, or a state such as `held` or `rolled-back`. */
export type Moment = {
  readonly release: string;
  readonly version: string;
  /** Kind of the step, or the state. */
  readonly kind: string;
  /** Number of the step, from 1; empty for what is no step. */
  readonly step: string;
  readonly text: string;
  /** Unix milliseconds. */
  readonly atMs: number;
};

/** Moments that are kept of a service, and signs of a text: a label is no place for the output of a program. */
const momentsMax = 100;
const textMax = 200;

/** What a release is at, without the time since when. */
export function positionOf(release: ReleaseState): Omit<Moment, 'atMs'> {
  const { id, version, phase, plan } = release;
  const step = phase.kind === 'stepping' ? plan.steps[phase.step] : undefined;
  const text = step ? stepText(step, plan.stable) : doing(release, 'en');
  return {
    release: id,
    version,
    kind: step?.kind ?? phaseName(release),
    step: phase.kind === 'stepping' || phase.kind === 'held' ? String(phase.step + 1) : '',
    text: text.length > textMax ? `${text.slice(0, textMax - 1)}…` : text,
  };
}

/** The moments of the last two releases of a service, of which one may be under way. Those of before this program are not in here. */
export class ReleaseMoments {
  #release: string | null;
  #at: string | null;
  #moments: readonly Moment[] = [];

  constructor(state: ServiceState | null) {
    const known = state?.live ?? state?.ended[0];
    this.#release = known?.id ?? null;
    this.#at = known ? keyOf(positionOf(known)) : null;
  }

  get all(): readonly Moment[] {
    return this.#moments;
  }

  /** Takes notice of a state of the service; `state.atMs` is when it came about. */
  take(state: ServiceState): void {
    // One record can end a release and begin the next.
    const before = state.ended.find(({ id }) => id === this.#release);
    if (before) this.#see(before, state.atMs);
    const now = state.live ?? state.ended[0];
    if (now) this.#see(now, state.atMs);
  }

  #see(release: ReleaseState, atMs: number): void {
    const position = positionOf(release);
    const key = keyOf(position);
    if (key === this.#at) return;
    // A release may end and another begin between two scrapes.
    const before = this.#moments.findLast((one) => one.release !== release.id)?.release;
    const kept = this.#moments.filter((one) => one.release === release.id || one.release === before);
    this.#release = release.id;
    this.#at = key;
    // What begins for a second time, after a hold, is one series with a later value.
    this.#moments = [...kept.filter((one) => keyOf(one) !== key), { ...position, atMs }].slice(-momentsMax);
  }
}

function keyOf({ release, kind, step }: Omit<Moment, 'atMs'>): string {
  return `${release} ${kind} ${step}`;
}
