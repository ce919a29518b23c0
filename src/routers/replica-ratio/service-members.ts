import { UserError } from '../../errors.ts';
import type { KubernetesObject } from '../../kubernetes/api.ts';
import { labelValueOf, serviceLabel, versionLabel } from '../../kubernetes/names.ts';
import { type Claim, claimAnnotation, claimText, managerOf, type Placed } from '../kubernetes-claim.ts';
import { Cluster, type Kind } from '../kubernetes-cluster.ts';
import { type KubernetesRoute, type Observed, objectCapabilities, type Written } from '../kubernetes-router.ts';
import { covers } from '../kubernetes-rules.ts';
import type { Backend, Route, RouterContext } from '../router.ts';
import { countsOf, shareOfPods } from './replica-split.ts';
import type { ReplicaRatioConfig } from './schema.ts';

const services: Kind = { group: '', version: 'v1', plural: 'services', kind: 'Service' };
const pods: Kind = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' };

/** On the pods that are behind the Service, and in its selector. */
export const trafficLabel = 'rampart.dev/traffic';

type Pod = KubernetesObject & { readonly status?: { readonly podIP?: string } };
type State = { readonly service: KubernetesObject | null; readonly pods: readonly Pod[] };

/** One Service of Rampart's own, with the claim in it, and the pods that it selects by a label. */
export class ServiceMembers implements KubernetesRoute<State> {
  readonly capabilities = { ...objectCapabilities, match: false };
  readonly cluster: Cluster;
  readonly where: string;
  readonly of: string;
  readonly #config: ReplicaRatioConfig;
  readonly #label: string;

  constructor(config: ReplicaRatioConfig, { service }: RouterContext) {
    this.#config = config;
    this.#label = labelValueOf(service);
    this.cluster = new Cluster(config);
    this.where = this.cluster.where(services, config.service);
    this.of = config.service;
  }

