import type { Text } from '../../spec/text.ts';
import type { Labels } from './matching.ts';
import type { NoticeReason } from './notify-decision.ts';
import type { Still } from './stillness.ts';

/** How far a forecast looks. */
export const forecastMs = 14 * 86_400_000;

/** Why somebody was told, was not, or is not yet. Unix milliseconds. */
export type Standing =
  /** It has not fired at the moment, or it was over before anybody was told. */
  | { readonly kind: 'to-come' }
  | { readonly kind: 'over'; readonly atMs: number; readonly isTold: boolean }
  /** The node has a policy alone: it calls people by their incident, in no times of a group. */
  | { readonly kind: 'by-policy' }
  /** Something keeps it still; `untilMs` null: it is not known until when. */
  | { readonly kind: 'still'; readonly why: Still; readonly untilMs: number | null }
  /** The first message of its group waits for other alerts. */
  | { readonly kind: 'grouped'; readonly untilMs: number; readonly waitMs: number }
  /** Its group was told of before; news is told with the next look at it. */
  | { readonly kind: 'news-waits'; readonly untilMs: number; readonly intervalMs: number }
  /** It was told of, and there is nothing new. */
  | { readonly kind: 'repeat-not-due'; readonly toldAtMs: number; readonly fromMs: number; readonly repeatMs: number };

/** What becomes of an alert at one node of the tree that takes it. */
export type NodeExplanation = {
  /** Where the node stands in its document. */
  readonly place: string;
  readonly group: string;
  readonly groupLabels: Labels;
  readonly policy: string | null;
  readonly notifiers: readonly string[];
  /** Messages up to the moment that it was in, the last 20; `toldCount` counts all. */
  readonly told: readonly {
    readonly atMs: number;
    readonly reason: NoticeReason;
    readonly firing: number;
    readonly isOver: boolean;
  }[];
  readonly toldCount: number;
  readonly standing: Standing;
  /** When it is told of next if nothing changes; null: not within two weeks. */
  readonly nextMs: number | null;
  /** All of it in sentences. */
  readonly said: readonly Text[];
};

/** Who is told of an alert, who is not, and why, as it stands at a moment. */
export type Explanation = {
  readonly alert: {
    readonly id: string;
    readonly name: string;
    readonly labels: Labels;
    readonly firedAtMs: number;
    readonly resolvedAtMs: number | null;
  };
  readonly atMs: number;
  readonly nodes: readonly NodeExplanation[];
};
