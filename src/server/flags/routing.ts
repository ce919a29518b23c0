import type { Origin } from '../../access/types.ts';
import { UserError } from '../../errors.ts';
import { routeRefusal, versionRefusal } from '../../flags/refusal.ts';
import type { Flag, FlagRecord, FlagRoute, FlagsState } from '../../flags/types.ts';
import { offVariant } from '../../flags/variants.ts';
import { type FencedRoute, standingOf } from '../../routers/fencing.ts';
import type { Fence, FlagResult, FlagRoutes, Route, RouteReading } from '../../routers/router.ts';
import type { AheadOfRecord } from './ahead-of-record.ts';
import type { Entry, FlagsRecorded } from './recording.ts';

/** Releases act for whoever asked for them, which is on record with the release. */
const actor = 'rampart';
const from: Origin = { address: '', via: 'owner', credential: null };

/** How releases give flags out: the other side of the router `flag`. */
export class FlagRouting implements FlagRoutes {
  readonly #recorded: FlagsRecorded;
  readonly #ahead: AheadOfRecord;
  readonly #now: () => number;
  readonly #listeners = new Map<string, (result: FlagResult) => void>();

  constructor(recorded: FlagsRecorded, ahead: AheadOfRecord, now: () => number) {
    this.#recorded = recorded;
    this.#ahead = ahead;
    this.#now = now;
  }

  async setRoute(key: string, service: string, route: Route, fence: Fence): Promise<void> {
    const after = { service, route, fence };
    const takesBack = route.weight === 0;
    if (takesBack) this.#takeBack(key, after);
    try {
      await this.#recorded.change(
        (state) => entriesOf(state, key, after),
        () => this.#ahead.overtaken('flag-routed', key),
      );
      if (takesBack) this.#ahead.remove('flag-routed', key);
    } catch (error) {
      const isUnrecorded = error instanceof UserError && error.code === 'E_LOG_FAILING';
      if (!isUnrecorded) {
        this.#ahead.remove('flag-routed', key);
        throw error;
      }
      // In force it is; the router says so when it is read.
      if (takesBack) return this.#ahead.failed('flag-routed', key);
      throw new UserError('E_ROUTER_UNREACHABLE', error.message, { where: `flag ${key}`, fix: error.fix, cause: error });
    }
  }

  async readRoute(key: string, service: string): Promise<RouteReading | null> {
    const flag = this.#state.flags.get(key);
    const { route: set = null } = flag ?? {};
    if (!flag || !set || set.service !== service) return null;
    return { route: inForce(flag, set.route), fence: set.fence, appliedAtMs: set.atMs, lapsed: false };
  }

  async leave(key: string, service: string): Promise<void> {
    await this.#recorded.change((state) => {
      const flag = state.flags.get(key);
      if (flag?.route?.service !== service) return [];
      const { service: owner, route, fence } = flag.route;
      const about = { subject: key, from, why: `no release of ${service} gives it out any more` };
      const left: Entry = {
        kind: 'flag-routed',
        actor,
        data: { ...about, before: { service: owner, route, fence }, after: null },
      };
      // Nobody loses what all have now; and what somebody has switched off stays off.
      if (!route.stable || flag.level) return [left];
      const after = { kind: 'share', variant: route.stable.version, sharePpm: 1_000_000 } as const;
      return [left, { kind: 'flag-share', actor, data: { ...about, before: null, after } }];
    });
  }

  async check(key: string, version: string): Promise<readonly string[]> {
    const flag = this.#state.flags.get(key);
    const problem = flag ? versionRefusal(flag, version) : noFlag(key);
    return problem === null ? [] : [problem];
  }

  onResult(key: string, listener: (result: FlagResult) => void): () => void {
    this.#listeners.set(key, listener);
    return () => {
      if (this.#listeners.get(key) === listener) this.#listeners.delete(key);
    };
  }

  /** Hands on what programs report. Whether anybody counts it. */
  report(key: string, results: readonly FlagResult[]): boolean {
    const listener = this.#listeners.get(key);
    if (listener) for (const result of results) listener(result);
    return listener !== undefined;
  }

  get #state(): FlagsState {
    return this.#ahead.over(this.#recorded.state);
  }

  #takeBack(key: string, after: FlagRoute): void {
    const { state } = this.#recorded;
    const [entry] = entriesOf(state, key, after);
    if (entry?.kind === 'flag-routed')
      this.#ahead.add({ ...entry, at: this.#now() } as Extract<FlagRecord, { kind: 'flag-routed' }>);
  }
}

/**
 * What is recorded of a route; nothing when it is in force.
 *
 * @throws UserError `E_ROUTE_REFUSED`, `E_STALE_FENCE`.
 */
function entriesOf(state: FlagsState, key: string, after: FlagRoute): readonly Entry[] {
  const flag = state.flags.get(key);
  const refusal = flag ? routeRefusal(flag, after.service, after.route) : noFlag(key);
  if (!flag || refusal !== null)
    throw new UserError('E_ROUTE_REFUSED', refusal ?? noFlag(key), {
      where: `flag ${key}`,
      fix: '`rampart flag show` says what it is',
    });
  const { route: set } = flag;
  const before: FencedRoute | null = set && { fence: set.fence, written: set.route, tokenSeen: set.fence.token };
  const standing = standingOf(before, after.route, after.fence);
  if (standing === 'repeated') return [];
  if (standing !== 'newer')
    throw new UserError('E_STALE_FENCE', standing.stale, {
      where: `flag ${key}`,
      fix: 'nothing: a newer controller gives the flag out',
    });
  const was = set && { service: set.service, route: set.route, fence: set.fence };
  return [{ kind: 'flag-routed', actor, data: { subject: key, from, why: '', before: was, after } }];
}

/** What users get: the route, or the off variant when somebody has switched the flag off. */
function inForce(flag: Flag, route: Route): Route {
  if (flag.level?.level.kind !== 'off') return route;
  const off = offVariant(flag.spec);
  const { stable } = route;
  const isOff = stable?.version === off;
  return { stable: isOff ? stable : { version: off, endpoints: stable?.endpoints ?? [] }, candidate: null, weight: 0, match: [] };
}

function noFlag(key: string): string {
  return `there is no flag ${key.slice(0, 100)}: put its FlagSet into force with \`rampart flag apply\``;
}

/** The same once the flags are there: the controller opens its routers before. Whoever calls has a limit of their own. */
export function laterFlags(opened: Promise<FlagRoutes>): FlagRoutes {
  let routes: FlagRoutes | null = null;
  const ready = opened.then((found) => {
    routes = found;
    return found;
  });
  // Whoever opens them tells of a failure.
  ready.catch(() => {});
  const when = async (): Promise<FlagRoutes> => routes ?? (await ready);
  return {
    setRoute: async (key, service, route, fence, signal) => (await when()).setRoute(key, service, route, fence, signal),
    readRoute: async (key, service, signal) => (await when()).readRoute(key, service, signal),
    leave: async (key, service, signal) => (await when()).leave(key, service, signal),
    check: async (key, version, signal) => (await when()).check(key, version, signal),
    onResult(key, listener) {
      let stop: (() => void) | null = null;
      let isStopped = false;
      void ready.then(
        (found) => {
          if (!isStopped) stop = found.onResult(key, listener);
        },
        () => {},
      );
      return () => {
        isStopped = true;
        stop?.();
      };
    },
  };
}
