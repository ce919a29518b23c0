import { z } from 'zod';
import { duration } from '../../spec/units.ts';
import { certificateShape } from '../certificate-schema.ts';

/** A certificate that holds, and versions of TLS that are still safe. */
export const TlsConfig = z
  .strictObject({
    host: z.string().min(1).max(253).describe('Name or address of the machine.'),
    port: z.int().min(1).max(65_535).default(443).describe('Port.'),
    starttls: z.enum(['smtp', 'postgres']).optional().describe('What is spoken before TLS; absent: TLS from the beginning.'),
    ...certificateShape,
    within: duration({ minMs: 1, maxMs: 60_000 }).prefault('5s').describe('Longest until the connection is encrypted.'),
  })
  .refine(({ warnBefore, failBefore }) => warnBefore >= failBefore, {
    error: 'expected warnBefore to be no less than failBefore',
    path: ['warnBefore'],
  })
  .describe('TLS: the certificate is trusted, has the right name and time left; old versions are refused.');
export type TlsConfig = z.output<typeof TlsConfig>;
