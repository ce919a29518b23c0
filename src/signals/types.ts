import type { Levels } from '../spec/signal-levels.ts';

/**
 * Why a signal has no value: nobody who could be asked knows it, it was not read yet, nothing was heard of it lately, or what whoever
 * was asked has said.
 */
export type NotKnown = { readonly kind: 'nobody' | 'not-yet' | 'silent' } | { readonly kind: 'said'; readonly said: string };

/** How much of something is used now. A share is of `limit`; null: it has none, and counts as it is. */
export type Gauge = {
  /** A signal that everybody has (`cpu`, `threads`), or the name that the document gives it. */
  readonly name: string;
  readonly used: number | null;
  readonly limit: number | null;
  /** What `used` and `limit` are counted in, for people: `B` for bytes; null: a number of things. */
  readonly unit: string | null;
  /** Why `used` is null. */
  readonly notKnown: NotKnown | null;
};

export const signalGroups = ['latency', 'traffic', 'errors', 'saturation'] as const;
export type SignalGroup = (typeof signalGroups)[number];

/**
 * How a signal is. `no-traffic`: there was no request to measure; `unknown`: it is not known, which is never fine; `unjudged`: it is
 * known and has no level.
 */
export const signalStates = ['critical', 'warning', 'unknown', 'ok', 'no-traffic', 'unjudged'] as const;
export type SignalState = (typeof signalStates)[number];

/** A golden signal now, against its levels. */
export type AssessedSignal = {
  readonly name: string;
  readonly group: SignalGroup;
  /** Of `value` and `levels`: milliseconds, a share (0–1), or a number of `of`. */
  readonly unit: 'ms' | 'share' | 'number';
  readonly value: number | null;
  /** What a share of saturation is made of; null elsewhere. */
  readonly used: number | null;
  readonly limit: number | null;
  /** What `used` and `limit`, or a number, are counted in; null: things, or a share that is read as one. */
  readonly of: string | null;
  readonly levels: Levels;
  readonly state: SignalState;
  /** Whether the document names it: then it has to be known. */
  readonly isAsked: boolean;
  readonly notKnown: NotKnown | null;
};
