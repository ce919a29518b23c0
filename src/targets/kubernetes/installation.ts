import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode, UserError } from '../../errors.ts';
import type { KubernetesObject } from '../../kubernetes/api.ts';

/** Which Rampart an object belongs to: two of them may work in one cluster, and neither touches what is the other's. */
export const installationAnnotation = 'rampart.dev/installation';

/** The name of this installation, drawn when its data folder is used for the first time. */
export async function installationOf(folder: string): Promise<string> {
  const file = join(folder, 'installation');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, `${randomBytes(6).toString('hex')}\n`, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}

/** Whether another installation has made this object. */
export function isForeign({ metadata }: KubernetesObject, installation: string): boolean {
  const owner = metadata.annotations?.[installationAnnotation];
  return owner !== undefined && owner !== installation;
}

/** Two Ramparts that release the same service in the same namespace would undo each other's work for ever. */
export function takenError(namespace: string, service: string, { metadata }: KubernetesObject): UserError {
  const owner = metadata.annotations?.[installationAnnotation];
  return new UserError(
    'E_KUBERNETES_TAKEN',
    `service ${service} is run in namespace ${namespace} by another Rampart (${owner})`,
    {
      where: `Deployment ${namespace}/${metadata.name}`,
      fix: `give one of them another namespace or another name of the service. Where that Rampart is gone for good: kubectl delete deployments,services,horizontalpodautoscalers,poddisruptionbudgets -n ${namespace} -l rampart.dev/service=${metadata.labels?.['rampart.dev/service']}`,
    },
  );
}
