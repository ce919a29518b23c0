import { z } from 'zod';
import { credentials, programUrl } from '../../spec/connection.ts';
import { namedSecret } from '../../spec/secret.ts';
import { duration } from '../../spec/units.ts';

const path = z
  .string()
  .regex(/^[^\s/\0?#]+(\/[^\s/\0?#]+)*$/, 'expected a path such as shop/database, without / at its ends')
  .max(500);

const secret = z
  .strictObject({
    path: path.meta({ description: 'Path below the mount.', examples: ['shop/database'] }),
    mount: path.default('secret').describe('Where the engine is mounted.'),
    engine: z
      .union([z.literal(1), z.literal(2)])
      .default(2)
      .describe('Version of the key-value engine.'),
    keys: z.array(z.string().min(1).max(200)).max(100).default([]).describe('Keys that have to be in it. Values are never kept.'),
    maxAge: duration({ minMs: 1_000, example: '90d' }).optional().describe('Longest since its newest version (rotation).'),
  })
  .superRefine(({ engine, maxAge }, context) => {
    if (engine === 1 && maxAge !== undefined)
      context.addIssue({ code: 'custom', message: 'expected engine: 2, because version 1 does not keep when', path: ['maxAge'] });
  });

export const VaultConfig = z
  .strictObject({
    url: programUrl('the address of Vault, such as https://vault.internal:8200').describe('Address of Vault.'),
    tls: credentials.tls,
    namespace: path.optional().describe('Namespace (Enterprise, HCP).'),
    token: namedSecret.optional().describe('Where the token is: { env: VAULT_TOKEN } or { file: PATH }.'),
    appRole: z
      .strictObject({
        roleId: namedSecret.describe('Where the id of the role is.'),
        secretId: namedSecret.describe('Where its secret id is.'),
        mount: path.default('approle').describe('Where the method is mounted.'),
      })
      .optional()
      .describe('Signs in as an AppRole; the token is revoked in the end.'),
    tokenLeft: duration({ minMs: 1_000, example: '1d' }).optional().describe('The token is valid for so long at least.'),
    secrets: z.array(secret).max(100).default([]).describe('Secrets that have to be there.'),
    within: duration({ minMs: 1, maxMs: 60_000 }).prefault('5s').describe('Longest that one request may take.'),
  })
  .superRefine(({ token, appRole, secrets, tokenLeft }, context) => {
    const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (token && appRole) refuse('expected token or appRole: one way in', 'appRole');
    if (!token && !appRole && secrets.length > 0)
      refuse('expected token or appRole beside it: nobody else sees secrets', 'secrets');
    if (!token && tokenLeft !== undefined) refuse('expected token beside it', 'tokenLeft');
  })
  .describe('HashiCorp Vault is open, and has the secrets that are needed.');
export type VaultConfig = z.output<typeof VaultConfig>;
