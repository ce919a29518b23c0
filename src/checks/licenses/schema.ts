import { z } from 'zod';
import { age, path, reason } from '../local-schema.ts';

const license = z
  .string()
  .min(1)
  .max(200)
  .meta({
    description: 'SPDX identifier, + and WITH included.',
    examples: ['MIT', 'GPL-2.0-or-later WITH Classpath-exception-2.0'],
  });

/** Licences that ask for no more than to be named, and MPL, which ends at its own files. */
const permissive = [
  '0BSD',
  'Apache-2.0',
  'Artistic-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BSL-1.0',
  'CC-BY-3.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'PostgreSQL',
  'PSF-2.0',
  'Python-2.0',
  'Unicode-3.0',
  'Unlicense',
  'WTFPL',
  'Zlib',
];

export const LicensesConfig = z
  .strictObject({
    folder: path.default('.').describe('Folder of package-lock.json, or of node_modules.'),
    report: path
      .optional()
      .describe('In place of the folder: an SBOM (SPDX or CycloneDX, in JSON), or what pip-licenses writes in JSON.'),
    maxAge: age('30d').prefault('30d').describe('An older report proves nothing.'),
    dev: z.boolean().default(false).describe('Whether dependencies for development count.'),
    allow: z.array(license).min(1).max(500).default(permissive).describe('Licences that are fine; any other is not.'),
    deny: z.array(license).max(500).default([]).describe('Licences that are not, also where allow has them.'),
    packages: z
      .record(
        z.string().min(1).max(300),
        z.strictObject({
          license: license.optional().describe('What it is, where the package does not say; default: any is fine.'),
          reason,
        }),
      )
      .default({})
      .describe('Packages that somebody has looked at, as name or name@version.'),
  })
  .describe('Dependencies have licences that fit.');
export type LicensesConfig = z.output<typeof LicensesConfig>;
