import { z } from 'zod';
import { choice } from '../../spec/choice.ts';
import { isMapping } from '../../spec/mapping.ts';
import { orOff } from '../../spec/or-off.ts';
import { personName, someSeverities } from '../../spec/person.ts';
import { namedSecret } from '../../spec/secret.ts';
import { duration } from '../../spec/units.ts';
import { apiBase } from '../address.ts';

/** Where a message goes: the id of a channel or of a person, or the name of a channel. */
export const slackChannel = z
  .string()
  .regex(
    /^([CDGUW][A-Z0-9]{1,40}|#[^\s#<>&\p{Lu}\p{Cc}]{1,80})$/u,
    'expected an id such as C0123456789, or a name such as #payments',
  );

const within = duration({ minMs: 1, maxMs: 60_000 }).prefault('10s').describe('Longest that an answer may take.');
const signingSecret = namedSecret
  .optional()
  .describe('Signing secret of the app, by which pressed buttons are known to come from Slack. Without it there are no buttons.');

const dayMs = 86_400_000;

const warRoom = z
  .strictObject({
    severities: someSeverities.default(['P0']).describe('Incidents that get a channel of their own.'),
    prefix: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,19}$/, 'expected at most 20 small letters, digits, - and _, such as inc-')
      .default('inc-')
      .describe('Before the id of the incident; with it the name of the channel: inc-checkout-20261129-1.'),
    private: z.boolean().default(false).describe('Whether only those who are invited see it.'),
    invite: z
      .array(z.union([z.literal('on-call'), personName]))
      .max(50)
      .default(['on-call'])
      .describe(
        "Who is invited: names of Person documents, and on-call for those whom the first step of the incident's policy calls.",
      ),
    archiveAfter: orOff(duration({ minMs: 1_000, maxMs: 365 * dayMs, example: '7d' }))
      .prefault('7d')
      .describe('How long after the end of the incident it is archived; off: never.'),
    language: z.enum(['en', 'ru']).default('en').describe('What is written there in.'),
  })
  .describe('A channel of its own for each incident of these severities.');

const webApi = z.strictObject({
  token: namedSecret.describe('Token of the bot (xoxb-…), with the scope chat:write.'),
  channel: slackChannel.describe('Channel or person: an id, or the name of a channel with #.'),
  signingSecret,
  warRoom: warRoom.optional(),
  api: apiBase('https://slack.com/api'),
  within,
});

const incoming = z.strictObject({
  webhook: namedSecret.describe('Address of an incoming webhook; it is a secret.'),
  signingSecret,
  within,
});

/** Slack: by the Web API, where one message for each incident changes, or by an incoming webhook, where each message is another. */
export const SlackConfig = choice([webApi, incoming], (value) =>
  isMapping(value) && 'webhook' in value ? incoming : webApi,
).describe('Slack: a token and a channel for one message for each incident, or the address of an incoming webhook.');
export type SlackConfig = z.output<typeof SlackConfig>;
