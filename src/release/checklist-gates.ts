import type { ChecklistAsk, GatePatience } from '../spec/checklist-gate-types.ts';
import type { ReleasePolicy } from '../spec/types.ts';
import { durationText } from '../spec/unit-text.ts';
import type { Gate, Step } from './types.ts';

type Of = 'preflight' | 'cutover' | 'verify';

/** Part of the traffic that goes to the candidate in a drill, how long each way may take, and how long all of it. */
const drillPpm = 10_000;
const drillWayMs = 10_000;
const drillMs = 120_000;

/** Asked before anything begins. A policy that was recorded before there were gates of checklists asks nothing: it was refused. */
export function preflightSteps({ preflight }: ReleasePolicy): readonly Gate[] {
  if (!preflight || preflight.mode === undefined) return [];
  const then = thenOf(preflight.mode, preflight.then === 'refuse' ? 'refuse' : 'wait');
  return [{ ...checklistGate('preflight', preflight, preflight, then, null), first: true }];
}

/** Before the first step that gives the candidate traffic, some goes to it and comes back. */
export function withDrill(steps: readonly Step[], { preflight }: ReleasePolicy): readonly Step[] {
  if (!preflight?.drill) return steps;
  const first = steps.findIndex(({ kind }) => kind === 'match' || kind === 'weight' || kind === 'promote');
  const hook = {
    name: 'rollback drill',
    action: { kind: 'drill' as const, sharePpm: drillPpm, withinMs: drillWayMs },
    timeoutMs: drillMs,
    attempts: 1,
    compensate: null,
  };
  const gate: Gate = { kind: 'gate', hook, then: thenOf(preflight.mode, 'wait'), again: againOf(preflight) };
  return steps.toSpliced(first, 0, gate);
}

/** Asked before the step that brings all of the traffic. */
export function withCutover(steps: readonly Step[], { cutover }: ReleasePolicy): readonly Step[] {
  if (!cutover) return steps;
  const all = steps.findIndex((step) => step.kind === 'promote' || (step.kind === 'weight' && step.percent >= 100));
  const then = thenOf(cutover.mode, cutover.then === 'rollback' ? 'rollback' : 'wait');
  return steps.toSpliced(all, 0, checklistGate('cutover', cutover, cutover, then, null));
}

/**
 * The bake with what is asked in it: its time passes between the questions, so each comes when so much of the bake is over, and the
 * time that answers take comes on top.
 */
export function withVerification(
  steps: readonly Step[],
  { verify }: ReleasePolicy,
  bake: (minMs: number) => Step,
): readonly Step[] {
  if (!verify) return steps;
  return steps.flatMap((step): readonly Step[] => {
    if (step.kind !== 'bake') return [step];
    const parts: Step[] = [];
    let passedMs = 0;
    for (const { afterMs, phases } of verify.at) {
      if (afterMs > passedMs) parts.push(bake(afterMs - passedMs));
      passedMs = Math.max(passedMs, afterMs);
      const asked = { checklist: verify.checklist, phases, signOffs: [] };
      const then = verify.then === 'hold' ? 'wait' : verify.then;
      parts.push(checklistGate('verify', asked, verify, then, afterMs));
    }
    // The bake also shows that there is evidence: a part of it there always is.
    return step.minMs > passedMs || parts.every(({ kind }) => kind !== 'bake') ? [...parts, bake(step.minMs - passedMs)] : parts;
  });
}

/** When the last question of the verification is asked, in milliseconds after all of the traffic has come. */
export function verifiedMs({ verify }: ReleasePolicy): number {
  return verify?.at.at(-1)?.afterMs ?? 0;
}

function thenOf<Then extends Gate['then']>(mode: 'enforce' | 'dry-run', then: Then): Then | 'report' {
  return mode === 'dry-run' ? 'report' : then;
}

function againOf({ everyMs, waitMs }: GatePatience): NonNullable<Gate['again']> {
  return { everyMs, maxMs: waitMs };
}

function checklistGate(of: Of, ask: ChecklistAsk, patience: GatePatience, then: Gate['then'], afterMs: number | null): Gate {
  const { checklist, phases, signOffs } = ask;
  const parts = [
    `checklist ${checklist}`,
    phases ? ` (${phases.join(', ')})` : '',
    afterMs === null ? '' : ` at T+${durationText(afterMs)}`,
  ];
  const hook = {
    name: parts.join(''),
    action: { kind: 'checklist' as const, of, checklist, phases, signOffs },
    timeoutMs: patience.timeoutMs,
    attempts: 1,
    compensate: null,
  };
  return { kind: 'gate', hook, then, ...(then === 'wait' ? { again: againOf(patience) } : {}) };
}
