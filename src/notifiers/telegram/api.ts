import {
  boundedMs,
  isNotDelivered,
  type NotDelivered,
  objectOf,
  post,
  refusalOf,
  refused,
  retry,
  said,
  untaken,
} from '../post.ts';

export type TelegramCall = {
  readonly api: string;
  readonly token: string;
  readonly method: 'sendMessage' | 'editMessageText';
  readonly body: object;
  readonly withinMs: number;
};

/** A message that is there. */
export type TelegramSent = { readonly kind: 'sent'; readonly message: string };
/** The message that was to change is not there any more, or may not change. */
export type TelegramGone = { readonly kind: 'gone' };
/** The group has become a supergroup, which has another number. */
export type TelegramMoved = { readonly kind: 'moved'; readonly chat: string };

const same = /message is not modified/i;
const gone = /message (to edit not found|can't be edited|identifier is not specified)|MESSAGE_ID_INVALID/i;

/** What helps where people meet it first. */
const hints: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /chat not found|can't initiate conversation/i,
    'write to the bot first, or add it to the group, and look at the number of the chat',
  ],
  [/bot was (blocked|kicked)/i, 'let the bot in again'],
  [/^Unauthorized|^Not Found/i, 'look at the token'],
  [/thread not found/i, 'look at the topic'],
];

/**
 * Calls one method of the Bot API.
 *
 * @returns `sent` also for a change that changes nothing: it was made before.
 */
export async function callTelegram(
  { api, token, method, body, withinMs }: TelegramCall,
  signal: AbortSignal,
): Promise<TelegramSent | TelegramGone | TelegramMoved | NotDelivered> {
  const secrets = [token, token.slice(token.indexOf(':') + 1)];
  const url = `${api}/bot${encodeURIComponent(token).replaceAll('%3A', ':')}/${method}`;
  const reply = await post(
    { url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), withinMs, secrets },
    signal,
  );
  if (isNotDelivered(reply)) return reply;
  const answer = objectOf(reply);
  const refusal = refusalOf(reply, secrets);
  if (answer?.ok === true && refusal === null) return { kind: 'sent', message: messageId(answer.result) };
  if (answer?.ok !== false)
    return refusal ?? retry(said(`it answers ${reply.status}, but not as Telegram does: ${reply.body}`, secrets));
  const description = String(answer.description ?? 'no reason');
  if (method === 'editMessageText' && same.test(description)) return { kind: 'sent', message: '' };
  if (method === 'editMessageText' && gone.test(description)) return { kind: 'gone' };
  const moved = parameter(answer, 'migrate_to_chat_id');
  if (moved !== null) return { kind: 'moved', chat: String(moved) };
  const code = typeof answer.error_code === 'number' ? answer.error_code : reply.status;
  const hint = hints.find(([pattern]) => pattern.test(description))?.[1];
  const text = said(`it says ${code} ${description}${hint === undefined ? '' : `; ${hint}`}`, secrets);
  if (code === 429) {
    const seconds = parameter(answer, 'retry_after');
    return untaken(text, seconds === null ? (refusal?.kind === 'retry' ? refusal.afterMs : null) : boundedMs(seconds * 1_000));
  }
  return code >= 500 ? retry(text) : refused(text);
}

function messageId(result: unknown): string {
  return typeof result === 'object' && result !== null && 'message_id' in result ? String(result.message_id) : '';
}

/** A number in `parameters`; null: there is none. */
function parameter({ parameters }: Readonly<Record<string, unknown>>, name: string): number | null {
  const found =
    typeof parameters === 'object' && parameters !== null ? Object.entries(parameters).find(([key]) => key === name)?.[1] : null;
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}
