import { messageOf } from '../../errors.ts';
import type { Installed, ServiceState } from '../../release/types.ts';
import type { Clock } from '../clock.ts';
import { blockerReasons, joined } from './gates.ts';
import type { ReadinessRuns } from './ports.ts';

/** How often it is looked whether a stable version is to be asked again. */
const lookMs = 10_000;
/** The last time is not lost to a look that came a little later. */
const slackMs = 60_000;

export type StableWatchOptions = {
  readonly services: () => readonly ServiceState[];
  readonly runs: ReadinessRuns;
  readonly clock: Clock;
  readonly warn: (service: string, text: string) => void;
};

/**
 * Asks the checklist of `release.verify` again and again for a while after a version has become stable. It only tells: the runs are on
 * record, and what is not as it was is said. What fell into a time without a controller is not caught up.
 */
export class StableWatch {
  readonly #options: StableWatchOptions;
  /** How many times each release has been asked, or would have been before this controller came. */
  readonly #asked = new Map<string, number>();
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;

  constructor(options: StableWatchOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { services, clock } = this.#options;
    const { signal } = this.#stopping;
    const since = clock.now();
    while (!signal.aborted) {
      for (const { name, stable } of services()) {
        const turn = stable && watchTurn(stable, clock.now());
        if (!stable || turn === null) continue;
        const before = this.#asked.get(stable.release) ?? watchTurn(stable, since) ?? 0;
        this.#asked.set(stable.release, turn);
        if (turn > before) await this.#ask(name, stable);
      }
      await clock.after(lookMs, signal);
    }
  }

  async #ask(service: string, { version, spec, release }: Installed): Promise<void> {
    const { runs, warn } = this.#options;
    const { verify } = spec.release;
    if (!verify) return;
    try {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(verify.timeoutMs)]);
      const ask = {
        service,
        version,
        spec,
        checklist: verify.checklist,
        phases: null,
        again: true,
        by: 'controller',
        why: `watch after ${release}`,
      };
      const answer = await runs.run(ask, signal);
      const reasons = blockerReasons(answer);
      if (reasons.length > 0) warn(service, `${version} is not as it was verified: ${joined(reasons).en} (run ${answer.run})`);
    } catch (error) {
      if (!this.#stopping.signal.aborted) warn(service, `${version} could not be verified again: ${messageOf(error)}`);
    }
  }
}

/** How many times a stable version is to have been asked by now; null: it is not watched, or not any more. */
export function watchTurn({ spec, sinceMs }: Installed, nowMs: number): number | null {
  const watch = spec.release.verify?.watch;
  if (!watch || nowMs - sinceMs > watch.forMs + slackMs || nowMs < sinceMs) return null;
  return Math.floor(Math.min(nowMs - sinceMs, watch.forMs) / watch.everyMs);
}
