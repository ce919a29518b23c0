import { assumedEnglish, planSightEnglish, sightEnglish } from '../analysis/sight/english.ts';
import type { ObjectiveSight, StepObjective } from '../analysis/sight/objectives.ts';
import { type PlanSight, planSight, type WatchedStep, watchedStep } from '../analysis/sight/plan-sight.ts';
import type { Sight } from '../analysis/sight/sight.ts';
import type { ServiceTraffic, SightInput } from '../analysis/sight/step.ts';
import { withBarriers } from '../release/barrier.ts';
import { planRelease } from '../release/plan.ts';
import { approvalText, stepText } from '../release/step-text.ts';
import type { GroupTag, Plan, Step } from '../release/types.ts';
import { type DatabaseStep, isBeforeStart } from '../release/undo.ts';
import { replicasOf } from '../spec/replicas.ts';
import type { ReleasePolicy, ServiceSpec } from '../spec/types.ts';
import { durationText } from '../spec/unit-text.ts';
import { guardTexts } from './guard-texts.ts';

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
  /** What the service gets now; null when that is not known. */
  readonly traffic: ServiceTraffic | null;
  /** What had to be assumed about it, one sentence each. */
  readonly assumed: readonly string[];
  /** What the objectives need to be seen before full traffic, and whether it will be. Empty where nothing can be said. */
  readonly objectives: readonly ObjectiveSight[];
  /** What the plan as a whole cannot see, as data; `warnings` has its sentence. */
  readonly unseen: PlanSight | null;
};

export type PlanStepView = {
  readonly text: string;
  readonly kind: Step['kind'];
  /** Nothing of the candidate runs yet. */
  readonly beforeStart: boolean;
  /** Percent of requests at the candidate while this step lasts. */
  readonly weight: number;
  readonly minMs: number;
  /** After this the release is held, goes back or goes on, as `deadline` says; null for steps that cannot wait. */
  readonly maxMs: number | null;
  readonly deadline: string | null;
  /** What the guard will notice on this step; null where no share of traffic is watched or its amount is unknown. */
  readonly sight: StepSightView | null;
};

/** What the guard will notice on a step, in words and as numbers. */
export type StepSightView = {
  readonly sentences: readonly string[];
  readonly noticed: Sight;
  readonly objectives: readonly StepObjective[];
};

/** Stable's past that a release begins with, and how much of it the guard remembers, in seconds. */
const pastS = 300;
const rememberedS = 600;

/**
 * The plan of a release, for people.
 *
 * @param traffic - What the service gets now; null when that is not known.
 * @param before - How stable was released; null when that is not known.
 * @param stableReplicas - How many instances of stable run; as many as the candidate will have when that is not known.
 * @param group - The group that it is released with; left out: it is released alone.
 */
export function planView(
  spec: ServiceSpec,
  stable: string | null,
  candidate: string,
  traffic: ServiceTraffic | null,
  before: ReleasePolicy | null = null,
  stableReplicas?: number,
  group?: GroupTag,
): PlanView {
  const plan = withBarriers(planRelease(spec, stable, candidate, false, before, stableReplicas), group);
  const warnings: string[] = [];
  if (stable === candidate) warnings.push(`${candidate} is the stable version already: its release will be refused`);
  const watched = sightInputs(plan, traffic).map((input) => input && watchedStep(input, spec.objectives));
  let weight = 0;
  const steps = plan.steps.map((step, index): PlanStepView => {
    weight = weightAfter(step, weight);
    return {
      text: stepText(step, plan.stable),
      kind: step.kind,
      beforeStart: isBeforeStart(step),
      weight,
      minMs: minimumMs(step, plan),
      ...deadlineOf(step, plan),
      sight: stepSight(watched[index] ?? null),
    };
  });
  const { objectives, problem } = planSight(
    watched.filter((step) => step !== null),
    spec.objectives,
  );
  if (stable !== null && steps.some(({ sight }) => sight?.noticed.kind === 'no-traffic'))
    warnings.push('without traffic the release will be held at its first weight');
  if (problem) warnings.push(planSightEnglish(problem));
  if (stable !== null && traffic === null)
    warnings.push(
      'the service is not under control yet, so its traffic is unknown: give --rps to see what the guard will notice',
    );
  if (stable === null)
    warnings.push(
      'this is the first version: there is nothing to compare it with and nothing to go back to; only the absolute limits protect',
    );
  warnings.push(...databaseWarnings(plan));
  warnings.push(...crowdedTexts(plan, replicasOf(spec)));
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
    assumed: assumedEnglish(steps.findLast(({ sight: seen }) => seen !== null)?.sight?.noticed ?? { kind: 'no-traffic' }),
    objectives,
    unseen: problem,
  };
}

