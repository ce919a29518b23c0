import { type FencedRoute, lateCommand, staleToken, standingOf } from '../fencing.ts';
import type { Fence, Route, RouteReading } from '../router.ts';

/** What the router keeps about its route, also in its state file. */
export type RouteState = FencedRoute & {
  /** In force: as written, or without the candidate's share once the lease has run out. */
  readonly route: Route;
  readonly appliedAtMs: number;
  readonly lapsed: boolean;
  /** When the last write or renewal was sent, on the machine's monotonic clock in milliseconds. */
  readonly renewedAtMs: number;
};

export type Moment = {
  /** Unix milliseconds. */
  readonly wallMs: number;
  /** Milliseconds of the machine's monotonic clock: never set, the same in every process until the machine restarts. */
  readonly monotonicMs: number;
};

/** A write, with when it was sent on the machine's monotonic clock: its lease runs from there, wherever it was held up since. */
export type RouteCommand = { readonly route: Route; readonly fence: Fence; readonly sentAtMs: number };

export type Written =
  | { readonly kind: 'applied'; readonly state: RouteState }
  /** The same write again: nothing changes but the lease. */
  | { readonly kind: 'repeated'; readonly state: RouteState }
  | { readonly kind: 'stale'; readonly why: string }
  /** It would give the candidate traffic, and is older than its lease. */
  | { readonly kind: 'late'; readonly why: string };

/** What a write does. The state must be up to date: see `lapseIfDue`. */
export function writeRoute(state: RouteState | null, command: RouteCommand, leaseMs: number, now: Moment): Written {
  const { route, fence, sentAtMs } = command;
  const standing = standingOf(state, route, fence);
  if (typeof standing === 'object') return { kind: 'stale', why: standing.stale };
  if (state && standing === 'repeated') return { kind: 'repeated', state: renewed(state, fence.token, sentAtMs) };
  const ageMs = now.monotonicMs - sentAtMs;
  if (needsLease(route) && ageMs >= leaseMs) return { kind: 'late', why: lateCommand(ageMs, leaseMs) };
  return {
    kind: 'applied',
    state: {
      route,
      fence,
      written: route,
      tokenSeen: fence.token,
      appliedAtMs: now.wallMs,
      lapsed: false,
      renewedAtMs: sentAtMs,
    },
  };
}

/**
 * The state with its lease renewed, or why that is refused. A lapsed route stays lapsed: only a newer route ends that.
 *
 * @param sentAtMs - When the renewal was sent; one that was held up renews for so much less.
 */
export function renewLease(state: RouteState, token: number, sentAtMs: number): RouteState | { readonly stale: string } {
  if (token < state.tokenSeen) return { stale: staleToken(token, state.tokenSeen) };
  return renewed(state, token, sentAtMs);
}

function renewed(state: RouteState, token: number, sentAtMs: number): RouteState {
  return {
    ...state,
    tokenSeen: Math.max(token, state.tokenSeen),
    renewedAtMs: state.lapsed ? state.renewedAtMs : Math.max(sentAtMs, state.renewedAtMs),
  };
}

/** Whether the candidate gets anything, which it may keep only while a controller is watching. */
export function needsLease(route: Route): boolean {
  return route.weight > 0 || route.match.length > 0;
}

/** Milliseconds until the lease runs out (0: it has), `Infinity` when the route needs none. */
export function leaseLeftMs(state: RouteState, leaseMs: number, monotonicMs: number): number {
  if (!needsLease(state.route)) return Number.POSITIVE_INFINITY;
  return Math.max(0, state.renewedAtMs + leaseMs - monotonicMs);
}

/** The state as it has to be now: with all traffic on stable once the lease has run out. */
export function lapseIfDue(state: RouteState, leaseMs: number, now: Moment): RouteState {
  if (leaseLeftMs(state, leaseMs, now.monotonicMs) > 0) return state;
  return lapse(state, now);
}

/** Takes all traffic back to stable. */
export function lapse(state: RouteState, now: Moment): RouteState {
  return { ...state, route: { ...state.route, weight: 0, match: [] }, lapsed: true, appliedAtMs: now.wallMs };
}

/** What a reader is told. */
export function readingOf(state: RouteState): RouteReading {
  return { route: state.route, fence: state.fence, appliedAtMs: state.appliedAtMs, lapsed: state.lapsed };
}
