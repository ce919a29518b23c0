import type { KayentaSaid } from './kayenta/said.ts';
import type { ErrorClass } from './sample.ts';

/** Bad and all requests. */
export type Bad = { readonly bad: number; readonly n: number };

/** Weight of what was found: ln of the evidence, and seconds since the fault began (null: unknown). */
export type Weight = { readonly log: number; readonly seconds: number | null };

/** Which limit: `max` is never accepted, above `warn` people decide. */
export type LimitLevel = 'max' | 'warn';

/** That stable breaks the same limit, with its counts where they are known. */
export type Shared = { readonly stable: Bad | null };

/**
 * What a verdict says, as data: `english.ts` and `russian.ts` make one plain sentence of it. Names of versions are not in here.
 * Seconds are whole, shares are parts per million, latencies milliseconds.
 */
export type Said =
  | { readonly kind: 'no-request' }
  | { readonly kind: 'silent'; readonly seconds: number }
  | { readonly kind: 'unmeasured'; readonly who: 'candidate' | 'stable'; readonly seconds: number }
  | { readonly kind: 'fresh' }
  | { readonly kind: 'too-few'; readonly n: number; readonly seconds: number }
  | { readonly kind: 'asks-for-more'; readonly n: number; readonly asked: number }
  | { readonly kind: 'requests'; readonly n: number }
  | {
      readonly kind: 'share';
      readonly n: number;
      readonly all: number;
      readonly weight: number;
      readonly problem: 'few' | 'many' | null;
    }
  | {
      readonly kind: 'errors';
      /** null: of all classes. */
      readonly errorClass: ErrorClass | null;
      readonly candidate: Bad;
      readonly stable: Bad | null;
      readonly weight: Weight | null;
    }
  | {
      readonly kind: 'error-limit';
      readonly level: LimitLevel;
      readonly limitPpm: number;
      readonly candidate: Bad;
      readonly shared: Shared | null;
    }
  | { readonly kind: 'latency-unknown'; readonly why: 'warm-up' | 'few-requests' }
  | {
      readonly kind: 'slower';
      readonly edgeMs: number;
      readonly candidate: Bad;
      readonly stable: Bad | null;
      readonly weight: Weight;
    }
  | { readonly kind: 'not-slower'; readonly worseByPpm: number; readonly n: number }
  | {
      readonly kind: 'latency-limit';
      readonly level: LimitLevel;
      readonly quantilePpm: number;
      readonly limitMs: number;
      readonly candidate: Bad;
      readonly shared: Shared | null;
    }
  /** `silentS`: since the last reading; null before the first. */
  | { readonly kind: 'metric-unknown'; readonly name: string; readonly silentS: number | null }
  | {
      readonly kind: 'ratio';
      readonly name: string;
      readonly candidate: Bad;
      readonly stable: Bad | null;
      readonly weight: Weight | null;
    }
  | {
      readonly kind: 'ratio-limit';
      readonly name: string;
      readonly level: LimitLevel;
      readonly limitPpm: number;
      readonly candidate: Bad;
      readonly shared: Shared | null;
    }
  | {
      readonly kind: 'gauge';
      readonly name: string;
      readonly candidate: number;
      readonly stable: number | null;
      /** Comparisons in which the candidate was beyond the margin, of how many. */
      readonly beyond: number;
      readonly of: number;
      readonly weight: Weight | null;
    }
  | {
      readonly kind: 'gauge-limit';
      readonly name: string;
      readonly level: LimitLevel;
      readonly limit: number;
      readonly value: number;
      readonly seconds: number;
      readonly shared: boolean;
    }
  /** What Kayenta's judge says where the policy asks for it. */
  | { readonly kind: 'kayenta'; readonly said: KayentaSaid };
