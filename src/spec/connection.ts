import { z } from 'zod';
import { type NamedSecret, namedSecret, orNamedSecret, type ReadText, refuseSecrets, secretValue } from './secret.ts';
import { isSecretName } from './secret-name.ts';

/** How a program is reached over HTTP. */
export type Connection = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | NamedSecret>>;
  readonly basic?: { readonly user: string; readonly password: NamedSecret } | undefined;
  readonly tls?: TlsSettings | undefined;
};

/** Paths of PEM files, and what certificates are checked against. */
export type TlsSettings = {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly serverName?: string | undefined;
  readonly insecure?: true | undefined;
};

/**
 * Address of a program. Without a password, which belongs into a header that names it.
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
      if (parsed.username !== '' || parsed.password !== '')
        refuse(
          'expected an address without a password, which would end up in the log; use headers: { Authorization: { env: … } }',
        );
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

const headers = z
  .record(
    z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/, 'expected the name of a header, such as X-Scope-OrgID'),
    orNamedSecret(plain),
  )
  .superRefine(refuseSecrets);

const pemFile = z
  .string()
  .max(4_000)
  .regex(/^\/[^\0]*$/, 'expected the whole path of a PEM file, such as /etc/rampart/ca.pem');

const tls = z
  .strictObject({
    ca: pemFile.optional().describe('File with the authorities (CA) that are trusted, in place of the usual ones.'),
    cert: pemFile.optional().describe('File with the certificate by which the controller is known there.'),
    key: pemFile.optional().describe('File with its key.'),
    serverName: z.string().min(1).max(253).optional().describe('Name in the certificate, where the address has another.'),
    insecure: z.literal(true).optional().describe('Whoever answers is believed: for trying out alone.'),
  })
  .superRefine(({ ca, cert, key, insecure }, context) => {
    const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (cert !== undefined && key === undefined) refuse('expected key beside cert', 'cert');
    if (key !== undefined && cert === undefined) refuse('expected cert beside key', 'key');
    if (insecure && ca !== undefined) refuse('expected no insecure beside ca: either who answers is checked or not', 'insecure');
  });

const basic = z.strictObject({
  user: z
    .string()
    .max(200)
    .regex(/^[\x20-\x39\x3b-\x7e]+$/, 'expected a name in ASCII without a colon'),
  password: namedSecret,
});

/** How a controller shows who it is, and checks who answers: beside `url` in the document. */
export const credentials = {
  headers: headers.default({}).describe('Headers of every request; secrets are named by their environment variable.'),
  basic: basic.optional().describe('Name and password of the controller there.'),
  tls: tls.optional().describe('Certificates of an address with https://.'),
};

/** Refuses two ways at once of saying who asks. For a schema of an object that has the credentials. */
export function refuseTwoCredentials(
  given: Pick<Connection, 'headers' | 'basic'>,
  context: z.core.$RefinementCtx<unknown>,
): void {
  if (given.basic && Object.keys(given.headers).some((name) => name.toLowerCase() === 'authorization'))
    context.addIssue({
      code: 'custom',
      message: 'expected no basic beside a header Authorization, which says the same',
      path: ['basic'],
    });
}

/** Headers as they are sent now, or why they cannot be: at which place of the connection, and what to do. The value is in no message. */
export type HeaderValues =
  | { readonly headers: Readonly<Record<string, string>> }
  | { readonly place: string; readonly missing: string; readonly fix: string };

/** @param environment - Where the values are read that the document names; `readText` reads those that lie in files. */
export function headerValues(
  { headers: given, basic: login }: Connection,
  environment: Readonly<Record<string, string | undefined>>,
  readText: ReadText,
): HeaderValues {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string') {
      values[name] = value;
      continue;
    }
    const found = headerValue(value, `headers.${name}`, environment, readText);
    if ('missing' in found) return found;
    values[name] = found.value;
  }
  if (login) {
    const found = headerValue(login.password, 'basic.password', environment, readText);
    if ('missing' in found) return found;
    // Both are printable ASCII.
    values.authorization = `Basic ${btoa(`${login.user}:${found.value}`)}`;
  }
  return { headers: values };
}

function headerValue(
  secret: NamedSecret,
  place: string,
  environment: Readonly<Record<string, string | undefined>>,
  readText: ReadText,
): { readonly value: string } | Exclude<HeaderValues, { readonly headers: unknown }> {
  const found = secretValue(secret, environment, readText);
  if ('missing' in found) {
    const fix = 'env' in secret ? `start the controller with ${secret.env} in its environment` : `put it into ${secret.file}`;
    return { place, missing: found.missing, fix };
  }
  if (printable.test(found.value)) return found;
  // Said here, without the value: whoever sends it would print it.
  const holder = 'env' in secret ? `the environment variable ${secret.env}` : `the file ${secret.file}`;
  return { place, missing: `${holder} has signs that no header can carry`, fix: 'give it one line of printable ASCII text' };
}
