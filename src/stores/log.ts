/** An event as somebody wants it on record. `data` must survive JSON. */
export type NewEvent = {
  /** Unix milliseconds, from the runtime's clock. */
  readonly at: number;
  readonly kind: string;
  /** The release it belongs to, when it belongs to one: an index, so that its events are found without a scan. */
  readonly release: string | null;
  /** Who caused it: a person's name, `guard`, `controller`, `target`, `router`. */
  readonly actor: string;
  readonly data: unknown;
};

/** An event on record. */
export type LoggedEvent = NewEvent & {
  /** Position in the whole log, from 1, without gaps. */
  readonly seq: number;
  /** What the event belongs to: `service/checkout`. */
  readonly stream: string;
  /** Position in its stream, from 1, without gaps. */
  readonly version: number;
  /** SHA-256, hex, of the hash before it and of everything above. Together they form one chain over the whole log. */
  readonly hash: string;
};

/** Events to add to one stream, if nobody else has added to it since `expectedVersion` (0: the stream is new). */
export type Append = {
  readonly stream: string;
  readonly expectedVersion: number;
  readonly events: readonly NewEvent[];
};

export type AppendResult =
  | { readonly kind: 'appended'; readonly version: number; readonly events: readonly LoggedEvent[] }
  | { readonly kind: 'conflict'; readonly version: number };

export type ChainReport =
  | { readonly kind: 'intact'; readonly events: number; readonly head: string }
  | { readonly kind: 'broken'; readonly seq: number; readonly reason: string };

/**
 * The append-only record of everything that happened. Rejects with a `UserError`: `E_LOG_FULL` (no space; nothing of the
 * batch is stored), `E_LOG_CORRUPT`, `E_STALE_TOKEN` (another controller has taken over), `E_LOG_UNAVAILABLE`.
 */
export type EventLog = {
  /**
   * Takes the log over from whatever controller had it, and answers a token that is higher than all before: the fencing token
   * for routers. From now on appends with an older token are refused.
   */
  claim(owner: string): Promise<number>;
  /** Adds all appends in one durable transaction. A conflict in one stream leaves the others valid; answers come in order. */
  append(token: number, appends: readonly Append[]): Promise<readonly AppendResult[]>;
  /** Events of a stream after `afterVersion`, oldest first. */
  read(stream: string, afterVersion: number, limit: number): Promise<readonly LoggedEvent[]>;
  /** Events of one release after `afterSeq`, oldest first. */
  readRelease(release: string, afterSeq: number, limit: number): Promise<readonly LoggedEvent[]>;
  /** Events of the whole log after `afterSeq`, oldest first. */
  readAll(afterSeq: number, limit: number): Promise<readonly LoggedEvent[]>;
  /** Names of all streams, sorted. */
  streams(): Promise<readonly string[]>;
  /** A cached fold: only ever an optimisation, wrong or missing ones are dropped. */
  readSnapshot(stream: string): Promise<{ readonly version: number; readonly state: unknown } | null>;
  writeSnapshot(token: number, stream: string, version: number, state: unknown): Promise<void>;
  /** Walks the chain from the first event (or the last `tail` ones) and names the first broken link. */
  verify(tail?: number): Promise<ChainReport>;
  close(): Promise<void>;
};
