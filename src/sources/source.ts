import type { z } from 'zod';
import type { Sample } from '../analysis/sample.ts';
import type { Traffic } from '../signals/traffic.ts';
import type { TrafficQuery } from '../spec/signal-policy.ts';
import type { MetricQuery } from '../spec/types.ts';

/** What a source can do as it is configured, as data, so that nobody has to ask for its kind. */
export type SourceCapabilities = {
  /** Whether samples have requests and errors; otherwise they have nothing but `Counts.metrics`. */
  readonly counts: boolean;
  /** Whether samples have latency. Without it every request looks fast. */
  readonly latency: boolean;
  /** Seconds between two readings: there is news no more often than that. */
  readonly everyS: number;
};

export type SourceQuery = {
  readonly stable: string | null;
  readonly candidate: string | null;
  /** Unix time in seconds; only what ended after this second is answered. 0: as far back as the source looks. */
  readonly afterSecond: number;
  readonly limit: number;
};

/**
 * All that the runtime needs from whatever knows how the versions of one service are doing. Every call is safe to repeat, ends when
 * its signal aborts, and rejects with a `UserError`: `E_SOURCE_UNREACHABLE` (it may answer later), `E_SOURCE_REFUSED` (a query or
 * the access to it is wrong, waiting does not help), `E_SOURCE_ANSWER` (an answer that cannot be used, such as a partial one).
 */
export type MetricSource = {
  readonly capabilities: SourceCapabilities;
  /**
   * Asks everything once for a version that runs, before a release begins, and answers in words what is wrong with the
   * configuration. Rejects when the source cannot be reached, which says nothing about the configuration.
   */
  check(version: string, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * The seconds after `afterSecond` for the pair of versions named, oldest first, at most `limit`; each sample says in `seconds` how
   * many it covers, and none is answered twice as news. The first call looks back at stable's recent past. Empty: there is no news.
   * A version without series has counts of 0 while the other one has some, and `null` when nothing is known of either. `weight` is
   * 0 throughout: a source does not know the route.
   */
  samples(query: SourceQuery, signal: AbortSignal): Promise<readonly Sample[]>;
  /** What one version, as stable, did in the last `seconds`; oldest first, empty when nothing is known. Leaves `samples` alone. */
  recent(version: string, seconds: number, signal: AbortSignal): Promise<readonly Sample[]>;
  /** What queries of the whole service read now, in their order. A source that answers none leaves it out. */
  levels?(queries: readonly string[], signal: AbortSignal): Promise<readonly LevelReading[]>;
  /** What users ask for. A source that cannot tell leaves it out. */
  traffic?(query: TrafficQuery, signal: AbortSignal): Promise<Traffic>;
};

/** What a query reads, or in words why it reads nothing that can be used. */
export type LevelReading = { readonly value: number } | { readonly problem: string };

/** What the runtime tells a source about the service that it watches. */
export type SourceContext = {
  readonly service: string;
  /** Thresholds in milliseconds, rising, for which `Counts.slower` is wanted. */
  readonly edgesMs: readonly number[];
  /** The user's own metrics; `Counts.metrics` has them under their names. */
  readonly metrics: readonly MetricQuery[];
  /** The controller's own environment, from which secrets are read by the name that the document gives. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Unix milliseconds. */
  readonly now: () => number;
};

/** A kind of source: what the user writes under its name, which queries it understands, and the client that asks them. */
export type SourcePlugin<Schema extends z.ZodType = z.ZodType> = {
  readonly schema: Schema;
  /**
   * What is wrong with a query of a metric, beginning with `expected`; null when nothing is. A query that cannot tell versions apart
   * is wrong, but for one of the whole service.
   *
   * @param use - `count` only ever rises and is read as differences, `level` is read as it is; `whole` is of all versions together.
   */
  queryProblem(config: z.output<Schema>, use: 'count' | 'level' | 'whole', text: string): string | null;
  /** Builds the client. Does nothing yet: everything that can fail happens in its calls. */
  create(config: z.output<Schema>, context: SourceContext): MetricSource;
};

/** Ties a source's configuration to its client, so that both have one type. */
export function defineSource<Schema extends z.ZodType>(plugin: SourcePlugin<Schema>): SourcePlugin<Schema> {
  return plugin;
}
