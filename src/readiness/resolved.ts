import type { ChecklistConfirmation, Severity, SignOffRole } from '../spec/checklist-types.ts';
import type { Text } from '../spec/text.ts';

/** A checklist for one service: every item with what proves it there. */
export type ResolvedChecklist = {
  readonly name: string;
  readonly title: Text;
  readonly phases: readonly ResolvedPhase[];
  readonly signOffs: readonly SignOffRole[];
};

export type ResolvedPhase = { readonly id: string; readonly title: Text; readonly items: readonly ResolvedItem[] };

export type ResolvedItem = {
  /** `phase.item`. */
  readonly id: string;
  readonly title: Text;
  readonly role: string;
  readonly severity: Severity;
  /** Whether it applies, and by which condition it does not. */
  readonly applies: true | { readonly not: string };
  readonly check: ResolvedCheck | null;
  /** Why its check cannot be run; null: it can, or there is none. */
  readonly missing: Missing | null;
  readonly confirm: ChecklistConfirmation | null;
  readonly validForMs: number;
  readonly needs: readonly string[];
  readonly fix: Text | null;
};

/** A check as its kind runs it. */
export type ResolvedCheck = {
  readonly kind: string;
  /** As its schema made it. */
  readonly config: unknown;
  /** The same as it is written, with the parameters in: two results are of the same check when it is the same. */
  readonly written: unknown;
  /** Null: what its kind says. */
  readonly timeoutMs: number | null;
};

export type Missing = {
  /** Parameters that are not given. */
  readonly parameters: readonly string[];
  /** What is wrong with the configuration that came of them. */
  readonly problems: readonly string[];
};
