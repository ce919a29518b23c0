import { z } from 'zod';
import type { Text } from '../../spec/text.ts';
import type { Came, Inbound, InboundAnswer, InboundVerb } from '../notifier.ts';
import { hmac, isSame } from '../signature.ts';
import { cut, lines, oneLine } from '../texts.ts';
import { openAction } from './blocks.ts';

/** Slack's own advice: what is older was recorded by somebody. */
const ageMaxS = 300;
/** Longest note. */
const noteMax = 10_000;

/** What Slack tells of a pressed button, as far as it is read. */
const BlockActions = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string().min(1).max(100) }),
  // Absent where it was no message of a channel.
  channel: z.object({ id: z.string().regex(/^[CGD][A-Z0-9]{1,40}$/) }).optional(),
  actions: z
    .array(
      z.object({
        action_id: z.string().max(255),
        action_ts: z.string().max(100),
        value: z.string().max(2_000).optional(),
        text: z.object({ text: z.string().max(3_000) }).optional(),
      }),
    )
    .max(100),
});

/** How Slack asks whether the address is ours (Events API). */
const Challenge = z.object({ type: z.literal('url_verification'), challenge: z.string().min(1).max(1_000) });

/** What Slack tells of a message in a channel that the bot is in, as far as it is read (Events API). */
const Written = z.object({
  type: z.literal('event_callback'),
  event: z.object({
    type: z.literal('message'),
    // Those that people write; a change, a deletion, somebody who joins and so on have another one.
    subtype: z.enum(['file_share', 'thread_broadcast', 'me_message']).optional(),
    channel: z.string().regex(/^[CG][A-Z0-9]{1,40}$/),
    user: z.string().min(1).max(100),
    bot_id: z.undefined().optional(),
    text: z.string().max(100_000).default(''),
    ts: z.string().regex(/^\d{1,20}\.\d{1,10}$/),
    files: z
      .array(z.object({ name: z.string().max(1_000).nullish() }))
      .max(100)
      .default([]),
  }),
});

/** Reads pressed buttons and what people write in channels, once the signature has shown that Slack sent them now. */
export function slackVerbs({ headers, body, nowMs }: Inbound, signingSecret: string, whisper: Whisper | null): InboundAnswer {
  const timestamp = headers['x-slack-request-timestamp'] ?? '';
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs / 1_000 - Number(timestamp)) > ageMaxS)
    return { kind: 'refused', said: 'the request is not of now' };
  const signed = Buffer.concat([Buffer.from(`v0:${timestamp}:`), body]);
  if (!isSame(headers['x-slack-signature'] ?? '', `v0=${hmac('sha256', signingSecret, signed, 'hex')}`))
    return { kind: 'refused', said: 'the signature is wrong' };
  const given = payloadOf(body.toString('utf8'));
  const challenge = Challenge.safeParse(given);
  const reply = () => ({ type: 'text/plain', body: challenge.data?.challenge ?? '' });
  const pressed = BlockActions.safeParse(given);
  const written = Written.safeParse(given);
  const channel = pressed.data?.channel?.id ?? written.data?.event.channel ?? null;
  const verbs = pressed.success ? pressedVerbs(pressed.data) : written.success ? writtenVerbs(written.data) : [];
  if (whisper === null || channel === null || verbs.length === 0) return { kind: 'verbs', verbs, reply };
  return { kind: 'verbs', verbs, reply, tell: (refused) => whisper(channel, refused) };
}

/** Says what was refused to the one who asked, where they asked, seen by nobody else. As `InboundAnswer.tell`. */
export type Whisper = (channel: string, refused: Came) => Promise<Text | null>;

function pressedVerbs({ user, actions }: z.output<typeof BlockActions>): readonly InboundVerb[] {
  return actions.flatMap(({ action_id, action_ts, value, text }) =>
    value === undefined || action_id.startsWith(openAction)
      ? []
      : [
          {
            id: `${user.id}:${action_ts}:${action_id}`,
            thread: value,
            code: null,
            verb: action_id,
            person: user.id,
            text: cut(oneLine(text?.text ?? ''), 200),
          },
        ],
  );
}

/** What may be written instead of a button. The sign makes it no part of a sentence, and Slack keeps `/` for itself. */
const command = /^!(ack|acknowledge|mitigate|resolve|reopen|rollback|severity)(?:\s+(P[0-2]))?$/i;

/** A message is known by its channel and its time: Slack tells of one that was not answered in time again. */
function writtenVerbs({ event: { channel, user, text, ts, files } }: z.output<typeof Written>): readonly InboundVerb[] {
  const names = files.map(({ name }) => `[${name ?? 'file'}]`).join(' ');
  const plain = lines(plainText(text));
  const said = cut([plain, names].filter((part) => part !== '').join('\n'), noteMax);
  if (said === '') return [];
  const one = { id: `${channel}-${ts}`, thread: null, code: null, person: user, room: channel };
  const [, word = '', severity] = command.exec(plain) ?? [];
  const verb = word.toLowerCase() === 'ack' ? 'acknowledge' : word.toLowerCase();
  const isWhole = verb !== '' && (verb === 'severity') === (severity !== undefined);
  if (!isWhole) return [{ ...one, verb: 'note', text: said }];
  return [{ ...one, verb, text: severity?.toUpperCase() ?? plain }];
}

/** What people see of a message: mentions, channels and links in words, entities as signs. */
function plainText(text: string): string {
  return text
    .replace(/<([^<>]*)>/g, (_, inside: string) => {
      const bar = inside.indexOf('|');
      const target = bar === -1 ? inside : inside.slice(0, bar);
      const label = bar === -1 ? '' : inside.slice(bar + 1);
      if (/^[#@]/.test(target)) return label === '' ? target : `${target[0]}${label.replace(/^[#@]/, '')}`;
      if (target.startsWith('!')) return label === '' ? `@${target.slice(1).split('^')[0]}` : label;
      return label === '' || label === target ? target : `${label} (${target})`;
    })
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** Buttons come as a form with JSON in it, events as JSON. */
function payloadOf(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('{') ? text : (new URLSearchParams(text).get('payload') ?? ''));
  } catch {
    return null;
  }
}
