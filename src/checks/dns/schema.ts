import { z } from 'zod';
import { choice } from '../../spec/choice.ts';
import { found } from '../../spec/issue-text.ts';
import { isMapping } from '../../spec/mapping.ts';
import { duration } from '../../spec/units.ts';

const domain = z
  .string()
  .max(253)
  .regex(
    /^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?$/,
    'expected a name such as shop.example',
  );

const value = z.string().min(1).max(4_000);
const exactly = z.array(value).min(1).max(100);
const containing = z.strictObject({ contains: exactly.describe('Each of them stands there, whatever else does.') });
const word = z.enum(['any', 'none']);

/** `any`, `none`, exactly these values in any order, or at least those. */
const records = choice([word, exactly, containing], (given, refuse) => {
  if (Array.isArray(given)) return exactly;
  if (isMapping(given)) return containing;
  if (given === 'any' || given === 'none') return word;
  return refuse({ message: `expected any, none, a list of all values, or { contains: [ … ] }, found ${found(given)}` });
});

const spf = z.strictObject({
  contains: z.array(value).max(50).default([]).describe('Parts that it has, such as include:_spf.mail.example.'),
  all: z
    .enum(['fail', 'softfail', 'any'])
    .default('softfail')
    .describe('What it says of all other senders, at least: -all, ~all, or anything.'),
});
const dmarc = z.strictObject({
  policy: z.enum(['none', 'quarantine', 'reject']).default('quarantine').describe('What receivers are asked to do, at least.'),
  reports: z.boolean().default(false).describe('Whether it has to name who gets reports (rua).'),
});
const dkim = z.strictObject({
  selectors: z
    .array(z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, 'expected a selector such as mail2026'))
    .min(1)
    .max(20)
    .describe('Selectors that the mail is signed with.'),
  bits: z.int().min(512).max(16_384).default(1_024).describe('Length of an RSA key, at least.'),
});
const server = z
  .string()
  .regex(
    /^(\d{1,3}(\.\d{1,3}){3}(:\d{1,5})?|[0-9a-fA-F:]+|\[[0-9a-fA-F:]+\](:\d{1,5})?)$/,
    'expected the address of a name server, such as 9.9.9.9 or 127.0.0.1:5353',
  );

const kinds = {
  a: records.optional().describe('IPv4 addresses.'),
  aaaa: records.optional().describe('IPv6 addresses.'),
  cname: records.optional().describe('The name that it is another name of.'),
  mx: records
    .optional()
    .meta({ description: 'Mail servers, with or without their preference.', examples: [['10 mail.shop.example']] }),
  txt: records.optional().describe('Texts.'),
  caa: records.optional().meta({ description: 'Who may issue certificates.', examples: [['0 issue letsencrypt.org']] }),
  ns: records.optional().describe('Name servers.'),
  srv: records
    .optional()
    .meta({ description: 'Places of a service: priority, weight, port, host.', examples: [['10 5 5060 sip.shop.example']] }),
  spf: spf.optional().describe('SPF: who may send mail in this name. `{}` is enough.'),
  dmarc: dmarc.optional().describe('DMARC (at _dmarc below the name): what becomes of mail that is not signed. `{}` is enough.'),
  dkim: dkim.optional().describe('DKIM: keys that mail is signed with.'),
};

/** What the name system says about one name. */
export const DnsConfig = z
  .strictObject({
    name: domain.describe('The name.'),
    servers: z.array(server).min(1).max(10).optional().describe('Name servers that are asked; default: those of the machine.'),
    ...kinds,
    within: duration({ minMs: 100, maxMs: 60_000 }).prefault('5s').describe('Longest until a question is answered.'),
  })
  .refine((given) => Object.keys(kinds).some((kind) => given[kind as keyof typeof kinds] !== undefined), {
    error: `expected one of ${Object.keys(kinds).join(', ')}: nothing is asked`,
  })
  .describe('Records of a name: addresses, mail servers, texts, who may issue certificates, SPF, DMARC, DKIM.');
export type DnsConfig = z.output<typeof DnsConfig>;
/** What is expected of one kind of records. */
export type ExpectedRecords = NonNullable<DnsConfig['a']>;
