import type { Reply } from '../../system/http-exchange.ts';
import { type NotDelivered, refusalOf, refused } from '../post.ts';

/** Name under which this controller asks: that of its console. */
export function originOf(consoleUrl: string | null): string {
  return URL.parse(consoleUrl ?? '')?.hostname ?? 'rampart';
}

/** What an answer to the question means (CloudEvents, HTTP Webhooks 4.2); null: messages are wanted. */
export function handshakeRefusal(reply: Reply, origin: string, secrets: readonly string[]): NotDelivered | null {
  const refusal = refusalOf(reply, secrets);
  if (refusal) return { ...refusal, said: `asked by OPTIONS whether it wants messages, ${refusal.said}` };
  const allowed = String(reply.headers['webhook-allowed-origin'] ?? '').trim();
  if (allowed === '*' || allowed.toLowerCase() === origin.toLowerCase()) return null;
  return refused(`asked by OPTIONS whether it wants messages of ${origin}, it does not answer so in WebHook-Allowed-Origin`);
}
