import { z } from 'zod';
import type { KubernetesObject } from '../kubernetes/api.ts';
import { labelValueOf } from '../kubernetes/names.ts';
import { checkedRoute } from './route-check.ts';
import type { Fence, Route } from './router.ts';

const Place = z.strictObject({ name: z.string(), port: z.int().optional(), portName: z.string().optional() });
const Placed = z.strictObject({
  stable: Place.nullable(),
  candidate: Place.nullable(),
  own: Place.optional(),
  members: z.array(z.string()).optional(),
});
const Rest = z.object({
  service: z.string(),
  installation: z.string(),
  tokenSeen: z.int().min(0),
  appliedAtMs: z.number(),
  placed: Placed,
});

/** By what a version is named in the objects of the router: a Service with its port, or a subset. */
export type Place = { readonly name: string; readonly port?: number | undefined; readonly portName?: string | undefined };
export type Placed = {
  readonly stable: Place | null;
  readonly candidate: Place | null;
  /** What the user had there, where nothing else keeps it. */
  readonly own?: Place | undefined;
  /** Names of the pods that get requests, where these are the route. */
  readonly members?: readonly string[] | undefined;
};

/** Whose a route in the cluster is, and what was written last: kept in an annotation, so that it goes where the object goes. */
export type Claim = {
  readonly service: string;
  /** Tells installations of Rampart apart, whose tokens cannot be compared. */
  readonly installation: string;
  readonly route: Route;
  readonly fence: Fence;
  /** Highest token that has written or renewed. */
  readonly tokenSeen: number;
  /** Unix milliseconds. */
  readonly appliedAtMs: number;
  readonly placed: Placed;
};

/** A claim on an object: none yet, Rampart's own, or why nothing may be written. */
export type Found = { readonly claim: Claim | null } | { readonly foreign: string };

/** Who writes. */
export type Claimant = { readonly service: string; readonly installation: string };

/**
 * The annotation with the claim.
 *
 * @param of - What is split, such as the name of the user's Service: several services may share one route object, and none of them
 *   the same part of it.
 */
export function claimAnnotation(of: string): string {
  return `rampart.dev/${labelValueOf(`route-${of}`)}`;
}

/** The field manager, of each part one of its own: what one writer leaves out of an apply is not taken from another. */
export function managerOf(of: string): string {
  return labelValueOf(`rampart-${of}`);
}

/** The claim on an object, if it may be replaced by this claimant. */
export function claimOn(object: KubernetesObject, of: string, { service, installation }: Claimant): Found {
  const text = object.metadata.annotations?.[claimAnnotation(of)];
  if (text === undefined) return { claim: null };
  const claim = claimIn(text);
  if (!claim) return { foreign: 'its note of the route is damaged' };
  if (claim.service !== service) return { foreign: `it belongs to the service ${claim.service}` };
  if (claim.installation !== installation)
    return {
      foreign: `another installation of Rampart has written it at ${new Date(claim.appliedAtMs).toISOString()}`,
    };
  return { claim };
}

export function claimText(claim: Claim): string {
  return JSON.stringify(claim);
}

/** With this claim objects are what they are without Rampart. */
export const nothingClaimed: Claim = {
  service: '',
  installation: '',
  route: { stable: null, candidate: null, weight: 0, match: [] },
  fence: { token: 0, seq: 0 },
  tokenSeen: 0,
  appliedAtMs: 0,
  placed: { stable: null, candidate: null },
};

function claimIn(text: string): Claim | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const rest = Rest.safeParse(value);
  if (!rest.success) return null;
  const { route, fence } = value as { route?: unknown; fence?: unknown };
  const checked = checkedRoute({ route, fence });
  return 'refused' in checked ? null : { ...rest.data, ...checked };
}
