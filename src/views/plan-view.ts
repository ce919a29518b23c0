import { sight } from '../analysis/sight.ts';
import { planRelease } from '../release/plan.ts';
import { stepText } from '../release/step-text.ts';
import type { Plan, Step } from '../release/types.ts';
import type { ServiceSpec } from '../spec/types.ts';
import { durationText, percentText } from '../spec/units.ts';

/** What a release will do and what its guard will be able to see, before anything moves. Times in milliseconds. */
export type PlanView = {
  readonly service: string;
  readonly stable: string | null;
  readonly candidate: string;
  readonly strategy: Plan['strategy'];
  readonly steps: readonly PlanStepView[];
  /** Shortest time from the candidate being ready to the end, when nobody is asked and nothing is held. */
  readonly shortestMs: number;
  readonly guard: readonly string[];
  readonly deadlines: readonly string[];
  readonly warnings: readonly string[];
  readonly traffic: { readonly requestsPerSecond: number; readonly errorPpm: number | null } | null;
};

export type PlanStepView = {
  readonly text: string;
  readonly kind: Step['kind'];
  /** Percent of requests at the candidate while this step lasts. */
  readonly weight: number;
  readonly minMs: number;
  /** After this the release is held, goes back or goes on, as `deadline` says; null for steps that cannot wait. */
  readonly maxMs: number | null;
  readonly deadline: string | null;
  /** What the guard will notice on this step; null where there is no traffic to watch or its amount is unknown. */
  readonly sight: string | null;
};

/** Smallest rise of the error rate that a step should be able to see without a warning, when the document sets no margin above it. */
const usefulRisePpm = 50_000;

/** The plan of a release, for people. `traffic` is what the service gets now; null when that is not known. */
export function planView(spec: ServiceSpec, stable: string | null, candidate: string, traffic: PlanView['traffic']): PlanView {
  const plan = planRelease(spec, stable, candidate, false);
  const warnings: string[] = [];
  let weight = 0;
  const steps = plan.steps.map((step): PlanStepView => {
    if (step.kind === 'weight') weight = step.percent;
    if (step.kind === 'promote') weight = 100;
    const minMs = minimumMs(step);
    const seen = step.kind === 'observe' || step.kind === 'bake' ? seenOn(plan, traffic, weight, minMs) : null;
    if (seen?.warning) warnings.push(seen.warning);
    return {
      text: stepText(step, plan.stable),
      kind: step.kind,
      weight,
      minMs,
      ...deadlineOf(step, plan),
      sight: seen?.sentence ?? null,
    };
  });
  if (stable !== null && traffic === null)
    warnings.push(
      'the service is not under control yet, so its traffic is unknown: give --rps to see what the guard will notice',
    );
  if (stable === null)
    warnings.push(
      'this is the first version: there is nothing to compare it with and nothing to go back to; only the absolute limits protect',
    );
  if (spec.release.preflight)
    warnings.push(`checklist ${spec.release.preflight.checklist} cannot be run by this version: the release will be rejected`);
  return {
    service: spec.name,
    stable,
    candidate,
    strategy: plan.strategy,
    steps,
    shortestMs: steps.reduce((total, step) => total + step.minMs, 0),
    guard: guardTexts(plan),
    deadlines: deadlineTexts(plan, spec.release.leaseMs),
    warnings,
    traffic,
  };
}

function seenOn(
  plan: Plan,
  traffic: PlanView['traffic'],
  weight: number,
  stepMs: number,
): { sentence: string; warning: string | null } | null {
  if (plan.stable === null || traffic === null || weight === 0) return null;
  if (traffic.requestsPerSecond === 0)
    return {
      sentence: 'there is no traffic now: the guard will see nothing and the step will be held',
      warning: 'without traffic the release will be held at its first weight',
    };
  const { judge } = plan.guard;
  if (judge !== undefined) {
    const each = `Kayenta's judge compares after every ${durationText(judge.everyS * 1_000)} of traffic; what it will notice cannot be told beforehand`;
    const sentence = weight < 100 ? each : "at 100 % Kayenta's judge has nothing to compare with: only the limits watch";
    return { sentence, warning: null };
  }
  const stepS = Math.max(1, stepMs / 1_000);
  const seen = sight({
    requestsPerSecond: traffic.requestsPerSecond,
    weight,
    stepS,
    stableErrorPpm: traffic.errorPpm,
    policy: plan.guard,
  });
  const blind = seen.smallestRisePpm === null || seen.smallestRisePpm > Math.max(usefulRisePpm, plan.guard.errors.worseByPpm);
  const warning = blind ? `at ${weight} % the step is too short for this traffic: ${seen.sentence}` : null;
  return { sentence: seen.sentence, warning };
}

