import type { z } from 'zod';
import type { Endpoint } from '../routers/router.ts';

/**
 * One version of a service as it has to run. `definition` is the target's own part of the service document (validated by the
 * target's schema) as it was when this version was released: a rollback starts the old version by its own definition.
 */
export type Workload<Definition> = {
  readonly service: string;
  readonly version: string;
  readonly replicas: number;
  readonly definition: Definition;
};

/** One running copy of a version. */
export type Instance = {
  /** Unique and stable over the life of the instance, restarts included: `checkout/1.1.0/0`. */
  readonly id: string;
  readonly version: string;
  /** Null while it has no address yet. */
  readonly endpoint: Endpoint | null;
  /**
   * `starting` not yet ready for the first time; `ready` takes traffic; `unready` was ready and fails its readiness check;
   * `crashed` its process ended by itself and waits for its restart; `stopping` was asked to end.
   */
  readonly state: 'starting' | 'ready' | 'unready' | 'crashed' | 'stopping';
  /** How often it ended by itself and was started again. */
  readonly restarts: number;
  /** Another one after every start of it, also by itself, and the same for every controller. Absent: it does not run, or its id is as good. */
  readonly life?: string;
  /** One line about its last bad end or failed check, for people: `exit code 1 after 0.3 s: Error: no such table`. */
  readonly problem?: string;
  /** Waiting does not help: it cannot be started as it is wanted, such as from an image that is not there. `problem` says why. */
  readonly hopeless?: true;
};

/** What one instance uses, with all processes that it has started itself. */
export type InstanceUsage = {
  readonly id: string;
  /** Processor time, user and system, in milliseconds since its process began. Falls when it was started again. */
  readonly cpuMs: number;
  /** Resident memory in bytes; what processes share counts for each of them. */
  readonly memoryBytes: number;
  /** As much memory as its processes may have, by their machine and their control group. Absent, as all that follows: not known. */
  readonly memoryLimitBytes?: number;
  readonly threads?: number;
  /** Open files and sockets of that of its processes that is nearest to its limit. */
  readonly files?: { readonly open: number; readonly limit: number };
  /** Established connections to its address. */
  readonly connections?: number;
  /** The file system of the folder that it works in; `totalBytes` without what is kept for the administrator. */
  readonly disk?: { readonly usedBytes: number; readonly totalBytes: number };
};

/** What a target can do, as data. */
export type TargetCapabilities = {
  /** Whether two versions can run at the same time: canary and blue-green need it. */
  readonly sideBySide: boolean;
  /**
   * How running instances are started anew: `one-by-one` each when it is asked for, in its place; `rolling` all of a version in one go, by
   * whatever runs them, one after another; `none`: they cannot be from here.
   */
  readonly restarts: 'one-by-one' | 'rolling' | 'none';
};

/** What is to be started anew, for `WorkloadTarget.restart`. */
export type RestartOrder = {
  /** The same for all that is done about one restart. */
  readonly id: string;
  /** When it was asked for, in unix milliseconds. */
  readonly askedAtMs: number;
  /** Each with its `life` of then: one that has another by now has been started anew already. */
  readonly instances: readonly { readonly id: string; readonly life: string | null }[];
};

/**
 * All that the runtime needs from whatever runs the versions of one service. Every call is safe to repeat and ends when its
 * signal aborts. The runtime calls `ensure` for every wanted version on every tick: supervision (probes, restart with back-off,
 * log rotation) happens inside, and a call with nothing to do is cheap.
 */
export type WorkloadTarget<Definition> = {
  readonly capabilities: TargetCapabilities;
  /**
   * Makes `workload.replicas` instances of the version run, adopting those that already do, and answers how they are now.
   * The answer has a fixed order; where fewer are wanted than run, the last ones end, and are in it as `stopping` until they have. 0 is a
   * number like any other.
   * Returns without waiting for readiness. Rejects with a `UserError` (`E_COMMAND_NOT_FOUND`, `E_PORT_TAKEN` …) when it can
   * never work; an instance that crashes is not an error but a state.
   */
  ensure(workload: Workload<Definition>, signal: AbortSignal): Promise<readonly Instance[]>;
  /** What runs of this service now, every version, started by this or an earlier controller. */
  list(service: string, signal: AbortSignal): Promise<readonly Instance[]>;
  /** Ends every instance of the version: asks, waits for its deadline, kills. Resolves when nothing of it is left. */
  retire(service: string, version: string, signal: AbortSignal): Promise<void>;
  /**
   * Begins to end and start anew what the order names, and answers without waiting for readiness; the same order again changes nothing.
   * What an instance ends with is no crash, and no restart of its own. Absent where `capabilities.restarts` is `none`.
   */
  restart?(workload: Workload<Definition>, order: RestartOrder, signal: AbortSignal): Promise<void>;
  /** Calls `listener` soon after an instance ended by itself or changed readiness, so that nobody has to wait for a tick. */
  onChange(listener: (service: string) => void): () => void;
  /** What the instances of a service that run use now. A target that cannot know leaves it out. */
  usage?(service: string, signal: AbortSignal): Promise<readonly InstanceUsage[]>;
  /**
   * The last lines that an instance of a service has written, oldest first, at most `linesMax`; also of one that has ended, while its
   * output is kept. Empty when there is none. A target that keeps no output leaves it out.
   */
  output?(service: string, instance: string, linesMax: number, signal: AbortSignal): Promise<readonly string[]>;
  /** Stops watching; the instances stay. */
  close(): Promise<void>;
};

/** What a target is told about where it works. */
export type TargetContext = {
  /** Absolute path of the target's private folder, for its records and logs. It is made when it is missing. */
  readonly folder: string;
  /** The controller's own environment, of which a target hands on what its definition allows. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Takes one line about something that went wrong in the background, such as a log that could not be rotated. */
  readonly log?: (line: string) => void;
};

/** A kind of target: what the user writes under its name, and the client that runs workloads. */
export type TargetPlugin<Schema extends z.ZodType = z.ZodType> = {
  readonly schema: Schema;
  /** Builds the client. Does nothing yet: everything that can fail happens in its calls. */
  create(context: TargetContext): WorkloadTarget<z.output<Schema>>;
};

/** Ties a target's definition to its client, so that both have one type. */
export function defineTarget<Schema extends z.ZodType>(
  schema: Schema,
  create: (context: TargetContext) => WorkloadTarget<z.output<Schema>>,
): TargetPlugin<Schema> {
  return { schema, create };
}
