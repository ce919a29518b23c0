import type { EscalationPolicySpec } from '../../spec/escalation-policy.ts';
import { type DoneStep, dueSteps, policySnapshot, type Reachable, type Receiver, receiversOf } from '../escalation.ts';
import type { Severity } from '../types.ts';

/** A step as it would be told. */
export type ToldStep = {
  readonly atMs: number;
  readonly step: number;
  readonly round: number;
  /** Empty: it reaches nobody. */
  readonly receivers: readonly Receiver[];
};

/** What would be told of an incident that nobody ever answers: each step with its moment and whom it reaches then. */
export function escalationStory(
  policy: EscalationPolicySpec,
  severity: Severity,
  openedAtMs: number,
  reachable: Reachable,
): readonly ToldStep[] {
  const kept = policySnapshot(policy, reachable.schedules);
  const done: DoneStep[] = [];
  const told: ToldStep[] = [];
  // Ends: a policy has a last round.
  for (let atMs: number | null = openedAtMs; atMs !== null; ) {
    const nowMs: number = atMs;
    const { due, nextMs } = dueSteps({ policy: kept, severity, openedAtMs, ack: null, done, nowMs });
    for (const { step, round, notify } of due) {
      done.push({ step, round, atMs: nowMs });
      told.push({ atMs: nowMs, step, round, receivers: receiversOf(notify, reachable, nowMs, severity) });
    }
    atMs = nextMs;
  }
  return told;
}
