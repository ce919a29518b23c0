import { z } from 'zod';

export const VerbAnswer = z
  .object({ done: z.boolean().describe('Whether it changed anything.'), said: z.string() })
  .meta({ id: 'VerbResult' });
