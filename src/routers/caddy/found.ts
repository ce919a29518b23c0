import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { checkedRoute } from '../route-check.ts';
import type { Backend, Endpoint, Route, RouteReading } from '../router.ts';
import type { Mark } from './handler.ts';
import { matcherOf } from './match.ts';
import { dialsOf } from './upstreams.ts';

/** What is under the id: nothing yet, Rampart's, or somebody else's with the reason. */
export type Content = { readonly kind: 'empty' } | { readonly kind: 'ours'; readonly mark: Mark } | { readonly foreign: string };

const Rest = z.object({ service: z.string(), tokenSeen: z.int().min(0), appliedAtMs: z.number() });
const Subroute = z.looseObject({ handler: z.literal('subroute'), routes: z.array(z.json()).optional().nullable() });
const Marked = z.looseObject({ handle: z.tuple([z.looseObject({ handler: z.literal('vars'), rampart: z.json() })]) });
const Proxying = z.looseObject({
  match: z.json().optional(),
  handle: z.tuple([
    z.looseObject({ handler: z.literal('reverse_proxy'), upstreams: z.array(z.looseObject({ dial: z.string() })) }),
  ]),
});

/** Whose the handler is. Only an empty `subroute`, or one with the mark of this service, may be written. */
export function contentOf(handler: unknown, service: string): Content {
  const subroute = Subroute.safeParse(handler);
  if (!subroute.success) return { foreign: 'it is not a subroute handler' };
  const routes = subroute.data.routes ?? [];
  if (routes.length === 0) return { kind: 'empty' };
  const marked = Marked.safeParse(routes[0]);
  if (!marked.success) return { foreign: 'it holds routes that Rampart has not written' };
  const mark = markOf(marked.data.handle[0].rampart);
  if (!mark) return { foreign: 'its note of the route is damaged' };
  if (mark.service !== service) return { foreign: `it belongs to the service ${mark.service}` };
  return { kind: 'ours', mark };
}

/** A mark that was read, its keys in the order of the contract; null when it is none. Caddy sorts them by name. */
export function markOf(value: unknown): Mark | null {
  const rest = Rest.safeParse(value);
  if (!rest.success) return null;
  const { route, fence } = value as { route?: unknown; fence?: unknown };
  const checked = checkedRoute({ route, fence });
  return 'refused' in checked ? null : { ...checked, ...rest.data };
}

/**
 * What is in force. Where the handler is not what was written, somebody has changed it: then it is what the handler says, under
 * number 0, because no write of Rampart's is in force.
 *
 * @param written - What the handler was when its mark was written.
 */
export function readingOf(handler: unknown, mark: Mark, written: unknown): RouteReading {
  const { route, fence, appliedAtMs } = mark;
  if (isDeepStrictEqual(handler, written)) return { route, fence, appliedAtMs, lapsed: false };
  return { route: routeIn(handler, route), fence: { ...fence, seq: 0 }, appliedAtMs, lapsed: false };
}

function routeIn(handler: unknown, written: Route): Route {
  const { data } = Subroute.safeParse(handler);
  const known = new Set(dialsOf(written.candidate));
  const matched: string[] = [];
  let split: readonly string[] = [];
  let match: Route['match'] = [];
  for (const route of data?.routes ?? []) {
    const proxying = Proxying.safeParse(route);
    if (!proxying.success) continue;
    const dials = proxying.data.handle[0].upstreams.map(({ dial }) => dial);
    if (proxying.data.match === undefined) split = dials;
    else {
      matched.push(...dials);
      if (isDeepStrictEqual(proxying.data.match, written.match.map(matcherOf))) match = written.match;
    }
  }
  const candidates = split.filter((dial) => known.has(dial));
  const share = split.length === 0 ? 0 : (candidates.length / split.length) * 100;
  return {
    stable: withDials(
      written.stable,
      split.filter((dial) => !known.has(dial)),
    ),
    candidate: withDials(written.candidate, [...candidates, ...matched]),
    weight: Math.round(share * 100) / 100,
    match,
  };
}

function withDials(backend: Backend | null, dials: readonly string[]): Backend | null {
  if (!backend) return null;
  return { version: backend.version, endpoints: [...new Set(dials)].flatMap((dial) => endpointOf(dial) ?? []) };
}

function endpointOf(dial: string): Endpoint | null {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(dial) ?? [];
  return host === undefined ? null : { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
