import { type ClusterPlace, KubernetesApi, type KubernetesObject } from './api.ts';
import { Mirror } from './mirror.ts';

type Shared = { readonly mirror: Mirror<KubernetesObject>; users: number };

const shared = new Map<string, Shared>();
const apis = new Map<string, KubernetesApi>();

/** One client for each cluster and account: its connections are used again. */
export function apiOf(place: ClusterPlace): KubernetesApi {
  const key = JSON.stringify([place.kubeconfig ?? null, place.context ?? null]);
  const api = apis.get(key) ?? new KubernetesApi(place);
  apis.set(key, api);
  return api;
}

/** A mirror that everybody shares who asks for the same list: 500 services are watched by one connection. Release it when done. */
export function sharedMirror<Item extends KubernetesObject>(
  place: ClusterPlace,
  path: string,
  selector: string,
): { readonly mirror: Mirror<Item>; release(): void } {
  const key = JSON.stringify([place.kubeconfig ?? null, place.context ?? null, path, selector]);
  const entry: Shared = shared.get(key) ?? { mirror: new Mirror(apiOf(place), path, selector), users: 0 };
  entry.users += 1;
  shared.set(key, entry);
  let isReleased = false;
  return {
    // The list that is asked for has items of this kind.
    mirror: entry.mirror as unknown as Mirror<Item>,
    release() {
      if (isReleased) return;
      isReleased = true;
      entry.users -= 1;
      if (entry.users > 0) return;
      entry.mirror.close();
      shared.delete(key);
    },
  };
}
