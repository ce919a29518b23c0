import type { ServiceState } from '../../src/release/types.ts';
import type { Controller } from '../../src/runtime/controller.ts';
import type { EventLog, LoggedEvent } from '../../src/stores/log.ts';
import type { Sharing } from './draws.ts';
import type { Nature } from './instances.ts';
import type { Life, VirtualTime } from './virtual-time.ts';
import type { World } from './world.ts';

export const leaseMs = 5_000;
export const startMs = 1_700_000_000_000;

/** A history as it is being played, for whoever judges it. */
export type Played = {
  readonly time: VirtualTime;
  readonly world: World;
  readonly log: EventLog;
  /** What 2.0.0 is like. */
  readonly nature: Nature;
  /** Every release of this history changes the number of instances as it goes; null: none does. */
  readonly sharing: Sharing | null;
  /** null: it is dead. */
  readonly controller: Controller | null;
  readonly life: Life;
  /** How long there has been no controller, in milliseconds; 0: there is one. */
  readonly deadForMs: number;
  /** When the controller began. */
  readonly begunAtMs: number;
  /** Since when a controller and a router have been there without a break. */
  readonly healthySinceMs: number;
  /** Whether the wall clock jumped: durations by the controller's clock are not true ones then. */
  readonly jumped: boolean;
  /** Releases that somebody sent on without evidence. */
  readonly forced: ReadonlySet<string>;
  /** How often each version was asked for. */
  readonly released: ReadonlyMap<string, number>;
  /** What is durably in the log. */
  readonly events: readonly LoggedEvent[];
  /** The state that follows from it: the only thing that may be acted upon. */
  readonly onRecord: ServiceState;
  /** A line of the story. */
  readonly tell: (line: string) => void;
  /** Something does not hold. */
  readonly fail: (text: string) => void;
};
