import type { Backend, Endpoint, Match, RouteReading } from '../router.ts';
import { matchKey } from './match-key.ts';
import type { MapEntry } from './match-map.ts';
import type { RouterRecord } from './record.ts';
import type { ServerRow } from './server-rows.ts';

/**
 * What is in force: weights and addresses as HAProxy has them, names and fence as they were written. A share is of all requests of the
 * backend, also of those that servers get which are not Rampart's.
 *
 * @param rows - Every server of the backend but its backups.
 * @returns Null when nothing was ever written, or HAProxy has nothing of it, as after a restart without its server-state-file.
 */
export function readingOf(
  record: RouterRecord | null,
  rows: readonly ServerRow[],
  prefix: string,
  matches: readonly MapEntry[],
): RouteReading | null {
  if (!record) return null;
  const { written, fence, appliedAtMs, servers } = record;
  const isLive = (row: ServerRow): boolean => row.isIn && row.weight > 0;
  const live = rows.filter(isLive);
  const sideOf = (row: ServerRow): 'stable' | 'candidate' | undefined => {
    const assigned = servers[row.name];
    return assigned && assigned.side !== 'leaving' ? assigned.side : undefined;
  };
  const isMeantToBe = Object.values(servers).some(({ weight }) => weight > 0);
  if (isMeantToBe && !live.some((row) => sideOf(row) !== undefined)) return null;
  const sum = (some: readonly ServerRow[]): number => some.reduce((total, { weight }) => total + weight, 0);
  const share = sum(live) === 0 ? 0 : sum(live.filter((row) => sideOf(row) === 'candidate')) / sum(live);

  const seen = (side: 'stable' | 'candidate', backend: Backend | null): Backend | null => {
    if (!backend) return null;
    const endpoints = rows.flatMap((row): Endpoint[] => {
      const assigned = servers[row.name];
      if (assigned?.side !== side) return [];
      const isThere = row.host === assigned.address && row.port === assigned.port;
      // A server that is out as it was meant to be is an endpoint that waits.
      if (!isLive(row) && (assigned.weight > 0 || row.isIn !== assigned.isIn || !isThere)) return [];
      return [{ host: isThere ? assigned.host : row.host, port: row.port }];
    });
    return { version: backend.version, endpoints: inOrderOf(backend.endpoints, endpoints) };
  };
  const stable = seen('stable', written.stable);
  // Somebody has put servers in that are Rampart's and of no version: they do not count for the candidate.
  const strays = live.filter((row) => row.name.startsWith(prefix) && sideOf(row) === undefined);
  return {
    route: {
      stable: stable && { ...stable, endpoints: [...stable.endpoints, ...strays.map(({ host, port }) => ({ host, port }))] },
      candidate: seen('candidate', written.candidate),
      weight: Math.round(share * 1_000_000) / 10_000,
      match: matchesOf(record, rows, matches),
    },
    fence,
    appliedAtMs,
    lapsed: false,
  };
}

/** What is matched, and goes to a server of the candidate that takes requests. What somebody else put in is told as it is. */
function matchesOf(
  { written, servers }: RouterRecord,
  rows: readonly ServerRow[],
  entries: readonly MapEntry[],
): readonly Match[] {
  const isCandidate = (server: string): boolean =>
    servers[server]?.side === 'candidate' && rows.some(({ name, isIn }) => name === server && isIn);
  const there = new Set(entries.filter(({ server }) => isCandidate(server)).map(({ key }) => key));
  const known = new Set(written.match.map(matchKey));
  const strays = entries.filter(({ key }) => !known.has(key)).map(({ key }) => ({ header: 'Host', pattern: key }));
  return [...written.match.filter((match) => there.has(matchKey(match))), ...strays];
}

/** Endpoints in the order in which they were written; those that were not, after them. */
function inOrderOf(written: readonly Endpoint[], found: readonly Endpoint[]): readonly Endpoint[] {
  const place = ({ host, port }: Endpoint): number => {
    const at = written.findIndex((endpoint) => endpoint.host === host && endpoint.port === port);
    return at < 0 ? written.length : at;
  };
  return found.toSorted((a, b) => place(a) - place(b));
}
