import { z } from 'zod';
import { namedSecret } from '../../spec/secret.ts';
import { duration } from '../../spec/units.ts';
import { certificateShape } from '../certificate-schema.ts';

const auth = z.strictObject({
  user: z.string().min(1).max(320).describe('Who signs in.'),
  password: namedSecret.describe('Where the password is: { env: NAME } or { file: PATH }.'),
  method: z.enum(['PLAIN', 'LOGIN', 'CRAM-MD5']).optional().describe('How one signs in; default: what the server offers.'),
});

const { minVersion: _, ...certificate } = certificateShape;

/** A mail server that would take mail. */
export const SmtpConfig = z
  .strictObject({
    host: z.string().min(1).max(253).describe('Name or address of the server.'),
    port: z.int().min(1).max(65_535).default(587).describe('Port.'),
    secure: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe('How the connection is encrypted: after STARTTLS, from the beginning (port 465), or not at all.'),
    ...certificate,
    auth: auth.optional().describe('Name and password of the service there.'),
    sender: z
      .string()
      .max(320)
      .regex(/^[\x21-\x3b\x3d\x3f\x41-\x7e]+@[A-Za-z0-9.-]+$/, 'expected an address such as shop@shop.example')
      .optional()
      .describe('Sender that has to be accepted. No mail is sent.'),
    hello: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[^\s]+$/, 'expected a name without spaces')
      .optional()
      .describe('Name that is said in EHLO; default: that of this machine.'),
    within: duration({ minMs: 1, maxMs: 120_000 }).prefault('10s').describe('Longest that all of it may take.'),
  })
  .superRefine(({ secure, auth: given, warnBefore, failBefore }, context) => {
    const refuse = (message: string, path: string) => context.addIssue({ code: 'custom', message, path: [path] });
    if (secure === 'none' && given)
      refuse('expected no auth with secure: none, because everybody on the way could read the password', 'auth');
    if (warnBefore < failBefore) refuse('expected warnBefore to be no less than failBefore', 'warnBefore');
  })
  .describe('A mail server: it answers, encrypts, lets the service in, and accepts its sender. No mail is sent.');
export type SmtpConfig = z.output<typeof SmtpConfig>;
