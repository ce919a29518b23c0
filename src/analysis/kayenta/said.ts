import type { Label } from './classifier.ts';
import type { KayentaMetric } from './series.ts';

/** What the judge has to say, as data; `said-english.ts` and `said-russian.ts` make sentences of it. */
export type KayentaSaid =
  /** No judgement yet; the first comes after so many more seconds with traffic. */
  | { readonly kind: 'waiting'; readonly candidate: string; readonly leftS: number }
  /** The newest judgement is older than the step; the next comes after so many more seconds with traffic. */
  | {
      readonly kind: 'stale';
      readonly candidate: string;
      readonly score: number;
      readonly number: number;
      readonly leftS: number;
    }
  /** The candidate has all of the traffic: there is nothing to compare with. `last` is the newest judgement, null if there is none. */
  | {
      readonly kind: 'alone';
      readonly candidate: string;
      readonly last: { readonly score: number; readonly number: number; readonly passMin: number } | null;
    }
  | {
      readonly kind: 'judged';
      readonly candidate: string;
      /** `marginal`: neither fails nor passes. `nodata`: at least half of the metrics had no values, so that Kayenta's score is 0. */
      readonly outcome: 'passed' | 'marginal' | 'failed' | 'nodata';
      /** Percent (0–100), of the whole. */
      readonly score: number;
      /** 1 for the first judgement. */
      readonly number: number;
      readonly passMin: number;
      /** Those that the sentence is about. */
      readonly metrics: readonly JudgedSeries[];
    };

/** How one metric was judged. */
export type JudgedSeries = {
  readonly metric: KayentaMetric;
  readonly label: Label;
  /** Means of the values that were compared, in the metric's unit; null without values. */
  readonly candidate: number | null;
  readonly stable: number | null;
};
