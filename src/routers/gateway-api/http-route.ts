import type { KubernetesObject } from '../../kubernetes/api.ts';
import { type Claim, claimAnnotation, claimText, managerOf, nothingClaimed, type Placed } from '../kubernetes-claim.ts';
import { Cluster, type Kind } from '../kubernetes-cluster.ts';
import { type KubernetesRoute, type Observed, objectCapabilities, type Written } from '../kubernetes-router.ts';
import { covers, splitRules } from '../kubernetes-rules.ts';
import type { Match, Route, RouterContext } from '../router.ts';
import { headerOf, type Rule, shapeOf, shareIn } from './rules.ts';
import type { GatewayApiConfig } from './schema.ts';

const kind: Kind = {
  group: 'gateway.networking.k8s.io',
  plural: 'httproutes',
  kind: 'HTTPRoute',
  install:
    'Install the Gateway API and a controller for it: kubectl apply -f https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.2.1/standard-install.yaml',
};

type HttpRoute = KubernetesObject & { readonly spec: { readonly rules?: readonly Rule[] } };

/** One HTTPRoute of the user, with the claim in it. */
export class GatewayHttpRoute implements KubernetesRoute<HttpRoute> {
  readonly capabilities = { ...objectCapabilities, weightStepPercent: 0.1 };
  readonly cluster: Cluster;
  readonly where: string;
  readonly of: string;
  readonly #config: GatewayApiConfig;
  readonly #service: string;

  constructor(config: GatewayApiConfig, { service }: RouterContext) {
    this.#config = config;
    this.#service = service;
    this.cluster = new Cluster(config);
    this.where = this.cluster.where(kind, config.route);
    this.of = config.service;
  }

  read(fresh: boolean, signal: AbortSignal): Promise<HttpRoute> {
    return this.cluster.get<HttpRoute>(kind, this.#config.route, fresh, signal);
  }

  holder(route: HttpRoute): HttpRoute {
    return route;
  }

  parts(route: HttpRoute): readonly KubernetesObject[] {
    return [route];
  }

  problem(): null {
    return null;
  }

  prepare(match: Match): void {
    headerOf(match);
  }

  async place({ stable, candidate, weight, match }: Route, _: unknown, __: unknown, signal: AbortSignal): Promise<Placed> {
    const named = async (version: string) => await this.cluster.serviceOf(this.#service, version, signal);
    return {
      stable: stable && (await named(stable.version)),
      candidate: candidate && (weight > 0 || match.length > 0) ? await named(candidate.version) : null,
    };
  }

  withoutCandidate(_: HttpRoute, { placed }: Claim): Placed {
    return { ...placed, candidate: null };
  }

  refusal(route: HttpRoute, before: Claim | null, claim: Claim | null): string | null {
    try {
      this.#rules(route, before, claim ?? nothingClaimed);
      return null;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return `${error.message} (Service ${this.#config.service})`;
    }
  }

  observe(route: HttpRoute, claim: Claim): Observed {
    const { rules = [] } = route.spec;
    const weight = shareIn(rules, this.#config.service, claim);
    let written: readonly Rule[];
    try {
      written = this.#rules(route, claim, claim);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { weight, match: [], isAsWritten: false };
    }
    const isAsWritten = covers(rules, written);
    // Where a match is missing, none is counted on.
    return { weight, match: rules.length === written.length ? claim.route.match : [], isAsWritten };
  }

  write(route: HttpRoute, before: Claim | null, claim: Claim, signal: AbortSignal): Promise<Written> {
    const annotations = { [claimAnnotation(this.of)]: claimText(claim) };
    return this.#apply(route, { metadata: { annotations }, spec: { rules: this.#rules(route, before, claim) } }, signal);
  }

  giveBack(route: HttpRoute, claim: Claim, signal: AbortSignal): Promise<Written> {
    return this.#apply(route, { spec: { rules: this.#rules(route, claim, nothingClaimed) } }, signal);
  }

  #apply(route: HttpRoute, object: object, signal: AbortSignal): Promise<Written> {
    return this.cluster.apply(kind, route, object, managerOf(this.of), signal);
  }

  #rules({ spec }: HttpRoute, before: Claim | null, claim: Claim): readonly Rule[] {
    return splitRules(spec.rules ?? [], claim.route, shapeOf(this.#config.service, before, claim));
  }
}
