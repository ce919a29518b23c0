import type { z } from 'zod';
import type { Sample } from '../analysis/sample.ts';
import type { Traffic } from '../signals/traffic.ts';
import type { QueryUse } from '../spec/event-queries.ts';
import type { TrafficQuery } from '../spec/signal-policy.ts';
import type { MetricQuery, ObjectiveEvents } from '../spec/types.ts';

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

/** An objective as far as a source has to know it. */
export type CountedObjective = {
  readonly name: string;
  /** An event of a histogram, or a request, is good when it took no longer than this. */
  readonly belowMs: number | null;
  /** Null: the requests of users, as the source's own configuration counts them. */
  readonly events: ObjectiveEvents | null;
};

/** What has come in some time, in whole events. */
export type EventSlot = {
  /** Unix second at which it ends, in the source's own time; it begins `seconds` before. */
  readonly second: number;
  /** How long it is: `everyS` as a rule, and longer after a time of which nothing was known. */
  readonly seconds: number;
  /** 0 ≤ `bad` ≤ `total`. Both 0: it is known that nothing happened. */
  readonly bad: number;
  readonly total: number;
  /** Present when the threshold lies inside of a bucket: `bad` is the fewest that it can be and this the most. Nothing may be decided by it. */
  readonly badAtMost?: number;
};

/** What was read for one objective. */
export type EventReading = {
  readonly objective: string;
  /**
   * Oldest first, without overlaps; each ends after `fromSecond` and is told once. It may begin before: what came while nothing was
   * known comes with what is known again. Time that no slot covers is a time without data, which is not a time without traffic.
   */
  readonly slots: readonly EventSlot[];
  /** Why nothing is known about the newest time, or not enough; null when all is. For people, one sentence. */
  readonly problem: string | null;
  /** What else people should know, such as that a counter was reset where what came before could not be seen. */
  readonly notes: readonly string[];
};

/** One answer about all the objectives. */
export type EventsRead = {
  /** Unix second up to which it was read, `fromSecond` when there is no news: the next call begins there. */
  readonly toSecond: number;
  /** In the order of the objectives. */
  readonly readings: readonly EventReading[];
  /** What people should know about the source itself, such as that its clock is not ours. */
  readonly notes: readonly string[];
};

/** What a look at the queries found. */
export type EventCheck = {
  /** What has to be corrected: a query that is refused, a threshold that is no bound of its histogram, a counter that is none. */
  readonly problems: readonly string[];
  /** What may be right and should be said: a matcher that chooses nothing, with the values that exist. */
  readonly notes: readonly string[];
};

/**
 * Counts the events of the objectives of one service, or of one document of its own. Every call is safe to repeat, ends when its
 * signal aborts, and rejects as `MetricSource` does; nothing is lost by that, because the next call reads the same time again.
 */
export type EventReader = {
  /** Seconds between two readings: there is news no more often than that. */
  readonly everyS: number;
  /** How long ago the past is that is still read; what lies before it is left out. */
  readonly reachS: number;
  /** Looks at every query once. */
  check(signal: AbortSignal): Promise<EventCheck>;
  /**
   * What has come after `fromSecond` up to `toSecond` (unix seconds), of a long time only its beginning: call again from
   * `EventsRead.toSecond` until there is no news. Going on where the last call ended is cheap, any other beginning reads a little of
   * the past before it as well.
   */
  read(fromSecond: number, toSecond: number, signal: AbortSignal): Promise<EventsRead>;
};

/** What the runtime tells a source about the objectives that it counts for. */
export type EventContext = Pick<SourceContext, 'environment' | 'now'> & {
  /** Where the objectives stand: the name of a service, or of a document of objectives. For messages. */
  readonly of: string;
  readonly objectives: readonly CountedObjective[];
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
  /** A configuration as users write it: `schema` makes the same of it. */
  written(config: z.output<Schema>): unknown;
  /**
   * What is wrong with a query, beginning with `expected`; null when nothing is. A query of a metric that cannot tell versions apart
   * is wrong.
   */
  queryProblem(config: z.output<Schema>, use: QueryUse, text: string): string | null;
  /** Builds the client. Does nothing yet: everything that can fail happens in its calls. */
  create(config: z.output<Schema>, context: SourceContext): MetricSource;
  /** The same for objectives. Absent: this kind cannot count events. */
  events?(config: z.output<Schema>, context: EventContext): EventReader;
};

/** Ties a source's configuration to its client, so that both have one type. */
export function defineSource<Schema extends z.ZodType>(plugin: SourcePlugin<Schema>): SourcePlugin<Schema> {
  return plugin;
}
