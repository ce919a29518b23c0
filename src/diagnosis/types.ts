import type { Attribution } from '../alerts/types.ts';
import type { Measure } from '../incidents/impact/types.ts';
import type { Incident } from '../incidents/types.ts';
import type { Text } from '../spec/text.ts';

/** What may have done it. `no-release`: nothing was released that could have, which is an answer too. */
export type CauseKind = 'release' | 'no-release' | 'dependency' | 'instances' | 'saturation' | 'similar';

/**
 * How much speaks for a cause. `strong`: a difference that chance does not explain. `some`: it fits in time and place. `weak`: it is worth
 * a look. `against`: it was looked at, and the numbers speak against it.
 */
export type Strength = 'strong' | 'some' | 'weak' | 'against';

/** A fact that speaks for or against a cause. `seq`: its event in the log, where it is one. */
export type Evidence = { readonly text: Text; readonly seq: number | null };

/** A possible cause: evidence, never a judgement. What it really was is for people to say. */
export type Cause = {
  /** Unique in its incident: `release/checkout-7`, `dependency/infrastructure.database`. */
  readonly id: string;
  readonly kind: CauseKind;
  readonly strength: Strength;
  /** In one sentence. */
  readonly said: Text;
  readonly evidence: readonly Evidence[];
  /** What one would have to see for it not to be the cause. */
  readonly refutedBy: Text;
};

/** A release that moved in or shortly before the incident. */
export type NearRelease = {
  readonly id: string;
  readonly service: string;
  readonly version: string;
  readonly stable: string | null;
  /** When its candidate first had traffic; null: it never had. */
  readonly exposedAtMs: number | null;
  /** When all traffic was on stable again; null: it was not taken back. */
  readonly safeAtMs: number | null;
  /** When it ended; null: it goes on. */
  readonly endedAtMs: number | null;
  /** What it did when the incident began, in words; null: it was at no step. */
  readonly step: Text | null;
};

/** What a check of the readiness of the service has found, the newest in or before the incident and the one before that. */
export type DependencyCheck = {
  /** `phase.item`, and its title. */
  readonly item: string;
  readonly title: Text;
  readonly status: 'pass' | 'warn' | 'fail';
  readonly found: Text;
  readonly atMs: number;
  /** How it stood before the incident; null: it was not asked. */
  readonly before: { readonly status: 'pass' | 'warn' | 'fail'; readonly atMs: number } | null;
};

/** Instances of a version that ended by themselves and were started again. */
export type RestartedInstances = {
  readonly version: string;
  /** How often, from the hour before the incident to its end, and of how many instances. */
  readonly restarts: number;
  readonly instances: number;
  readonly firstAtMs: number;
  /** About the last bad end; null: nobody knows. */
  readonly problem: string | null;
  readonly seq: number | null;
};

/** How full something was. Shares of 0–1, or numbers of what has no limit. */
export type SaturatedSignal = {
  readonly name: string;
  readonly unit: 'share' | 'number';
  /** The most of the hour before, and of the incident; null: not known. */
  readonly before: number | null;
  readonly during: number;
  /** The levels of the service, in the same unit; null: it has none. */
  readonly warning: number | null;
  readonly critical: number | null;
};

/** What is needed of an incident to look for others like it. */
export type KnownIncident = Pick<
  Incident,
  | 'id'
  | 'key'
  | 'title'
  | 'service'
  | 'startedAtMs'
  | 'openedAtMs'
  | 'reopenedAtMs'
  | 'resolvedAtMs'
  | 'alerts'
  | 'attribution'
  | 'actions'
>;

/** All that a diagnosis follows from. Nothing in it is asked of the machine. */
export type DiagnosisInput = {
  readonly incident: KnownIncident;
  /** The newest attribution by joining with releases; null: none was made. */
  readonly attribution: Attribution | null;
  readonly measure: Measure | null;
  /** Newest first. */
  readonly releases: readonly NearRelease[];
  /** How long before the beginning a release is in reach, in milliseconds. */
  readonly reachMs: number;
  readonly checks: readonly DependencyCheck[];
  readonly restarted: readonly RestartedInstances[];
  readonly saturated: readonly SaturatedSignal[];
  readonly past: readonly KnownIncident[];
  /** What people wrote of the causes of past incidents, by id. */
  readonly pastCauses: ReadonlyMap<string, string>;
};
