import { apiOf } from '../../kubernetes/mirrors.ts';
import { labelValueOf, objectName, serviceLabel, versionLabel } from '../../kubernetes/names.ts';
import { ChangeListeners } from '../change-listeners.ts';
import {
  defineTarget,
  type Instance,
  type RestartOrder,
  type TargetContext,
  type Workload,
  type WorkloadTarget,
} from '../target.ts';
import { applyVersion, removeVersion, rollOut } from './applying.ts';
import { autoscalerOf } from './autoscaler.ts';
import { managedBy } from './disruption-budget.ts';
import { installationOf, isForeign, takenError } from './installation.ts';
import type { Deployment, Pod } from './objects.ts';
import { isPassing, Patience } from './patience.ts';
import { type Place, Places } from './places.ts';
import { instanceOf, missingInstances, oneLine } from './pod-instance.ts';
import { ReplicaDisputes } from './replica-disputes.ts';
import { KubernetesDefinition } from './schema.ts';
import { versionAnnotation } from './version-objects.ts';
import { until, type Watched, watch } from './watched.ts';

/** What was applied last, and the generation that the cluster gave it: any other one is the work of somebody else. */
type Applied = { readonly wanted: string; readonly generation: number };

/** Remarks that are remembered as said. */
const saidMax = 1_000;

/** Runs versions as Deployments of a cluster, each beside the user's own. See README.md. */
export const kubernetes = defineTarget(KubernetesDefinition, (context) => new KubernetesTarget(context));

class KubernetesTarget implements WorkloadTarget<KubernetesDefinition> {
  readonly capabilities = { sideBySide: true, restarts: 'rolling' } as const;
  readonly #context: TargetContext;
  readonly #places: Places;
  readonly #watched = new Map<string, Watched>();
  readonly #listeners = new ChangeListeners((line) => this.#context.log?.(`target kubernetes: ${line}`));
  readonly #applied = new Map<string, Applied>();
  readonly #patience = new Patience();
  readonly #disputes = new ReplicaDisputes();
  readonly #services = new Set<string>();
  readonly #wereReady = new Set<string>();
  readonly #underWay = new Map<string, Promise<unknown>>();
  readonly #said = new Set<string>();
  #installation: Promise<string> | null = null;

  constructor(context: TargetContext) {
    this.#context = context;
    this.#places = new Places(context.folder);
  }

  async ensure(workload: Workload<KubernetesDefinition>, signal: AbortSignal): Promise<readonly Instance[]> {
    signal.throwIfAborted();
    return await this.#inTurn(`${workload.service}/${workload.version}`, () => this.#ensure(workload, signal));
  }

