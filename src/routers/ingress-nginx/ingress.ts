import type { KubernetesObject } from '../../kubernetes/api.ts';
import { labelValueOf, serviceLabel } from '../../kubernetes/names.ts';
import { type Claim, claimAnnotation, claimText, managerOf, nothingClaimed, type Placed } from '../kubernetes-claim.ts';
import { Cluster, type Kind } from '../kubernetes-cluster.ts';
import { type KubernetesRoute, type Observed, objectCapabilities, type Written } from '../kubernetes-router.ts';
import { covers } from '../kubernetes-rules.ts';
import type { Match, Route, RouterContext } from '../router.ts';
import { canaryAnnotations, matchAnnotations, matchProblem, readAnnotations } from './annotations.ts';
import { canaryRules, ownPlace, pathsTo, type Rule } from './paths.ts';
import type { IngressNginxConfig } from './schema.ts';

const kind: Kind = { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses', kind: 'Ingress' };
/** How the class was named before `spec.ingressClassName`. A canary has to be of the same class. */
const classAnnotation = 'kubernetes.io/ingress.class';

type Ingress = KubernetesObject & { readonly spec: { readonly ingressClassName?: string; readonly rules?: readonly Rule[] } };
type State = { readonly main: Ingress; readonly canary: Ingress | null };

/** The user's Ingress, with the claim in it and stable behind it, and a canary beside it while the candidate gets requests. */
export class NginxIngress implements KubernetesRoute<State> {
  readonly capabilities = objectCapabilities;
  readonly cluster: Cluster;
  readonly where: string;
  readonly of: string;
  readonly #config: IngressNginxConfig;
  readonly #canaryName: string;
  readonly #service: string;

  constructor(config: IngressNginxConfig, { service }: RouterContext) {
    this.#config = config;
    this.#canaryName = `${config.ingress}-candidate`;
    this.#service = service;
    this.cluster = new Cluster(config);
    this.where = this.cluster.where(kind, config.ingress);
    this.of = config.service;
  }

  async read(fresh: boolean, signal: AbortSignal): Promise<State> {
    const [main, canary] = await Promise.all([
      this.cluster.get<Ingress>(kind, this.#config.ingress, fresh, signal),
      this.cluster.find<Ingress>(kind, this.#canaryName, fresh, signal),
    ]);
    return { main, canary };
  }

  holder({ main }: State): Ingress {
    return main;
  }

  parts({ main, canary }: State): readonly KubernetesObject[] {
    return canary ? [main, canary] : [main];
  }

  problem({ match }: Route): string | null {
    return matchProblem(match);
  }

  prepare(match: Match): void {
    matchAnnotations(match);
  }

  async place(
    { stable, candidate, weight, match }: Route,
    { main }: State,
    before: Claim | null,
    signal: AbortSignal,
  ): Promise<Placed> {
    const named = async (version: string) => await this.cluster.serviceOf(this.#service, version, signal);
    return {
      stable: stable && (await named(stable.version)),
      candidate: candidate && (weight > 0 || match.length > 0) ? await named(candidate.version) : null,
      own: this.#own(main, before),
    };
  }

  withoutCandidate(_: State, { placed }: Claim): Placed {
    return { ...placed, candidate: null };
  }

  refusal({ main, canary }: State, before: Claim | null): string | null {
    if (canary && !this.#isOurs(canary))
      return `Ingress ${this.#canaryName} is not Rampart's, and has the name of the candidate's`;
    try {
      this.#own(main, before);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return `${error.message} (Service ${this.#config.service})`;
    }
    return null;
  }

  observe({ main, canary }: State, claim: Claim): Observed {
    const { rules = [] } = main.spec;
    const { route, placed } = claim;
    const { weight, hasMatch } = readAnnotations(canary?.metadata.annotations ?? {}, route.match);
    const hasMain = covers(rules, this.#mainRules(main, claim, claim));
    const wanted = placed.candidate && this.#canary(main, claim, claim);
    const hasCanary = wanted ? canary !== null && covers(canary.spec, wanted.spec) && weight === route.weight : canary === null;
    return { weight, match: hasMatch ? route.match : [], isAsWritten: hasMain && hasCanary && hasMatch };
  }

  async write({ main, canary }: State, before: Claim | null, claim: Claim, signal: AbortSignal): Promise<Written> {
    const annotations = { [claimAnnotation(this.of)]: claimText(claim) };
    const object = { metadata: { annotations }, spec: { rules: this.#mainRules(main, before, claim) } };
    // Where stable changes, what is behind the Ingress does so before the canary goes: its users are on that version already.
    const written = await this.cluster.apply(kind, main, object, managerOf(this.of), signal);
    if (written === 'conflict') return 'conflict';
    if (claim.placed.candidate === null) return canary ? await this.cluster.remove(kind, canary, signal) : 'done';
    const wanted = this.#canary(written, claim, claim);
    if (canary) return await this.cluster.patch(kind, canary, wanted, signal);
    // It is made without any effect, so that a newer writer, who has found none, is not undone by it.
    const labels = { [serviceLabel]: labelValueOf(this.#service) };
    const inert = { ...wanted.metadata.annotations, ...present(canaryAnnotations({ weight: 0, match: [] })) };
    const metadata = { name: this.#canaryName, labels, annotations: present(inert) };
    const made = await this.cluster.create<Ingress>(kind, { metadata, spec: wanted.spec }, signal);
    if (made === 'conflict') return 'conflict';
    const now = await this.cluster.get<Ingress>(kind, this.#config.ingress, true, signal);
    if (now.metadata.resourceVersion !== written.metadata.resourceVersion) return 'conflict';
    return await this.cluster.patch(kind, made, wanted, signal);
  }

  async giveBack({ main, canary }: State, claim: Claim, signal: AbortSignal): Promise<Written> {
    const object = { spec: { rules: this.#mainRules(main, claim, nothingClaimed) } };
    const written = await this.cluster.apply(kind, main, object, managerOf(this.of), signal);
    return written !== 'conflict' && canary ? await this.cluster.remove(kind, canary, signal) : written;
  }

  /** The user's Service with its port, as it was before the first route. */
  #own({ spec }: Ingress, before: Claim | null): NonNullable<Placed['own']> {
    const { rules = [] } = spec;
    const names = namesOf(this.#config.service, before);
    const isThere = rules.some(({ http }) => http?.paths.some(({ backend }) => names.has(backend.service?.name ?? '')));
    return isThere && before?.placed.own ? before.placed.own : ownPlace(rules, this.#config.service);
  }

  #mainRules(main: Ingress, before: Claim | null, { placed }: Claim): readonly Rule[] {
    return pathsTo(main.spec.rules ?? [], namesOf(this.#config.service, before), placed.stable ?? this.#own(main, before));
  }

  #canary(main: Ingress, before: Claim, { route, placed }: Claim) {
    const { ingressClassName, rules = [] } = main.spec;
    const place = placed.candidate ?? { name: this.#config.service };
    const oldClass = main.metadata.annotations?.[classAnnotation];
    return {
      metadata: {
        annotations: { ...canaryAnnotations(route), ...(oldClass === undefined ? {} : { [classAnnotation]: oldClass }) },
      },
      spec: {
        ...(ingressClassName === undefined ? {} : { ingressClassName }),
        rules: canaryRules(rules, namesOf(this.#config.service, before), place),
      },
    };
  }

  #isOurs({ metadata }: Ingress): boolean {
    return metadata.labels?.[serviceLabel] === labelValueOf(this.#service);
  }
}

/** The Services by which the paths of the service are known in the Ingress. */
function namesOf(own: string, before: Claim | null): ReadonlySet<string> {
  return new Set([own, ...(before?.placed.stable ? [before.placed.stable.name] : [])]);
}

function present(annotations: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
}
