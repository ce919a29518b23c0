import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/** HMAC in base64 or hex. */
export function hmac(algorithm: 'sha1' | 'sha256', key: string | Buffer, content: string | Buffer, as: 'base64' | 'hex'): string {
  return createHmac(algorithm, key).update(content).digest(as);
}

/** Whether two secrets are the same, in a time that tells nothing of them. */
export function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', wanted, 'buffer'));
}

/**
 * The signature of Standard Webhooks 1.0, without its `v1,`: HMAC-SHA256 over `id.timestamp.body` in base64.
 *
 * @param secret - `whsec_` and a key in base64, or any text, which is the key then.
 */
export function standardSignature(secret: string, id: string, timestamp: string, body: string | Buffer): string {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const key = encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
}
