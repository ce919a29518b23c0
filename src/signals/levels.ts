export { defaultLevels, type LeveledSignal, type Levels, type LevelUnit, leveledSignals } from '../spec/signal-levels.ts';
