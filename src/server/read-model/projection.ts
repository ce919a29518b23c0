import type { DatabaseSync } from 'node:sqlite';
import type { LoggedEvent } from '../../stores/log.ts';

/**
 * A view of the log in tables of its own. Everything in them follows from the events, in their order: the file is a cache that may be
 * thrown away at any time.
 */
export type Projection = {
  /** Names the view in messages, and the prefix of its tables. */
  readonly name: string;
  /** Rises whenever the tables, or what is made of an event, change: the file is then made anew. */
  readonly format: number;
  /** SQL that makes the tables in an empty file. */
  readonly tables: string;
  /** Prepares its statements. The answer takes one event, inside of a transaction. */
  prepare(db: DatabaseSync): (event: LoggedEvent) => void;
};
