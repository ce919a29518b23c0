import type { Language } from '../../analysis/sentence.ts';
import type { Comparison } from '../../readiness/compare.ts';
import type { ItemState, ReadinessReport, SignOff } from '../../readiness/types.ts';
import type { SignOffRole } from '../../spec/checklist-types.ts';

/** All that a report in any form is made of; the same gives the same bytes. */
export type ReportInput = {
  readonly report: ReadinessReport;
  readonly hash: string;
  readonly roles: readonly SignOffRole[];
  readonly signOffs: readonly SignOff[];
  readonly unsigned: readonly string[];
  /** With an earlier report; null: alone. */
  readonly comparison: Comparison | null;
};

/** A form of a report. */
export type Render = (input: ReportInput, language: Language) => string;

/** Items that keep a version from its release. */
export function blockersOf({ phases }: ReadinessReport): readonly ItemState[] {
  return phases.flatMap(({ items }) =>
    items.filter(({ severity, status }) => severity === 'blocker' && (status === 'fail' || status === 'unproven')),
  );
}

/** Items that are not as they should be, and keep nothing. */
export function risksOf(report: ReadinessReport): readonly ItemState[] {
  const blockers = new Set(blockersOf(report));
  return report.phases.flatMap(({ items }) =>
    items.filter((item) => !blockers.has(item) && item.status !== 'pass' && item.status !== 'skipped'),
  );
}

/** A moment (Unix ms) to the minute, in UTC. */
export function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A score as everybody writes it: 7.0/10. */
export function scoreText(score: number | null): string {
  return score === null ? '–' : `${score.toFixed(1)}/10`;
}

/** The name and the version, such as `shop 1.4.0`. */
export function subjectOf({ service, version }: ReadinessReport): string {
  return version === null ? service : `${service} ${version}`;
}
