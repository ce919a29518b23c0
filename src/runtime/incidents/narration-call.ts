import type { ChatRequest } from '../../diagnosis/narration/prompt.ts';
import type { NotifierTools } from '../../notifiers/notifier.ts';
import { isNotDelivered, type NotDelivered, post, refusalOf } from '../../notifiers/post.ts';
import { readSecrets, repeatable } from '../../notifiers/secrets.ts';
import type { NarrationSpec } from '../../spec/narration.ts';
import type { Text } from '../../spec/text.ts';

/** What came of asking an endpoint: its answer, whatever it is, or why there is none and how long it wants to be left alone. */
export type Asked =
  | { readonly kind: 'answered'; readonly body: string }
  | { readonly kind: 'failed'; readonly why: Text; readonly isTrouble: boolean; readonly afterMs: number | null };

/** Asks an OpenAI-compatible endpoint once, over a connection of its own. Never rejects; ends when its time is over or `signal` ends. */
export async function askEndpoint(
  spec: NarrationSpec,
  request: ChatRequest,
  tools: Pick<NotifierTools, 'secret'>,
  signal: AbortSignal,
): Promise<Asked> {
  const { baseUrl, timeoutMs, tls } = spec;
  const read = await readSecrets(tools, { key: spec.key ?? undefined });
  if (read.kind !== 'secrets') return { kind: 'failed', why: read.said, isTrouble: false, afterMs: null };
  const { key } = read.values;
  const secrets = repeatable([key]);
  const reply = await post(
    {
      url: `${baseUrl}/chat/completions`,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(key === '' ? {} : { authorization: /^Bearer /i.test(key) ? key : `Bearer ${key}` }),
      },
      body: JSON.stringify(request),
      withinMs: timeoutMs,
      tls,
      secrets,
    },
    signal,
  );
  if (isNotDelivered(reply)) return troubled(reply);
  const refusal = refusalOf(reply, secrets);
  if (refusal) return troubled(refusal);
  if (reply.body.trim() !== '') return { kind: 'answered', body: reply.body };
  const why = { en: 'its answer is empty, or longer than is read', ru: 'ответ пуст или длиннее, чем читается' };
  return { kind: 'failed', why, isTrouble: true, afterMs: null };
}

function troubled(how: NotDelivered): Asked {
  return { kind: 'failed', why: how.said, isTrouble: true, afterMs: how.kind === 'retry' ? how.afterMs : null };
}
