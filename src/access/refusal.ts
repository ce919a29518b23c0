import { can } from './can.ts';
import { isGood } from './fold.ts';
import type { AccessState, Grant, Permission, User, UserFacts } from './types.ts';

/** Whoever asks for a change of who has access. */
export type Asker = {
  readonly grants: readonly Grant[];
  /** When what they show ends by itself, unix milliseconds; null: it does not. */
  readonly untilMs: number | null;
};

/** Names that the record uses for what is no person and no token of anybody. */
const reserved = ['anonymous', 'controller', 'guard', 'nobody', 'owner', 'router', 'target', 'unknown'];
const namePattern = /^[a-z0-9][a-z0-9._@-]{0,59}$/;

export const nameHint = 'at most 60 small letters, digits and . _ - @, beginning with a letter or digit';

/** Why this user cannot be added, in one sentence; null when they can. */
export function addUserRefusal(state: AccessState, asker: Asker, name: string, facts: UserFacts): string | null {
  const refusal = nameRefusal(name) ?? grantRefusal(asker, facts.grants);
  if (refusal) return refusal;
  if (state.users.has(name)) return `there is a user ${name} already`;
  if (state.removed.has(name)) return `${name} was the name of a user that was removed; the record must not mix up the two`;
  for (const token of state.tokens.values())
    if (token.name === name) return `${name} is the name of a token; the record must not mix up the two`;
  // Without an admin nobody could add the next user but whoever owns the data folder.
  if (state.users.size === 0 && !isAdmin(facts)) return 'the first user has to be an admin of all services';
  return oidcRefusal(state, name, facts.oidc);
}

/** Why this user cannot become like this; null when they can. */
export function changeUserRefusal(state: AccessState, asker: Asker, name: string, facts: UserFacts): string | null {
  const user = state.users.get(name);
  if (!user) return `there is no user ${name}`;
  if (facts.grants !== user.grants) {
    const refusal = grantRefusal(asker, facts.grants);
    if (refusal) return refusal;
  }
  return lastAdminRefusal(state, user, isAdmin(facts)) ?? oidcRefusal(state, name, facts.oidc);
}

/** Why this user cannot be removed; null when they can. */
export function removeUserRefusal(state: AccessState, name: string): string | null {
  const user = state.users.get(name);
  return user ? lastAdminRefusal(state, user, false) : `there is no user ${name}`;
}

/** What a new token is to be like. */
export type TokenWish = { readonly name: string; readonly grants: readonly Grant[]; readonly expiresAtMs: number | null };

/**
 * Why this token cannot be made; null when it can.
 *
 * @param atMs - Now, unix milliseconds.
 */
export function addTokenRefusal(state: AccessState, asker: Asker, wish: TokenWish, atMs: number): string | null {
  const { name, grants, expiresAtMs } = wish;
  const refusal = nameRefusal(name) ?? grantRefusal(asker, grants);
  if (refusal) return refusal;
  if (expiresAtMs !== null && expiresAtMs <= atMs) return `it would have expired already (${time(expiresAtMs)})`;
  // What ends could otherwise make something that does not.
  if (asker.untilMs !== null && (expiresAtMs === null || expiresAtMs > asker.untilMs))
    return `a token that is made with a token must not outlive it (${time(asker.untilMs)})`;
  if (state.users.has(name) || state.removed.has(name))
    return `${name} is or was the name of a user; the record must not mix up the two`;
  for (const token of state.tokens.values())
    if (token.name === name && isGood(token, atMs))
      return `there is a token ${name} already; revoke it first, or choose another name`;
  return null;
}

/** Why this name cannot be one of a user or token; null when it can. */
export function nameRefusal(name: string): string | null {
  if (!namePattern.test(name)) return `a name has ${nameHint}`;
  return reserved.includes(name) ? `${name} means something else in the record` : null;
}

/** Whether somebody can do everything, also with users and tokens. */
export function isAdmin({ grants, disabled }: Pick<User, 'grants' | 'disabled'>): boolean {
  return !disabled && can(grants, 'administer', null);
}

/** Why these rights cannot be given by the one who asks: nobody hands out more than they have. */
function grantRefusal(asker: Asker, grants: readonly Grant[]): string | null {
  for (const { role, services } of grants) {
    if (services !== '*' && services.length === 0) return `the role ${role} is for no service`;
    if (new Set(services).size !== services.length) return `the role ${role} names a service twice`;
    const missing =
      services === '*'
        ? lacks(asker, { role, services }, null)
        : services.find((service) => lacks(asker, { role, services }, service));
    if (missing) return `nobody can give more than they have: ${role} of ${missing === true ? 'all services' : missing}`;
  }
  return null;
}

const everything: readonly Permission[] = ['read', 'release', 'steer', 'abort', 'approve', 'administer'];

/** Whether a grant allows something with a service (null: with all) that the one who asks may not. */
function lacks(asker: Asker, grant: Grant, service: string | null): boolean {
  return everything.some((permission) => can([grant], permission, service) && !can(asker.grants, permission, service));
}

function lastAdminRefusal(state: AccessState, user: User, staysAdmin: boolean): string | null {
  if (staysAdmin || !isAdmin(user)) return null;
  for (const other of state.users.values()) if (other.name !== user.name && isAdmin(other)) return null;
  return `${user.name} is the last admin of all services; make another one first`;
}

function oidcRefusal(state: AccessState, name: string, oidc: string | null): string | null {
  if (oidc === null) return null;
  for (const other of state.users.values())
    if (other.name !== name && other.oidc === oidc) return `${other.name} signs in with this account already`;
  return null;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
