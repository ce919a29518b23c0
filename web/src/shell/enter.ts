import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { setCsrf } from '../api/client.ts';
import type { Session } from '../api/schema.ts';

/** Begins a session: whatever was known to another or to nobody is forgotten. */
export function useEnter(): (session: Session, href: string) => Promise<void> {
  const client = useQueryClient();
  const router = useRouter();
  return async (session, href) => {
    setCsrf(session.csrf);
    client.clear();
    client.setQueryData(['session'], session);
    await router.navigate({ href, replace: true });
  };
}
