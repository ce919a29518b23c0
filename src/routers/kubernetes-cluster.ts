import { UserError } from '../errors.ts';
import { fieldManager, type KubernetesApi, type KubernetesList, type KubernetesObject } from '../kubernetes/api.ts';
import { apiOf, sharedMirror } from '../kubernetes/mirrors.ts';
import { labelValueOf, serviceLabel, versionLabel } from '../kubernetes/names.ts';
import { type ClusterConfig, placeOf } from './kubernetes-config.ts';

/** A kind of object. Its version is asked of the cluster where a definition (CRD) brings it; else it is `version`. */
export type Kind = {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly version?: string;
  /** How its definition is installed. */
  readonly install?: string;
};

type Own = { readonly metadata: object; readonly spec: object };
type Service = KubernetesObject & { readonly spec: { readonly ports?: readonly { readonly port: number }[] } };
type Shared = ReturnType<typeof sharedMirror<KubernetesObject>>;

/** The objects of one namespace, for routers. Errors are those of a router: `E_ROUTER_UNREACHABLE` and `E_ROUTE_REFUSED`. */
export class Cluster {
  readonly namespace: string;
  readonly #config: ClusterConfig;
  readonly #versions = new Map<string, string>();
  readonly #mirrors = new Map<string, Shared>();

  constructor(config: ClusterConfig) {
    this.#config = config;
    this.namespace = config.namespace;
  }