/** Steps of a canary that ask more of few instances than their share of all; a fifth more is no news. */
function crowdedTexts(plan: Plan, all: number): readonly string[] {
  let running = plan.starts ?? all;
  if (plan.rolling || running >= all) return [];
  return plan.steps.flatMap((step): readonly string[] => {
    if (step.kind === 'scale') running = step.replicas ?? all;
    if (step.kind !== 'weight' || step.percent <= (120 * running) / all) return [];
    return [`${step.percent} % of requests go to ${running} of ${all} instances: give that step more replicas`];
  });
}

/** What is known about each step that watches a share of the traffic; null for the others. */
function sightInputs(plan: Plan, traffic: ServiceTraffic | null): readonly (SightInput | null)[] {
  const past = [{ seconds: pastS, stable: 1 }];
  let weight = 0;
  let stepsBefore = -1;
  return plan.steps.map((step): SightInput | null => {
    if (step.kind === 'weight' || step.kind === 'match' || step.kind === 'promote') stepsBefore++;
    weight = weightAfter(step, weight);
    const seconds = minimumMs(step, plan) / 1_000;
    const rememberedStableS = remembered(past);
    past.push({ seconds, stable: 1 - weight / 100 });
    if (traffic === null || weight === 0 || (step.kind !== 'observe' && step.kind !== 'bake')) return null;
    // Nobody expects users of a first version, so their absence is no news.
    if (plan.stable === null && traffic.requestsPerSecond === 0) return null;
    return {
      traffic,
      weight,
      stepS: Math.max(1, seconds),
      stepsBefore,
      historyRequests: plan.stable === null ? null : traffic.requestsPerSecond * rememberedStableS,
      policy: plan.guard,
    };
  });
}

/** Seconds of full traffic that stable's requests of the newest past amount to. */
function remembered(past: readonly { readonly seconds: number; readonly stable: number }[]): number {
  let leftS = rememberedS;
  let sum = 0;
  for (const { seconds, stable } of past.toReversed()) {
    const part = Math.min(leftS, seconds);
    sum += part * stable;
    leftS -= part;
  }
  return sum;
}

function weightAfter(step: Step, weight: number): number {
  if (step.kind === 'weight') return step.percent;
  if (step.kind === 'scale' && step.of === 'stable') return step.percent ?? weight;
  return step.kind === 'promote' ? 100 : weight;
}

function stepSight(step: WatchedStep | null): StepSightView | null {
  if (step === null) return null;
  const { noticed, objectives } = step;
  return { sentences: sightEnglish(noticed, objectives), noticed, objectives };
}

function minimumMs(step: Step, { drainMs }: Plan): number {
  if (step.kind === 'scale') return step.of === 'stable' ? drainMs : 0;
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
    case 'barrier':
      return { maxMs: step.maxMs, deadline: `if the others are not ready after ${durationText(step.maxMs)} all of them go back` };
    case 'gate':
      return { maxMs: step.hook.timeoutMs, deadline: gateEnd(step, plan) };
    case 'hook':
    case 'backup':
    case 'migrate': {
      const allMs = step.hook.timeoutMs * step.hook.attempts;
      const ends = step.kind === 'hook' ? 'the release goes back' : databaseEnd(step, plan);
      return { maxMs: allMs, deadline: `if it fails, or has not ended after ${durationText(allMs)}, ${ends}` };
    }
    case 'pause':
      if (step.ms !== null) return { maxMs: step.ms, deadline: null };
      return {
        maxMs: plan.hold.maxMs,
        deadline: `if nobody resumes it within ${durationText(plan.hold.maxMs)} it ${plan.hold.then === 'rollback' ? 'goes back' : 'stays paused'}`,
      };
    case 'scale': {
      const what = step.of === 'candidate' ? 'they are not ready' : 'those that stay are not ready';
      return { maxMs: plan.readyMs, deadline: `if ${what} after ${durationText(plan.readyMs)} it goes back` };
    }
    case 'retire':
      return { maxMs: null, deadline: null };
  }
}

