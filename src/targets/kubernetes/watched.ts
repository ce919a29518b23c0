import type { KubernetesObject } from '../../kubernetes/api.ts';
import type { Mirror } from '../../kubernetes/mirror.ts';
import { sharedMirror } from '../../kubernetes/mirrors.ts';
import { serviceLabel } from '../../kubernetes/names.ts';
import { type Autoscaler, autoscalersPath } from './autoscaler.ts';
import type { Deployment, Pod } from './objects.ts';
import type { Place } from './places.ts';

/** What of a namespace is kept in sight. */
export type Watched = {
  readonly place: Place;
  readonly pods: Mirror<Pod>;
  readonly deployments: Mirror<Deployment>;
  /** All of them: what scales a version need not be Rampart's. */
  readonly autoscalers: Mirror<Autoscaler>;
  release(): void;
};

/** @param changed - Called with the label of a service when one of its pods or Deployments has changed. */
export function watch(place: Place, changed: (label: string | undefined) => void): Watched {
  const namespace = `namespaces/${place.namespace}`;
  const pods = sharedMirror<Pod>(place, `/api/v1/${namespace}/pods`, serviceLabel);
  const deployments = sharedMirror<Deployment>(place, `/apis/apps/v1/${namespace}/deployments`, serviceLabel);
  const autoscalers = sharedMirror<Autoscaler>(place, autoscalersPath(place.namespace), '');
  const told = ({ metadata }: KubernetesObject) => changed(metadata.labels?.[serviceLabel]);
  const unsubscribe = [pods.mirror.onChange(told), deployments.mirror.onChange(told)];
  return {
    place,
    pods: pods.mirror,
    deployments: deployments.mirror,
    autoscalers: autoscalers.mirror,
    release() {
      for (const each of unsubscribe) each();
      for (const each of [pods, deployments, autoscalers]) each.release();
    },
  };
}

/** Waits until something is so; looks again whenever the mirror has news. */
export async function until<Item extends KubernetesObject>(
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
