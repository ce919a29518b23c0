import { z } from 'zod';
import { duration } from '../spec/units.ts';

const days = (example: string) => duration({ minMs: 0, maxMs: 3_660 * 86_400_000, example });

/** What a certificate is checked against. Times are milliseconds. */
export const certificateShape = {
  ca: z
    .string()
    .min(1)
    .max(4_000)
    .optional()
    .describe(
      'PEM file with the authorities (CA) that are trusted, in place of the usual ones; from the folder of the document.',
    ),
  serverName: z.string().min(1).max(253).optional().describe('Name in the certificate; default: the host.'),
  warnBefore: days('30d').prefault('30d').describe('With less time left it is a warning.'),
  failBefore: days('7d').prefault('7d').describe('With less time left it fails.'),
  minVersion: z
    .enum(['1.2', '1.3'])
    .default('1.2')
    .describe('Oldest version of TLS that may be spoken; older ones have to be refused.'),
};
