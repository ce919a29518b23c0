import http from 'node:http';
import https from 'node:https';
import { messageOf, UserError } from '../errors.ts';
import { answerError, unreachable } from './refusals.ts';

/** Which cluster, and as whom. Without `kubeconfig` the usual places: `$KUBECONFIG`, `~/.kube/config`, the pod's service account. */
export type ClusterPlace = { readonly kubeconfig?: string | undefined; readonly context?: string | undefined };

/** An object of the API as it is on the wire, with whatever fields it has. */
export type KubernetesObject = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly {
      readonly manager?: string;
      readonly operation?: string;
      readonly fieldsV1?: { readonly 'f:spec'?: Readonly<Record<string, unknown>> };
    }[];
  };
};

export type KubernetesList<Item> = { readonly metadata: { readonly resourceVersion: string }; readonly items: readonly Item[] };

export type WatchEvent<Item> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: Item }
  | { readonly type: 'ERROR'; readonly object: { readonly code?: number; readonly message?: string } };

export type ApiRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the server's address, such as `/api/v1/namespaces/shop/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Of `body`; JSON when it is left out. */
  readonly contentType?: string;
  /** What an object is about alone, without what is in it: whoever asks whether a Secret is there need not see it. */
  readonly isMetadataOnly?: true;
};

/** Under this name our fields stand in `metadata.managedFields`, so that other managers keep theirs. */
export const fieldManager = 'rampart';

/** Kubernetes API concepts, "Receiving resources as metadata". */
const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const answerBytesMax = 64 * 1_048_576;
const lineCharsMax = 8 * 1_048_576;
/** Where a signal is not enough: a server that took the connection and says nothing. */
const silenceMs = 30_000;
/** Longest that a server is left alone because it asks for it: a way back must not wait for longer. */
const waitMaxMs = 2_000;

type Way = { readonly server: URL; readonly options: https.RequestOptions };

/**
 * The HTTP API of a Kubernetes cluster. Objects go through as they are on the wire: typed clients drop the fields that they do not
 * know, and write an object back without them. How to sign in (tokens, certificates, programs, OpenID) is the business of Kubernetes'
 * own client library.
 */
export class KubernetesApi {
  readonly #place: ClusterPlace;
  /** Until then the server has asked to be left alone. */
  #waiting: { readonly untilMs: number; readonly error: UserError } | null = null;
  /** The library makes an agent for each request, and so a connection. This one tells connections apart by what they sign in with. */
  readonly #agent = new https.Agent({ keepAlive: true });
  #config: Promise<import('@kubernetes/client-node').KubeConfig> | null = null;

  constructor(place: ClusterPlace) {
    this.#place = place;
  }

