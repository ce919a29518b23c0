import { z } from 'zod';
import { percent } from '../../spec/units.ts';
import { age, path } from '../local-schema.ts';

export const CoverageConfig = z
  .strictObject({
    file: path.meta({ description: 'Report: lcov or Cobertura.', examples: ['coverage/lcov.info'] }),
    atLeast: percent({ example: '80%' }).prefault('80%').describe('Least part that tests have to reach.'),
    kind: z.enum(['lines', 'branches', 'functions']).default('lines').describe('What is counted.'),
    maxAge: age('7d').prefault('30d').describe('An older report proves nothing.'),
    sources: z
      .array(path)
      .max(100)
      .default(['.'])
      .describe(
        'Code that it tells of: a report older than the newest commit of these paths proves nothing. Empty: not looked at.',
      ),
  })
  .describe('Tests reach enough of the code.');
export type CoverageConfig = z.output<typeof CoverageConfig>;
