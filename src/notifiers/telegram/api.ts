import { boundedMs, isNotDelivered, type NotDelivered, objectOf, post, refusalOf, refused, retry, said } from '../post.ts';

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

const same = /message is not modified/i;
const gone = /message (to edit not found|can't be edited|identifier is not specified)|MESSAGE_ID_INVALID/i;

/**
 * Calls one method of the Bot API.
 *
 * @returns `sent` also for a change that changes nothing: it was made before.
 */
export async function callTelegram(
  { api, token, method, body, withinMs }: TelegramCall,
  signal: AbortSignal,
): Promise<TelegramSent | TelegramGone | NotDelivered> {
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
  const code = typeof answer.error_code === 'number' ? answer.error_code : reply.status;
  const text = said(`it says ${code} ${description}`, secrets);
  if (code === 429) return retry(text, waitMs(answer.parameters) ?? (refusal?.kind === 'retry' ? refusal.afterMs : null));
  return code >= 500 ? retry(text) : refused(text);
}

function messageId(result: unknown): string {
  return typeof result === 'object' && result !== null && 'message_id' in result ? String(result.message_id) : '';
}

/** `parameters.retry_after`, in seconds. */
function waitMs(parameters: unknown): number | null {
  if (typeof parameters !== 'object' || parameters === null || !('retry_after' in parameters)) return null;
  const { retry_after: seconds } = parameters;
  return typeof seconds === 'number' && Number.isFinite(seconds) ? boundedMs(seconds * 1_000) : null;
}
