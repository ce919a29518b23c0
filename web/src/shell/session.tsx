import { useQuery } from '@tanstack/react-query';
import { may, type Permission } from '../api/may.ts';
import { sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/schema.ts';

const nobody: Session = { name: '', kind: 'user', grants: [], csrf: null, expiresAtMs: null };

/** Who is signed in. Pages inside of the shell are shown to nobody else. */
export function useSession(): Session {
  return useQuery(sessionQuery).data ?? nobody;
}

export function useMay(permission: Permission, service: string | null): boolean {
  return may(useSession(), permission, service);
}
