import { z } from 'zod';
import { choice } from '../../spec/choice.ts';
import { orOff } from '../../spec/or-off.ts';
import { duration } from '../../spec/units.ts';
import { httpCheck, httpUrl } from '../http-schema.ts';

const headerName = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/, 'expected the name of a header');
const age = (example: string) => duration({ minMs: 0, maxMs: 3_660 * 86_400_000, example });

const hsts = z.strictObject({
  maxAge: age('180d').prefault('180d').describe('How long browsers remember it, at least.'),
  subDomains: z.boolean().default(false).describe('Whether it has to hold for all names below.'),
  preload: z.boolean().default(false).describe('Whether it has to allow the list inside of browsers.'),
});

const csp = z.strictObject({
  inline: z.enum(['fail', 'warn', 'allow']).default('warn').describe("What 'unsafe-inline' and 'unsafe-eval' for scripts are."),
  directives: z
    .array(z.string().regex(/^[a-z-]{1,50}$/, 'expected the name of a directive, such as object-src'))
    .max(30)
    .default([])
    .describe('Directives that have to be there, beside one for scripts.'),
});

const referrer = z
  .array(
    z.enum([
      'no-referrer',
      'same-origin',
      'strict-origin',
      'strict-origin-when-cross-origin',
      'origin',
      'origin-when-cross-origin',
    ]),
  )
  .min(1);

const cookies = z.strictObject({
  sameSite: z
    .array(z.enum(['strict', 'lax', 'none']))
    .min(1)
    .default(['strict', 'lax'])
    .describe('What SameSite may be.'),
  readable: z.array(z.string().min(1).max(200)).max(50).default([]).describe('Cookies that scripts may read (no HttpOnly).'),
});

const staticFile = z.strictObject({
  url: httpUrl.describe('Address of a file that does not change, such as a script with its hash in its name.'),
  maxAge: age('1d').prefault('1d').describe('How long it may be kept, at least.'),
  immutable: z.boolean().default(false).describe('Whether it has to say that it never changes.'),
});

const value = choice([z.literal(true), z.string().min(1).max(1_000)], (given) =>
  given === true ? z.literal(true) : z.string().min(1).max(1_000),
);

/** What a browser is told about how careful it has to be. */
export const HeadersConfig = httpCheck({
  hsts: orOff(hsts).prefault({}).describe('Strict-Transport-Security, or off.'),
  csp: orOff(csp).prefault({}).describe('Content-Security-Policy, or off.'),
  nosniff: z.boolean().default(true).describe('Whether X-Content-Type-Options has to be nosniff.'),
  frames: z
    .enum(['none', 'same-origin', 'listed', 'off'])
    .default('listed')
    .describe('Who may show the page in a frame, at most: nobody, the same origin, or whom frame-ancestors lists; off: anybody.'),
  referrer: orOff(referrer)
    .prefault(['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin'])
    .describe('What Referrer-Policy may be, or off.'),
  cookies: orOff(cookies).prefault({}).describe('How each cookie has to be set, or off.'),
  static: z.array(staticFile).max(50).default([]).describe('Files that browsers may keep, and their Cache-Control.'),
  noStore: z.boolean().default(false).describe('Whether the answer itself must not be kept (Cache-Control: no-store).'),
  also: z
    .record(headerName, value)
    .default({})
    .meta({ description: 'Other headers: `true`, or a text that stands in it.', examples: [{ 'Permissions-Policy': true }] }),
  absent: z
    .array(headerName)
    .max(50)
    .default(['X-Powered-By'])
    .describe('Headers that must not be there, because they say what runs.'),
}).describe('Security headers, cookies and caching of an answer.');
export type HeadersConfig = z.output<typeof HeadersConfig>;
