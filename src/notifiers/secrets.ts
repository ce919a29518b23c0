import { UserError } from '../errors.ts';
import type { NamedSecret } from '../spec/secret.ts';
import type { NotifierTools } from './notifier.ts';
import type { NotDelivered } from './post.ts';
import { untaken } from './post.ts';

/** Values by their names. */
export type Secrets<Name extends string> = { readonly kind: 'secrets'; readonly values: Readonly<Record<Name, string>> };

/** How whoever was handed these values may repeat them: whole, or without the scheme before them, as in `Bearer …`. */
export function repeatable(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [value, value.split(' ').at(-1) ?? value]).filter((value) => value !== '');
}

/** The values of secrets as they are now, or that a message cannot be sent without them. Those that are not named are empty. */
export async function readSecrets<Name extends string>(
  tools: Pick<NotifierTools, 'secret'>,
  named: Readonly<Record<Name, NamedSecret | undefined>>,
): Promise<Secrets<Name> | NotDelivered> {
  const values: Record<string, string> = {};
  try {
    for (const [name, reference] of Object.entries<NamedSecret | undefined>(named))
      values[name] = reference === undefined ? '' : await tools.secret(reference);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Nobody has refused anything: whoever was told of a beginning is told of its end once the secret is there again.
    return untaken(`${error.message}; ${error.fix}`);
  }
  return { kind: 'secrets', values: values as Record<Name, string> };
}
