import type { Backend, Endpoint, Route } from '../router.ts';
import type { Assigned, RouterRecord } from './record.ts';
import type { ServerRow, ServerStats } from './server-rows.ts';
import { weightsOf } from './weights.ts';

/** An endpoint with the address that its host stands for. */
export type Place = Endpoint & { readonly address: string };

/** Which server is what. Servers that are not named here are to be out. */
export type Plan = Readonly<Record<string, Assigned>>;

/** How the servers would have to be assigned, or how many there would have to be. */
export type Planned = { readonly servers: Plan } | { readonly serversNeeded: number };

/**
 * Finds a server for each endpoint of a route. One that has its address keeps it; else one that is free and has nothing under way is
 * taken, and one whose version is leaving only when there is no other.
 *
 * @param rows - The servers that are for Rampart to fill, in their order.
 * @param placeOf - The address of each endpoint.
 */
export function planOf(
  route: Route,
  rows: readonly ServerRow[],
  stats: ReadonlyMap<string, ServerStats>,
  before: RouterRecord | null,
  placeOf: (endpoint: Endpoint) => Place,
): Planned {
  const wanted = wantedOf(route, placeOf);
  if (wanted.length > rows.length) return { serversNeeded: wanted.length };
  const free = new Map(rows.map((row) => [row.name, row]));
  const servers: Record<string, Assigned> = {};
  const homeless: Assigned[] = [];
  // One that gets requests comes first: a second server with the same address may be left from an earlier route.
  const known = rows.toSorted((a, b) => Number(b.isIn) - Number(a.isIn));
  for (const one of wanted) {
    const has = known.find(({ name, host, port }) => free.has(name) && host === one.address && port === one.port);
    if (!has) homeless.push(one);
    else {
      servers[has.name] = one;
      free.delete(has.name);
    }
  }
  const rank = ({ name, isIn }: ServerRow): number =>
    (isIn ? 4 : 0) + ((stats.get(name)?.current ?? 0) > 0 ? 2 : 0) + (before?.servers[name] ? 1 : 0);
  const spare = [...free.values()].sort((a, b) => rank(a) - rank(b));
  for (const one of homeless) {
    const next = spare.shift();
    if (next) servers[next.name] = one;
  }
  // What they still have under way belongs to the version that they were.
  for (const { name } of spare) {
    const was = before?.servers[name];
    if (was && (stats.get(name)?.current ?? 0) > 0) servers[name] = { ...was, side: 'leaving', weight: 0, isIn: false };
  }
  return { servers };
}

function wantedOf(route: Route, placeOf: (endpoint: Endpoint) => Place): readonly Assigned[] {
  const { stable, candidate, weight, match } = route;
  const weights = weightsOf(weight, stable?.endpoints.length ?? 0, candidate?.endpoints.length ?? 0);
  const side = (name: 'stable' | 'candidate', backend: Backend | null): readonly Assigned[] =>
    (backend?.endpoints ?? []).map((endpoint, i) => {
      const { host, address, port } = placeOf(endpoint);
      const share = weights[name][i] ?? 0;
      const isIn = share > 0 || (name === 'candidate' && match.length > 0);
      return { side: name, version: backend?.version ?? '', host, address, port, weight: share, isIn };
    });
  return [...side('stable', stable), ...side('candidate', candidate)];
}

/**
 * Commands that bring the servers to the plan; none when they are there. Stable rises first and falls last, so that the candidate has
 * at no moment more than before or after, and there is never a moment without a server.
 */
export function commandsFor(backend: string, rows: readonly ServerRow[], plan: Plan, before: RouterRecord | null): string[] {
  const hasStable = Object.values(plan).some(({ side, weight }) => side === 'stable' && weight > 0);
  const order = hasStable ? besideStable : alone;
  const moves = rows.map((row) => {
    const to = plan[row.name] ?? null;
    return { move: moveOf(row, to, before?.servers[row.name]), commands: changes(`${backend}/${row.name}`, row, to) };
  });
  return moves.toSorted((a, b) => order.indexOf(a.move) - order.indexOf(b.move)).flatMap(({ commands }) => commands);
}

type Move = `${'stable' | 'candidate'}-${'up' | 'down' | 'out'}`;
const besideStable: readonly Move[] = [
  'stable-up',
  'candidate-down',
  'candidate-out',
  'stable-out',
  'candidate-up',
  'stable-down',
];
/** With nothing on stable the candidate has to be there before anybody leaves. */
const alone: readonly Move[] = ['candidate-up', 'candidate-down', 'candidate-out', 'stable-out', 'stable-up', 'stable-down'];

function moveOf(row: ServerRow, to: Assigned | null, was: Assigned | undefined): Move {
  if (!to || to.side === 'leaving') return was?.side === 'candidate' ? 'candidate-out' : 'stable-out';
  const isRising = to.weight > 0 && (!row.isIn || to.weight > row.weight || isElsewhere(row, to));
  return `${to.side}-${isRising ? 'up' : 'down'}`;
}

function changes(server: string, row: ServerRow, to: Assigned | null): readonly string[] {
  const set = (what: string): string => `set server ${server} ${what}`;
  const commands: string[] = [];
  let isIn = row.isIn;
  if (to && to.side !== 'leaving' && isElsewhere(row, to)) {
    // HAProxy drops its idle connections to the old address only on the way into maintenance.
    if (isIn) commands.push(set('state maint'));
    isIn = false;
    commands.push(set(`addr ${to.address} port ${to.port}`));
  }
  const weight = to?.weight ?? 0;
  const isWanted = to?.isIn ?? false;
  if (!isWanted && isIn) commands.push(set('state maint'));
  // Of a server that was never used the weight is left as it is configured.
  if (weight !== row.weight && (to || row.isIn)) commands.push(set(`weight ${weight}`));
  if (isWanted && !isIn) commands.push(set('state ready'));
  return commands;
}

function isElsewhere(row: ServerRow, to: Assigned | null): boolean {
  return to !== null && (row.host !== to.address || row.port !== to.port);
}
