import { z } from 'zod';
import type { Inbound, InboundAnswer } from '../notifier.ts';
import { hmac, isSame } from '../signature.ts';
import { cut, oneLine } from '../texts.ts';
import { openAction } from './blocks.ts';

/** Slack's own advice: what is older was recorded by somebody. */
const ageMaxS = 300;

/** What Slack tells of a pressed button, as far as it is read. */
const BlockActions = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string().min(1).max(100) }),
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

/** Reads pressed buttons, once the signature has shown that Slack sent them now. */
export function slackVerbs({ headers, body, nowMs }: Inbound, signingSecret: string): InboundAnswer {
  const timestamp = headers['x-slack-request-timestamp'] ?? '';
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs / 1_000 - Number(timestamp)) > ageMaxS)
    return { kind: 'refused', said: 'the request is not of now' };
  const signed = Buffer.concat([Buffer.from(`v0:${timestamp}:`), body]);
  if (!isSame(headers['x-slack-signature'] ?? '', `v0=${hmac('sha256', signingSecret, signed, 'hex')}`))
    return { kind: 'refused', said: 'the signature is wrong' };
  const reply = { type: 'text/plain', body: '' };
  const given = BlockActions.safeParse(payloadOf(body.toString('utf8')));
  if (!given.success) return { kind: 'verbs', verbs: [], reply };
  const { user, actions } = given.data;
  const verbs = actions.flatMap(({ action_id, action_ts, value, text }) =>
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
  return { kind: 'verbs', verbs, reply };
}

function payloadOf(form: string): unknown {
  try {
    return JSON.parse(new URLSearchParams(form).get('payload') ?? '');
  } catch {
    return null;
  }
}
