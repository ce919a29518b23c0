import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Sample } from '../analysis/sample.ts';
import { UserError } from '../errors.ts';
import type { KubernetesObject } from '../kubernetes/api.ts';
import { readJson } from '../system/read-json.ts';
import { replaceFile } from '../system/replace-file.ts';
import { staleToken, standingOf } from './fencing.ts';
import { type Claim, claimAnnotation, claimOn, type Placed } from './kubernetes-claim.ts';
import type { Cluster } from './kubernetes-cluster.ts';
import type { ClusterConfig } from './kubernetes-config.ts';
import { checkedRoute, routeProblem } from './route-check.ts';
import type {
  Fence,
  Match,
  Route,
  RouteReading,
  RouterCapabilities,
  RouterContext,
  SampleQuery,
  TrafficRouter,
} from './router.ts';

/** How often a write is tried again when somebody else changes the same object at the same time. */
const triesMax = 5;

/** What the objects say is in force. */
export type Observed = {
  readonly weight: number;
  readonly match: readonly Match[];
  /** Whether they are what was written last. */
  readonly isAsWritten: boolean;
};

/** How a write ended. `conflict`: something has been changed since it was read, and nothing that depends on it was written. */
export type Written = KubernetesObject | 'done' | 'conflict';

/** What objects of a cluster can do for traffic: somebody else's data plane follows them, which counts for itself and knows no lease. */
export const objectCapabilities: RouterCapabilities = {
  weightStepPercent: 1,
  match: true,
  lease: false,
  counts: false,
  latency: false,
  sticky: false,
  shares: 'by-chance',
};

/** What differs between the kinds of routes in a cluster. `State`: the objects of one, as they were read. */
export type KubernetesRoute<State> = {
  readonly capabilities: RouterCapabilities;
  readonly cluster: Cluster;
  /** For people. */
  readonly where: string;
  /** What is split. */
  readonly of: string;
  /** `fresh`: from the API server, and not from what its watch has brought. */
  read(fresh: boolean, signal: AbortSignal): Promise<State>;
  /** The object that has the claim; null where there is none yet. */
  holder(state: State): KubernetesObject | null;
  /** Every object in which somebody may have changed the route by hand. */
  parts(state: State): readonly KubernetesObject[];
  /** Why the route cannot be served; null: it can. Throws where a single match cannot. */
  problem(route: Route): string | null;
  prepare(match: Match): unknown;
  /** By what the versions are named. */
  place(route: Route, state: State, before: Claim | null, signal: AbortSignal): Promise<Placed>;
  /** What is left of it when the candidate goes and stable stays. */
  withoutCandidate(state: State, claim: Claim): Placed;
  /** Why these objects cannot be written, in words; null: they can. `claim`: what is to be written; null: not known yet. */
  refusal(state: State, before: Claim | null, claim: Claim | null): string | null;
  observe(state: State, claim: Claim): Observed;
  /**
   * Writes the claim and what follows from it. Only what is as it was read is written, the object with the claim before those that
   * depend on it: a writer that has lost to a newer one changes nothing.
   */
  write(state: State, before: Claim | null, claim: Claim, signal: AbortSignal): Promise<Written>;
  /** Gives everything back as it was without Rampart. */
  giveBack(state: State, claim: Claim, signal: AbortSignal): Promise<Written>;
};

/** A router whose routes are objects of a Kubernetes cluster that other programs carry out. */
export class KubernetesRouter<State> implements TrafficRouter {
  readonly #route: KubernetesRoute<State>;
  readonly #config: ClusterConfig;
  readonly #context: RouterContext;
  #installation: string | null = null;
  /** Highest token that this client has written with: only then may `close` change anything. */
  #token: number | null = null;
  /** What was written is first read from the API server itself. */
  #mustAsk = true;

  constructor(route: KubernetesRoute<State>, config: ClusterConfig, context: RouterContext) {
    this.#route = route;
    this.#config = config;
    this.#context = context;
  }

  get capabilities(): RouterCapabilities {
    return this.#route.capabilities;
  }

  async open(signal: AbortSignal): Promise<void> {
    const state = await this.#route.read(true, signal);
    const claim = await this.#claim(state);
    const refusal = this.#route.refusal(state, claim, claim);
    if (refusal !== null) throw this.#refused(refusal);
  }

