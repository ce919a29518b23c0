import { z } from 'zod';
import { duration } from '../../spec/units.ts';

export const TcpConfig = z
  .strictObject({
    host: z.string().min(1).max(255).describe('Name or address of the machine.'),
    port: z.int().min(1).max(65_535).describe('Port.'),
    within: duration({ minMs: 1, maxMs: 60_000 }).prefault('3s').describe('Longest until the connection is there.'),
  })
  .describe('Something listens at a TCP port.');
