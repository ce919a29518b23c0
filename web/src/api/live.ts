import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { heardExactTime } from './clock.ts';
import { type CachedSeries, type IncidentHappening, withEntry, withHappening, withSeries } from './merge.ts';
import type { TimelineEvent } from './schema.ts';
import type { LiveIncidents, StreamChange, StreamEntry, StreamIncident, StreamSeries } from './types.ts';

/**
 * The one live stream of a page. What it brings goes into the cache under the names of the plain questions, so that pages need not
 * know how they got what they show.
 *
 * `idle`: the page wants none. `waiting`: it is being opened for the first time. `lost`: it was there, and is being opened anew.
 */
export type LiveState = {
  readonly kind: 'idle' | 'waiting' | 'live' | 'lost';
  /** By `performance.now()`: when anything was heard last; null: nothing yet. */
  readonly heardAtMs: number | null;
};

/** Between two questions where there is no stream. */
const pollEveryMs = 4_000;
/** As many heartbeats may be missed. */
const missedMax = 2.5;
/** What the stream only says to have changed is asked for at most so often. */
const askAgainMs = 500;
const retryMs = [1_000, 2_000, 4_000, 8_000] as const;

class Live {
  #client: QueryClient | null = null;
  #language = 'en';
  readonly #wanted = new Map<symbol, readonly string[]>();
  #open = '';
  #source: EventSource | null = null;
  #state: LiveState = { kind: 'idle', heardAtMs: null };
  readonly #listeners = new Set<() => void>();
  #heartbeatMs = 10_000;
  #lastSeq = 0;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #settle: ReturnType<typeof setTimeout> | undefined;
  /** What is asked for again soon, by the name of its answer. */
  readonly #asking = new Map<string, ReturnType<typeof setTimeout>>();

