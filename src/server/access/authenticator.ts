import type { FastifyRequest } from 'fastify';
import { isGood } from '../../access/fold.ts';
import { messageOf, UserError } from '../../errors.ts';
import { isToken, owner, unauthorized } from '../owner.ts';
import type { Authenticator, Principal } from '../principal.ts';
import { sessionIn } from './cookie.ts';
import type { Credentials, Session, SessionLimits } from './credentials.ts';
import type { AccessKeeper } from './keeper.ts';
import { assertSameSite } from './same-site.ts';
import { csrfOf, isSame, secretHash, tokenPrefix } from './secret.ts';

/** Header by which a page shows that it is the console's own. */
export const csrfHeader = 'x-rampart-csrf';

/** Uses of a credential are stored at most this often, so that a page that asks every second does not write every second. */
const seenEveryMaxMs = 60_000;

/** A session as its cookie showed it. */
export type OpenSession = { readonly session: Session; readonly csrf: string; readonly expiresAtMs: number };

export type AccessAuthenticator = Authenticator & {
  /** The session that a request has come with; null when it came with a token. */
  sessionOf(request: FastifyRequest): OpenSession | null;
  /**
   * The same principal as they are now: with the grants of now, or null once their session or token has ended. What lasts longer than a
   * request, such as a stream, asks again from time to time.
   */
  current(principal: Principal): Principal | null;
};

/** Finds out who asks: the owner of the data folder, a service token, or a session. Rights are read anew with each request. */
export function accessAuthenticator(options: {
  readonly ownerToken: string;
  readonly keeper: AccessKeeper;
  readonly credentials: Credentials;
  readonly sessions: SessionLimits;
  /** See `assertSameSite`. */
  readonly origins: readonly string[];
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly warn: (text: string) => void;
}): AccessAuthenticator {
  const { ownerToken, keeper, credentials, origins, now, warn } = options;
  const { idleMs, maxMs } = options.sessions;
  // Often enough that a session in use is never taken for an idle one.
  const seenEveryMs = Math.min(seenEveryMaxMs, idleMs / 4);
  const shown = new WeakMap<FastifyRequest, OpenSession>();
  const usedMs = new Map<string, number>();

  function tokenPrincipal(secret: string): Principal {
    const id = credentials.tokenId(secretHash(secret));
    const token = id === null ? undefined : keeper.state.tokens.get(id);
    if (!token) throw denied('there is no such token, or it was revoked', 'ask an admin for a new one (`rampart tokens add`)');
    if (!isGood(token, now())) {
      const why = token.revokedAtMs === null ? 'has expired' : 'was revoked';
      throw denied(`the token ${token.name} ${why}`, 'ask an admin for a new one (`rampart tokens add`)');
    }
    seen(token.id, () => credentials.tokenUsed(token.id, now()));
    return { name: token.name, kind: 'token', grants: token.grants, credential: token.id };
  }

  function sessionPrincipal(request: FastifyRequest, secret: string): Principal {
    const session = credentials.session(secretHash(secret), now());
    const user = session ? keeper.state.users.get(session.user) : undefined;
    if (!session || !user) throw denied('this session has ended', 'sign in again');
    if (user.disabled) throw denied(`${user.name} may not sign in any more`, 'ask an admin');
    const csrf = csrfOf(secret);
    if (isWriting(request)) {
      assertSameSite(request, origins);
      const given = request.headers[csrfHeader];
      if (typeof given !== 'string' || !isSame(given, csrf))
        throw new UserError('E_CSRF', `a request that writes and has a session's cookie needs the header ${csrfHeader}`, {
          where: csrfHeader,
          fix: 'send `csrf` of GET /api/v1/session in it',
        });
    }
    const expiresAtMs = Math.min(now() + idleMs, session.createdAtMs + maxMs);
    shown.set(request, { session, csrf, expiresAtMs });
    seen(session.id, () => credentials.sessionSeen(session.id, now()));
    return { name: user.name, kind: 'user', grants: user.grants, credential: session.id };
  }

  /** Notes a use. It is a courtesy: a disk that is full keeps nobody out. */
  function seen(id: string, note: () => void): void {
    if (now() - (usedMs.get(id) ?? 0) < seenEveryMs) return;
    usedMs.delete(id);
    usedMs.set(id, now());
    for (const [first, atMs] of usedMs) if (now() - atMs >= seenEveryMs) usedMs.delete(first);
    try {
      note();
    } catch (error) {
      warn(messageOf(error));
    }
  }

  return {
    async authenticate(request) {
      const { authorization, cookie } = request.headers;
      if (authorization !== undefined) {
        if (isToken(authorization, ownerToken)) return owner;
        const [, secret] = /^Bearer (\S+)$/i.exec(authorization) ?? [];
        if (secret?.startsWith(tokenPrefix)) return tokenPrincipal(secret);
        throw denied(
          secret === undefined ? 'this needs a token as Authorization: Bearer …' : 'this is no token of this controller',
          'send a service token, or the token that is in api.json of the data folder now: it is another one after each start',
        );
      }
      const secret = sessionIn(cookie);
      if (secret === undefined) throw unauthorized();
      return sessionPrincipal(request, secret);
    },
    sessionOf: (request) => shown.get(request) ?? null,
    current(principal) {
      const { kind, credential } = principal;
      if (kind === 'owner') return principal;
      if (credential === null) return null;
      if (kind === 'token') {
        const token = keeper.state.tokens.get(credential);
        return token && isGood(token, now()) ? { ...principal, grants: token.grants } : null;
      }
      const session = credentials.sessionById(credential, now());
      const user = session ? keeper.state.users.get(session.user) : undefined;
      if (!session || !user || user.disabled) return null;
      // A page that is open is in use, as a screen on the wall is: its session does not grow idle.
      seen(session.id, () => credentials.sessionSeen(session.id, now()));
      return { ...principal, grants: user.grants };
    },
  };
}

function isWriting({ method }: FastifyRequest): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

function denied(what: string, fix: string): UserError {
  return new UserError('E_UNAUTHORIZED', what, { where: 'request', fix });
}
