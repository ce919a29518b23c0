/** Signals of how full something is, in the order in which people read them. */
export const saturationSignals = ['cpu', 'memory', 'disk', 'fileDescriptors', 'connections', 'databasePool', 'queue'] as const;
export type SaturationSignal = (typeof saturationSignals)[number];

/** The golden signals that have levels. Traffic has none: much of it is no fault. */
export const leveledSignals = ['latencyP50', 'latencyP95', 'latencyP99', 'errors', ...saturationSignals] as const;
export type LeveledSignal = (typeof leveledSignals)[number];

/** What a level is counted in: milliseconds, parts per million of a whole (10 % is 100_000), or a plain number. */
export type LevelUnit = 'ms' | 'ppm' | 'number';

/** Up to `target` all is well, above `warning` somebody should look, above `critical` users are hurt or soon will be. null: none. */
export type Levels = { readonly target: number | null; readonly warning: number | null; readonly critical: number | null };

/** Without levels a signal is shown, and judged by nobody. */
export const noLevels: Levels = { target: null, warning: null, critical: null };

/** What holds where `signals` of a document says nothing. Each signal is worse the higher it is. */
export const defaultLevels: Readonly<Record<LeveledSignal, Levels & { readonly unit: LevelUnit }>> = {
  latencyP50: { unit: 'ms', ...noLevels },
  latencyP95: { unit: 'ms', target: 500, warning: 1_000, critical: 2_000 },
  latencyP99: { unit: 'ms', target: null, warning: null, critical: 5_000 },
  // Requests that fail, of all.
  errors: { unit: 'ppm', target: 10_000, warning: 10_000, critical: 50_000 },
  cpu: { unit: 'ppm', target: 700_000, warning: 700_000, critical: 900_000 },
  memory: { unit: 'ppm', target: 800_000, warning: 800_000, critical: 900_000 },
  disk: { unit: 'ppm', target: 800_000, warning: 800_000, critical: 900_000 },
  fileDescriptors: { unit: 'ppm', target: 700_000, warning: 700_000, critical: 850_000 },
  // There is no whole to be a share of: how many are too many depends on the program.
  connections: { unit: 'number', target: null, warning: 5_000, critical: null },
  databasePool: { unit: 'ppm', target: 700_000, warning: 700_000, critical: 800_000 },
  queue: { unit: 'ppm', target: null, warning: 800_000, critical: 950_000 },
};

/**
 * The levels of a signal in force: the defaults, and over them what was given. A default target above a warning that was given would
 * call good what is to be warned of, so it comes down with it.
 */
export function levelsInForce(defaults: Levels, given: Partial<Levels> | undefined): Levels {
  const { target, warning, critical } = { ...defaults, ...given };
  if (target === null || given?.target !== undefined) return { target, warning, critical };
  return { target: Math.min(target, warning ?? target, critical ?? target), warning, critical };
}