function minimumMs(step: Step): number {
  if (step.kind === 'observe' || step.kind === 'bake') return step.minMs;
  if (step.kind === 'pause') return step.ms ?? 0;
  return step.kind === 'retire' ? step.afterMs : 0;
}

function deadlineOf(step: Step, plan: Plan): { maxMs: number | null; deadline: string | null } {
  const held = `is held for at most ${durationText(plan.hold.maxMs)} and then ${plan.hold.then === 'rollback' ? 'goes back' : 'stays as it is'}`;
  switch (step.kind) {
    case 'observe':
    case 'bake':
      return { maxMs: step.maxMs, deadline: `without evidence after ${durationText(step.maxMs)} it ${held}` };
    case 'weight':
    case 'match':
    case 'promote':
      return {
        maxMs: plan.routeMs,
        deadline: `if the router has not confirmed it after ${durationText(plan.routeMs)} it ${held}`,
      };
    case 'approve':
      return { maxMs: step.expiresMs, deadline: `without an approval after ${durationText(step.expiresMs)} it goes back` };
    case 'hook': {
      const allMs = step.hook.timeoutMs * step.hook.attempts;
      return { maxMs: allMs, deadline: `if it fails, or has not ended after ${durationText(allMs)}, the release goes back` };
    }
    case 'pause':
      if (step.ms !== null) return { maxMs: step.ms, deadline: null };
      return {
        maxMs: plan.hold.maxMs,
        deadline: `if nobody resumes it within ${durationText(plan.hold.maxMs)} it ${plan.hold.then === 'rollback' ? 'goes back' : 'stays paused'}`,
      };
    case 'retire':
      return { maxMs: null, deadline: null };
  }
}

function guardTexts(plan: Plan): readonly string[] {
  const { errors, latency, minRequests } = plan.guard;
  const texts = [
    `errors: at most ${share(errors.maxPpm)}${plan.stable === null ? '' : `, and at most ${share(errors.worseByPpm)} more than ${plan.stable} at the same time`}`,
  ];
  for (const { quantilePpm, worseByPpm, maxMs } of latency) {
    const parts = [];
    if (maxMs !== null) parts.push(`at most ${durationText(maxMs)}`);
    if (worseByPpm !== null && plan.stable !== null)
      parts.push(`at most ${share(worseByPpm)} slower than ${plan.stable} at the same time`);
    if (parts.length > 0) texts.push(`p${quantilePpm / 10_000}: ${parts.join(', and ')}`);
  }
  const { judge } = plan.guard;
  if (judge !== undefined && plan.stable !== null)
    texts.push(
      `Kayenta's judge compares with ${plan.stable}, up to 100 %: a step needs a score of ${judge.passMin}, and ${judge.marginalMin} or less goes back`,
    );
  texts.push(`at least one ready instance, at all times; at least ${minRequests} requests before a step can pass`);
  return texts;
}

/** In a sentence the sign stands apart, as in every other one. */
function share(ppm: number): string {
  return percentText(ppm).replace('%', ' %');
}

function deadlineTexts(plan: Plan, leaseMs: number): readonly string[] {
  const texts = [
    `${plan.candidate} must be ready within ${durationText(plan.readyMs)}, else it is stopped and no traffic has moved`,
    `without a controller the router goes back to ${plan.stable ?? 'no version'} by itself after ${durationText(leaseMs)}`,
  ];
  if (plan.approval)
    texts.unshift(`waits for an approval before anything starts, at most ${durationText(plan.approval.expiresMs)}`);
  return texts;
}
