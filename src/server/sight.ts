import type { FastifyRequest } from 'fastify';
import { UserError } from '../errors.ts';
import type { Controller } from '../runtime/controller.ts';
import { allow, may } from './principal.ts';

/** Names of the services that the one who asks may see; null: all of them, also those that come later. */
export function servicesSeen(request: FastifyRequest): readonly string[] | null {
  if (may(request, 'read', null)) return null;
  const named = request.principal.grants.flatMap(({ services }) => (services === '*' ? [] : services));
  return [...new Set(named)].filter((name) => may(request, 'read', name));
}

/** Names that a message lists at most. */
const namesMax = 20;

/**
 * Checks the service that a list is asked for: an empty list would hide a name that was mistyped.
 *
 * @throws UserError `E_FORBIDDEN`, `E_UNKNOWN_SERVICE` with the names that there are.
 */
export function allowFilter(request: FastifyRequest, controller: Controller, name: string | undefined): void {
  if (name === undefined) return;
  allow(request, 'read', name);
  if (controller.service(name)) return;
  const names = controller.services.map((service) => service.name).filter((known) => may(request, 'read', known));
  const more = names.length > namesMax ? ` and ${names.length - namesMax} more` : '';
  throw new UserError('E_UNKNOWN_SERVICE', `there is no service ${name}`, {
    where: 'service',
    fix: names.length === 0 ? 'there is none yet: leave it out' : `name one of: ${names.slice(0, namesMax).join(', ')}${more}`,
  });
}
