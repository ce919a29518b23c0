import { z } from 'zod';
import { byKey, choice } from '../../spec/choice.ts';
import { refuseTwoCredentials } from '../../spec/connection.ts';
import { namedSecret, orNamedSecret, refuseSecrets } from '../../spec/secret.ts';
import { body, httpUrl, method, signIn, statuses, tls, within } from '../http-schema.ts';
import { pointer } from '../json-pointer.ts';
import { takenValue } from '../taken-value.ts';

const name = z.string().regex(/^[a-z][A-Za-z0-9]{0,62}$/, 'expected a name such as orderId');
const text = z.string().min(1).max(1_000);
const texts = z.array(text).min(1).max(50);
const oneText = text.transform((one): string[] => [one]);
const textOrTexts = choice([oneText, texts], (value) => (Array.isArray(value) ? texts : oneText));
const headerName = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/, 'expected the name of a header');

/** A value that an earlier answer gave is none that stands in the document. */
function refuseWritten(given: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx<unknown>): void {
  refuseSecrets(Object.fromEntries(Object.entries(given).filter(([, value]) => !/\{\{\w+\}\}/.test(String(value)))), context);
}

const form = z.record(z.string().min(1).max(200), orNamedSecret(z.string().max(10_000))).superRefine(refuseWritten);
const headers = z
  .record(
    headerName,
    orNamedSecret(
      z
        .string()
        .max(4_000)
        .regex(/^[\t\x20-\x7e]*$/, 'expected printable ASCII text'),
    ),
  )
  .superRefine(refuseWritten)
  .default({})
  .describe('Headers; secrets are named, and `{{name}}` stands for a value that an earlier answer gave.');

const request = {
  name: z.string().min(1).max(100).optional().describe('What people read; default: method and path.'),
  url: httpUrl.meta({
    description: 'Where it goes. `{{name}}` stands for a value that an earlier answer gave.',
    examples: ['https://shop.example/health', 'https://shop.example/orders/{{orderId}}'],
  }),
  method: method.optional().describe('HTTP method; default: GET, and POST where there is a body or a form.'),
  headers,
  body: body.optional().describe('Body: text, or a mapping that is sent as JSON.'),
  form: form.optional().describe('Fields of a form; secrets are named.'),
  status: statuses.prefault('2xx').meta({ description: 'Status that is expected: 200, 2xx, or a list.', examples: ['2xx', 204] }),
  contains: textOrTexts.optional().describe('Text that stands in the answer.'),
  lacks: textOrTexts.optional().describe('Text that does not stand in the answer.'),
  json: z
    .record(pointer, z.unknown())
    .default({})
    .meta({ description: 'Values in the JSON of the answer, by JSON Pointer.', examples: [{ '/status': 'ok' }] }),
  has: z
    .record(headerName, z.string().max(1_000))
    .default({})
    .meta({ description: 'Headers of the answer with their values.', examples: [{ 'Content-Type': 'application/json' }] }),
  redirects: z.int().min(0).max(20).default(0).describe('How many redirects are followed; 0: a redirect is the answer.'),
  take: z.record(name, takenValue).default({}).describe('Values of the answer that later requests use, by name.'),
  within,
};

type Draft = { readonly body?: unknown; readonly form?: unknown; readonly method?: string | undefined };

function refuseTwoBodies({ body: given, form: fields, method: verb }: Draft, context: z.core.$RefinementCtx<unknown>): void {
  const refuse = (message: string, at: string) => context.addIssue({ code: 'custom', message, path: [at] });
  if (given !== undefined && fields !== undefined) refuse('expected no form beside body', 'form');
  if ((verb === 'GET' || verb === 'HEAD') && (given !== undefined || fields !== undefined))
    refuse(`expected no body with ${verb}`, given === undefined ? 'form' : 'body');
}

const step = z.strictObject(request).superRefine(refuseTwoBodies);

const secrets = z
  .record(name, namedSecret)
  .default({})
  .meta({
    description: 'Secrets that stand as `{{name}}` in addresses and bodies.',
    examples: [{ password: { env: 'SMOKE_PASSWORD' } }],
  });

const shared = { basic: signIn.basic, tls, secrets };

const one = z
  .strictObject({ ...request, ...shared })
  .superRefine(refuseTwoBodies)
  .superRefine(refuseTwoCredentials)
  .transform(({ basic, tls, secrets: named, ...rest }) => ({ requests: [rest], basic, tls, secrets: named, cookies: true }));

const several = z.strictObject({
  requests: z
    .array(step)
    .min(1)
    .max(50)
    .describe('Requests in their order; the first one that is not answered as expected is the last.'),
  cookies: z.boolean().default(true).describe('Whether cookies that an answer sets go with the requests after it.'),
  ...shared,
});

/** Requests and what their answers have to be: one, or several of which each may use what an answer before it gave. */
export const HttpConfig = byKey('a request', { url: one, requests: several }).describe(
  'HTTP requests that are answered as expected.',
);
export type HttpConfig = (typeof HttpConfig)['_output'];
/** One request. */
export type HttpStep = HttpConfig['requests'][number];
