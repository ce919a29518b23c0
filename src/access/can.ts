import type { Grant, Permission, Role } from './types.ts';

/** What each role allows on the services of its grant. */
export const allowed: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['read'],
  // What is reported decides about releases: more than to look, less than to act.
  reporter: ['read', 'report'],
  operator: ['read', 'report', 'release', 'steer', 'abort'],
  // Whoever is asked to approve must be able to stop what they see.
  approver: ['read', 'approve', 'abort'],
  admin: ['read', 'report', 'release', 'steer', 'abort', 'approve', 'administer'],
};

/**
 * Whether `grants` allow something.
 *
 * @param service - The service it concerns; null: it concerns all of them (users, tokens, settings, what belongs to no service).
 */
export function can(grants: readonly Grant[], permission: Permission, service: string | null): boolean {
  return grants.some((grant) => {
    if (!allowed[grant.role].includes(permission)) return false;
    if (grant.services === '*') return true;
    // Users, tokens and settings belong to no service: an admin of some services may not make an admin of all of them.
    return permission !== 'administer' && service !== null && grant.services.includes(service);
  });
}

/** Whether somebody may do something with at least one service: what lists and menus ask, which then leave out the others. */
export function canSomewhere(grants: readonly Grant[], permission: Permission): boolean {
  return grants.some(
    (grant) =>
      allowed[grant.role].includes(permission) &&
      (grant.services === '*' || (permission !== 'administer' && grant.services.length > 0)),
  );
}
