import type { Instance } from '../target.ts';
import type { ContainerStatus, Deployment, Pod } from './objects.ts';

/** Reasons for which a container never starts as it is wanted. The kubelet goes on trying; a release need not wait for that. */
const hopelessReasons: ReadonlySet<string> = new Set([
  // Only the back-off: the first try may have failed for a registry that was away for a moment.
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/** Has the port that takes requests; without it a pod has no endpoint. */
export const portAnnotation = 'rampart.dev/port';

/**
 * A pod as an instance. What is seen here at once would otherwise be told by the Deployment's deadline, ten minutes later.
 *
 * @param wasReady - Whether it has been ready before.
 */
export function instanceOf(pod: Pod, service: string, version: string, wasReady: boolean): Instance {
  const { name, deletionTimestamp } = pod.metadata;
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  const isCrashed = pod.status?.phase === 'Failed' || statuses.some(hasEnded);
  const problem = isReady ? null : problemOf(pod, statuses);
  const isHopeless = statuses.some(({ state }) => hopelessReasons.has(state?.waiting?.reason ?? ''));
  const host = pod.status?.podIP;
  const port = Number(pod.metadata.annotations?.[portAnnotation]);
  return {
    id: `${service}/${version}/${name}`,
    version,
    endpoint: host === undefined || !(port > 0) ? null : { host, port },
    state:
      deletionTimestamp !== undefined
        ? 'stopping'
        : isCrashed
          ? 'crashed'
          : isReady
            ? 'ready'
            : wasReady
              ? 'unready'
              : 'starting',
    restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ...(problem === null ? {} : { problem }),
    ...(isHopeless ? { hopeless: true as const } : {}),
  };
}

/** Pods that the Deployment wants and that are not there yet, as instances, with what keeps them (a quota, an admission webhook). */
export function missingInstances(
  deployment: Deployment | undefined,
  count: number,
  service: string,
  version: string,
): readonly Instance[] {
  const failure = deployment?.status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  const problem = failure ? { problem: oneLine(failure.message ?? failure.reason ?? 'its pods cannot be created') } : {};
  return Array.from({ length: Math.max(0, count) }, (_, i) => ({
    id: `${service}/${version}/pending-${i + 1}`,
    version,
    endpoint: null,
    state: 'starting' as const,
    restarts: 0,
    ...problem,
  }));
}

function hasEnded({ state }: ContainerStatus): boolean {
  if (state?.waiting?.reason === 'CrashLoopBackOff') return true;
  return state?.terminated !== undefined && state.terminated.exitCode !== 0;
}

function problemOf(pod: Pod, statuses: readonly ContainerStatus[]): string | null {
  for (const { name, state, lastState, restartCount } of statuses) {
    const ended = state?.terminated ?? lastState?.terminated;
    if (ended && (restartCount > 0 || ended.exitCode !== 0)) {
      const why = ended.reason === 'OOMKilled' ? 'ran out of memory (OOMKilled)' : `ended with code ${ended.exitCode ?? '?'}`;
      return oneLine(`container ${name} ${why}${ended.message ? `: ${ended.message}` : ''}`);
    }
    const { reason, message } = state?.waiting ?? {};
    if (reason !== undefined && !['ContainerCreating', 'PodInitializing'].includes(reason))
      return oneLine(`container ${name}: ${reason}${message ? `: ${message}` : ''}`);
  }
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled) return oneLine(`cannot be scheduled: ${unscheduled.message ?? unscheduled.reason ?? 'no node takes it'}`);
  if (pod.status?.phase === 'Failed') return oneLine(pod.status.message ?? pod.status.reason ?? 'it failed');
  return null;
}

/** For people: one line of at most 500 characters. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 500);
}
