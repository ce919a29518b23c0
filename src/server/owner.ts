import { createHash, timingSafeEqual } from 'node:crypto';
import { UserError } from '../errors.ts';
import type { Principal } from './principal.ts';

/** Whoever can read the token of the data folder owns it, and may do everything. */
export const owner: Principal = {
  name: 'owner',
  kind: 'owner',
  grants: [{ role: 'admin', services: '*' }],
  credential: null,
};

/** Compares in a time that does not tell how much of the token was right. */
export function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

export function unauthorized(): UserError {
  return new UserError('E_UNAUTHORIZED', 'this needs a token', {
    where: 'request',
    fix: 'send a token as Authorization: Bearer …, sign in, or run the command as the user who started the controller',
  });
}
