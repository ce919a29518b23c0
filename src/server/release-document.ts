import type { FastifyRequest } from 'fastify';
import { canSomewhere } from '../access/can.ts';
import type { Permission } from '../access/types.ts';
import { UserError } from '../errors.ts';
import type { Controller } from '../runtime/controller.ts';
import { serviceIn } from '../runtime/documents.ts';
import type { ServiceSpec } from '../spec/types.ts';
import { actorOf, allow, originOf } from './principal.ts';

type Named = { readonly service: string };
type Document = { readonly document: string; readonly file: string; readonly folder: string };

/**
 * The document that a request is about: its own, or that of the service's stable version, of whoever may do that with the service.
 * Whoever may do it with none is refused before anything is read for them.
 */
export function specOf(
  controller: Pick<Controller, 'service'>,
  request: FastifyRequest<{ Body: Named | Document }>,
  permission: Permission,
): ServiceSpec {
  const { body } = request;
  if ('document' in body) {
    if (!canSomewhere(request.principal.grants, permission)) allow(request, permission, null);
    const spec = serviceIn(body.document, body.file, body.folder);
    allow(request, permission, spec.name);
    return spec;
  }
  allow(request, permission, body.service);
  const stable = controller.service(body.service)?.stable;
  if (stable) return stable.spec;
  throw new UserError('E_UNKNOWN_SERVICE', `${body.service} has no stable version whose document could be used`, {
    where: 'service',
    fix: 'send the document, as `rampart release FILE` does',
  });
}

/** A release that a request asks for, of whoever may start one of the service, with who that is. */
export function releaseAsked(
  controller: Pick<Controller, 'service'>,
  request: FastifyRequest<{ Body: (Named | Document) & { version: string; by?: string | undefined; why: string } }>,
) {
  const { version, by, why } = request.body;
  const spec = specOf(controller, request, 'release');
  return { spec, version, by: actorOf(request, by), why, from: originOf(request) };
}