  start(client: QueryClient): void {
    this.#client = client;
    // A phone that was asleep has missed its heartbeats without any timer having run.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && this.#isStale()) this.#reopen();
    });
    window.addEventListener('online', () => this.#reopen());
  }

  speak(language: string): void {
    if (this.#language === language) return;
    this.#language = language;
    this.#changed();
  }

  want(topics: readonly string[]): () => void {
    const key = Symbol('page');
    this.#wanted.set(key, topics);
    this.#changed();
    return () => {
      this.#wanted.delete(key);
      this.#changed();
    };
  }

  /** Ends it at once: somebody has signed out. */
  stop(): void {
    this.#close();
    this.#open = '';
    this.#set({ kind: 'idle', heardAtMs: null });
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get state(): LiveState {
    return this.#state;
  }

  /** One page may go and the next come in the same turn: only what is wanted then counts. */
  #changed(): void {
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => {
      const topics = [...new Set([...this.#wanted.values()].flat())].sort();
      const query = topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join('&');
      const open = topics.length === 0 ? '' : `${query}&lang=${this.#language}`;
      if (open === this.#open) return;
      this.#open = open;
      this.#lastSeq = 0;
      this.#failures = 0;
      this.#close();
      if (open === '') this.#set({ kind: 'idle', heardAtMs: null });
      else this.#connect(this.#state.kind === 'live' ? 'live' : 'waiting');
    }, 0);
  }

  #reopen(): void {
    if (this.#open === '' || this.#source?.readyState === EventSource.CONNECTING) return;
    this.#close();
    this.#connect('lost');
  }

  #connect(kind: LiveState['kind']): void {
    this.#set({ kind, heardAtMs: this.#state.heardAtMs });
    const after = this.#lastSeq > 0 ? `&after=${this.#lastSeq}` : '';
    const source = new EventSource(`/api/v1/stream?${this.#open}${after}`);
    this.#source = source;
    const on = (name: string, take: (data: never) => void): void =>
      source.addEventListener(name, (message) => {
        this.#heard();
        if (message.lastEventId) this.#lastSeq = Math.max(this.#lastSeq, Number(message.lastEventId) || 0);
        take(JSON.parse(message.data) as never);
      });
    on('hello', ({ nowMs, heartbeatMs }: { nowMs: number; heartbeatMs: number }) => {
      this.#heartbeatMs = heartbeatMs;
      heardExactTime(nowMs);
      // Records begin from now on, so those between the plain answer and now are asked for; after an interruption, everything is.
      const isBack = this.#state.kind === 'lost';
      void this.#client?.invalidateQueries({
        predicate: ({ queryKey: [name, , part] }) =>
          name === 'timeline' || (name === 'incident' && part === 'events') || (isBack && name !== 'session'),
      });
      this.#failures = 0;
      this.#heard();
      this.#set({ kind: 'live', heardAtMs: performance.now() });
    });
    on('beat', ({ nowMs }: { nowMs: number }) => heardExactTime(nowMs));
    on('overview', (overview: unknown) => this.#level(['overview'], overview));
    on('service', (service: { name: string }) => this.#level(['service', service.name], service));
    on('release', (release: { id: string }) => this.#level(['release', release.id], release));
    on('incidents', (news: LiveIncidents) => {
      const ids = (known: LiveIncidents | undefined): string => known?.incidents.map(({ id }) => id).join() ?? '';
      // One that is not here any more is among those that are over.
      if (ids(this.#client?.getQueryData(['incidents', 'live'])) !== ids(news)) this.#askSoon(['incidents', 'over']);
      this.#level(['incidents', 'live'], news);
    });
    on('incident', ({ nowMs: _nowMs, runbooks, messages, ...incident }: StreamIncident) => {
      this.#level(['incident', incident.id], incident);
      this.#level(['incident', incident.id, 'runbooks'], { runbooks });
      this.#level(['incident', incident.id, 'messages'], { messages });
    });
    on('changed', ({ what }: StreamChange) => this.#askSoon([what]));
    on('entry', (entry: StreamEntry) => {
      if (entry.incident !== undefined) this.#happened(entry.incident, entry);
      if (entry.release === null) return;
      this.#client?.setQueryData<readonly TimelineEvent[]>(['timeline', entry.release], (old) => withEntry(old, entry));
    });
    on('series', (series: StreamSeries) =>
      this.#client?.setQueryData<CachedSeries>(['series', series.release, 1], (old) => withSeries(old, series)),
    );
    source.onerror = () => {
      if (this.#source === source) this.#failed(source);
    };
    this.#watchOver();
  }

  /** A line of the timeline of an incident, which may also be what its post-mortem follows from. */
  #happened(id: string, entry: StreamEntry): void {
    const queryKey = ['incident', id, 'events', this.#language];
    if (this.#client?.getQueryData(queryKey) === undefined) this.#askSoon(queryKey);
    else this.#client.setQueryData<readonly IncidentHappening[]>(queryKey, (old) => withHappening(old, entry));
    for (const part of ['post-mortem', 'lessons']) this.#askSoon(['incident', id, part]);
  }

  /** Asks again for what is on the page, once for all that happens until then. */
  #askSoon(queryKey: readonly string[]): void {
    const name = queryKey.join(' ');
    if (this.#asking.has(name)) return;
    const ask = (): void => {
      this.#asking.delete(name);
      void this.#client?.invalidateQueries({ queryKey });
    };
    this.#asking.set(name, setTimeout(ask, askAgainMs));
  }

  /** A level is newer than any plain answer that is still on its way, which must not take its place. */
  #level(queryKey: readonly string[], data: unknown): void {
    void this.#client?.cancelQueries({ queryKey, exact: true });
    this.#client?.setQueryData(queryKey, data);
  }

  /** The browser opens a broken stream again by itself, but not one that was refused. */
  #failed(source: EventSource): void {
    if (this.#state.kind === 'live') this.#set({ kind: 'lost', heardAtMs: this.#state.heardAtMs });
    if (source.readyState !== EventSource.CLOSED) return;
    this.#close();
    // Perhaps it was refused because the session has ended: that question leads to the sign-in.
    void this.#client?.invalidateQueries({ queryKey: ['session'] });
    this.#retryLater();
  }

  #retryLater(): void {
    const waitMs = retryMs[Math.min(this.#failures, retryMs.length - 1)] ?? 8_000;
    this.#failures += 1;
    const kind = this.#state.heardAtMs === null ? 'waiting' : 'lost';
    this.#retry = setTimeout(() => this.#connect(kind), waitMs);
  }

  #heard(): void {
    const atMs = performance.now();
    // Several a second: whoever shows the age asks for it, so nobody is told.
    this.#state = { ...this.#state, heardAtMs: atMs };
    this.#watchOver();
  }

  #isStale(): boolean {
    const { heardAtMs } = this.#state;
    return heardAtMs !== null && performance.now() - heardAtMs > missedMax * this.#heartbeatMs;
  }

  #watchOver(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      if (this.#open === '') return;
      this.#close();
      this.#connect('lost');
    }, missedMax * this.#heartbeatMs);
  }

  #close(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#watch);
    this.#source?.close();
    this.#source = null;
  }

  #set(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

export const live = new Live();

/** Keeps the topics of a page live while it is shown. */
export function useTopics(topics: readonly string[]): void {
  const list = topics.join('\n');
  useEffect(() => live.want(list === '' ? [] : list.split('\n')), [list]);
}

export function useLive(): LiveState {
  return useSyncExternalStore(live.subscribe, () => live.state);
}

/** How often to ask where a stream would tell; false while it does. */
export function pollMs(): number | false {
  return live.state.kind === 'live' ? false : pollEveryMs;
}