  /**
   * The object, or null.
   *
   * @param fresh - Asks the API server. Else the answer is what its watch has brought, which costs no request; where the watch does
   *   not work, it is asked all the same.
   */
  async find<Item extends KubernetesObject>(kind: Kind, name: string, fresh: boolean, signal: AbortSignal): Promise<Item | null> {
    return await this.#told(async () => {
      const path = await this.#path(kind, signal);
      const { mirror } = this.#mirror(path, '');
      if (!fresh && mirror.problem === null) {
        const known = (await mirror.items(signal)).get(name);
        if (known) return known as Item;
      }
      const found = await this.#api.find<Item>(`${path}/${name}`, signal);
      if (found) mirror.put(found);
      // The definition may have been taken away.
      else if (this.#versions.delete(kindName(kind))) await this.#path(kind, signal);
      return found;
    });
  }

  /** The objects of a collection with a label, whatever its value; by watch as well, unless `fresh`. */
  async list<Item extends KubernetesObject>(
    kind: Kind,
    label: string,
    fresh: boolean,
    signal: AbortSignal,
  ): Promise<readonly Item[]> {
    return await this.#told(async () => {
      const path = await this.#path(kind, signal);
      const { mirror } = this.#mirror(path, label);
      if (!fresh && mirror.problem === null)
        return [...(await mirror.items(signal)).values()] as readonly KubernetesObject[] as readonly Item[];
      const query = { labelSelector: label };
      const { items } = await this.#api.request<KubernetesList<Item>>({ method: 'GET', path, query }, signal);
      for (const item of items) mirror.put(item);
      return items;
    });
  }

  /** Sets or (null) takes away labels of whatever an object is by now. `conflict`: it is gone. `watched`: as for `list`. */
  async label(
    kind: Kind,
    { metadata }: KubernetesObject,
    labels: Readonly<Record<string, string | null>>,
    watched: string,
    signal: AbortSignal,
  ): Promise<'done' | 'conflict'> {
    return await this.#merge(kind, metadata.name, { metadata: { labels, uid: metadata.uid } }, watched, signal);
  }

  /** The object. Refused, with where to look, when it is not there. */
  async get<Item extends KubernetesObject>(kind: Kind, name: string, fresh: boolean, signal: AbortSignal): Promise<Item> {
    const found = await this.find<Item>(kind, name, fresh, signal);
    if (found) return found;
    throw new UserError('E_ROUTE_REFUSED', `there is no ${kind.kind} ${name} in namespace ${this.namespace}`, {
      where: this.where(kind, name),
      fix: `Name one of \`kubectl get ${kindName(kind)} -n ${this.namespace}\`, or apply yours first.`,
    });
  }

  /** Server-side apply under the condition that nothing was changed since it was read. Answers what is there now. */
  async apply<Item extends KubernetesObject>(
    kind: Kind,
    read: Item,
    object: object,
    manager: string,
    signal: AbortSignal,
  ): Promise<Item | 'conflict'> {
    return await this.#told(async () => {
      const path = await this.#path(kind, signal);
      const { metadata, ...rest } = object as { readonly metadata?: object };
      const { name, resourceVersion, uid } = read.metadata;
      const body = {
        ...this.#typeOf(kind),
        ...rest,
        metadata: { ...metadata, name, namespace: this.namespace, resourceVersion, uid },
      };
      const query = { fieldManager: manager, force: 'true' };
      const contentType = 'application/apply-patch+yaml';
      const request = { method: 'PATCH', path: `${path}/${name}`, query, body, contentType } as const;
      try {
        const stored = await this.#api.request<Item>(request, signal);
        this.#mirror(path, '').mirror.put(stored);
        return stored;
      } catch (error) {
        if (isConflict(error)) return 'conflict';
        throw error;
      }
    });
  }

  /** Makes an object that is not there. `conflict`: somebody has made it meanwhile. */
  async create<Item extends KubernetesObject>(kind: Kind, object: Own, signal: AbortSignal): Promise<Item | 'conflict'> {
    return await this.#told(async () => {
      const path = await this.#path(kind, signal);
      const body = { ...this.#typeOf(kind), ...object, metadata: { ...object.metadata, namespace: this.namespace } };
      try {
        // A manager of its own: what a later apply leaves out is then not taken for something to delete.
        const query = { fieldManager: `${fieldManager}-create` };
        const made = await this.#api.request<Item>({ method: 'POST', path, query, body }, signal);
        this.#mirror(path, '').mirror.put(made);
        return made;
      } catch (error) {
        if (isConflict(error)) return 'conflict';
        throw error;
      }
    });
  }

  /** Changes fields of an object that is Rampart's own (JSON merge patch), under the same condition. */
  async patch(kind: Kind, read: KubernetesObject, patch: Own, signal: AbortSignal): Promise<'done' | 'conflict'> {
    const { name, resourceVersion, uid } = read.metadata;
    return await this.#merge(kind, name, { ...patch, metadata: { ...patch.metadata, resourceVersion, uid } }, '', signal);
  }

  /** Deletes what was read, and nothing that has been changed since. */
  async remove(kind: Kind, { metadata }: KubernetesObject, signal: AbortSignal): Promise<'done' | 'conflict'> {
    return await this.#told(async () => {
      const path = `${await this.#path(kind, signal)}/${metadata.name}`;
      const preconditions = { uid: metadata.uid, resourceVersion: metadata.resourceVersion };
      try {
        await this.#api.request({ method: 'DELETE', path, body: { preconditions } }, signal);
      } catch (error) {
        if (isConflict(error)) return 'conflict';
        if (!isMissing(error)) throw error;
      }
      return 'done';
    });
  }

  /** Name and first port of the Service that the target has made for a version. */
  async serviceOf(
    service: string,
    version: string,
    signal: AbortSignal,
  ): Promise<{ readonly name: string; readonly port: number }> {
    const labels = { [serviceLabel]: labelValueOf(service), [versionLabel]: labelValueOf(version) };
    const found = await this.#told(async () => {
      const path = `/api/v1/namespaces/${this.namespace}/services`;
      const query = {
        labelSelector: Object.entries(labels)
          .map((pair) => pair.join('='))
          .join(),
      };
      const { items } = await this.#api.request<KubernetesList<Service>>({ method: 'GET', path, query }, signal);
      return items[0];
    });
    const port = found?.spec.ports?.[0]?.port;
    if (found && port !== undefined) return { name: found.metadata.name, port };
    throw new UserError(
      'E_ROUTE_REFUSED',
      `namespace ${this.namespace} has no Service with a port for version ${version} of ${service}`,
      {
        where: `${this.namespace}/services`,
        fix: `The versions have to run there as well: target: { kubernetes: { namespace: ${this.namespace}, … } } makes a Service for each, with the labels ${serviceLabel} and ${versionLabel}.`,
      },
    );
  }

  where(kind: Kind, name: string): string {
    return `${kindName(kind)} ${this.namespace}/${name}`;
  }

  /** Ends what watches. */
  release(): void {
    for (const shared of this.#mirrors.values()) shared.release();
    this.#mirrors.clear();
  }

  async #merge(kind: Kind, name: string, body: object, selector: string, signal: AbortSignal): Promise<'done' | 'conflict'> {
    return await this.#told(async () => {
      const path = await this.#path(kind, signal);
      const contentType = 'application/merge-patch+json';
      const request = { method: 'PATCH', path: `${path}/${name}`, query: { fieldManager }, body, contentType } as const;
      try {
        this.#mirror(path, selector).mirror.put(await this.#api.request<KubernetesObject>(request, signal));
        return 'done';
      } catch (error) {
        if (isConflict(error) || isMissing(error)) return 'conflict';
        throw error;
      }
    });
  }

  /** Runs calls of the API; what goes wrong is told as the error of a router. */
  async #told<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return await call();
    } catch (error) {
      throw routerError(error);
    }
  }

  /** The path of the collection, in the version that the cluster prefers. */
  async #path(kind: Kind, signal: AbortSignal): Promise<string> {
    const version = kind.version ?? this.#versions.get(kindName(kind)) ?? (await this.#discovered(kind, signal));
    return `${kind.group === '' ? '/api' : `/apis/${kind.group}`}/${version}/namespaces/${this.namespace}/${kind.plural}`;
  }

  async #discovered(kind: Kind, signal: AbortSignal): Promise<string> {
    const group = await this.#ask<{ preferredVersion: { version: string }; versions: readonly { version: string }[] }>(
      `/apis/${kind.group}`,
      signal,
    );
    const served = new Set([group?.preferredVersion.version, ...(group?.versions ?? []).map(({ version }) => version)]);
    for (const version of served) {
      if (version === undefined) continue;
      const list = await this.#ask<{ resources: readonly { name: string }[] }>(`/apis/${kind.group}/${version}`, signal);
      if (!list?.resources.some(({ name }) => name === kind.plural)) continue;
      this.#versions.set(kindName(kind), version);
      return version;
    }
    throw new UserError(
      'E_ROUTE_REFUSED',
      `this cluster does not know ${kind.kind}: the CRD ${kindName(kind)} is not installed`,
      {
        where: `/apis/${kind.group}`,
        fix: kind.install ?? 'Install it first.',
      },
    );
  }

  async #ask<Answer>(path: string, signal: AbortSignal): Promise<Answer | null> {
    try {
      return await this.#api.request<Answer>({ method: 'GET', path }, signal);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  #typeOf(kind: Kind): { readonly apiVersion: string; readonly kind: string } {
    const version = kind.version ?? this.#versions.get(kindName(kind)) ?? '';
    return { apiVersion: kind.group === '' ? version : `${kind.group}/${version}`, kind: kind.kind };
  }

  #mirror(path: string, selector: string): Shared {
    const key = `${path}?${selector}`;
    const known = this.#mirrors.get(key);
    if (known) return known;
    const shared = sharedMirror<KubernetesObject>(placeOf(this.#config), path, selector);
    this.#mirrors.set(key, shared);
    return shared;
  }

  get #api(): KubernetesApi {
    return apiOf(placeOf(this.#config));
  }
}

function kindName({ plural, group }: Kind): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function isConflict(error: unknown): boolean {
  return error instanceof UserError && error.code === 'E_KUBERNETES_CONFLICT';
}

function isMissing(error: unknown): boolean {
  return error instanceof UserError && error.code === 'E_KUBERNETES_NOT_FOUND';
}

/** What a router may say of an answer of the API: that it cannot be had now, or that it is a refusal. */
function routerError(error: unknown): unknown {
  if (!(error instanceof UserError) || !/^E_KUBE/.test(error.code)) return error;
  const isAway = error.code === 'E_KUBERNETES_UNREACHABLE' || error.code === 'E_KUBERNETES_BUSY';
  return new UserError(isAway ? 'E_ROUTER_UNREACHABLE' : 'E_ROUTE_REFUSED', error.message, {
    where: error.where,
    fix: error.fix,
    cause: error,
  });
}
