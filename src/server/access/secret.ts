import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** How a service token begins, so that people and secret scanners know one when they see it. */
export const tokenPrefix = 'rmp_';

/** A new secret of `bits` random bits (a multiple of 8), in characters that are safe in a URL, a cookie and a shell. */
export function newSecret(bits: 144 | 256): string {
  return randomBytes(bits / 8).toString('base64url');
}

/** A short public name for something that has a secret; it may stand in the record. */
export function newId(kind: 's' | 't'): string {
  return `${kind}_${randomBytes(8).toString('hex')}`;
}

/** What is stored of a secret. It has 144 random bits or more, so nobody finds it by trying and no slow hash is needed. */
export function secretHash(secret: string): string {
  return hash('sha256', secret);
}

/** What a page has to show beside its session's cookie: whoever made a browser send the cookie alone does not know it. */
export function csrfOf(sessionSecret: string): string {
  return hash('sha256', `csrf:${sessionSecret}`, 'base64url');
}

/** Compares in a time that does not tell how much was right. */
export function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', secret, 'buffer'));
}
