import type { EscalationPolicySpec } from '../../spec/escalation-policy.ts';
import { type DoneStep, dueSteps, policySnapshot, type Reachable, type Receiver, receiversOf, vain } from '../escalation.ts';
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
      const receivers = receiversOf(notify, reachable, nowMs, severity);
      done.push({ step, round, atMs: nowMs, ...vain(receivers) });
      told.push({ atMs: nowMs, step, round, receivers });
    }
    // What has reached nobody is not waited for: asked again at the same moment.
    atMs = due.length > 0 ? nowMs : nextMs;
  }
  return told;
}
