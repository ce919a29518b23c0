import { messageOf, UserError } from '../../errors.ts';
import type { Mirror } from '../../kubernetes/mirror.ts';
import { apiOf, sharedMirror } from '../../kubernetes/mirrors.ts';
import { labelValueOf, objectName, serviceLabel, versionLabel } from '../../kubernetes/names.ts';
import { defineTarget, type Instance, type TargetContext, type Workload, type WorkloadTarget } from '../target.ts';
import type { Deployment, Pod } from './objects.ts';
import { type Place, Places } from './places.ts';
import { instanceOf, missingInstances } from './pod-instance.ts';
import { KubernetesDefinition } from './schema.ts';
import { versionAnnotation, versionObjects } from './version-objects.ts';

type Watched = {
  readonly place: Place;
  readonly pods: Mirror<Pod>;
  readonly deployments: Mirror<Deployment>;
  release(): void;
};

/** What was applied last, and the generation that the cluster gave it: any other one is the work of somebody else. */
type Applied = { readonly wanted: string; readonly generation: number };

/** Runs versions as Deployments of a cluster, each beside the user's own. See README.md. */
export const kubernetes = defineTarget(KubernetesDefinition, (context) => new KubernetesTarget(context));

class KubernetesTarget implements WorkloadTarget<KubernetesDefinition> {
  readonly capabilities = { sideBySide: true };
  readonly #context: TargetContext;
  readonly #places: Places;
  readonly #watched = new Map<string, Watched>();
  readonly #listeners = new Set<(service: string) => void>();
  readonly #applied = new Map<string, Applied>();
  readonly #services = new Set<string>();
  readonly #wereReady = new Set<string>();
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(context: TargetContext) {
    this.#context = context;
    this.#places = new Places(context.folder);
  }

