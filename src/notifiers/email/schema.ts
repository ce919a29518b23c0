import { z } from 'zod';
import { namedSecret } from '../../spec/secret.ts';
import { duration } from '../../spec/units.ts';

/** An address of mail in ASCII; whatever could end a header or a command is refused. */
export const mailAddress = z
  .string()
  .max(254)
  .regex(
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
    'expected an address such as oncall@shop.example',
  );

const auth = z.strictObject({
  user: z.string().min(1).max(320).describe('Who signs in.'),
  password: namedSecret.describe('Where the password is: { env: NAME } or { file: PATH }.'),
  method: z.enum(['PLAIN', 'LOGIN', 'CRAM-MD5']).optional().describe('How one signs in; default: what the server offers.'),
});

/** E-mail through a server that takes it for others. */
export const EmailConfig = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[^\s\0]+$/, 'expected a name without spaces')
      .describe('Name or address of the server.'),
    port: z.int().min(1).max(65_535).optional().describe('Port; default: 587, with secure: tls 465.'),
    secure: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe(
        'How the connection is encrypted: after STARTTLS, which the server must offer, from the beginning, or not at all.',
      ),
    ca: z
      .string()
      .max(4_000)
      .regex(/^\/[^\0]*$/, 'expected the whole path of a PEM file, such as /etc/rampart/ca.pem')
      .optional()
      .describe('File with the authorities (CA) that are trusted, in place of the usual ones.'),
    serverName: z.string().min(1).max(253).optional().describe('Name in the certificate, where the address has another.'),
    auth: auth.optional().describe('Name and password of the controller there.'),
    from: mailAddress.describe('Who the mail is from.'),
    fromName: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^\p{Cc}]+$/u, 'expected a name on one line')
      .default('Rampart')
      .describe('Name beside that address.'),
    to: mailAddress.describe('Who gets it: a person, or a list.'),
    replyTo: mailAddress.optional().describe('Where answers go; default: to from.'),
    within: duration({ minMs: 1, maxMs: 120_000 }).prefault('30s').describe('Longest that the sending of one mail may take.'),
  })
  .superRefine(({ secure, auth: given }, context) => {
    if (secure === 'none' && given)
      context.addIssue({
        code: 'custom',
        message: 'expected no auth with secure: none, because everybody on the way could read the password',
        path: ['auth'],
      });
  })
  .describe('E-mail: one thread for each incident.');
export type EmailConfig = z.output<typeof EmailConfig>;
