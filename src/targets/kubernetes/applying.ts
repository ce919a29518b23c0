import { UserError } from '../../errors.ts';
import { fieldManager, type KubernetesApi } from '../../kubernetes/api.ts';
import { isOurs } from '../../kubernetes/managed-fields.ts';
import type { RestartOrder, Workload } from '../target.ts';
import { type Autoscaler, autoscalersPath, richestVersion, versionAutoscaler } from './autoscaler.ts';
import { budgetsPath, budgetThatSelects, budgetVersion, versionBudget } from './disruption-budget.ts';
import type { Deployment } from './objects.ts';
import type { KubernetesDefinition } from './schema.ts';
import { ownLabels, type Pattern, patternIn, patternOf, type VersionObjects, versionObjects } from './version-objects.ts';

/** As kubectl writes it: what it shows of a restart is shown of this one too. */
const restartedAnnotation = 'kubectl.kubernetes.io/restartedAt';

/** What is there of a version before it is applied. */
export type Before = {
  readonly installation: string;
  readonly deployment: Deployment | undefined;
  /** Whatever decides how many pods that Deployment has, made by Rampart or not. */
  readonly autoscaler: Autoscaler | null;
  readonly isOwnAutoscaler: boolean;
};

/**
 * Makes a version's objects as they are wanted, the Deployment last but for its autoscaler: pods find their Service and their budget.
 *
 * @returns the Deployment as it is now, and what somebody should know about it.
 */
export async function applyVersion(
  api: KubernetesApi,
  workload: Workload<KubernetesDefinition>,
  before: Before,
  signal: AbortSignal,
): Promise<{ readonly deployment: Deployment; readonly remark: string | null }> {
  const { definition, replicas } = workload;
  const { namespace } = definition;
  const found = patternIn(before.deployment) ?? patternOf(await patternDeployment(api, definition, signal));
  const pattern = asRestarted(found, before.deployment);
  const isOff = before.isOwnAutoscaler && replicas === 0;
  // An autoscaler leaves alone what has no pods at all, so the first ones are up to us. (Kubernetes, "Implicit maintenance-mode deactivation".)
  const isAsleep = replicas > 0 && before.deployment?.spec.replicas === 0;
  const isScaled = before.autoscaler !== null && !isOff && !isAsleep;
  const objects = versionObjects(pattern, {
    ...workload,
    replicas: isScaled ? null : replicas,
    installation: before.installation,
  });
  const { name } = objects.metadata;
  await api.apply(`/api/v1/namespaces/${namespace}/services/${name}`, objects.service, true, signal);
  const remark = definition.disruptions ? await applyBudget(api, workload, definition.disruptions, objects, signal) : null;
  // Nothing is scaled to zero by an autoscaler, and nothing while there is one with a minimum.
  if (isOff) await api.remove(`${autoscalersPath(namespace)}/${name}`, signal);
  if (isScaled && before.deployment) await handOver(api, before.deployment, signal);
  const deployment = await api.apply<Deployment>(deploymentPath(namespace, name), objects.deployment, true, signal);
  const mayScale = replicas > 0 && (before.autoscaler === null || before.isOwnAutoscaler);
  if (definition.from.autoscaler !== undefined && mayScale)
    await applyAutoscaler(api, workload, definition.from.autoscaler, objects, before, signal);
  return { deployment, remark };
}

/** Everything that was made for a version, the Deployment last: as long as it is there, the rest is found by it. */
export async function removeVersion(api: KubernetesApi, namespace: string, name: string, signal: AbortSignal): Promise<void> {
  await api.remove(`${autoscalersPath(namespace)}/${name}`, signal);
  await api.remove(`${budgetsPath(namespace, await budgetVersion(api, signal))}/${name}`, signal);
  await api.remove(`/api/v1/namespaces/${namespace}/services/${name}`, signal);
  await api.remove(deploymentPath(namespace, name), signal);
}

export function deploymentPath(namespace: string, name: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
}

async function patternDeployment(
  api: KubernetesApi,
  { namespace, from }: KubernetesDefinition,
  signal: AbortSignal,
): Promise<Deployment> {
  const found = await api.find<Deployment>(deploymentPath(namespace, from.deployment), signal);
  if (found) return found;
  throw new UserError('E_KUBERNETES_PATTERN', `there is no Deployment ${from.deployment} in namespace ${namespace}`, {
    where: 'spec.target.kubernetes.from.deployment',
    fix: `name one of \`kubectl get deployments -n ${namespace}\``,
  });
}

