import type { CheckResult } from '../checks/check.ts';
import type { Severity } from '../spec/checklist-types.ts';
import type { Text } from '../spec/text.ts';

/** What one run of an item's check has found, and when. */
export type ItemResult = CheckResult & {
  /** `phase.item`. */
  readonly item: string;
  /** Kind of the check. */
  readonly kind: string;
  /** What was asked, as `askedOf` writes it: another question has another answer. */
  readonly asked: string;
  /** Unix ms of its start, and how long it took. */
  readonly startedMs: number;
  readonly tookMs: number;
};

/** Proof that a person gives with a claim. */
export type Evidence =
  | { readonly kind: 'link'; readonly url: string }
  | { readonly kind: 'file'; readonly name: string; readonly bytes: number; readonly sha256: string };

/** A claim on record. */
export type Confirmation = {
  readonly item: string;
  readonly by: string;
  readonly comment: string | null;
  readonly evidence: Evidence | null;
  readonly atMs: number;
  /** First moment at which it does not hold any more. */
  readonly untilMs: number;
};

/** An item that does not have to be there for a while. */
export type Exemption = {
  readonly item: string;
  readonly by: string;
  readonly reason: string;
  readonly atMs: number;
  readonly untilMs: number;
};

/** A signature under one report: with any other hash it is void. */
export type SignOff = {
  readonly role: string;
  readonly by: string;
  readonly comment: string | null;
  readonly atMs: number;
  /** SHA-256 of the report's canonical text, in hex. */
  readonly hash: string;
};

export type ReadinessVerdict = 'ready' | 'ready-with-risks' | 'not-ready';

/** `exempt`: not there, and it need not be. `skipped`: it does not apply here. */
export type ItemStatus = 'pass' | 'warn' | 'fail' | 'unproven' | 'skipped' | 'exempt';

/** An item as it stands at one moment. */
export type ItemState = {
  readonly id: string;
  readonly title: Text;
  readonly role: string;
  readonly severity: Severity;
  readonly status: ItemStatus;
  /** Why it has that status, in one sentence. */
  readonly why: Text;
  readonly fix: Text | null;
  /** The newest result of its check, which may have expired; null: there is none. */
  readonly result: ItemResult | null;
  readonly confirmation: Confirmation | null;
  readonly exemption: Exemption | null;
  /** Whether a person is asked for a claim, which role, and what is claimed. */
  readonly asks: { readonly role: string; readonly text: Text; readonly evidence: 'required' | 'optional' } | null;
  /** First moment at which what proves it does not any more; null: nothing proves it. */
  readonly expiresMs: number | null;
};

export type PhaseState = {
  readonly id: string;
  readonly title: Text;
  readonly verdict: ReadinessVerdict;
  /** Out of 10, one decimal; null: nothing in it applies. */
  readonly score: number | null;
  readonly items: readonly ItemState[];
};

/** A readiness report: all that is told of it, in any form and language, follows from this. */
export type ReadinessReport = {
  readonly service: string;
  readonly version: string | null;
  readonly checklist: string;
  readonly title: Text;
  /** Unix ms of the moment that it tells of. */
  readonly atMs: number;
  readonly verdict: ReadinessVerdict;
  /** Out of 10, one decimal; null: nothing applies. */
  readonly score: number | null;
  /** How the score came about: points of each item that applies, times its weight. */
  readonly formula: { readonly points: number; readonly of: number; readonly text: Text };
  readonly summary: Text;
  readonly phases: readonly PhaseState[];
};