  async #ensure(workload: Workload<KubernetesDefinition>, signal: AbortSignal): Promise<readonly Instance[]> {
    const { service, version, replicas, definition } = workload;
    const installation = await this.#ownInstallation();
    const place = placeOf(definition);
    const watched = this.#watch(place);
    this.#services.add(service);
    const name = objectName(service, version);
    const key = `${place.namespace}/${name}`;
    let problem: string | null = null;
    try {
      await this.#makeSo(workload, watched, installation, name, signal);
      problem = this.#disputes.problem(key);
    } catch (error) {
      // Nothing is known of what runs: no answer is better than a wrong one.
      if (!isPassing(error) || !watched.pods.isSynced || !watched.deployments.isSynced) throw asPassing(error);
      problem = `${error.message}. ${error.fix}`;
    }
    const deployment = (await watched.deployments.items(signal)).get(name);
    const instances = this.#instances([...(await watched.pods.items(signal)).values()], service, version, installation);
    const wanted = deployment?.spec.replicas ?? replicas;
    return withProblem([...instances, ...missingInstances(deployment, wanted - instances.length, service, version)], problem);
  }

  /** Applies the version's objects unless they are known to be as wanted. */
  async #makeSo(
    workload: Workload<KubernetesDefinition>,
    watched: Watched,
    installation: string,
    name: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { service, version, replicas, definition } = workload;
    const { namespace } = definition;
    const deployments = await watched.deployments.items(signal);
    await watched.pods.items(signal);
    const autoscalers = [...(await watched.autoscalers.items(signal)).values()];
    const other = [...deployments.values()].filter(isOf(service)).find((one) => isForeign(one, installation));
    if (other) throw takenError(namespace, service, other);
    const deployment = deployments.get(name);
    const autoscaler = autoscalerOf(autoscalers, name);
    const isOwnAutoscaler = autoscaler?.metadata.labels?.[managedBy] === 'rampart' && autoscaler.metadata.name === name;
    const key = `${namespace}/${name}`;
    const wanted = JSON.stringify([definition, replicas, autoscaler?.metadata.uid ?? null]);
    const applied = this.#applied.get(key);
    const scaler = isOwnAutoscaler ? 'own' : autoscaler;
    this.#disputes.look(key, deployment, { replicas, isApplied: applied?.wanted === wanted }, scaler);
    if (applied?.wanted === wanted && deployment?.metadata.generation === applied.generation) return;
    const unnamed = definition.from.autoscaler === undefined ? autoscalerOf(autoscalers, definition.from.deployment) : null;
    if (unnamed)
      this.#say(
        `HorizontalPodAutoscaler ${namespace}/${unnamed.metadata.name} scales the Deployment ${definition.from.deployment} and no version of ${service}: name it in target.kubernetes.from.autoscaler, and every version gets one like it`,
      );
    const before = { installation, deployment, autoscaler, isOwnAutoscaler };
    const done = await this.#patience.attempt(key, wanted, async () => {
      await this.#places.remember(service, version, watched.place);
      return await applyVersion(apiOf(watched.place), workload, before, signal);
    });
    if (done.remark !== null) this.#say(done.remark);
    watched.deployments.put(done.deployment);
    this.#applied.set(key, { wanted, generation: done.deployment.metadata.generation ?? 0 });
  }

  async list(service: string, signal: AbortSignal): Promise<readonly Instance[]> {
    signal.throwIfAborted();
    this.#services.add(service);
    const installation = await this.#ownInstallation();
    const instances: Instance[] = [];
    for (const place of await this.#places.of(service)) {
      const watched = this.#watch(place);
      const pods = [...(await watched.pods.items(signal)).values()];
      const versions = new Set(pods.filter(isOf(service)).map(({ metadata }) => metadata.annotations?.[versionAnnotation]));
      for (const version of versions)
        if (version !== undefined) instances.push(...this.#instances(pods, service, version, installation));
    }
    return instances;
  }

  async retire(service: string, version: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#inTurn(`${service}/${version}`, async () => {
      const installation = await this.#ownInstallation();
      for (const place of await this.#places.of(service)) {
        const watched = this.#watch(place);
        const isOwn = (object: Deployment | Pod): boolean =>
          isOf(service)(object) &&
          object.metadata.labels?.[versionLabel] === labelValueOf(version) &&
          !isForeign(object, installation);
        const deployments = [...(await watched.deployments.items(signal)).values()].filter(isOwn);
        const api = apiOf(place);
        for (const { metadata } of deployments) {
          const key = `${place.namespace}/${metadata.name}`;
          this.#applied.delete(key);
          this.#patience.forget(key);
          this.#disputes.forget(key);
          await removeVersion(api, place.namespace, metadata.name, signal);
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

  async restart(workload: Workload<KubernetesDefinition>, order: RestartOrder, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { service, version, definition } = workload;
    await this.#inTurn(`${service}/${version}`, async () => {
      const watched = this.#watch(placeOf(definition));
      const name = objectName(service, version);
      const deployment = (await watched.deployments.items(signal)).get(name);
      const installation = await this.#ownInstallation();
      if (!deployment) throw new Error(`there is no Deployment ${definition.namespace}/${name}`);
      if (isForeign(deployment, installation)) throw takenError(definition.namespace, service, deployment);
      watched.deployments.put(await rollOut(apiOf(watched.place), deployment, order, signal));
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
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    for (const watched of this.#watched.values()) watched.release();
    this.#watched.clear();
  }

  /** Oldest first, so that those that go when there are fewer are the last ones. */
  #instances(pods: readonly Pod[], service: string, version: string, installation: string): readonly Instance[] {
    return pods
      .filter(isOf(service))
      .filter((pod) => pod.metadata.annotations?.[versionAnnotation] === version && !isForeign(pod, installation))
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
    const watched = this.#watched.get(id) ?? watch(place, (label) => this.#changed(label));
    this.#watched.set(id, watched);
    return watched;
  }

  #ownInstallation(): Promise<string> {
    this.#installation ??= installationOf(this.#context.folder);
    this.#installation.catch(() => {
      this.#installation = null;
    });
    return this.#installation;
  }

  /** Once each. */
  #say(line: string): void {
    if (this.#said.has(line) || this.#said.size >= saidMax) return;
    this.#said.add(line);
    this.#context.log?.(`target kubernetes: ${line}`);
  }

  #changed(label: string | undefined): void {
    for (const service of this.#services) if (labelValueOf(service) === label) this.#listeners.tell(service);
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

/** The runtime goes back at once for what it is told as a `UserError`; this is worth waiting for. */
function asPassing(error: unknown): unknown {
  return isPassing(error) ? new Error(`${error.message}. ${error.fix}`, { cause: error }) : error;
}

/** The first one without a problem of its own has it: it is about all of them. */
function withProblem(instances: readonly Instance[], problem: string | null): readonly Instance[] {
  const at = problem === null ? -1 : instances.findIndex((one) => one.problem === undefined);
  return problem === null ? instances : instances.map((one, i) => (i === at ? { ...one, problem: oneLine(problem) } : one));
}

function key({ metadata }: Pod): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
}
