import { z } from 'zod';
import { glob, path, reason } from '../local-schema.ts';

/** What is let through, in the configuration and in the file. */
export const AllowList = z
  .strictObject({
    paths: z
      .array(z.strictObject({ glob: glob.describe('Paths from the folder.'), reason }))
      .max(1_000)
      .default([])
      .describe('Files in which nothing counts.'),
    fingerprints: z
      .array(
        z.strictObject({
          id: z
            .string()
            .regex(/^[0-9a-f]{16}$/, { error: 'expected a fingerprint of 16 digits, as findings show it' })
            .describe('Fingerprint of a finding.'),
          reason,
        }),
      )
      .max(10_000)
      .default([])
      .describe('Findings that are none.'),
  })
  .describe('What is let through, each with its reason.');
export type AllowList = z.output<typeof AllowList>;

export const SecretsConfig = z
  .strictObject({
    folder: path.default('.').describe('Folder that is looked through.'),
    history: z.boolean().default(false).describe('Whether all commits of git are looked through as well.'),
    entropy: z.boolean().default(true).describe('Whether random values behind names such as password count.'),
    allowFile: path.default('.rampart-secrets-allow.yaml').describe('File with what is let through; it need not be there.'),
    allow: AllowList.prefault({}),
  })
  .describe('No secrets in the code.');
export type SecretsConfig = z.output<typeof SecretsConfig>;
