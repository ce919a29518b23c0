import type { Said } from './said.ts';
import type { Sample } from './sample.ts';

export type { GuardPolicy, LatencyPolicy, MetricPolicy } from '../spec/types.ts';

/** `pass` shown to be fine · `fail` shown to be worse · `undecided` not enough seen yet · `blind` nothing trustworthy to see. */
export type VerdictKind = 'pass' | 'fail' | 'undecided' | 'blind';

/** What the guard says after a sample. It carries everything needed to believe it. */
export type Verdict = {
  readonly kind: VerdictKind;
  /** One plain sentence with the numbers: `1.1.0 fails 21 of 104 requests where 1.0.0 fails 1 of 930; evidence 3,900 : 1 after 3 s`. */
  readonly sentence: string;
  /** The same as data, for other languages. */
  readonly said: Said;
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
  /** `errors`, `errors-timeout`, `latency-p95`, `share`, `traffic`, or the name of one of the user's own. */
  readonly metric: string;
  /** `comparison` with stable at the same time, `limit` absolute, `data` whether there is anything to judge. */
  readonly test: 'comparison' | 'limit' | 'data';
  readonly kind: VerdictKind;
  readonly sentence: string;
  readonly said: Said;
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
