import { z } from 'zod';
import { choice } from './choice.ts';
import { isMapping } from './mapping.ts';
import { isSecretName } from './secret-name.ts';

/**
 * A value that is kept out of documents: the variable of the controller's environment, or the file, that holds it, and what comes
 * before it.
 */
export type NamedSecret = { readonly env: string; readonly prefix: string } | { readonly file: string; readonly prefix: string };

const prefix = z
  .string()
  .max(100)
  .default('')
  .meta({ description: 'Comes before the value.', examples: ['Bearer '] });

const fromEnvironment = z.strictObject({
  env: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable, such as SHOP_TOKEN')
    .describe('Environment variable of the controller that holds the value.'),
  prefix,
});

const fromFile = z.strictObject({
  file: z
    .string()
    .max(4_000)
    .regex(/^\/[^\0]*$/, 'expected the whole path of a file, such as /run/secrets/shop-token')
    .meta({
      description: 'File on the machine of the controller that holds the value; spaces and line ends around it do not count.',
      examples: ['/run/secrets/shop-token'],
    }),
  prefix,
});

const branchOf = (value: Readonly<Record<string, unknown>>) =>
  'file' in value && !('env' in value) ? fromFile : fromEnvironment;

/** `{ env: NAME }` or `{ file: PATH }`, and nothing else. */
export const namedSecret = choice([fromEnvironment, fromFile], (value, refuse) =>
  isMapping(value)
    ? branchOf(value)
    : refuse({ message: 'expected { env: NAME } or { file: PATH }, because the value would end up in the log' }),
);

/** A value as it is, `{ env: NAME }`, or `{ file: PATH }`. */
export function orNamedSecret<Plain extends z.ZodType>(plain: Plain) {
  return choice([plain, fromEnvironment, fromFile], (value) => {
    return isMapping(value) ? branchOf(value) : plain;
  });
}

/**
 * Refuses values that stand in a document where a secret stands as a rule: whatever is in a document is recorded, and shown.
 *
 * @param given - Values by their names; texts are those that stand in the document.
 */
export function refuseSecrets(given: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx<unknown>): void {
  for (const [name, value] of Object.entries(given)) {
    const message = typeof value === 'string' ? secretProblem(name, value) : null;
    if (message !== null) context.addIssue({ code: 'custom', path: [name], message });
  }
}

/** Names that are those of something else as often: `key: version` of a label. */
const ambiguous = /^(keys?|pass|auth|pin|salt|private|bearer|signature|sig|otp|jwt)$/i;

/**
 * The same for values of any form, with all that is in them. Within a value a name such as `key` may mean anything, so only names that
 * mean nothing else are taken for those of secrets there.
 */
export function innerSecretProblems(
  given: object,
  depth = 0,
): readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] {
  if (depth > depthMax) return [];
  return Object.entries(given).flatMap(([key, value]) => {
    const part = Array.isArray(given) ? Number(key) : key;
    if (typeof value === 'string') {
      const message = secretProblem(depth > 0 && ambiguous.test(key) ? '' : key, value);
      return message === null ? [] : [{ path: [part], message }];
    }
    if (typeof value !== 'object' || value === null) return [];
    return innerSecretProblems(value, depth + 1).map(({ path, message }) => ({ path: [part, ...path], message }));
  });
}

/** Why a text under a name may not stand in a document; null: it may. */
function secretProblem(name: string, text: string): string | null {
  const hasPassword = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:[^\s/@]+@/i.test(text);
  const isSecret = isSecretName(name) && text !== '';
  if (!isSecret && !hasPassword) return null;
  const what = isSecret ? `the value of ${name}` : `the password in ${name === '' ? 'it' : name}`;
  return `expected { env: NAME } or { file: PATH }, because ${what} would end up in the log`;
}

/** Deeper than any document. */
const depthMax = 100;

/** Every value that a document, or a part of one, names in place of writing it down. */
export function namedSecrets(part: unknown, depth = 0): readonly NamedSecret[] {
  if (typeof part !== 'object' || part === null || depth > depthMax) return [];
  if (isNamedSecret(part)) return [part];
  return Object.values(part).flatMap((inner) => namedSecrets(inner, depth + 1));
}

/** As the schemas above leave it. */
function isNamedSecret(part: object): part is NamedSecret {
  const names = Object.keys(part);
  if (names.length !== 2 || !('prefix' in part) || typeof part.prefix !== 'string') return false;
  return ('env' in part && typeof part.env === 'string') || ('file' in part && typeof part.file === 'string');
}

/** Reads the text of a file. Whoever runs a service has it; documents are read without. Throws when it cannot be read. */
export type ReadText = (file: string) => string;

/** What a named value is now, or why it is none. The value is in no message. */
export function secretValue(
  secret: NamedSecret,
  environment: Readonly<Record<string, string | undefined>>,
  readText: ReadText,
): { readonly value: string } | { readonly missing: string } {
  if ('env' in secret) {
    const found = environment[secret.env];
    return found === undefined || found === ''
      ? { missing: `the environment variable ${secret.env} is not set` }
      : { value: `${secret.prefix}${found}` };
  }
  let text: string;
  try {
    text = readText(secret.file).trim();
  } catch {
    return { missing: `the file ${secret.file} cannot be read` };
  }
  return text === '' ? { missing: `the file ${secret.file} is empty` } : { value: `${secret.prefix}${text}` };
}
