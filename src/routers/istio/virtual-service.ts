import type { KubernetesObject } from '../../kubernetes/api.ts';
import { labelValueOf, serviceLabel } from '../../kubernetes/names.ts';
import { type Claim, claimAnnotation, claimText, managerOf, nothingClaimed, type Placed } from '../kubernetes-claim.ts';
import { Cluster, type Kind } from '../kubernetes-cluster.ts';
import { type KubernetesRoute, type Observed, objectCapabilities, type Written } from '../kubernetes-router.ts';
import { covers, splitRules } from '../kubernetes-rules.ts';
import type { Match, Route, RouterContext } from '../router.ts';
import { type HttpRoute, headerOf, shapeOf, shareIn } from './http-routes.ts';
import type { IstioConfig } from './schema.ts';
import { neededBy, type Subset, subsetName, subsetsWith } from './subsets.ts';

const istio = {
  group: 'networking.istio.io',
  install: 'Install Istio (`istioctl install`), or its definitions alone: helm install istio-base istio/base -n istio-system',
};
const virtualServices: Kind = { ...istio, plural: 'virtualservices', kind: 'VirtualService' };
const destinationRules: Kind = { ...istio, plural: 'destinationrules', kind: 'DestinationRule' };

type VirtualService = KubernetesObject & { readonly spec: { readonly http?: readonly HttpRoute[] } };
type DestinationRule = KubernetesObject & { readonly spec: { readonly host: string; readonly subsets?: readonly Subset[] } };
type State = { readonly virtual: VirtualService; readonly rule: DestinationRule | null };

/** One VirtualService of the user, with the claim in it, and the subsets of its versions in a DestinationRule. */
export class IstioVirtualService implements KubernetesRoute<State> {
  readonly capabilities = objectCapabilities;
  readonly cluster: Cluster;
  readonly where: string;
  readonly of: string;
  readonly #config: IstioConfig;
  readonly #ruleName: string;
  readonly #service: string;

  constructor(config: IstioConfig, { service }: RouterContext) {
    this.#config = config;
    this.#ruleName = config.destinationRule ?? config.virtualService;
    this.#service = service;
    this.cluster = new Cluster(config);
    this.where = this.cluster.where(virtualServices, config.virtualService);
    this.of = config.host;
  }

  async read(fresh: boolean, signal: AbortSignal): Promise<State> {
    const [virtual, rule] = await Promise.all([
      this.cluster.get<VirtualService>(virtualServices, this.#config.virtualService, fresh, signal),
      this.cluster.find<DestinationRule>(destinationRules, this.#ruleName, fresh, signal),
    ]);
    return { virtual, rule };
  }

  holder({ virtual }: State): VirtualService {
    return virtual;
  }

  parts({ virtual, rule }: State): readonly KubernetesObject[] {
    return rule ? [virtual, rule] : [virtual];
  }

  problem(): null {
    return null;
  }

  prepare(match: Match): void {
    headerOf(match);
  }

  async place({ stable, candidate, weight, match }: Route, _: unknown, __: unknown, signal: AbortSignal): Promise<Placed> {
    const named = async (version: string) => {
      // A subset without pods answers 503: that the version runs in this namespace is seen by its Service.
      await this.cluster.serviceOf(this.#service, version, signal);
      return { name: subsetName(version) };
    };
    return {
      stable: stable && (await named(stable.version)),
      candidate: candidate && (weight > 0 || match.length > 0) ? await named(candidate.version) : null,
    };
  }

  withoutCandidate(_: State, { placed }: Claim): Placed {
    return { ...placed, candidate: null };
  }

  refusal({ virtual, rule }: State, _before: Claim | null, claim: Claim | null): string | null {
    if (rule && rule.spec.host !== this.#config.host)
      return `DestinationRule ${this.#ruleName} is about the host ${rule.spec.host}, and not about ${this.#config.host}`;
    try {
      this.#routes(virtual, claim ?? nothingClaimed);
      return null;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return `${error.message} (host ${this.#config.host})`;
    }
  }

  observe({ virtual, rule }: State, claim: Claim): Observed {
    const { http = [] } = virtual.spec;
    const weight = shareIn(http, this.#config.host, claim);
    let written: readonly HttpRoute[];
    try {
      written = this.#routes(virtual, claim);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { weight, match: [], isAsWritten: false };
    }
    const { subsets = [] } = rule?.spec ?? {};
    const hasSubsets = covers(subsets, subsetsWith(subsets, this.#service, neededBy(claim.route, claim.placed)));
    // Where a match is missing, none is counted on.
    const match = http.length === written.length ? claim.route.match : [];
    return { weight, match, isAsWritten: hasSubsets && covers(http, written) };
  }

  async write({ virtual, rule }: State, before: Claim | null, claim: Claim, signal: AbortSignal): Promise<Written> {
    const needed = neededBy(claim.route, claim.placed);
    // A subset is there before a route names it, and goes after the last one that does.
    const both = new Map([...(before ? neededBy(before.route, before.placed) : []), ...needed]);
    const added = await this.#setSubsets(rule, both, signal);
    if (added === 'conflict') return 'conflict';
    const annotations = { [claimAnnotation(this.of)]: claimText(claim) };
    const object = { metadata: { annotations }, spec: { http: this.#routes(virtual, claim) } };
    if ((await this.#apply(virtual, object, signal)) === 'conflict') return 'conflict';
    // Somebody who has changed it meanwhile writes a route of his own, and then takes away what is too much.
    await this.#setSubsets(added, needed, signal);
    return 'done';
  }

  async giveBack({ virtual, rule }: State, _claim: Claim, signal: AbortSignal): Promise<Written> {
    const object = { spec: { http: this.#routes(virtual, nothingClaimed) } };
    if ((await this.#apply(virtual, object, signal)) === 'conflict') return 'conflict';
    if (rule?.metadata.labels?.[serviceLabel] === labelValueOf(this.#service))
      return await this.cluster.remove(destinationRules, rule, signal);
    return (await this.#setSubsets(rule, new Map(), signal)) === 'conflict' ? 'conflict' : 'done';
  }

  /** Answers the DestinationRule as it is now. */
  async #setSubsets(
    rule: DestinationRule | null,
    needed: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<DestinationRule | null | 'conflict'> {
    const before = rule?.spec.subsets ?? [];
    const subsets = subsetsWith(before, this.#service, needed);
    if (before.length === subsets.length && covers(before, subsets)) return rule;
    if (!rule) {
      const labels = { [serviceLabel]: labelValueOf(this.#service) };
      const made = { metadata: { name: this.#ruleName, labels }, spec: { host: this.#config.host, subsets } };
      return await this.cluster.create<DestinationRule>(destinationRules, made, signal);
    }
    return await this.cluster.apply(destinationRules, rule, { spec: { subsets } }, managerOf(this.of), signal);
  }

  #apply(virtual: VirtualService, object: object, signal: AbortSignal): Promise<Written> {
    return this.cluster.apply(virtualServices, virtual, object, managerOf(this.of), signal);
  }

  #routes({ spec }: VirtualService, claim: Claim): readonly HttpRoute[] {
    return splitRules(spec.http ?? [], claim.route, shapeOf(this.#config.host, claim));
  }
}
