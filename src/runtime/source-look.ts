import type { Sample } from '../analysis/sample.ts';
import type { ReleaseState } from '../release/types.ts';
import type { RouteReading } from '../routers/router.ts';
import type { MetricSource } from '../sources/source.ts';
import { type Clock, within } from './clock.ts';
import { withReadings } from './source-readings.ts';
import { WeightsRead } from './weights-read.ts';

/** Longest wait for a source, a little above the longest that its document can ask for. Nobody else waits for it. */
export const sourceTimeoutMs = 16_000;

/** Samples that one look takes at most. */
const samplesPerLook = 900;

/** Readings that wait for a router that does not answer: five minutes of one that is read every second. */
const waitingMax = 300;

/**
 * What a source says about one service's release. A source may be slow or dead without anybody noticing but the guard: it is asked
 * apart from the router, one question at a time.
 */
export class SourceLook {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #weights = new WeightsRead();
  #isAsking = false;
  /** Readings of a release that wait to be put onto the counts of its router. */
  #waiting: { readonly release: string; readonly lastSecond: number; readonly readings: readonly Sample[] } | null = null;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /**
   * Asks for what has come since the last time.
   *
   * @param routerCounts - Whether the router's counts are the ground, and only metrics are wanted.
   * @returns New samples where the source's are the ground; otherwise empty, and the metrics go onto the router's next counts. Null
   *   when there is nothing to ask, or an answer is still on its way.
   */
  async ask(source: MetricSource, live: ReleaseState, routerCounts: boolean): Promise<readonly Sample[] | null> {
    if (this.#isAsking || (!routerCounts && !source.capabilities.counts)) return null;
    this.#isAsking = true;
    try {
      const known =
        this.#waiting?.release === live.id ? this.#waiting : { release: live.id, lastSecond: live.lastSecond, readings: [] };
      const query = {
        stable: live.plan.stable,
        candidate: live.version,
        afterSecond: routerCounts ? known.lastSecond : live.lastSecond,
        limit: samplesPerLook,
      };
      const news = await within(this.#clock, sourceTimeoutMs, 'the source', this.#signal, (signal) =>
        source.samples(query, signal),
      );
      if (!routerCounts) return news.map((sample) => this.#weighted(sample));
      // Meanwhile some that waited may have gone onto the router's counts.
      const waiting = this.#waiting?.release === live.id ? this.#waiting.readings : [];
      const lastSecond = news.at(-1)?.second ?? known.lastSecond;
      this.#waiting = { release: live.id, lastSecond, readings: [...waiting, ...news].slice(-waitingMax) };
      return [];
    } finally {
      this.#isAsking = false;
    }
  }

  /** The router has said what is in force. */
  heard(reading: RouteReading | null): void {
    this.#weights.note(this.#clock.now(), reading);
  }

  /** A router's samples of a release with the metrics that have come for them. Each reading goes onto one sample only. */
  onto(samples: readonly Sample[], release: string): readonly Sample[] {
    const known = this.#waiting;
    if (known?.release !== release || known.readings.length === 0 || samples.length === 0) return samples;
    const { samples: measured, waiting } = withReadings(samples, known.readings);
    this.#waiting = { ...known, readings: waiting };
    return measured;
  }

  #weighted(sample: Sample): Sample {
    const toMs = (sample.second + 1) * 1_000;
    return { ...sample, weight: this.#weights.mean(toMs - (sample.seconds ?? 1) * 1_000, toMs, this.#clock.now()) };
  }
}
