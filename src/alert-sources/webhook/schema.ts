import { z } from 'zod';
import { choice } from '../../spec/choice.ts';
import { pathIn } from '../../spec/json-path.ts';
import { headerName, oneProof, proofSettings } from '../proof.ts';

const signature = z
  .strictObject({
    header: headerName.default('X-Hub-Signature-256').describe('Header of the signature.'),
    prefix: z.string().max(50).default('sha256=').describe('Comes before the signature in its header.'),
    encoding: z.enum(['hex', 'base64']).default('hex').describe('How the signature is written.'),
    timestampHeader: headerName
      .optional()
      .describe(
        'Header with the unix seconds of the signing, which are signed before the body. With it a replay is refused for certain.',
      ),
    separator: z.string().max(5).default('.').describe('Between those seconds and the body, where they are signed.'),
  })
  .describe('HMAC-SHA256 in a header. Left out: Standard Webhooks 1.0, as Rampart itself sends.');

const several = z.array(pathIn).min(1).max(20);
const paths = choice([pathIn.transform((path) => [path]), several], (given) =>
  Array.isArray(given) ? several : pathIn.transform((path) => [path]),
);
const constant = z.string().min(1).max(2_000);

/** A path, several of which the first one with a value counts, or a text as it is. */
const value = choice([paths, constant], (given) => (typeof given === 'string' && !given.startsWith('$') ? constant : paths));
const words = z.array(z.string().min(1).max(200)).max(100);
const named = z
  .record(z.string().min(1).max(200), value)
  .refine((given) => Object.keys(given).length <= 64, { error: 'expected at most 64 names' });

/** What of a body is which part of an alert. */
export const AlertMapping = z
  .strictObject({
    each: pathIn.optional().describe('Where the alerts are: a list, or one. Left out: $.alerts, else the body itself.'),
    identity: paths
      .optional()
      .describe('What an alert is known by, the same from its beginning to its end. Left out: all of its labels.'),
    name: value.optional().describe('Its name: the label alertname.'),
    labels: named.optional().describe('Labels by their names: for matching, for the service, for how urgent it is.'),
    labelsFrom: paths.optional().describe('An object of which every text, number, true and false is a label.'),
    annotations: named.optional().describe('Texts for people by their names; summary is what it says first.'),
    annotationsFrom: paths.optional().describe('The same as an object.'),
    state: z
      .strictObject({
        at: paths.optional().describe('Where it says whether it fires.'),
        firing: words.optional().describe('Words there that mean that it fires.'),
        resolved: words.optional().describe('Words that mean that it is over.'),
        ignored: words.optional().describe('Words that mean that this is no alert.'),
      })
      .optional()
      .describe('Whether it fires or is over; capital letters do not count.'),
    start: paths.optional().describe('Since when: RFC 3339, or unix seconds or milliseconds.'),
    end: paths.optional().describe('Since when it is over.'),
    time: paths.optional().describe('When this was said: what was said before its end opens nothing after it.'),
    url: paths.optional().describe('Where there is more.'),
  })
  .describe('Which part of the body is what; what is left out is looked for where it is as a rule.');
export type AlertMapping = z.output<typeof AlertMapping>;

/** Alerts of any program that can sign what it sends. */
export const WebhookSourceConfig = z
  .strictObject({
    ...proofSettings,
    signature: signature.optional(),
    alerts: AlertMapping.prefault({}),
  })
  .superRefine(oneProof)
  .superRefine(({ secret, signature: given }, context) => {
    if (given !== undefined && secret === undefined)
      context.addIssue({ code: 'custom', message: 'expected secret, the key of this signature', path: ['signature'] });
  })
  .describe('Any program that sends JSON and signs it.');
export type WebhookSourceConfig = z.output<typeof WebhookSourceConfig>;
