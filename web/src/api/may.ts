import type { Session } from './schema.ts';
import type { Verb } from './types.ts';

export type Permission = 'read' | 'report' | 'release' | 'steer' | 'abort' | 'approve' | 'administer';

/** What each role allows. The server decides; this only spares people buttons that it would refuse. */
const allowed: Readonly<Record<string, readonly Permission[]>> = {
  viewer: ['read'],
  reporter: ['read', 'report'],
  operator: ['read', 'report', 'release', 'steer', 'abort'],
  approver: ['read', 'approve', 'abort'],
  admin: ['read', 'report', 'release', 'steer', 'abort', 'approve', 'administer'],
};

/** Whether somebody may do something to a service; null: to all of them, or to none in particular. */
export function may({ grants, kind }: Session, permission: Permission, service: string | null): boolean {
  if (kind === 'owner') return true;
  return grants.some(({ role, services }) => {
    if (!allowed[role]?.includes(permission)) return false;
    if (services === '*') return true;
    return permission !== 'administer' && service !== null && services.includes(service);
  });
}

/** Whether there is any service for which somebody may do something. */
export function maySomewhere({ grants, kind }: Session, permission: Permission): boolean {
  if (kind === 'owner') return true;
  return grants.some(
    ({ role, services }) =>
      allowed[role]?.includes(permission) && (services === '*' || (permission !== 'administer' && services.length > 0)),
  );
}

export const permissionOf: Readonly<Record<Verb, Permission>> = {
  pause: 'steer',
  resume: 'steer',
  promote: 'steer',
  retry: 'steer',
  approve: 'approve',
  abort: 'abort',
};
