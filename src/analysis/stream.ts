import type { Compared, GuardPolicy } from './guard.ts';
import { type Found, isProvenGood, kindOf, verdictOf } from './judge.ts';
import { type Counts, noCounts } from './sample.ts';
import { type GuardState, openGuard, take } from './watch.ts';

/**
 * The stream protocol by which decision programs are compared: one JSON object per line. `open` starts a run, each `tick`
 * brings the counts since the last and is answered at once, `close` ends the run. Runs are interleaved.
 */
export type StreamMessage =
  | {
      readonly op: 'open';
      readonly run: string;
      /** Seconds between ticks. */
      readonly tick_s: number;
      readonly steps: readonly { readonly at: number; readonly w: number }[];
      readonly policy?: Partial<GuardPolicy>;
    }
  | {
      readonly op: 'tick';
      readonly run: string;
      /** End of the tick in seconds since the candidate's first weight; up to 0 there is stable alone. */
      readonly t: number;
      /** Candidate's weight, 0–1. */
      readonly w: number;
      /** null: the scrape was missed; its counts come with the next. */
      readonly stable: StreamCounts | null;
      readonly canary: StreamCounts | null;
    }
  | { readonly op: 'close'; readonly run: string };

/** Requests, errors, and latency as a sparse histogram in the buckets of `bucketOf`. */
export type StreamCounts = { readonly n: number; readonly e: number; readonly h: readonly number[] };

export type StreamAnswer = {
  readonly run: string;
  readonly t: number;
  readonly verdict: 'continue' | 'abort' | 'promote' | 'hold';
  readonly reason?: string;
};

/** One run of the stream. Changed in place. */
export type StreamRun = { readonly guard: GuardState; readonly tickS: number; step: number; weight: number };

/** What the stream's empty policy means: small margins, the error limit of the mission, no latency limit. */
export const streamPolicy: GuardPolicy = {
  errors: { worseByPpm: 150, maxPpm: 50_000 },
  latency: [{ quantilePpm: 950_000, worseByPpm: 50_000, maxMs: null }],
  minRequests: 20,
};

const names: Compared = { candidate: 'candidate', stable: 'stable' };

export function openRun(message: StreamMessage & { op: 'open' }): StreamRun {
  return { guard: openGuard({ ...streamPolicy, ...message.policy }, names), tickS: message.tick_s, step: -1, weight: 0 };
}

/** Adds a tick. A larger weight is a new step. */
export function tickRun(run: StreamRun, message: StreamMessage & { op: 'tick' }): StreamAnswer {
  const weight = message.t > 0 ? message.w : 0;
  if (weight > run.weight + 1e-9) run.step += 1;
  run.weight = weight;
  const sample = {
    // Unix seconds are positive and streams begin before 0.
    second: message.t + 1_000_000,
    edgesMs: [],
    weight: weight * 100,
    stable: counts(message.stable),
    candidate: counts(message.canary),
    // The first has none before it that would tell how long it lasted.
    ...(run.guard.second === null ? { seconds: run.tickS } : {}),
  };
  const found = take(run.guard, { sample, step: run.step });
  return { run: message.run, t: message.t, ...said(run.guard, found) };
}

function said(guard: GuardState, found: readonly Found[]): Pick<StreamAnswer, 'verdict' | 'reason'> {
  const kind = kindOf(found);
  switch (kind) {
    case 'fail':
      return { verdict: 'abort', reason: verdictOf(guard, found).sentence };
    case 'blind':
    case 'undecided':
      return { verdict: 'hold', reason: verdictOf(guard, found).sentence };
    case 'pass':
      return { verdict: isProvenGood(guard, kind) ? 'promote' : 'continue' };
  }
}

function counts(c: StreamCounts | null): Counts | null {
  if (c === null) return null;
  return c.n === 0 ? noCounts : { n: c.n, errors: c.e, classes: { status: c.e }, histogram: c.h, slower: [] };
}
