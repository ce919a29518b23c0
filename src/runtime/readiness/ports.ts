import type { ReadinessReport, SignOff } from '../../readiness/types.ts';
import type { ServiceSpec } from '../../spec/types.ts';

/** What is asked to be checked. */
export type ReadinessAsk = {
  readonly service: string;
  readonly version: string | null;
  /** The document whose parameters and exemptions count: that of the version. */
  readonly spec: ServiceSpec;
  /** As `ReadinessSpec.checklist`. */
  readonly checklist: string;
  /** Ids of phases; null: all. */
  readonly phases: readonly string[] | null;
  /** Looks also at what is proven already: what was found before counts for nothing. */
  readonly again?: boolean;
  readonly by: string;
  /** What it is for, such as `preflight of release checkout-7`. */
  readonly why: string;
};

/** What came of it. */
export type ReadinessAnswer = {
  readonly run: string;
  readonly report: ReadinessReport;
  /** SHA-256 of the report's canonical text, in hex: what is signed. */
  readonly hash: string;
  /** The signatures that hold for this report; where it is a part of a checklist, for that of the whole. */
  readonly signOffs: readonly SignOff[];
  /** Roles whose signature is needed and is not there. */
  readonly unsigned: readonly string[];
};

/** Runs checklists for whoever needs an answer: a person, a gate of a release, an entry of a timeline. */
export type ReadinessRuns = {
  /**
   * Checks whatever is not proven now, or everything, and answers the report. Two that ask the same at the same time share a run. A run that the end
   * of a controller has broken off goes on with the next one.
   *
   * @throws UserError when the checklist cannot be read; nothing else: what cannot be proven stands in the report.
   */
  run(ask: ReadinessAsk, signal: AbortSignal): Promise<ReadinessAnswer>;
};
