import { isNotDelivered, type NotDelivered, objectOf, post, refusalOf, refused, retry, said } from '../post.ts';

export type SlackCall = {
  readonly api: string;
  readonly token: string;
  readonly method: 'chat.postMessage' | 'chat.update';
  readonly body: object;
  readonly withinMs: number;
};

/** Where a message stands. */
export type SlackPlace = { readonly kind: 'place'; readonly channel: string; readonly ts: string };
/** The message that was to change is not there any more, or may not change. */
export type SlackGone = { readonly kind: 'gone' };

/** What passes by itself (list of errors of the methods); everything else is for good. */
const passing =
  /^(ratelimited|rate_limited|message_limit_exceeded|internal_error|fatal_error|service_unavailable|request_timeout|team_added_to_org|external_channel_migrating|update_failed)$/;
const gone = /^(message_not_found|cant_update_message|edit_window_closed)$/;

/** What helps where people meet it first. */
const hints: Readonly<Record<string, string>> = {
  not_in_channel: 'invite the bot into the channel',
  channel_not_found: 'look at the channel; a private one is found when the bot was invited',
  is_archived: 'name another channel',
  missing_scope: 'give the bot the scope chat:write, and install the app again',
  invalid_auth: 'look at the token',
  not_authed: 'look at the token',
  token_revoked: 'install the app again, and take its new token',
  account_inactive: 'install the app again, and take its new token',
};

/** Calls one method. A status of 200 is no yes: the answer says `ok`. */
export async function callSlack(
  { api, token, method, body, withinMs }: SlackCall,
  signal: AbortSignal,
): Promise<SlackPlace | SlackGone | NotDelivered> {
  const secrets = [token];
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' };
  const reply = await post({ url: `${api}/${method}`, headers, body: JSON.stringify(body), withinMs, secrets }, signal);
  if (isNotDelivered(reply)) return reply;
  const refusal = refusalOf(reply, secrets);
  if (refusal) return refusal;
  const answer = objectOf(reply);
  if (typeof answer?.ok !== 'boolean')
    return retry(said(`it answers ${reply.status}, but not as Slack does: ${reply.body}`, secrets));
  if (answer.ok && typeof answer.channel === 'string' && typeof answer.ts === 'string')
    return { kind: 'place', channel: answer.channel, ts: answer.ts };
  const error = String(answer.error ?? 'no error and no message');
  if (method === 'chat.update' && gone.test(error)) return { kind: 'gone' };
  const hint = Object.hasOwn(hints, error) ? hints[error] : undefined;
  const text = said(`it says ${error}${details(answer.response_metadata)}${hint === undefined ? '' : `; ${hint}`}`, secrets);
  return passing.test(error) ? retry(text) : refused(text);
}

/** Which part of a message it does not like. */
function details(metadata: unknown): string {
  if (typeof metadata !== 'object' || metadata === null || !('messages' in metadata) || !Array.isArray(metadata.messages))
    return '';
  return `: ${metadata.messages.map(String).join('; ')}`;
}
