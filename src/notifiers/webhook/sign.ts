import { standardSignature } from '../signature.ts';

/**
 * Headers by which the receiver knows who has sent a body, when, and whether it had it before: those of Standard Webhooks 1.0.
 *
 * @param secret - `whsec_` and a key in base64, or any text, which is the key then. Empty: nothing is signed.
 * @param nowS - Unix seconds of the sending.
 */
export function signedHeaders(key: string, secret: string, body: string, nowS: number): Readonly<Record<string, string>> {
  // The dot is what stands between the parts of the signed text.
  const id = key.replaceAll('.', '%2E');
  const named = { 'webhook-id': id, 'webhook-timestamp': String(nowS) };
  if (secret === '') return named;
  return { ...named, 'webhook-signature': `v1,${standardSignature(secret, id, String(nowS), body)}` };
}
