import { z } from 'zod';
import { path } from '../local-schema.ts';

export const ChangelogConfig = z
  .strictObject({
    file: path.default('CHANGELOG.md').describe('The changelog.'),
    version: z.string().min(1).max(200).optional().describe('Version it has to name; default: the one that is checked.'),
  })
  .describe('The changelog names the version.');
export type ChangelogConfig = z.output<typeof ChangelogConfig>;