  async setRoute(route: Route, fence: Fence, signal: AbortSignal): Promise<void> {
    const wanted = this.#checked(route, fence);
    await this.#change(signal, async (state, claim) => {
      const standing = standingOf(claim && { ...claim, written: claim.route }, wanted, fence);
      if (typeof standing === 'object') throw this.#stale(standing.stale);
      if (claim) {
        const observed = this.#route.observe(state, claim);
        if (standing === 'repeated' && observed.isAsWritten) return null;
        // A repeated write may go on where this client was interrupted itself.
        const isReported = this.#config.handChanges === 'report' && standing === 'newer' && !isLess(wanted, observed);
        if (isReported && !observed.isAsWritten) throw this.#changedByHand(state, claim, observed);
      }
      const tokenSeen = Math.max(fence.token, claim?.tokenSeen ?? 0);
      const placed = await this.#route.place(wanted, state, claim, signal);
      return { ...(await this.#claimant()), route: wanted, fence, tokenSeen, appliedAtMs: Date.now(), placed };
    });
    this.#token = Math.max(fence.token, this.#token ?? 0);
    this.#mustAsk = true;
  }

  async readRoute(signal: AbortSignal): Promise<RouteReading | null> {
    return (await this.#now(signal)).reading;
  }

  /** Such a route has no lease; a token that is too old is refused all the same, and a higher one is noted. */
  async renewLease(token: number, signal: AbortSignal): Promise<RouteReading | null> {
    const { claim, reading } = await this.#now(signal);
    if (claim && token < claim.tokenSeen) throw this.#stale(staleToken(token, claim.tokenSeen));
    this.#token = Math.max(token, this.#token ?? 0);
    if (!claim || token <= claim.tokenSeen) return reading;
    await this.#change(signal, async (state, now) => {
      if (!now || token <= now.tokenSeen) return null;
      // What somebody has changed by hand is reported and written again; noting a token must not hide it.
      return this.#route.observe(state, now).isAsWritten ? { ...now, tokenSeen: token } : null;
    });
    return reading;
  }

  /** Nothing is counted here: whatever carries the route out has its own metrics. */
  async samples(_query: SampleQuery): Promise<readonly Sample[]> {
    return [];
  }

  async close(signal: AbortSignal): Promise<void> {
    try {
      if (this.#token === null) return;
      for (let tries = 0; tries < triesMax; tries++) {
        const state = await this.#route.read(true, signal);
        const claim = await this.#claim(state);
        if (!claim || claim.tokenSeen > this.#token) return;
        const { stable, candidate } = claim.route;
        if (stable && candidate === null) return;
        const route: Route = { stable, candidate: null, weight: 0, match: [] };
        const placed = this.#route.withoutCandidate(state, claim);
        const written = stable
          ? await this.#route.write(state, claim, { ...claim, route, placed, appliedAtMs: Date.now() }, signal)
          : await this.#route.giveBack(state, claim, signal);
        if (written !== 'conflict') return;
      }
      throw this.#busy();
    } finally {
      this.#route.cluster.release();
    }
  }

  async #change(signal: AbortSignal, next: (state: State, claim: Claim | null) => Promise<Claim | null>): Promise<void> {
    for (let tries = 0; tries < triesMax; tries++) {
      const state = await this.#route.read(true, signal);
      const before = await this.#claim(state);
      const claim = await next(state, before);
      if (!claim) return;
      const refusal = this.#route.refusal(state, before, claim);
      if (refusal !== null) throw this.#refused(refusal);
      if ((await this.#route.write(state, before, claim, signal)) !== 'conflict') return;
    }
    throw this.#busy();
  }

  async #now(signal: AbortSignal): Promise<{ readonly claim: Claim | null; readonly reading: RouteReading | null }> {
    const state = await this.#route.read(this.#mustAsk, signal);
    const claim = await this.#claim(state);
    this.#mustAsk = false;
    if (!claim) return { claim, reading: null };
    const { route, fence, appliedAtMs } = claim;
    const { isAsWritten, weight, match } = this.#route.observe(state, claim);
    if (isAsWritten) return { claim, reading: { route, fence, appliedAtMs, lapsed: false } };
    // Under number 0, because no write of Rampart's is in force.
    return { claim, reading: { route: { ...route, weight, match }, fence: { ...fence, seq: 0 }, appliedAtMs, lapsed: false } };
  }

  async #claim(state: State): Promise<Claim | null> {
    const holder = this.#route.holder(state);
    if (!holder) return null;
    const found = claimOn(holder, this.#route.of, await this.#claimant());
    if ('claim' in found) return found.claim;
    throw new UserError('E_ROUTE_REFUSED', `${this.#route.where} is not this service's: ${found.foreign}`, {
      where: this.#route.where,
      fix: `Give the service a route of its own, or end the other one. If that one is gone for good, hand it over: remove the annotation ${claimAnnotation(this.#route.of)}. Nothing was changed.`,
    });
  }

  async #claimant(): Promise<{ readonly service: string; readonly installation: string }> {
    const { folder, service } = this.#context;
    if (this.#installation === null) {
      const file = join(folder, 'installation.json');
      const known = z.object({ installation: z.string().min(1) }).safeParse(await readJson(file));
      const installation = known.success ? known.data.installation : randomUUID();
      if (!known.success) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await replaceFile(file, JSON.stringify({ installation }), { durable: true, mode: 0o600 });
      }
      this.#installation = installation;
    }
    return { service, installation: this.#installation };
  }

  /** The route with its keys in the order that a claim has when it is read. */
  #checked(route: Route, fence: Fence): Route {
    const problem = routeProblem(route, this.capabilities, (match) => this.#route.prepare(match)) ?? this.#route.problem(route);
    if (problem !== null) throw this.#refused(problem);
    const checked = checkedRoute({ route, fence });
    if ('refused' in checked) throw this.#refused(checked.refused);
    return checked.route;
  }

  #changedByHand(state: State, { route, appliedAtMs }: Claim, { weight }: Observed): UserError {
    const by = lastManager(this.#route.parts(state), appliedAtMs);
    return new UserError(
      'E_ROUTE_REFUSED',
      `${this.#route.where} was changed${by === null ? '' : ` by ${by}`}: the candidate has ${weight} % and was given ${route.weight} %`,
      {
        where: this.#route.where,
        fix: 'Find who changes it, and stop that or the release; with handChanges: repair Rampart sets it right again by itself.',
      },
    );
  }

  #refused(why: string): UserError {
    return new UserError('E_ROUTE_REFUSED', `${this.#route.where} does not take the route: ${why}`, {
      where: this.#route.where,
      fix: 'The route before is still in force. Change what the message names, and try again.',
    });
  }

  #stale(why: string): UserError {
    return new UserError('E_STALE_FENCE', why, {
      where: this.#route.where,
      fix: 'Another controller has this service now; nothing was changed.',
    });
  }

  #busy(): UserError {
    return new UserError(
      'E_ROUTE_REFUSED',
      `somebody else changed ${this.#route.where} each of ${triesMax} times that it was to be written`,
      {
        where: this.#route.where,
        fix: 'Find what else writes to it: `kubectl get … -o yaml --show-managed-fields` names the managers.',
      },
    );
  }
}

/** Whether a route takes traffic from the candidate: that is never left undone. */
function isLess(route: Route, observed: Observed): boolean {
  return route.match.length === 0 && (route.weight === 0 || route.weight < observed.weight);
}

/** Who but Rampart has changed something last, and when; null where nobody has since. */
function lastManager(objects: readonly KubernetesObject[], sinceMs: number): string | null {
  const fields = objects.flatMap(({ metadata }) => {
    const { managedFields = [] } = metadata as {
      managedFields?: readonly { readonly manager?: string; readonly time?: string }[];
    };
    return managedFields;
  });
  const [last] = fields
    // Their times are whole seconds.
    .filter(({ manager = 'rampart', time = '' }) => !manager.startsWith('rampart') && Date.parse(time) >= sinceMs - 1_000)
    .sort((a, b) => (a.time ?? '').localeCompare(b.time ?? ''))
    .slice(-1);
  return last ? `${last.manager} at ${last.time}` : null;
}