/**
 * Has the cluster replace the pods of a Deployment by its own strategy, as `kubectl rollout restart` does. The mark belongs to another
 * field manager than the rest, so that applying the version again neither takes it away nor rolls the pods once more.
 */
export async function rollOut(
  api: KubernetesApi,
  deployment: Deployment,
  { askedAtMs }: Pick<RestartOrder, 'askedAtMs'>,
  signal: AbortSignal,
): Promise<Deployment> {
  const { name, namespace = '' } = deployment.metadata;
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { template: { metadata: { annotations: { [restartedAnnotation]: new Date(askedAtMs).toISOString() } } } },
  };
  return await api.apply<Deployment>(deploymentPath(namespace, name), object, true, signal, `${fieldManager}-restart`);
}

/** The pattern of a Deployment that was itself restarted has a mark of then, which would undo the one of a later restart of the version. */
function asRestarted(pattern: Pattern, deployment: Deployment | undefined): Pattern {
  const { metadata } = pattern.template;
  const is = deployment?.spec.template.metadata?.annotations?.[restartedAnnotation];
  if (metadata?.annotations?.[restartedAnnotation] === undefined || is === undefined) return pattern;
  const annotations = { ...metadata.annotations, [restartedAnnotation]: is };
  return { ...pattern, template: { ...pattern.template, metadata: { ...metadata, annotations } } };
}

/**
 * Gives `spec.replicas` away without changing it: a field that its only manager leaves out goes back to its default, one pod.
 * (Kubernetes, "Server-Side Apply", transferring ownership.)
 */
async function handOver(api: KubernetesApi, deployment: Deployment, signal: AbortSignal): Promise<void> {
  if (!isOurs(deployment, 'replicas')) return;
  const { name, namespace = '' } = deployment.metadata;
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { replicas: deployment.spec.replicas },
  };
  await api.apply(deploymentPath(namespace, name), object, true, signal, `${fieldManager}-scale`);
}

async function applyAutoscaler(
  api: KubernetesApi,
  { definition, replicas }: Workload<KubernetesDefinition>,
  from: string,
  { metadata }: VersionObjects,
  before: Before,
  signal: AbortSignal,
): Promise<void> {
  const { namespace } = definition;
  const path = autoscalersPath(namespace, await richestVersion(api, signal));
  const apiVersion = path.split('/')[3] ?? 'v1';
  const pattern = await api.find<Autoscaler>(`${path}/${from}`, signal);
  // The version that runs keeps the one it has.
  if (!pattern && before.isOwnAutoscaler) return;
  if (!pattern)
    throw new UserError('E_KUBERNETES_PATTERN', `there is no HorizontalPodAutoscaler ${from} in namespace ${namespace}`, {
      where: 'spec.target.kubernetes.from.autoscaler',
      fix: `name one of \`kubectl get hpa -n ${namespace}\`, or leave it out`,
    });
  const object = versionAutoscaler(pattern, apiVersion, metadata, replicas, definition.replicas);
  await api.apply(`${path}/${metadata.name}`, object, true, signal);
}

async function applyBudget(
  api: KubernetesApi,
  { definition, service, version }: Workload<KubernetesDefinition>,
  { maxUnavailable }: NonNullable<KubernetesDefinition['disruptions']>,
  { metadata, podLabels }: VersionObjects,
  signal: AbortSignal,
): Promise<string | null> {
  const { namespace } = definition;
  const apiVersion = await budgetVersion(api, signal);
  const other = await budgetThatSelects(api, namespace, apiVersion, podLabels, signal);
  const path = `${budgetsPath(namespace, apiVersion)}/${metadata.name}`;
  if (other) {
    await api.remove(path, signal);
    return `PodDisruptionBudget ${namespace}/${other.metadata.name} selects these pods already, and with two of them nothing could be evicted: leave out target.kubernetes.disruptions, or delete it`;
  }
  await api.apply(path, versionBudget(apiVersion, metadata, ownLabels(service, version), maxUnavailable), true, signal);
  return null;
}
