import { useQuery } from '@tanstack/react-query';
import { liveIncidentsQuery } from '../api/queries.ts';

/**
 * The title of a page. A number comes first: how much of it needs somebody, and on whichever page one is, how many incidents nobody has
 * taken.
 */
export function PageTitle({ of, count = 0 }: { of: string; count?: number }) {
  // The frame around the pages asks; here it is only looked at, also where nobody is signed in.
  const known = useQuery({ ...liveIncidentsQuery, enabled: false }).data?.incidents ?? [];
  const shown = Math.max(count, known.filter(({ state }) => state === 'open').length);
  return <title>{`${shown > 0 ? `(${shown}) ` : ''}${of} · Rampart`}</title>;
}
