import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import type { KubernetesApi, KubernetesList, KubernetesObject } from './api.ts';

/** Wait before a broken watch is begun again: doubles up to the second. */
const againMs = 200;
const againMaxMs = 10_000;
/** The same where nobody is there to be bothered. */
const againUnreachableMs = 2_000;

/** A watch that says nothing for this long may be dead: the server sends a bookmark about once a minute. */
const silentMs = 150_000;

/**
 * The objects of one list, kept as they are in the cluster: listed once, then followed by a watch, which costs nothing while nothing
 * happens. After a break it lists again. (Kubernetes API concepts, "Efficient detection of changes".)
 */
export class Mirror<Item extends KubernetesObject> {
  readonly #api: KubernetesApi;
  readonly #path: string;
  readonly #selector: string;
  readonly #items = new Map<string, Item>();
  readonly #listeners = new Set<(item: Item) => void>();
  readonly #stopping = new AbortController();
  #isSynced = false;
  #problem: unknown = null;
  #news = Promise.withResolvers<void>();

  /** @param selector - Labels, such as `rampart.dev/service`; empty for everything. */
  constructor(api: KubernetesApi, path: string, selector: string) {
    this.#api = api;
    this.#path = path;
    this.#selector = selector;
    void this.#follow();
  }

  /** Everything there is, by name. Waits for the first list; rejects with its problem where it cannot be had. */
  async items(signal: AbortSignal): Promise<ReadonlyMap<string, Item>> {
    while (!this.#isSynced) {
      if (this.#problem !== null) throw this.#problem;
      const aborted = Promise.withResolvers<never>();
      const abort = () => aborted.reject(signal.reason);
      signal.throwIfAborted();
      signal.addEventListener('abort', abort, { once: true });
      try {
        await Promise.race([this.#news.promise, aborted.promise]);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    }
    return this.#items;
  }

  /** Why nothing new is heard at the moment; null when all is well. */
  get problem(): unknown {
    return this.#problem;
  }

  /** Whether anything is known: once there was a list, it stays known while the server is away. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** An answer of the API about one of the objects, so that whoever has changed it need not wait for the watch. */
  put(item: Item): void {
    this.#set(item);
  }

  onChange(listener: (item: Item) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#stopping.abort(new Error('this mirror is closed'));
    this.#listeners.clear();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    let waitMs = againMs;
    while (!signal.aborted) {
      try {
        await this.#once(signal);
        waitMs = againMs;
      } catch (error) {
        if (signal.aborted) return;
        this.#problem = error;
        this.#tell();
        await delay(waitMs, undefined, { signal, ref: false }).catch(() => {});
        const isAway = error instanceof UserError && error.code === 'E_KUBERNETES_UNREACHABLE';
        waitMs = Math.min(isAway ? againUnreachableMs : againMaxMs, 2 * waitMs);
      }
    }
  }

  async #once(signal: AbortSignal): Promise<void> {
    const query = this.#selector === '' ? {} : { labelSelector: this.#selector };
    const list = await this.#api.request<KubernetesList<Item>>({ method: 'GET', path: this.#path, query }, signal);
    const names = new Set(list.items.map(({ metadata }) => metadata.name));
    for (const [name, item] of this.#items)
      if (!names.has(name)) {
        this.#items.delete(name);
        this.#changed(item);
      }
    for (const item of list.items) this.#set(item);
    this.#isSynced = true;
    this.#problem = null;
    this.#tell();
    let { resourceVersion } = list.metadata;
    // A watch ends every few minutes by itself; it goes on from where it was.
    while (!signal.aborted) {
      const quiet = new AbortController();
      const timer = { current: setTimeout(() => quiet.abort(), silentMs).unref() };
      try {
        await this.#api.watch<Item>(
          this.#path,
          { ...query, resourceVersion },
          (event) => {
            clearTimeout(timer.current);
            timer.current = setTimeout(() => quiet.abort(), silentMs).unref();
            // 410: what it would go on from is forgotten by now.
            if (event.type === 'ERROR')
              throw new UserError('E_KUBERNETES_BUSY', event.object.message ?? 'the watch has ended', {
                where: this.#path,
                fix: 'nothing has to be done: Rampart lists again',
              });
            resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
            if (event.type === 'BOOKMARK') return;
            if (event.type === 'DELETED') {
              this.#items.delete(event.object.metadata.name);
              this.#changed(event.object);
            } else this.#set(event.object);
          },
          AbortSignal.any([signal, quiet.signal]),
        );
      } finally {
        clearTimeout(timer.current);
      }
    }
  }

  #set(item: Item): void {
    const { name, resourceVersion } = item.metadata;
    const known = this.#items.get(name)?.metadata;
    // An answer may be older than what the watch has brought. Versions are opaque by contract, but of one object they rise.
    if (known && known.uid === item.metadata.uid && Number(known.resourceVersion) >= Number(resourceVersion)) return;
    this.#items.set(name, item);
    this.#changed(item);
  }

  #changed(item: Item): void {
    for (const listener of this.#listeners) listener(item);
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}
