import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/** HMAC in base64 or hex. */
export function hmac(algorithm: 'sha1' | 'sha256', key: string | Buffer, content: string | Buffer, as: 'base64' | 'hex'): string {
  return createHmac(algorithm, key).update(content).digest(as);
}

/** Whether two secrets are the same, in a time that tells nothing of them. */
export function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', wanted, 'buffer'));
}