  async ensure(workload: Workload<KubernetesDefinition>, signal: AbortSignal): Promise<readonly Instance[]> {
    signal.throwIfAborted();
    const { service, version } = workload;
    return await this.#inTurn(`${service}/${version}`, async () => {
      const place = placeOf(workload.definition);
      const watched = this.#watch(place);
      this.#services.add(service);
      const deployments = await watched.deployments.items(signal);
      const pods = await watched.pods.items(signal);
      const name = objectName(workload.definition.from.deployment, version);
      const wanted = JSON.stringify([workload.definition, workload.replicas]);
      const applied = this.#applied.get(`${place.namespace}/${name}`);
      const there = deployments.get(name);
      if (applied?.wanted !== wanted || there?.metadata.generation !== applied.generation)
        await this.#apply(workload, watched, name, wanted, signal);
      const deployment = deployments.get(name);
      const instances = this.#instances([...pods.values()], service, version);
      const missing = deployment ? missingInstances(deployment, instances.length, service, version) : [];
      return [...instances, ...missing];
    });
  }

  async list(service: string, signal: AbortSignal): Promise<readonly Instance[]> {
    signal.throwIfAborted();
    this.#services.add(service);
    const instances: Instance[] = [];
    for (const place of await this.#places.of(service)) {
      const watched = this.#watch(place);
      const pods = [...(await watched.pods.items(signal)).values()];
      const versions = new Set(pods.filter(isOf(service)).map(({ metadata }) => metadata.annotations?.[versionAnnotation]));
      for (const version of versions) if (version !== undefined) instances.push(...this.#instances(pods, service, version));
    }
    return instances;
  }

  async retire(service: string, version: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#inTurn(`${service}/${version}`, async () => {
      for (const place of await this.#places.of(service)) {
        const watched = this.#watch(place);
        const isOwn = (object: Deployment | Pod): boolean =>
          isOf(service)(object) && object.metadata.labels?.[versionLabel] === labelValueOf(version);
        const deployments = [...(await watched.deployments.items(signal)).values()].filter(isOwn);
        const api = apiOf(place);
        for (const { metadata } of deployments) {
          this.#applied.delete(`${place.namespace}/${metadata.name}`);
          await api.remove(`/api/v1/namespaces/${place.namespace}/services/${metadata.name}`, signal);
          await api.remove(deploymentPath(place.namespace, metadata.name), signal);
        }
        await until(
          watched.deployments,
          async () => ![...(await watched.deployments.items(signal)).values()].some(isOwn),
          signal,
        );
        await until(watched.pods, async () => ![...(await watched.pods.items(signal)).values()].some(isOwn), signal);
      }
      await this.#places.forget(service, version);
    });
  }

  async output(service: string, instance: string, linesMax: number, signal: AbortSignal): Promise<readonly string[]> {
    const name = instance.split('/').at(-1) ?? '';
    for (const place of await this.#places.of(service)) {
      const pod = (await this.#watch(place).pods.items(signal)).get(name);
      if (pod?.metadata.labels?.[serviceLabel] !== labelValueOf(service)) continue;
      const path = `/api/v1/namespaces/${place.namespace}/pods/${name}/log`;
      return (await apiOf(place).text(path, { tailLines: String(linesMax) }, signal)).split('\n').filter((line) => line !== '');
    }
    return [];
  }

  onChange(listener: (service: string) => void): () => void {
    // Wrapped, so that the same function given twice is two listeners.
    const own = (service: string) => listener(service);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    for (const watched of this.#watched.values()) watched.release();
    this.#watched.clear();
  }

  async #apply(
    { service, version, replicas, definition }: Workload<KubernetesDefinition>,
    watched: Watched,
    name: string,
    wanted: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { namespace } = definition;
    const api = apiOf(watched.place);
    const patternPath = deploymentPath(namespace, definition.from.deployment);
    const pattern = await api.find<Deployment>(patternPath, signal);
    if (!pattern)
      throw new UserError(
        'E_KUBERNETES_PATTERN',
        `there is no Deployment ${definition.from.deployment} in namespace ${namespace}`,
        {
          where: 'spec.target.kubernetes.from.deployment',
          fix: `name one of \`kubectl get deployments -n ${namespace}\``,
        },
      );
    const objects = versionObjects(pattern, { service, version, replicas, definition });
    await this.#places.remember(service, version, watched.place);
    await api.apply(`/api/v1/namespaces/${namespace}/services/${name}`, objects.service, true, signal);
    const deployment = await api.apply<Deployment>(deploymentPath(namespace, name), objects.deployment, true, signal);
    watched.deployments.put(deployment);
    this.#applied.set(`${namespace}/${name}`, { wanted, generation: deployment.metadata.generation ?? 0 });
  }

  /** Oldest first, so that those that go when there are fewer are the last ones. */
  #instances(pods: readonly Pod[], service: string, version: string): readonly Instance[] {
    return pods
      .filter(isOf(service))
      .filter(({ metadata }) => metadata.annotations?.[versionAnnotation] === version)
      .sort((a, b) => key(a).localeCompare(key(b)))
      .map((pod) => {
        const uid = pod.metadata.uid ?? '';
        const instance = instanceOf(pod, service, version, this.#wereReady.has(uid));
        if (instance.state === 'ready') this.#wereReady.add(uid);
        return instance;
      });
  }

  #watch(place: Place): Watched {
    const id = JSON.stringify(place);
    const known = this.#watched.get(id);
    if (known) return known;
    const namespace = `namespaces/${place.namespace}`;
    const pods = sharedMirror<Pod>(place, `/api/v1/${namespace}/pods`, serviceLabel);
    const deployments = sharedMirror<Deployment>(place, `/apis/apps/v1/${namespace}/deployments`, serviceLabel);
    const told = ({ metadata }: Pod | Deployment) => this.#changed(metadata.labels?.[serviceLabel]);
    const unsubscribe = [pods.mirror.onChange(told), deployments.mirror.onChange(told)];
    const watched: Watched = {
      place,
      pods: pods.mirror,
      deployments: deployments.mirror,
      release() {
        for (const each of unsubscribe) each();
        pods.release();
        deployments.release();
      },
    };
    this.#watched.set(id, watched);
    return watched;
  }

  #changed(label: string | undefined): void {
    for (const service of this.#services) {
      if (labelValueOf(service) !== label) continue;
      for (const listener of this.#listeners) {
        try {
          listener(service);
        } catch (error) {
          this.#context.log?.(`target kubernetes: whoever listens for changes of ${service} failed: ${messageOf(error)}`);
        }
      }
    }
  }

  /** Starting and retiring one version must never overlap. */
  #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#underWay.get(id) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#underWay.set(
      id,
      mine.catch(() => {}),
    );
    return mine;
  }
}

function isOf(service: string): (object: Pod | Deployment) => boolean {
  const label = labelValueOf(service);
  return ({ metadata }) => metadata.labels?.[serviceLabel] === label;
}

function placeOf({ namespace, kubeconfig, context }: KubernetesDefinition): Place {
  return { namespace, ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(context === undefined ? {} : { context }) };
}

function deploymentPath(namespace: string, name: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
}

function key({ metadata }: Pod): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
}

/** Waits until something is so; looks again whenever the mirror has news. */
async function until<Item extends Pod | Deployment>(
  mirror: Mirror<Item>,
  isSo: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  while (!(await isSo())) {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const unsubscribe = mirror.onChange(() => settle(resolve));
      const abort = () => settle(() => reject(signal.reason));
      const settle = (what: () => void): void => {
        unsubscribe();
        signal.removeEventListener('abort', abort);
        what();
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}
