import { isNotDelivered, type NotDelivered, objectOf, post, refusalOf, refused, retry, said } from '../post.ts';

/** How the Web API is reached. */
export type SlackAccess = { readonly api: string; readonly token: string; readonly withinMs: number };

/** Methods that write take JSON; those that read and `auth.test` take forms. */
export type SlackMethod =
  | 'chat.postMessage'
  | 'chat.postEphemeral'
  | 'chat.update'
  | 'conversations.create'
  | 'conversations.setPurpose'
  | 'conversations.setTopic'
  | 'conversations.invite'
  | 'conversations.archive'
  | 'pins.add'
  | SlackReading;
type SlackReading = 'auth.test' | 'conversations.history' | 'users.conversations';

/** The answer of a method that says `ok`. */
export type SlackYes = { readonly kind: 'yes'; readonly answer: Readonly<Record<string, unknown>> };
/** The error by its name, and what it means for a message. */
export type SlackNo = { readonly kind: 'no'; readonly error: string; readonly outcome: NotDelivered };
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
  restricted_action: 'let the app do that in the settings of the workspace',
};

/** Lists, and messages with their blocks. */
const answerMax = 1_000_000;
const reading: ReadonlySet<SlackMethod> = new Set<SlackReading>(['auth.test', 'conversations.history', 'users.conversations']);

/** Calls one method. A status of 200 is no yes: the answer says `ok`. */
export async function askSlack(
  { api, token, withinMs }: SlackAccess,
  method: SlackMethod,
  body: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<SlackYes | SlackNo | NotDelivered> {
  const secrets = [token];
  const isForm = reading.has(method);
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json; charset=utf-8',
  };
  const text = isForm
    ? new URLSearchParams(Object.entries(body).map(([name, value]): [string, string] => [name, String(value)])).toString()
    : JSON.stringify(body);
  const reply = await post({ url: `${api}/${method}`, headers, body: text, withinMs, secrets, answerMax }, signal);
  if (isNotDelivered(reply)) return reply;
  const refusal = refusalOf(reply, secrets);
  if (refusal) return refusal;
  const answer = objectOf(reply);
  if (typeof answer?.ok !== 'boolean')
    return retry(said(`it answers ${reply.status}, but not as Slack does: ${reply.body}`, secrets));
  if (answer.ok) return { kind: 'yes', answer };
  const error = String(answer.error ?? 'no error and no message');
  const hint = hintOf(error, answer.needed);
  const why = said(`it says ${error}${details(answer.response_metadata)}${hint === undefined ? '' : `; ${hint}`}`, secrets);
  return { kind: 'no', error, outcome: passing.test(error) ? retry(why) : refused(why) };
}

/** Posts or changes a message. */
export async function callSlack(
  access: SlackAccess,
  method: 'chat.postMessage' | 'chat.update',
  body: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<SlackPlace | SlackGone | NotDelivered> {
  const found = await askSlack(access, method, body, signal);
  if (found.kind === 'no') return method === 'chat.update' && gone.test(found.error) ? { kind: 'gone' } : found.outcome;
  if (found.kind !== 'yes') return found;
  const { channel, ts } = found.answer;
  if (typeof channel === 'string' && typeof ts === 'string') return { kind: 'place', channel, ts };
  return refused('it says ok, but not where the message stands');
}

function hintOf(error: string, needed: unknown): string | undefined {
  if (error === 'missing_scope' && typeof needed === 'string' && needed !== '')
    return `give the bot the scope ${needed}, and install the app again`;
  return Object.hasOwn(hints, error) ? hints[error] : undefined;
}

/** Which part of a message it does not like. */
function details(metadata: unknown): string {
  if (typeof metadata !== 'object' || metadata === null || !('messages' in metadata) || !Array.isArray(metadata.messages))
    return '';
  return `: ${metadata.messages.map(String).join('; ')}`;
}
