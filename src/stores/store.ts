import type { z } from 'zod';
import type { EventLog } from './log.ts';

/** What a store promises, as data, so that nobody has to ask for its kind. */
export type StoreCapabilities = {
  /** Whether an acknowledged append survives the end of the process and a power failure. */
  readonly durable: boolean;
  /** Whether several processes may have the same log open, so that a second controller can take over from the first. */
  readonly shared: boolean;
};

/** A kind of store: one folder beside this file, and one line in `registry.ts`. */
export type Store<Config> = {
  /** One sentence for people who choose. */
  readonly purpose: string;
  readonly config: z.ZodType<Config>;
  readonly capabilities: StoreCapabilities;
  /** Opens the log, and makes it when it is not there. Rejects with the errors of `EventLog`. */
  open(config: Config): Promise<EventLog>;
};

/** A store whose config has the type that its schema gives. */
export function defineStore<Config>(store: Store<Config>): Store<Config> {
  return store;
}
