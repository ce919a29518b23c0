import type { SpanCounts } from '../../incidents/impact/types.ts';

/** A text with the events of the log that it is known from. */
export type Cited = { readonly text: string; readonly seqs: readonly number[] };

/** A part of a section, in one language, without any markup: what Markdown and HTML are both written from. */
export type Block =
  | { readonly kind: 'lines'; readonly lines: readonly Cited[] }
  | { readonly kind: 'list'; readonly lines: readonly Cited[] }
  | {
      readonly kind: 'table';
      readonly label: string;
      readonly head: readonly string[];
      readonly rows: readonly (readonly Cited[])[];
    }
  /** What somebody wrote, line by line. */
  | { readonly kind: 'written'; readonly lines: readonly string[]; readonly by: string }
  /** Nobody has written it yet. */
  | { readonly kind: 'blank'; readonly ask: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'heading'; readonly text: string }
  /** The share of bad events over time; `fromMs` to `toMs` is the incident. Where there are no pictures it is left out. */
  | {
      readonly kind: 'chart';
      readonly label: string;
      readonly fromMs: number;
      readonly toMs: number;
      readonly series: readonly SpanCounts[];
    }
  /** Rows that others cite by their seq. */
  | {
      readonly kind: 'timeline';
      readonly head: readonly string[];
      readonly rows: readonly TimelineRow[];
      readonly more: string | null;
    };

export type TimelineRow = {
  readonly seq: number;
  readonly time: string;
  readonly who: string;
  readonly text: string;
  readonly url: string | null;
  readonly isNote: boolean;
};

export type Section = { readonly id: string; readonly title: string; readonly blocks: readonly Block[] };

/** A post-mortem in one language, in the order in which it is read. */
export type PostMortemOutline = {
  readonly kind: string;
  readonly title: string;
  readonly incident: string;
  readonly severity: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly sections: readonly Section[];
};

/** A text that cites nothing. */
export function uncited(text: string): Cited {
  return { text, seqs: [] };
}
