import { z } from 'zod';
import { safeUrl } from '../../spec/safe-address.ts';
import { namedSecret } from '../../spec/secret.ts';
import { duration } from '../../spec/units.ts';
import { apiBase, baseUrl } from '../address.ts';

/** A phone number in the form of E.164. */
export const phoneNumber = z.string().regex(/^\+[1-9]\d{6,14}$/, 'expected a phone number such as "+15551230001"');

/** Text messages by Twilio. */
export const SmsConfig = z
  .strictObject({
    accountSid: z
      .string()
      .regex(/^AC[0-9a-f]{32}$/, 'expected the id of an account: AC and 32 signs')
      .describe('Account at Twilio.'),
    authToken: namedSecret.describe('Its auth token; it signs what comes in, too.'),
    from: z
      .string()
      .regex(
        /^(\+[1-9]\d{6,14}|MG[0-9a-f]{32}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
        'expected a phone number such as "+15551230002", the id of a messaging service (MG…), or a name of at most 11 letters and digits',
      )
      .describe('Who it is from: a number, a messaging service, or a name where the country allows it.'),
    to: phoneNumber.describe('Who gets it, in quotes.'),
    segments: z
      .int()
      .min(1)
      .max(10)
      .default(2)
      .describe('Most parts that a message may have; each is paid for. 160 signs in one, 70 outside of Latin.'),
    publicUrl: baseUrl('the address at which Twilio reaches the controller, such as https://rampart.example')
      .optional()
      .describe(
        'Where Twilio reaches this controller with replies, without the path. Without it nobody is told to reply, and no reply is read.',
      ),
    statusCallback: safeUrl('an address, such as https://hooks.example/sms')
      .optional()
      .describe('Where Twilio tells what becomes of a message, if anywhere.'),
    api: apiBase('https://api.twilio.com'),
    within: duration({ minMs: 1, maxMs: 60_000 }).prefault('10s').describe('Longest that an answer may take.'),
  })
  .superRefine(({ from, publicUrl }, context) => {
    if (publicUrl !== undefined && !/^(\+|MG)/.test(from))
      context.addIssue({ code: 'custom', message: 'expected no publicUrl: nobody can reply to a name', path: ['publicUrl'] });
  })
  .describe('Text messages (SMS) by Twilio, with replies.');
export type SmsConfig = z.output<typeof SmsConfig>;