  /**
   * @throws UserError `E_KUBERNETES_UNREACHABLE`, `E_KUBERNETES_FORBIDDEN`, `E_KUBERNETES_CONFLICT`, `E_KUBERNETES_NOT_FOUND`,
   * `E_KUBERNETES_BUSY`, `E_KUBERNETES_REFUSED`, `E_KUBECONFIG`.
   */
  async request<Answer>(request: ApiRequest, signal: AbortSignal): Promise<Answer> {
    const text = await this.#answer(request, signal);
    try {
      return JSON.parse(text) as Answer;
    } catch (error) {
      throw unreachable((await this.#way()).server.origin, `an answer that is no JSON: ${messageOf(error)}`);
    }
  }

  /** An answer that is plain text, such as the log of a pod. */
  async text(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
    return await this.#answer({ method: 'GET', path, query }, signal);
  }

  /** The object, or null where there is none. */
  async find<Item extends KubernetesObject>(path: string, signal: AbortSignal): Promise<Item | null> {
    try {
      return await this.request<Item>({ method: 'GET', path }, signal);
    } catch (error) {
      if (error instanceof UserError && error.code === 'E_KUBERNETES_NOT_FOUND') return null;
      throw error;
    }
  }

  /** Server-side apply: sets our fields and leaves all others to their managers. `force` takes fields over that somebody else has set. */
  async apply<Item>(path: string, object: unknown, force: boolean, signal: AbortSignal, manager = fieldManager): Promise<Item> {
    const query = { fieldManager: manager, force: String(force) };
    return await this.request<Item>(
      { method: 'PATCH', path, query, body: object, contentType: 'application/apply-patch+yaml' },
      signal,
    );
  }

  /** Resolves also where there is nothing to delete. What belongs to the object goes after it. */
  async remove(path: string, signal: AbortSignal): Promise<void> {
    try {
      await this.request({ method: 'DELETE', path, query: { propagationPolicy: 'Foreground' } }, signal);
    } catch (error) {
      if (!(error instanceof UserError && error.code === 'E_KUBERNETES_NOT_FOUND')) throw error;
    }
  }

  /** Hands on each event until the server ends the watch, which it does after some minutes. Rejects when the connection breaks. */
  async watch<Item>(
    path: string,
    query: Readonly<Record<string, string>>,
    onEvent: (event: WatchEvent<Item>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const request: ApiRequest = { method: 'GET', path, query: { ...query, watch: 'true', allowWatchBookmarks: 'true' } };
    const response = await this.#send(request, signal, 0);
    if (response.statusCode !== 200) throw this.#refusal(response, await textOf(response), request);
    let rest = '';
    try {
      for await (const part of response.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = (rest + part).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > lineCharsMax) throw new Error(`an object of more than ${lineCharsMax} characters`);
        for (const line of lines) if (line !== '') onEvent(JSON.parse(line) as WatchEvent<Item>);
      }
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable((await this.#way()).server.origin, messageOf(error));
    } finally {
      response.destroy();
    }
  }

  async #answer(request: ApiRequest, signal: AbortSignal): Promise<string> {
    const response = await this.#send(request, signal);
    const text = await textOf(response);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw this.#refusal(response, text, request);
    return text;
  }

  #refusal(response: http.IncomingMessage, text: string, request: ApiRequest): UserError {
    const retryAfter = response.headers['retry-after'];
    const error = answerError(response.statusCode ?? 0, text, request, retryAfter);
    const waitMs = Math.min(waitMaxMs, 1_000 * Number(retryAfter));
    if (error.code === 'E_KUBERNETES_BUSY' && waitMs > 0) this.#waiting = { untilMs: performance.now() + waitMs, error };
    return error;
  }

  async #send(request: ApiRequest, signal: AbortSignal, timeoutMs = silenceMs): Promise<http.IncomingMessage> {
    signal.throwIfAborted();
    // Nothing is asked before the time that it has named: all services share one server.
    if (this.#waiting && performance.now() < this.#waiting.untilMs) throw this.#waiting.error;
    const { server, options } = await this.#way();
    const url = new URL(server.href.replace(/\/$/, '') + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
    const body = request.body === undefined ? null : Buffer.from(JSON.stringify(request.body));
    const headers = {
      ...options.headers,
      accept: request.isMetadataOnly ? metadataOnly : 'application/json, text/plain',
      ...(body ? { 'content-type': request.contentType ?? 'application/json', 'content-length': body.length } : {}),
    };
    return await new Promise((resolve, reject) => {
      const { request: begin } = url.protocol === 'http:' ? http : https;
      const sent = begin(url, { ...options, method: request.method, headers, signal, timeout: timeoutMs }, resolve);
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)));
      sent.on('error', (error) => reject(signal.aborted ? signal.reason : unreachable(server.origin, messageOf(error))));
      sent.end(body ?? undefined);
    });
  }

  async #way(): Promise<Way> {
    this.#config ??= this.#loaded();
    this.#config.catch(() => {
      this.#config = null;
    });
    const config = await this.#config;
    const cluster = config.getCurrentCluster();
    if (!cluster || !URL.canParse(cluster.server)) throw kubeconfigError('it names no cluster', this.#place);
    const options: https.RequestOptions = {};
    try {
      // Each time: a token that a program gives, or that stands in a file, is renewed there.
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw kubeconfigError(messageOf(error), this.#place);
    }
    // Another kind of agent goes through a proxy.
    if (options.agent?.constructor === https.Agent) options.agent = this.#agent;
    return { server: new URL(cluster.server), options };
  }

  async #loaded(): Promise<import('@kubernetes/client-node').KubeConfig> {
    // 0.4 s and 60 MB: only for whoever has a cluster.
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    const { kubeconfig, context } = this.#place;
    try {
      if (kubeconfig === undefined) config.loadFromDefault();
      else config.loadFromFile(kubeconfig);
    } catch (error) {
      throw kubeconfigError(messageOf(error), this.#place);
    }
    if (context !== undefined) {
      if (!config.getContextObject(context)) {
        const known = config.getContexts().map(({ name }) => name);
        throw kubeconfigError(`it has no context ${context}, but ${known.join(', ') || 'none'}`, this.#place);
      }
      config.setCurrentContext(context);
    }
    return config;
  }
}

function kubeconfigError(what: string, { kubeconfig }: ClusterPlace): UserError {
  return new UserError('E_KUBECONFIG', `the kubeconfig cannot be used: ${what}`, {
    where: kubeconfig ?? '$KUBECONFIG, ~/.kube/config or the service account of the pod',
    fix: 'try `kubectl get pods` as the same user; name the file and its context in the document when they are not the usual ones',
  });
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > answerBytesMax) {
      response.destroy();
      throw new Error(`the API's answer is larger than ${answerBytesMax} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
