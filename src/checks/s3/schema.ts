import { z } from 'zod';
import { credentials, programUrl } from '../../spec/connection.ts';
import { namedSecret } from '../../spec/secret.ts';
import { duration } from '../../spec/units.ts';

export const S3Config = z
  .strictObject({
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of a bucket, such as shop-files')
      .describe('Name of the bucket.'),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,50}$/, 'expected a region, such as eu-central-1')
      .default('us-east-1')
      .describe('Its region.'),
    endpoint: programUrl('the address of an S3-compatible server, such as https://storage.yandexcloud.net')
      .optional()
      .describe('Address of an S3-compatible server; default: AWS.'),
    style: z
      .enum(['path', 'host'])
      .optional()
      .describe('Whether the bucket stands in the path or in the host; default: path with `endpoint`, host without.'),
    accessKey: namedSecret.describe('Where the id of the access key is: { env: NAME } or { file: PATH }.'),
    secretKey: namedSecret.describe('Where the secret of that key is.'),
    sessionToken: namedSecret.optional().describe('Where the token of a temporary key is.'),
    tls: credentials.tls,
    access: z
      .enum(['write', 'read'])
      .default('write')
      .describe('`write`: a small object is written, read back and deleted. `read`: nothing is written.'),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9._/-]{0,200}$/, 'expected letters, digits and . _ - / alone')
      .default('rampart-check/')
      .describe('Where that object is written.'),
    versioning: z.boolean().optional().describe('Whether old versions of objects are kept.'),
    encryption: z.boolean().optional().describe('Whether what is stored is encrypted by default.'),
    publicAccessBlocked: z.boolean().optional().describe('Whether nobody can make it public.'),
    lifecycle: z.boolean().optional().describe('Whether rules say how long objects are kept.'),
    within: duration({ minMs: 1, maxMs: 60_000 }).prefault('10s').describe('Longest that one request may take.'),
  })
  .describe('An S3 bucket is there, can be used, and is set up as it should be.');
export type S3Config = z.output<typeof S3Config>;
