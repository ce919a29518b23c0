import { z } from 'zod';
import { byKey } from '../../spec/choice.ts';
import { orNamedSecret, refuseSecrets } from '../../spec/secret.ts';
import { body, httpCheck, httpUrl, origin, statuses } from '../http-schema.ts';
import { takenValue } from '../taken-value.ts';

const headerName = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/, 'expected the name of a header');
const cookieName = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}$/, 'expected the name of a cookie');
const fieldName = z.string().min(1).max(200);

const token = z
  .strictObject({
    url: httpUrl.describe('Page that gives the token.'),
    from: takenValue.describe('Where it stands there.'),
    as: byKey('the place of a token', {
      header: z.strictObject({ header: headerName.describe('Header that carries it back.') }),
      field: z.strictObject({ field: fieldName.describe('Field of the form that carries it back.') }),
    }).describe('How it is sent back.'),
  })
  .describe('How a page of the service gets the token that it sends back; absent: only the origin protects.');

/** A page of somebody else cannot act in the name of a user. */
export const CsrfConfig = httpCheck({
  method: z
    .enum(['POST', 'PUT', 'PATCH', 'DELETE'])
    .default('POST')
    .describe('Method of the request. It is really sent: choose a harmless one.'),
  cookies: z
    .record(cookieName, orNamedSecret(z.string().max(4_000)))
    .superRefine(refuseSecrets)
    .default({})
    .meta({
      description: 'Cookies of a user who is signed in; secrets are named.',
      examples: [{ session: { env: 'SMOKE_SESSION' } }],
    }),
  body: body.optional().describe('Body: text, or a mapping that is sent as JSON.'),
  form: z
    .record(fieldName, orNamedSecret(z.string().max(10_000)))
    .superRefine(refuseSecrets)
    .optional()
    .describe('Fields of a form.'),
  token: token.optional(),
  origin: origin.optional().describe('Origin of the service itself; default: that of the address.'),
  foreign: origin.default('https://foreign.example').describe('Origin of somebody else.'),
  refused: statuses.prefault([400, 401, 403, 419, 422]).describe('How a forged request is answered.'),
  accepted: statuses.prefault(['2xx', '3xx']).describe('How a right one is answered.'),
}).describe('CSRF: a forged request is refused, a right one is accepted.');
export type CsrfConfig = z.output<typeof CsrfConfig>;
