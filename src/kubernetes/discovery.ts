import { UserError } from '../errors.ts';
import type { KubernetesApi } from './api.ts';

type Group = { readonly versions: readonly { readonly version: string }[] };

const known = new WeakMap<KubernetesApi, Map<string, Promise<readonly string[]>>>();

/**
 * The first of the `wanted` versions of an API group that the cluster serves: `policy` is `v1beta1` alone before 1.21, and `v1` alone from
 * 1.25 on. Asked once for each cluster.
 *
 * @throws UserError `E_KUBERNETES_VERSION` when it serves none of them.
 */
export async function servedVersion(
  api: KubernetesApi,
  group: string,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const groups = known.get(api) ?? new Map<string, Promise<readonly string[]>>();
  known.set(api, groups);
  const asked = groups.get(group) ?? versionsOf(api, group, signal);
  groups.set(group, asked);
  let served: readonly string[];
  try {
    served = await asked;
  } catch (error) {
    groups.delete(group);
    throw error;
  }
  const found = wanted.find((version) => served.includes(version));
  if (found !== undefined) return found;
  throw new UserError(
    'E_KUBERNETES_VERSION',
    `the cluster serves ${group} as ${served.join(', ') || 'nothing'}, and Rampart knows ${wanted.join(', ')}`,
    { where: `/apis/${group}`, fix: 'see `kubectl api-versions`; leave out of the document what needs this group' },
  );
}

async function versionsOf(api: KubernetesApi, group: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    const { versions } = await api.request<Group>({ method: 'GET', path: `/apis/${group}` }, signal);
    return versions.map(({ version }) => version);
  } catch (error) {
    if (error instanceof UserError && error.code === 'E_KUBERNETES_NOT_FOUND') return [];
    throw error;
  }
}
