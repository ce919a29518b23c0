import type { Sample } from './sample.ts';

/** What a release promises about its candidate, in integers: shares in parts per million, times in milliseconds. */
export type GuardPolicy = {
  readonly errors: {
    /** Absolute rise of the error rate over stable's that is still accepted (non-inferiority margin). */
    readonly worseByPpm: number;
    /** Highest error rate whatever stable does (MISSION C4: 5 %). */
    readonly maxPpm: number;
  };
  readonly latency: readonly LatencyPolicy[];
  /** Fewest candidate requests on a step before its verdict can be `pass`. */
  readonly minRequests: number;
};

/** One latency quantile that is watched. */
export type LatencyPolicy = {
  /** 950_000 is p95. */
  readonly quantilePpm: number;
  /** Relative rise over stable's that is still accepted; `null`: not compared. */
  readonly worseByPpm: number | null;
  /** Highest value whatever stable does; `null`: no limit. */
  readonly maxMs: number | null;
};

/** `pass` shown to be fine · `fail` shown to be worse · `undecided` not enough seen yet · `blind` nothing trustworthy to see. */
export type VerdictKind = 'pass' | 'fail' | 'undecided' | 'blind';

/** What the guard says after a sample. It carries everything needed to believe it. */
export type Verdict = {
  readonly kind: VerdictKind;
  /** One plain sentence with the numbers: `1.1.0 fails 21 of 104 requests where 1.0.0 fails 1 of 930; evidence 3,900 : 1 after 3 s`. */
  readonly sentence: string;
  readonly metrics: readonly MetricVerdict[];
  /** On `fail`: unix milliseconds at which the fault that was found first hurt somebody, as exactly as the samples tell. */
  readonly faultAtMs: number | null;
  /**
   * The candidate is shown to be no worse than the margins allow (non-inferiority), so a plan may end the step early.
   * Stronger than `pass`, which only says that nothing speaks against it.
   */
  readonly proven?: boolean;
};

export type MetricVerdict = {
  /** `errors`, `latency-p95`, `share`, `traffic` … */
  readonly metric: string;
  /** `comparison` with stable at the same time, `limit` absolute, `data` whether there is anything to judge. */
  readonly test: 'comparison' | 'limit' | 'data';
  readonly kind: VerdictKind;
  readonly sentence: string;
  /** Bad and all requests of each side that the numbers are about; `stable` is null without a concurrent stable. */
  readonly candidate: { readonly bad: number; readonly n: number };
  readonly stable: { readonly bad: number; readonly n: number } | null;
  /** Natural logarithm of the evidence against the candidate, and where it fails; null for tests without evidence. */
  readonly logEvidence: number | null;
  readonly logThreshold: number | null;
};

/** One look of the guard. */
export type Look = {
  readonly sample: Sample;
  /** Index of the plan's step that is in force; a new step restarts what is counted per step. */
  readonly step: number;
  /**
   * Some requests go to the candidate by header or cookie, whatever the weight. Its share may then exceed the weight, so
   * only a shortfall makes the guard blind. Absent: no.
   */
  readonly matched?: boolean;
};

/** Names for the sentences. `stable` is null when nothing runs to compare with. */
export type Compared = { readonly candidate: string; readonly stable: string | null };
