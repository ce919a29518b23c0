import { z } from 'zod';
import { choice } from '../../spec/choice.ts';
import { credentials } from '../../spec/connection.ts';
import { isMapping } from '../../spec/mapping.ts';
import { safeUrl } from '../../spec/safe-address.ts';
import { namedSecret } from '../../spec/secret.ts';
import { duration } from '../../spec/units.ts';

const plainUrl = safeUrl('an address, such as https://hooks.example/incidents');

/** A program of one's own that takes messages over HTTP. */
export const WebhookConfig = z
  .strictObject({
    url: choice([plainUrl, namedSecret], (value) => (isMapping(value) ? namedSecret : plainUrl)).describe(
      'Where messages go: an address, or { env: NAME } where the address itself is a secret.',
    ),
    secret: namedSecret
      .optional()
      .describe(
        'Key of the signature: any text, or whsec_ and base64 as Standard Webhooks have it. Without it nothing is signed.',
      ),
    format: z
      .enum(['json', 'cloudevents', 'cdevents'])
      .default('json')
      .describe('Body: the message alone, in an envelope of CloudEvents 1.0, or as an incident event of CDEvents in one.'),
    mode: z
      .enum(['structured', 'binary'])
      .default('structured')
      .describe('Where the envelope is: in the body, or in headers (ce-…).'),
    environment: z
      .string()
      .min(1)
      .max(200)
      .default('production')
      .describe('Name of the environment, which every incident event of CDEvents has to have.'),
    handshake: z
      .literal(true)
      .optional()
      .describe('Asks by OPTIONS first whether messages of this controller are wanted, as the webhooks of CloudEvents do.'),
    headers: credentials.headers,
    tls: credentials.tls,
    within: duration({ minMs: 1, maxMs: 60_000 }).prefault('10s').describe('Longest that an answer may take.'),
  })
  .describe('A program of your own: every message is a POST, signed, with a key by which it knows what it has already taken.');
export type WebhookConfig = z.output<typeof WebhookConfig>;
