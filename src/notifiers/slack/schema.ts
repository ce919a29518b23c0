import { z } from 'zod';
import { choice, isMapping } from '../../spec/choice.ts';
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

const webApi = z.strictObject({
  token: namedSecret.describe('Token of the bot (xoxb-…), with the scope chat:write.'),
  channel: slackChannel.describe('Channel or person: an id, or the name of a channel with #.'),
  signingSecret,
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
