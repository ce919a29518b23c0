import { z } from 'zod';
import { namedSecret } from '../../spec/secret.ts';
import { duration } from '../../spec/units.ts';
import { apiBase } from '../address.ts';

/** A chat: the number of a person, a group or a channel, or the name of a public channel. */
export const telegramChat = z
  .string()
  .regex(
    /^(-?[1-9]\d{0,15}|@[A-Za-z][A-Za-z0-9_]{3,31})$/,
    'expected the number of a chat such as "-1001234567890", or a name such as "@payments"',
  );

/** A bot in Telegram. */
export const TelegramConfig = z
  .strictObject({
    token: namedSecret.describe('Token of the bot, as BotFather gave it.'),
    chat: telegramChat.describe('Chat that it writes to, in quotes: its number, or @name of a public channel.'),
    topic: z.int().min(1).optional().describe('Topic of the group: message_thread_id.'),
    webhookSecret: namedSecret
      .optional()
      .describe(
        'Secret that the bot’s webhook was set with, by which pressed buttons are known to come from Telegram. Without it there are no buttons.',
      ),
    api: apiBase('https://api.telegram.org'),
    within: duration({ minMs: 1, maxMs: 60_000 }).prefault('10s').describe('Longest that an answer may take.'),
  })
  .describe('Telegram: a bot writes one message for each incident, and changes it.');
export type TelegramConfig = z.output<typeof TelegramConfig>;
