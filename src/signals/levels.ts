import {
  defaultLevels,
  type LeveledSignal,
  type Levels,
  type LevelUnit,
  leveledSignals,
  levelsInForce,
} from '../spec/signal-levels.ts';
import type { SignalPolicy } from '../spec/signal-policy.ts';

export { defaultLevels, type LeveledSignal, type Levels, type LevelUnit, leveledSignals };

/** The levels of a signal of a service: those of its document over the defaults. Shares are in parts per million. */
export function levelsOf(signal: LeveledSignal, policy: SignalPolicy | undefined): Levels {
  const { unit: _, ...defaults } = defaultLevels[signal];
  return levelsInForce(defaults, policy?.levels[signal]);
}
