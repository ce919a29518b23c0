import type { FastifyRequest } from 'fastify';
import { may } from './principal.ts';

/** Names of the services that the one who asks may see; null: all of them, also those that come later. */
export function servicesSeen(request: FastifyRequest): readonly string[] | null {
  if (may(request, 'read', null)) return null;
  const named = request.principal.grants.flatMap(({ services }) => (services === '*' ? [] : services));
  return [...new Set(named)].filter((name) => may(request, 'read', name));
}