  async read(fresh: boolean, signal: AbortSignal): Promise<State> {
    const [service, all] = await Promise.all([
      this.cluster.find(services, this.#config.service, fresh, signal),
      this.cluster.list<Pod>(pods, serviceLabel, fresh, signal),
    ]);
    const own = all.filter(
      ({ metadata }) => metadata.labels?.[serviceLabel] === this.#label && metadata.deletionTimestamp === undefined,
    );
    return { service, pods: own };
  }

  holder({ service }: State): KubernetesObject | null {
    return service;
  }

  parts({ service, pods: own }: State): readonly KubernetesObject[] {
    return service ? [service, ...own] : own;
  }

  problem({ stable, candidate }: Route): string | null {
    const ports = new Set([stable, candidate].flatMap((backend) => backend?.endpoints.map(({ port }) => port) ?? []));
    return ports.size > 1 ? `one Service cannot send to several ports of its pods (${[...ports].join(', ')})` : null;
  }

  prepare(): never {
    throw new SyntaxError('a Service deals out connections, and looks at no header');
  }

  async place(route: Route, state: State): Promise<Placed> {
    const { stable, candidate, weight } = route;
    const there = { stable: podsOf(state, stable), candidate: podsOf(state, candidate) };
    this.#refuseMissing(stable, there.stable, weight < 100);
    this.#refuseMissing(candidate, there.candidate, weight > 0);
    const counts = countsOf({ stable: there.stable.length, candidate: there.candidate.length }, weight);
    const share = shareOfPods(counts);
    const isNear = weight === 0 || weight === 100 || Math.abs(share - weight) <= this.#config.within / 10_000;
    if (!isNear)
      throw new UserError(
        'E_ROUTE_REFUSED',
        `with ${there.stable.length} pods of ${stable?.version ?? 'no stable version'} and ${there.candidate.length} of ${candidate?.version} the nearest to ${weight} % is ${share} %`,
        {
          where: this.where,
          fix: `Run more pods (replicas), make the step ${Math.round(share)}%, or let shares be further off (within).`,
        },
      );
    const members = [...there.stable.slice(0, counts.stable), ...there.candidate.slice(0, counts.candidate)];
    return { stable: null, candidate: null, members: members.map(({ metadata }) => metadata.name) };
  }

  withoutCandidate(state: State, { route }: Claim): Placed {
    return { stable: null, candidate: null, members: podsOf(state, route.stable).map(({ metadata }) => metadata.name) };
  }

  refusal({ service }: State): string | null {
    if (!service || service.metadata.labels?.[serviceLabel] === this.#label) return null;
    return `there is a Service ${this.#config.service} that is not Rampart's: name one that is not there yet`;
  }

  observe(state: State, { route, placed }: Claim): Observed {
    const { members = [] } = placed;
    const labelled = state.pods.filter(isMember);
    const hasMembers = labelled.length === members.length && labelled.every(({ metadata }) => members.includes(metadata.name));
    const hasService = covers((state.service as { spec?: unknown } | null)?.spec, this.#spec(route));
    if (hasMembers && hasService) return { weight: route.weight, match: [], isAsWritten: true };
    const version = route.candidate && labelValueOf(route.candidate.version);
    const candidate = labelled.filter(({ metadata }) => metadata.labels?.[versionLabel] === version).length;
    return { weight: shareOfPods({ stable: labelled.length - candidate, candidate }), match: [], isAsWritten: false };
  }

  async write({ service, pods: own }: State, _before: Claim | null, claim: Claim, signal: AbortSignal): Promise<Written> {
    const annotations = { [claimAnnotation(this.of)]: claimText(claim) };
    const object = { metadata: { labels: { [serviceLabel]: this.#label }, annotations }, spec: this.#spec(claim.route) };
    const written = service
      ? await this.cluster.apply(services, service, object, managerOf(this.of), signal)
      : await this.cluster.create(services, { ...object, metadata: { ...object.metadata, name: this.#config.service } }, signal);
    if (written === 'conflict') return 'conflict';
    const { members = [] } = claim.placed;
    const added = own.filter((pod) => members.includes(pod.metadata.name) && !isMember(pod));
    const removed = own.filter((pod) => !members.includes(pod.metadata.name) && isMember(pod));
    // Those that come first: the Service is never without a pod in between.
    for (const [some, value] of [
      [added, 'yes'],
      [removed, null],
    ] as const) {
      const labels = { [trafficLabel]: value };
      const ended = await Promise.all(some.map((pod) => this.cluster.label(pods, pod, labels, serviceLabel, signal)));
      // A pod that has gone meanwhile is missing among those that get requests.
      if (value !== null && ended.includes('conflict')) return 'conflict';
    }
    return 'done';
  }

  async giveBack({ service }: State, _claim: Claim, signal: AbortSignal): Promise<Written> {
    return service ? await this.cluster.remove(services, service, signal) : 'done';
  }

  #spec({ stable, candidate }: Route) {
    const targetPort = stable?.endpoints[0]?.port ?? candidate?.endpoints[0]?.port;
    return {
      selector: { [serviceLabel]: this.#label, [trafficLabel]: 'yes' },
      ports: [{ name: 'http', protocol: 'TCP', port: this.#config.port, ...(targetPort === undefined ? {} : { targetPort }) }],
    };
  }

  #refuseMissing(backend: Backend | null, found: readonly Pod[], isNeeded: boolean): void {
    if (!backend || !isNeeded || backend.endpoints.length === 0 || found.length > 0) return;
    throw new UserError(
      'E_ROUTE_REFUSED',
      `namespace ${this.cluster.namespace} has no pod of version ${backend.version} at its addresses`,
      {
        where: `${this.cluster.namespace}/pods`,
        fix: `The versions have to run there: target: { kubernetes: { namespace: ${this.cluster.namespace}, … } }.`,
      },
    );
  }
}

function isMember({ metadata }: Pod): boolean {
  return metadata.labels?.[trafficLabel] === 'yes';
}

/** The pods at the addresses of a version; those that have requests already come first, so that as few as can be change. */
function podsOf({ pods: own }: State, backend: Backend | null): readonly Pod[] {
  const hosts = new Set(backend?.endpoints.map(({ host }) => host));
  const found = own.filter(({ status }) => status?.podIP !== undefined && hosts.has(status.podIP));
  return found.sort((a, b) => Number(isMember(b)) - Number(isMember(a)) || a.metadata.name.localeCompare(b.metadata.name));
}
