import type { FastifyInstance, FastifyRequest } from 'fastify';
import { can } from '../access/can.ts';
import type { Grant, Origin, Permission } from '../access/types.ts';
import { UserError } from '../errors.ts';

/**
 * Who asks: the `owner` of the data folder (whoever can read its token), a signed-in `user`, or a program with a service `token`.
 */
export type Principal = {
  /** What the record calls them. */
  readonly name: string;
  readonly kind: 'owner' | 'user' | 'token';
  readonly grants: readonly Grant[];
  /** Id of the session or token, never its secret; null for the owner. */
  readonly credential: string | null;
};

/** Finds out who asks. */
export type Authenticator = {
  /** @throws UserError `E_UNAUTHORIZED` without a credential that is good now, `E_CSRF` when a browser may have been tricked. */
  authenticate(request: FastifyRequest): Promise<Principal>;
};

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Under `/api/v1` it is known before anything else is looked at. */
    principal: Principal;
  }
}

/** What a route does before anybody has been asked who they are. Nobody may anything. */
const nobody: Principal = { name: 'nobody', kind: 'token', grants: [], credential: null };

const principals = new WeakMap<object, Principal>();

/** Lets every request of the server say who asks; nobody may anything until a scope has asked. */
export function knowPrincipals(app: FastifyInstance): void {
  app.decorateRequest('principal', {
    getter() {
      return principals.get(this) ?? nobody;
    },
    setter(this: FastifyRequest, principal: Principal) {
      principals.set(this, principal);
    },
  });
}

/** Everything in this scope needs a credential, but for routes whose `config.open` says that it is for everybody. */
export function requirePrincipal(api: FastifyInstance, authenticator: Authenticator): void {
  api.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.open === true) return;
    request.principal = await authenticator.authenticate(request);
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a credential. */
    readonly open?: boolean;
  }
}

/** From where a request came, for the record. */
export function originOf({ ip, principal }: FastifyRequest): Origin {
  const via = principal.kind === 'user' ? 'session' : principal.kind;
  return { address: ip, via, credential: principal.credential };
}

/** Whether the one who asks may do that with the service (null: with all of them, or with what belongs to none). */
export function may({ principal }: FastifyRequest, permission: Permission, service: string | null): boolean {
  return can(principal.grants, permission, service);
}

/**
 * @param deed - What it is called when it is refused.
 * @throws UserError `E_FORBIDDEN` unless the one who asks may do that with the service.
 */
export function allow(request: FastifyRequest, permission: Permission, service: string | null, deed = deeds[permission]): void {
  if (may(request, permission, service)) return;
  const { kind, name } = request.principal;
  // The whole log needs all services; who may see one or two of them should not read that they may see none.
  const all = permission === 'read' ? ' of all services' : '';
  const what = `${deed}${service === null ? all : ` of ${service}`}`;
  throw new UserError('E_FORBIDDEN', `${kind} ${name} may not ${what}`, {
    where: kind,
    fix: 'ask an admin for the role, or use a credential that has it; docs/guides/access.md says what each role may',
  });
}

const deeds: Readonly<Record<Permission, string>> = {
  read: 'see releases',
  report: 'report results of flags',
  release: 'start or roll back releases',
  steer: 'steer releases',
  abort: 'abort releases',
  approve: 'approve releases',
  administer: 'administer users, tokens and settings',
};

/**
 * The name that goes on record. The owner of the data folder speaks for whoever runs the command; others have a name of their own.
 *
 * @throws UserError `E_INPUT` when somebody with a name gives another.
 */
export function actorOf({ principal }: FastifyRequest, by: string | undefined): string {
  if (by === undefined) return principal.name;
  if (principal.kind === 'owner' || by === principal.name) return by;
  throw new UserError('E_INPUT', `by: ${principal.kind} ${principal.name} acts under that name only`, {
    where: 'by',
    fix: 'leave `by` out',
  });
}

/** Who asks for something, and from where, as it comes on record. @throws UserError as `actorOf` */
export function askerOf(request: FastifyRequest, by: string | undefined): { readonly by: string; readonly from: Origin } {
  return { by: actorOf(request, by), from: originOf(request) };
}
