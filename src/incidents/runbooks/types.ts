import type { RunbookSpec, RunbookStep } from '../../spec/runbook.ts';
import type { Text } from '../../spec/text.ts';

/** What a step has come to. */
export type StepOutcome = {
  readonly atMs: number;
  /** Who has done it; `rampart`: it ran by itself. */
  readonly by: string;
  /** `told`: it says what it found. `failed`: it could not be found out. `done`: a person says so. */
  readonly state: 'told' | 'failed' | 'done';
  /** One sentence. */
  readonly said: Text;
  /** Lines of output, secrets removed; at most 50 of 500 characters. */
  readonly lines: readonly string[];
  /** How long it took, in milliseconds; 0 for people. */
  readonly tookMs: number;
};

/** A step in an incident. */
export type RunStep = RunbookStep & { readonly outcome: StepOutcome | null };

/** A runbook that was attached to an incident, as it was then. */
export type RunbookRun = {
  readonly name: string;
  readonly title: Text;
  readonly attachedAtMs: number;
  readonly steps: readonly RunStep[];
};

/** Runbooks of incidents, by the incident's id, oldest first. */
export type RunbooksState = ReadonlyMap<string, readonly RunbookRun[]>;

/** What the stream `runbooks` records. */
export type RunbookEvent =
  | { readonly kind: 'runbook-attached'; readonly data: { readonly id: string; readonly runbook: RunbookSpec } }
  | {
      readonly kind: 'runbook-step-ended';
      readonly data: { readonly id: string; readonly runbook: string; readonly step: number } & Omit<StepOutcome, 'atMs' | 'by'>;
    };

export type RunbookRecord = RunbookEvent & { readonly actor: string; readonly at: number };
