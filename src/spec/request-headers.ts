import { z } from 'zod';
import { isSecretName, type NamedSecret, orNamedSecret, type ReadText, refuseSecrets, secretValue } from './secret.ts';

const instead = 'which would end up in the log; use headers: { Authorization: { env: … } }';

/**
 * Address of a program that is asked over HTTP. Without a password, which belongs into a header that names it.
 *
 * @param what - What is expected, with an example: `the address of a Prometheus API, such as http://prometheus:9090`.
 */
export function programUrl(what: string) {
  return z
    .string()
    .max(2_000)
    .superRefine((given, context) => {
      const refuse = (message: string) => context.addIssue({ code: 'custom', message });
      const parsed = URL.canParse(given) ? new URL(given) : null;
      if (!parsed || !/^https?:$/.test(parsed.protocol)) return refuse(`expected ${what}`);
      if (parsed.username !== '' || parsed.password !== '') refuse(`expected an address without a password, ${instead}`);
      for (const name of parsed.searchParams.keys())
        if (isSecretName(name))
          refuse(
            `expected an address without ${name}, whose value would end up in the log; use headers: { Authorization: { env: … } }`,
          );
      if (parsed.hash !== '') refuse('expected an address without #');
    });
}

const printable = /^[\t\x20-\x7e]*$/;
const plain = z.string().max(4_000).regex(printable, 'expected printable ASCII text');

/** Headers of every request to a program; secrets are named by their environment variable or file. */
export const requestHeaders = z
  .record(
    z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/, 'expected the name of a header, such as X-Scope-OrgID'),
    orNamedSecret(plain),
  )
  .superRefine(refuseSecrets);
export type RequestHeaders = Readonly<Record<string, string | NamedSecret>>;

/** Headers as they are sent now, or why they cannot be: which one, and what to do. The value is in no message. */
export type HeaderValues =
  | { readonly headers: Readonly<Record<string, string>> }
  | { readonly name: string; readonly missing: string; readonly fix: string };

/** @param environment - Where the values are read that the document names; `readText` reads those that lie in files. */
export function headerValues(
  headers: RequestHeaders,
  environment: Readonly<Record<string, string | undefined>>,
  readText: ReadText,
): HeaderValues {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') {
      values[name] = value;
      continue;
    }
    const found = secretValue(value, environment, readText);
    if ('missing' in found) {
      const fix = 'env' in value ? `start the controller with ${value.env} in its environment` : `put it into ${value.file}`;
      return { name, missing: found.missing, fix };
    }
    // Said here, without the value: whoever sends it would print it.
    if (!printable.test(found.value)) {
      const place = 'env' in value ? `the environment variable ${value.env}` : `the file ${value.file}`;
      return { name, missing: `${place} has signs that no header can carry`, fix: 'give it one line of printable ASCII text' };
    }
    values[name] = found.value;
  }
  return { headers: values };
}
