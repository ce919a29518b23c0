import type { z } from 'zod';
import type { Sample } from '../../analysis/sample.ts';
import { UserError } from '../../errors.ts';
import { Counters } from '../counters.ts';
import { Ledger } from '../ledger.ts';
import { routeProblem } from '../route-check.ts';
import type {
  Fence,
  FlagResult,
  FlagRoutes,
  Route,
  RouteReading,
  RouterCapabilities,
  RouterContext,
  SampleQuery,
  TrafficRouter,
} from '../router.ts';
import { WeightHistory } from '../weight-history.ts';
import { capabilities } from './capabilities.ts';
import type { FlagConfig } from './schema.ts';

/** Index of the class `status` in `errorClasses`: what a program says has failed. */
const failedClass = 0;

/** A router that sends no requests: its versions are variants of a feature flag, and its weights are shares of the users. */
export class FlagRouter implements TrafficRouter {
  readonly capabilities: RouterCapabilities;
  readonly #config: z.output<typeof FlagConfig>;
  readonly #context: RouterContext;
  readonly #counters: Counters;
  readonly #ledger: Ledger;
  readonly #weights = new WeightHistory();
  /** Versions of the last route. */
  #versions: ReadonlySet<string> = new Set();
  #notedAtMs = 0;
  #stopCounting: (() => void) | null = null;

  constructor(config: z.output<typeof FlagConfig>, context: RouterContext) {
    this.#config = config;
    this.#context = context;
    this.capabilities = config.results ? capabilities : { ...capabilities, counts: false, latency: false };
    this.#counters = new Counters(context.edgesMs);
    this.#ledger = new Ledger(Math.floor(Date.now() / 1_000) + 1, context.edgesMs);
  }

  async open(signal: AbortSignal): Promise<void> {
    const { key } = this.#config;
    this.#stopCounting ??= this.#flags.onResult(key, (result) => this.#count(result));
    await this.readRoute(signal);
  }

  async check(version: string, signal: AbortSignal): Promise<readonly string[]> {
    return await this.#flags.check(this.#config.key, version, signal);
  }

  async setRoute(route: Route, fence: Fence, signal: AbortSignal): Promise<void> {
    const problem = routeProblem(route, this.capabilities, () => {
      throw new Error('a flag goes by the targeting key alone');
    });
    if (problem !== null)
      throw new UserError('E_ROUTE_REFUSED', problem, {
        where: `flag ${this.#config.key}`,
        fix: 'release with another strategy',
      });
    await this.#flags.setRoute(this.#config.key, this.#context.service, route, fence, signal);
    await this.readRoute(signal);
  }

  async readRoute(signal: AbortSignal): Promise<RouteReading | null> {
    const reading = await this.#flags.readRoute(this.#config.key, this.#context.service, signal);
    if (reading) this.#note(reading);
    return reading;
  }

  async renewLease(_token: number, signal: AbortSignal): Promise<RouteReading | null> {
    return await this.readRoute(signal);
  }

  async samples(query: SampleQuery): Promise<readonly Sample[]> {
    const { through, slots } = this.#counters.flush(Date.now(), this.#versions);
    this.#ledger.add(slots, through);
    return this.#ledger.samples(query, (second) => this.#weights.weightOf(query.candidate, second));
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#stopCounting?.();
    this.#stopCounting = null;
    await this.#flags.leave(this.#config.key, this.#context.service, signal);
  }

  get #flags(): FlagRoutes {
    const { flags } = this.#context;
    if (flags) return flags;
    throw new UserError('E_ROUTER_UNREACHABLE', 'this controller has no feature flags', {
      where: `flag ${this.#config.key}`,
      fix: 'release it through `rampart up`',
    });
  }

  #note({ route, appliedAtMs }: RouteReading): void {
    this.#versions = new Set([route.stable, route.candidate].flatMap((backend) => backend?.version ?? []));
    if (appliedAtMs === this.#notedAtMs) return;
    this.#notedAtMs = appliedAtMs;
    this.#weights.note(route, appliedAtMs);
  }

  /** What nobody gives out is not counted: everybody who may report could fill the memory with names. */
  #count({ variant, failed, ms }: FlagResult): void {
    if (!this.#versions.has(variant)) return;
    this.#counters.of(variant).record(Date.now(), ms, failed ? failedClass : -1, failed ? 500 : 200);
  }
}
