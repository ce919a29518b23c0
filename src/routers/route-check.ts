import { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { Fence, Match, Route, RouterCapabilities } from './router.ts';

const token = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}$/);
const text = z.string().max(1_000);
const Backend = z.strictObject({
  version: z.string().min(1).max(200),
  endpoints: z.array(z.strictObject({ host: z.string().min(1).max(255), port: z.int().min(1).max(65_535) })).max(1_000),
});
/** A route and a fence as they are written to a wire or a file. */
export const WireRoute = z.strictObject({
  stable: Backend.nullable(),
  candidate: Backend.nullable(),
  weight: z.number().min(0).max(100),
  match: z
    .array(
      z.union([
        z.strictObject({ header: token, equals: text }),
        z.strictObject({ header: token, contains: text }),
        z.strictObject({ header: token, pattern: z.string() }),
        z.strictObject({ cookie: token, equals: text }),
      ]),
    )
    .max(32),
});
export const WireFence = z.strictObject({ token: z.int().min(0), seq: z.int().min(0) });

/** A route and its fence as they came over the wire, or why they are none. */
export function checkedRoute(body: unknown): { readonly route: Route; readonly fence: Fence } | { readonly refused: string } {
  const parsed = z.strictObject({ route: WireRoute, fence: WireFence }).safeParse(body);
  if (!parsed.success) return { refused: z.prettifyError(parsed.error).replaceAll('\n', ' ') };
  return parsed.data;
}

/**
 * Why a router does not serve a route, in words; null: it does.
 *
 * @param prepare - Throws, with the reason, for a match that the router cannot serve.
 */
export function routeProblem(
  route: Route,
  { weightStepPercent }: Pick<RouterCapabilities, 'weightStepPercent'>,
  prepare: (match: Match) => unknown,
): string | null {
  const steps = route.weight / weightStepPercent;
  if (Math.abs(steps - Math.round(steps)) > 1e-6)
    return `weight ${route.weight} is finer than the step of ${weightStepPercent} percent`;
  if ((route.weight > 0 || route.match.length > 0) && (route.candidate?.endpoints.length ?? 0) === 0)
    return 'the candidate is to get traffic and has no endpoint';
  for (const match of route.match) {
    try {
      prepare(match);
    } catch (error) {
      return `match ${JSON.stringify(match)} cannot be served: ${messageOf(error)}`;
    }
  }
  return null;
}
