import type { Comparison } from '../../readiness/compare.ts';
import type { ReadinessReport, SignOff } from '../../readiness/types.ts';
import type { SignOffRole } from '../../spec/checklist-types.ts';

/** All that a readiness report is written from, in whatever form. The same input gives the same bytes. */
export type ReportInput = {
  readonly report: ReadinessReport;
  /** SHA-256 of its canonical text, in hex: what is signed. */
  readonly hash: string;
  /** Whose signatures it needs, in the order of its checklist, with the titles that people read. */
  readonly roles: readonly SignOffRole[];
  /** Signatures that hold for it. */
  readonly signOffs: readonly SignOff[];
  /** Roles whose signature is needed and is not there. */
  readonly unsigned: readonly string[];
  /** How it has come from an earlier report; null: there is none to compare with. */
  readonly comparison: Comparison | null;
};

/** Language of a report. */
export type ReportLanguage = 'en' | 'ru';
