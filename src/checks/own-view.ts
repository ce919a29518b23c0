import type { Urgency } from '../alerts/types.ts';
import type { OnCallFinding } from '../incidents/on-call/findings.ts';
import type { ServiceSpec } from '../spec/types.ts';

/** What a controller knows about one service, for checks that ask it. Unix ms, parts per million, whole counts. */
export type OwnView = {
  /** The document in force. */
  readonly spec: ServiceSpec;
  /** Its objectives as they are now; `met` null: not enough is known. */
  objectives(signal: AbortSignal): Promise<readonly OwnObjective[]>;
  /** Alerts of the service that fire, or recover, now. */
  alerts(): readonly { readonly name: string; readonly urgency: Urgency; readonly sinceMs: number }[];
  /** Feature flags with the variant that users get who are in no group. */
  flags(): readonly { readonly set: string; readonly key: string; readonly isOn: boolean; readonly variant: string | null }[];
  /** Who is called of incidents: what there is of it, and what is wrong with it in a time (unix ms). */
  onCall(fromMs: number, untilMs: number): OwnOnCall;
  /** The release that is under way; null: none. */
  release(): OwnRelease | null;
  /** Addresses (`http://host:port`) of the ready instances of a version; null: of stable. */
  instances(version: string | null): readonly string[];
  /**
   * Sends a part of the traffic to the candidate of the release under way and takes it back, each read back from the router. Rejects
   * with a UserError where there is none, or where it may not be done now.
   *
   * @param ppm - Part of the traffic that goes there.
   */
  drill(ppm: number, signal: AbortSignal): Promise<OwnDrill>;
};

export type OwnObjective = {
  readonly name: string;
  readonly targetPpm: number;
  readonly met: boolean | null;
  /** Part of its error budget that is left, below 0 when more than all is spent; null: not enough is known. */
  readonly budgetLeftPpm: number | null;
  /** One sentence with its numbers. */
  readonly sentence: string;
};

export type OwnOnCall = {
  /** Names of the documents in force. */
  readonly schedules: readonly string[];
  readonly policies: readonly string[];
  readonly findings: readonly OnCallFinding[];
};

export type OwnRelease = {
  readonly id: string;
  readonly state: string;
  readonly stable: string | null;
  readonly candidate: string;
  /** Part of the traffic that the candidate has. */
  readonly weightPpm: number;
  /** Since when it has had any; null: it has had none. */
  readonly trafficSinceMs: number | null;
  readonly requests: number;
  readonly errors: number;
  /** What the guard says, with its sentence. */
  readonly verdict: { readonly kind: string; readonly sentence: string } | null;
};

export type OwnDrill = {
  /** From the order until the router answered that it is in force. */
  readonly thereMs: number;
  readonly backMs: number;
  /** Requests that reached the candidate meanwhile, and failed of all. */
  readonly requests: number;
  readonly errors: number;
};