/** What happens when something of the database fails before the candidate is started. */
function databaseEnd(step: DatabaseStep, { steps }: Plan): string {
  if (step.kind === 'backup') return 'the release ends and nothing has changed';
  const done = steps.slice(0, steps.indexOf(step) + 1).flatMap((other) => (other.kind === 'migrate' ? [other.undo] : []));
  if (done.includes(null)) return 'people decide, and no traffic has moved';
  const isRestored = done.some((undo) => undo?.action.kind === 'restore');
  return `${isRestored ? 'the backup is restored' : 'what was migrated is migrated down'}, and no traffic has moved`;
}

/** What has to be known of a plan that changes the database. */
function databaseWarnings({ steps, stable, incompatible }: Plan): readonly string[] {
  const migrations = steps.filter((step) => step.kind === 'migrate');
  if (migrations.length === 0) return [];
  const warnings: string[] = [];
  const last = migrations.find(({ undo }) => undo === null);
  const isFirst = stable === null;
  if (last)
    warnings.push(
      isFirst || !incompatible
        ? `${last.name} cannot be undone: past it a release that goes back is held${isFirst ? '' : `, with all traffic on ${stable}`}, until people decide about the database`
        : `${last.name} cannot be undone, and ${stable} does not work with the migrated database: past it traffic stays where it is until people decide`,
    );
  if (!isFirst && incompatible)
    warnings.push(
      `${stable} does not work with the migrated database: it fails its users from the first migration until the release ends`,
    );
  if (migrations.some(({ undo }) => undo?.action.kind === 'restore'))
    warnings.push('a rollback restores the backup: what was written to the database since then is lost');
  if (!steps.some(({ kind }) => kind === 'backup')) warnings.push('there is no backup before the migrations');
  return warnings;
}

function deadlineTexts(plan: Plan, leaseMs: number): readonly string[] {
  const texts = [
    `${plan.candidate} must be ready within ${durationText(plan.readyMs)}, else it is stopped and no traffic has moved`,
    plan.stable === null
      ? `without a controller for ${durationText(leaseMs)} a router that keeps a lease answers 503: there is no version to go back to yet`
      : `without a controller for ${durationText(leaseMs)} a router that keeps a lease goes back to ${plan.stable} by itself${plan.rolling ? ', with as many instances as it still has' : ''}; any other keeps its split`,
  ];
  if (plan.approval)
    texts.unshift(
      `waits for ${approvalText(plan.approval)} before anything starts, at most ${durationText(plan.approval.expiresMs)}`,
    );
  return texts;
}

function gateEnd({ then, again, first, hook: { action } }: Extract<Step, { kind: 'gate' }>, { hold }: Plan): string {
  const back = first ? 'ends, and nothing has begun' : 'goes back';
  const end = hold.then === 'rollback' ? back : 'stays as it is';
  switch (then) {
    case 'rollback':
      return action.kind === 'checklist' ? 'if it is not ready it goes back' : 'if they are not kept it goes back';
    case 'wait':
      return `until it passes it is held, asked again every ${durationText(again?.everyMs ?? 0)}, for at most ${durationText(again?.maxMs ?? 0)}, and then ${end}; an approver may go on with a reason`;
    case 'refuse':
      return 'if it is not ready the release ends, and nothing has begun';
    case 'report':
      return 'if it is not ready that is recorded, and it goes on';
    case 'hold':
      return 'if the budget cannot bear it, it waits for somebody to resume it';
    case 'shrink':
      return 'if the budget cannot bear it, it gets less traffic, or waits for somebody to resume it';
  }
}
