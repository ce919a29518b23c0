import type { FastifyRequest } from 'fastify';
import type { Grant } from '../../access/types.ts';
import type { Principal } from '../principal.ts';
import type { Access } from './open.ts';
import { csrfOf } from './secret.ts';
import type { NewSession } from './sign-in.ts';

/** Who asks, and what they may. */
export type SessionView = {
  readonly name: string;
  readonly kind: Principal['kind'];
  readonly grants: readonly Grant[];
  readonly csrf: string | null;
  readonly expiresAtMs: number | null;
};

/** The session or token that a request came with. */
export function sessionView(access: Access, request: FastifyRequest): SessionView {
  const { name, kind, grants, credential } = request.principal;
  const found = access.authenticator.sessionOf(request);
  const token = kind === 'token' && credential !== null ? access.keeper.state.tokens.get(credential) : undefined;
  return { name, kind, grants, csrf: found?.csrf ?? null, expiresAtMs: found?.expiresAtMs ?? token?.expiresAtMs ?? null };
}

/** A session that has just been made. */
export function newSessionView(access: Access, { session, secret, expiresAtMs }: NewSession): SessionView {
  const grants = access.keeper.state.users.get(session.user)?.grants ?? [];
  return { name: session.user, kind: 'user', grants, csrf: csrfOf(secret), expiresAtMs };
}
