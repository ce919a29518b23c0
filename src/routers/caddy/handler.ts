import type { Fence, Route } from '../router.ts';
import { matcherOf } from './match.ts';
import { dialsOf, entriesOf } from './upstreams.ts';

/** What Rampart notes inside of the handler it owns. */
export type Mark = {
  readonly service: string;
  readonly route: Route;
  readonly fence: Fence;
  /** Highest token that has written or renewed. */
  readonly tokenSeen: number;
  /** Unix milliseconds. */
  readonly appliedAtMs: number;
};

type Json = Readonly<Record<string, unknown>>;

/** Attempts beyond the first, for a connection that is refused and for a GET without an answer. */
const retries = 2;

/**
 * The handler for a route: the mark in a `vars` handler (it holds any JSON, and goes where the configuration goes), then the matches,
 * then the split.
 *
 * @param proxy - Settings of the user for every `reverse_proxy`.
 * @throws RangeError when the list of upstreams would be too long.
 */
export function handlerOf(id: string, mark: Mark, proxy: Json): Json {
  const { route, service } = mark;
  const [stable, candidate] = [dialsOf(route.stable), dialsOf(route.candidate)];
  const nobody = {
    handler: 'static_response',
    status_code: 503,
    headers: { 'Retry-After': ['5'] },
    body: `no version of ${service} takes requests\n`,
  };
  const settings = asJson(proxy) as Json;
  const to = (entries: readonly string[]) => reverseProxy(entries, settings);
  const routes: Json[] = [{ handle: [{ handler: 'vars', rampart: asJson(mark) }] }];
  if (route.match.length > 0) routes.push({ match: asJson(route.match.map(matcherOf)), handle: [to(candidate)], terminal: true });
  if (stable.length === 0 && route.weight > 0 && route.weight < 100) {
    // Stable's part has nobody to go to. The list of upstreams cannot say so, a lot can: the first four digits of a random UUID.
    const below = Math.round((route.weight / 100) * 0x1_0000)
      .toString(16)
      .padStart(4, '0');
    routes.push({ match: [{ expression: `{http.request.uuid} < "${below}"` }], handle: [to(candidate)], terminal: true });
    routes.push({ handle: [nobody] });
  } else {
    const entries = entriesOf(stable, candidate, route.weight);
    if (entries === null) throw new RangeError(`${route.weight} % of so many instances needs too long a list of upstreams`);
    routes.push({ handle: [entries.length > 0 ? to(entries) : nobody] });
  }
  return { '@id': id, handler: 'subroute', routes };
}

/** The handler with nothing in it: requests go on to whatever follows it. */
export function emptyHandler(id: string): Json {
  return { '@id': id, handler: 'subroute' };
}

function reverseProxy(entries: readonly string[], proxy: Json): Json {
  const balancing = proxy.load_balancing;
  return {
    ...proxy,
    handler: 'reverse_proxy',
    load_balancing: {
      retries,
      ...(typeof balancing === 'object' && balancing !== null && !Array.isArray(balancing) ? balancing : {}),
      selection_policy: { policy: 'round_robin' },
    },
    upstreams: entries.map((dial) => ({ dial })),
  };
}

/** The value as Caddy will give it back. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
