import { replicasOf } from '../spec/replicas.ts';
import { stepsOf as listedSteps } from '../spec/steps-of.ts';
import { switchOf } from '../spec/switch-of.ts';
import type { Approval, BlueGreen, ReleasePolicy, ServiceSpec, Strategy } from '../spec/types.ts';
import { canarySteps } from './canary.ts';
import { preflightSteps, verifiedMs, withCutover, withDrill, withVerification } from './checklist-gates.ts';
import { gateStep, withBudget } from './gates.ts';
import { observe } from './observe.ts';
import { type Replicas, rollingSteps } from './rolling.ts';
import type { Plan, Step } from './types.ts';
import { databaseSteps } from './undo.ts';

/** Extra time after a bake's or an observation's minimum before a release without evidence is held. */
const patienceMs = 10 * 60_000;

/**
 * What a release of `version` will do. Strategies are only different lists of the same steps. Pure and total: every checked
 * document gives a plan. Without a stable version there is nothing to compare with and nobody to protect, so all requests go to
 * the version as soon as it is ready; with `restore` the version has been stable before, so it goes straight back.
 *
 * @param before - How stable was released; null: not known, or nothing is. A question that another had to answer is asked of the
 * release that leaves it out, too: otherwise whoever starts a release could take the question away in the same document.
 * @param stableReplicas - How many instances of stable run.
 */
export function planRelease(
  spec: ServiceSpec,
  stable: string | null,
  version: string,
  restore: boolean,
  before: ReleasePolicy | null = null,
  stableReplicas: number = replicasOf(spec),
): Plan {
  const policy = spec.release;
  const strategy = stable === null ? 'first' : restore ? 'restore' : policy.strategy.kind;
  const moves = movesOf(strategy, policy.strategy, { candidate: replicasOf(spec), stable: stableReplicas });
  return {
    strategy,
    service: spec.name,
    stable,
    candidate: version,
    approval: restore ? null : (leftOut(before, policy) ?? policy.approval),
    steps: stepsOf(strategy, policy, moves.steps),
    guard: policy.guard,
    smoke: policy.smoke,
    readyMs: policy.deadlines.readyMs,
    routeMs: policy.deadlines.routeMs,
    drainMs: policy.deadlines.drainMs,
    hold: policy.hold,
    ...(policy.database?.compatible === false ? { incompatible: true } : {}),
    ...moves.more,
  };
}

/** The question to another that this policy does not ask any more; null when it asks one, or there was none. */
function leftOut(before: ReleasePolicy | null, policy: ReleasePolicy): Approval | null {
  const toAnother = (questions: readonly Approval[]) => questions.find(({ by }) => by === 'another') ?? null;
  return before && !toAnother(questionsOf(policy)) ? toAnother(questionsOf(before)) : null;
}

function questionsOf({ approval, strategy }: ReleasePolicy): readonly Approval[] {
  const steps = listedSteps(strategy).filter((step) => step.kind === 'approve');
  const other = strategy.kind === 'rolling' ? strategy.approve : switchOf(strategy)?.approve;
  return [approval, ...steps, other].flatMap((question) =>
    question ? [{ expiresMs: question.expiresMs, ...(question.by ? { by: question.by } : {}) }] : [],
  );
}

/** What brings the candidate its traffic before it has all of it, and how many instances that takes. */
type Moves = { readonly steps: readonly Step[]; readonly more: Pick<Plan, 'starts' | 'rolling'> };

function movesOf(strategy: Plan['strategy'], given: Strategy, replicas: Replicas): Moves {
  // Also on the way back to an earlier version there is no room for all instances of both.
  if (strategy !== 'first' && given.kind === 'rolling') {
    const { steps, limits } = rollingSteps(given, replicas);
    return { steps, more: { starts: 0, rolling: limits } };
  }
  if (strategy === 'first' || strategy === 'restore' || given.kind === 'rolling') return { steps: [], more: {} };
  const then = switchOf(given);
  const canary = canarySteps(listedSteps(given), replicas.candidate);
  return { steps: [...canary.steps, ...(then ? switchSteps(then) : [])], more: canary.more };
}

function stepsOf(strategy: Plan['strategy'], policy: ReleasePolicy, before: readonly Step[]): readonly Step[] {
  // The first version of a service may have no user yet: it is not kept waiting for requests.
  const minRequests = strategy === 'first' ? 0 : 1;
  // The last gate looks at a window of nothing but this version's traffic.
  const isRestore = strategy === 'restore';
  const bakeMs = isRestore ? policy.bakeMs : Math.max(policy.bakeMs, policy.gate?.windowMs ?? 0, verifiedMs(policy));
  const bake = (minMs: number): Step => ({
    kind: 'bake',
    minMs,
    maxMs: Math.max(2 * minMs, minMs + patienceMs),
    minRequests,
  });
  const isPlain = strategy === 'first' || strategy === 'restore';
  const keepMs = isPlain ? 0 : (switchOf(policy.strategy)?.keepMs ?? 0);
  // A version that comes back brings no change of the database: it has been there before.
  const database = isRestore ? [] : databaseSteps(policy.database);
  const ofUsers = policy.strategy.kind === 'flag' ? ({ of: 'users' } as const) : {};
  const traffic: readonly Step[] = [
    ...before.map((step) => (step.kind === 'weight' ? { ...step, ...ofUsers } : step)),
    { kind: 'promote', ...ofUsers },
    bake(bakeMs),
  ];
  // What comes back, and the first version, is no risk that could be avoided by waiting.
  const guarded = isPlain ? traffic : withBudget(withCutover(withDrill(traffic, policy), policy), policy.budget);
  return [
    ...(isRestore ? [] : preflightSteps(policy)),
    ...database,
    ...(isRestore ? traffic : withVerification(guarded, policy, bake)),
    ...(!isRestore && policy.gate ? [gateStep(policy.gate)] : []),
    { kind: 'retire', afterMs: Math.max(policy.retire.afterMs, keepMs) },
  ];
}

function switchSteps({ test, hook, approve }: BlueGreen): readonly Step[] {
  const steps: Step[] = [];
  if (test) steps.push({ kind: 'match', match: test.match }, observe(test));
  if (hook) steps.push({ kind: 'hook', hook });
  if (approve) steps.push({ kind: 'approve', ...approve });
  return steps;
}
