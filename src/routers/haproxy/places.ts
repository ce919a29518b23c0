import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { messageOf, UserError } from '../../errors.ts';
import type { Endpoint, Route } from '../router.ts';
import type { Place } from './plan.ts';
import type { RouterRecord } from './record.ts';

/**
 * Finds the address of each endpoint of a route: HAProxy takes addresses only. A name that cannot be looked up keeps the address that it
 * had before, so that a way back to stable never waits for a name server.
 *
 * @throws UserError `E_ROUTE_REFUSED` for a name that stands for nothing.
 */
export async function placesOf(route: Route, before: RouterRecord | null): Promise<(endpoint: Endpoint) => Place> {
  const hosts = new Set([route.stable, route.candidate].flatMap((backend) => backend?.endpoints.map(({ host }) => host) ?? []));
  const known = new Map(Object.values(before?.servers ?? {}).map(({ host, address }) => [host, address]));
  const addresses = new Map<string, string>();
  await Promise.all([...hosts].map(async (host) => addresses.set(host, await resolved(host, known.get(host)))));
  return (endpoint) => ({ ...endpoint, address: addresses.get(endpoint.host) ?? endpoint.host });
}

async function resolved(host: string, before: string | undefined): Promise<string> {
  if (isIP(host) === 4) return host;
  // In the shortest form, in which HAProxy says it too.
  if (isIP(host) === 6) return new URL(`http://[${host}]`).hostname.slice(1, -1);
  try {
    return (await lookup(host)).address;
  } catch (error) {
    if (before !== undefined) return before;
    throw new UserError('E_ROUTE_REFUSED', `${host} has no address: ${messageOf(error)}`, {
      where: `endpoint ${host}`,
      fix: 'Give the instances addresses, or names that this machine can look up.',
      cause: error,
    });
  }
}
