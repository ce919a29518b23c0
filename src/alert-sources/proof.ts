import { z } from 'zod';
import { type NamedSecret, namedSecret } from '../spec/secret.ts';
import { duration } from '../spec/units.ts';
import type { Proof, SignatureScheme } from './source.ts';

/** Settings that every kind of sender has for showing who it is. */
export const proofSettings = {
  secret: namedSecret.optional().describe('Key of the signature.'),
  previousSecret: namedSecret
    .optional()
    .describe('The key, token or password of before, taken too until all senders have the new one.'),
  tolerance: duration({ minMs: 1_000, maxMs: 600_000, example: '5m' })
    .prefault('5m')
    .describe('How far the time of signing may be from now, where it is signed too.'),
  replayWindow: duration({ minMs: 60_000, maxMs: 604_800_000, example: '24h' })
    .prefault('24h')
    .describe('How long messages are known again.'),
  bearer: namedSecret.optional().describe('Instead of a signature: the token of `Authorization: Bearer …`.'),
  basic: z
    .strictObject({
      user: z
        .string()
        .min(1)
        .max(200)
        .regex(/^[^:]*$/, 'expected a name without a colon'),
      password: namedSecret,
    })
    .optional()
    .describe('Instead of a signature: name and password of basic auth.'),
};

type Given = {
  readonly secret?: NamedSecret | undefined;
  readonly previousSecret?: NamedSecret | undefined;
  readonly bearer?: NamedSecret | undefined;
  readonly basic?: { readonly user: string; readonly password: NamedSecret } | undefined;
};

/** A sender shows who it is in one way. */
export function oneProof(given: Given, context: z.core.$RefinementCtx<unknown>): void {
  const [first, second] = (['secret', 'bearer', 'basic'] as const).filter((key) => given[key] !== undefined);
  if (first === undefined)
    context.addIssue({
      code: 'custom',
      message: 'expected secret (the key of a signature), bearer or basic, so that it is known who sends',
    });
  if (second !== undefined)
    context.addIssue({ code: 'custom', message: `one of them only: ${first} is already given`, path: [second] });
}

/** @param scheme - What is signed, where something is. */
export function proofOf(
  {
    secret,
    previousSecret,
    bearer,
    basic,
    tolerance,
    replayWindow,
  }: Given & { readonly tolerance: number; readonly replayWindow: number },
  scheme: SignatureScheme,
): Proof {
  const secrets = [secret ?? bearer ?? basic?.password, previousSecret].filter((one) => one !== undefined);
  if (bearer) return { kind: 'bearer', secrets };
  if (basic) return { kind: 'basic', user: basic.user, secrets };
  return { kind: 'signature', secrets, scheme, toleranceMs: tolerance, replayWindowMs: replayWindow };
}

/** Name of a header. */
export const headerName = z
  .string()
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/, 'expected the name of a header, such as X-Hub-Signature-256');
