import type { Fence, Route } from './router.ts';

/** What a router remembers of its writers. */
export type FencedRoute = {
  readonly fence: Fence;
  /** As it was written, to recognise a repeated write. */
  readonly written: Route;
  /** Highest token that has written or renewed; lower ones are refused. */
  readonly tokenSeen: number;
};

/** What a write is to a router: new, the same once more, or of a writer that is late, with the reason. */
export type Standing = 'newer' | 'repeated' | { readonly stale: string };

/** Compares a write with what is in force (Kleppmann, "How to do distributed locking", 2016: fencing tokens). */
export function standingOf(inForce: FencedRoute | null, route: Route, fence: Fence): Standing {
  if (!inForce) return 'newer';
  if (fence.token < inForce.tokenSeen) return { stale: staleToken(fence.token, inForce.tokenSeen) };
  if (fence.token !== inForce.fence.token) return 'newer';
  if (fence.seq < inForce.fence.seq)
    return { stale: `route ${fence.seq} is older than route ${inForce.fence.seq}, which is in force` };
  if (fence.seq > inForce.fence.seq) return 'newer';
  if (JSON.stringify(route) === JSON.stringify(inForce.written)) return 'repeated';
  return { stale: `route ${fence.seq} is in force with other content; a new route needs a higher number` };
}

/**
 * Why a command comes too late to give the candidate traffic: one that has waited in a router that hung, or on its way, is of a
 * controller that may be gone since. Taking traffic back is never late.
 */
export function lateCommand(ageMs: number, leaseMs: number): string {
  return `it was sent ${(ageMs / 1_000).toFixed(1)} s ago, and would have lapsed after ${leaseMs / 1_000} s`;
}

/** Why a token is refused. */
export function staleToken(token: number, tokenSeen: number): string {
  return `token ${token} is older than token ${tokenSeen}, which has written since`;
}
