import type { Wanted } from '../release/types.ts';
import type { TrafficRouter } from '../routers/router.ts';
import type { MetricSource } from '../sources/source.ts';
import type { Hook, HookAction, ServiceSpec, SmokeCheck } from '../spec/types.ts';
import type { Instance, Workload, WorkloadTarget } from '../targets/target.ts';

/** What the runtime reaches of one service: its router, what runs its versions, and what else knows how they are doing. */
export type ServicePorts = {
  readonly router: TrafficRouter;
  readonly target: WorkloadTarget<unknown>;
  /** Null where the document names none. */
  readonly source: MetricSource | null;
};

/** Answers what objectives, or a checklist, say to a release of a service: see `HookAction`. Never rejects. */
export type Gates = (
  action: Extract<HookAction, { kind: 'gate' | 'budget' | 'checklist' | 'drill' }>,
  service: string,
  signal: AbortSignal,
) => Promise<HookOutcome>;

/** What a router has to count exactly, in milliseconds, and how long it holds a candidate's traffic without a controller. */
export type RouterLimits = { readonly edgesMs: readonly number[]; readonly leaseMs: number };

/** The result of a hook or a check: whether it is fine, and one line for people. */
export type Outcome = { readonly ok: boolean; readonly detail: string };

/** The same, with the answer to the question whether a migration is applied, where that was asked and could be answered. */
export type HookOutcome = Outcome & {
  readonly applied?: boolean;
  /** Percent of the traffic that an error budget can bear, where not all that was asked for. */
  readonly fits?: number;
};

/** All doors of the runtime to the world. The real ones are in `world.ts`; the simulation brings its own. */
export type Ports = {
  /** Builds the client of a service's router; starts nothing. */
  router(spec: ServiceSpec, limits: RouterLimits): TrafficRouter;
  /** Builds the client of a service's source of metrics, which counts above these thresholds; null where the document names none. */
  source(spec: ServiceSpec, edgesMs: readonly number[]): MetricSource | null;
  /** Builds the client of what runs a service's versions; starts nothing. */
  target(spec: ServiceSpec): WorkloadTarget<unknown>;
  /** A version by its own document, in its target's words. */
  workload(wanted: Wanted): Workload<unknown>;
  /** `folder`: where a command runs; null: where the controller does. */
  runHook(
    hook: Hook,
    environment: Readonly<Record<string, string>>,
    folder: string | null,
    signal: AbortSignal,
  ): Promise<HookOutcome>;
  smoke(instances: readonly Instance[], checks: readonly SmokeCheck[], signal: AbortSignal): Promise<Outcome>;
  /** The secrets that these documents name, as they are and as their files had them; those that cannot be read are left out. */
  secrets(specs: readonly ServiceSpec[]): readonly string[];
  /** Why this document cannot be released here, before anything moves; empty when it can. `stable`: the document in force. */
  problems(spec: ServiceSpec, stable: ServiceSpec | null, ports: ServicePorts): readonly string[];
};
