import { defaultLevels, type LeveledSignal, type Levels, type LevelUnit } from '../../signals/levels.ts';
import { levelsInForce } from '../../spec/signal-levels.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';
import type { Threshold } from './board.ts';

const colors = { good: 'green', watch: 'yellow', warning: 'orange', critical: 'red' } as const;

/** What one unit of a level is in the unit of a panel: seconds, and shares from 0 to 1. */
const scale: Readonly<Record<LevelUnit, number>> = { ms: 1_000, ppm: 1_000_000, number: 1 };

/** The levels of a signal of a service: those of its document, else the defaults. */
export function levelsOf({ signals }: ServiceSpec, signal: LeveledSignal): Levels & { readonly unit: LevelUnit } {
  const { unit, ...defaults } = defaultLevels[signal];
  return { unit, ...levelsInForce(defaults, signals?.levels[signal]) };
}

/** Colours by levels above which it gets worse; nothing without levels. */
export function rising({ target, warning, critical }: Levels, unit: LevelUnit): { readonly thresholds?: readonly Threshold[] } {
  const at = (level: number | null, color: string): readonly Threshold[] =>
    level === null ? [] : [{ from: level / scale[unit], color }];
  const steps = [
    ...(target !== null && target !== warning && target !== critical ? at(target, colors.watch) : []),
    ...at(warning, colors.warning),
    ...at(critical, colors.critical),
  ];
  return steps.length === 0 ? {} : { thresholds: [{ from: null, color: colors.good }, ...steps] };
}

/** Colours of what gets worse as it falls: `critical` below the first number, `warning` below the second. */
export function falling(critical: number, warning: number): { readonly thresholds: readonly Threshold[] } {
  return {
    thresholds: [
      { from: null, color: colors.critical },
      { from: critical, color: colors.warning },
      { from: warning, color: colors.good },
    ],
  };
}

/** Colours of a count of which any is bad. */
export const noneIsGood: readonly Threshold[] = [
  { from: null, color: colors.good },
  { from: 1, color: colors.critical },
];

/** Colours of what is 1 where it is well and 0 where it is not. */
export const oneIsGood: readonly Threshold[] = [
  { from: null, color: colors.critical },
  { from: 1, color: colors.good },
];

/** The levels in words, for the description of a panel; empty without any. */
export function levelsText({ target, warning, critical, unit }: Levels & { readonly unit: LevelUnit }): string {
  const show = { ms: durationText, ppm: percentText, number: String }[unit];
  const parts = [
    ...(target === null ? [] : [`target up to ${show(target)}`]),
    ...(warning === null ? [] : [`warning above ${show(warning)}`]),
    ...(critical === null ? [] : [`critical above ${show(critical)}`]),
  ];
  return parts.length === 0 ? '' : ` Levels: ${parts.join(', ')}.`;
}
