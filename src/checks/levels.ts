import { z } from 'zod';

/**
 * Two levels of something that had better be small: above `warn` it is told, above `fail` it is too much.
 *
 * @param level - Schema of one level, for example a percentage.
 */
export function upperLevels<Level extends z.ZodType<number>>(
  level: Level,
  defaults: { readonly warn: z.input<Level>; readonly fail: z.input<Level> },
  what: string,
) {
  return z
    .strictObject({
      warn: level.prefault(defaults.warn as never).describe('Above it people are warned.'),
      fail: level.prefault(defaults.fail as never).describe('Above it the check fails.'),
    })
    .refine(({ warn, fail }) => (warn as number) <= (fail as number), {
      error: 'expected warn to be no more than fail',
      path: ['warn'],
    })
    .describe(what);
}

/** Two levels of something that had better be large: below `warn` it is told, below `fail` it is too little. */
export function lowerLevels<Level extends z.ZodType<number>>(
  level: Level,
  defaults: { readonly warn: z.input<Level>; readonly fail: z.input<Level> },
) {
  return {
    warn: level.prefault(defaults.warn as never).describe('Below it people are warned.'),
    fail: level.prefault(defaults.fail as never).describe('Below it the check fails.'),
  };
}
