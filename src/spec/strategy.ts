import { z } from 'zod';
import { byKey, choice, isMapping, oneKind } from './choice.ts';
import { type HookDraft, hook } from './hook.ts';
import { found } from './issue-text.ts';
import { matches } from './match.ts';
import type { Approval, CanaryStep, Strategy, Watch } from './types.ts';
import { duration, percent, percentText } from './units.ts';

const stepsMax = 50;
const tenMinutesMs = 600_000;

/** A strategy whose hooks still lack the release's own default timeout. */
export type StrategyDraft = Strategy<HookDraft>;
type StepDraft = CanaryStep<HookDraft>;

const expiring = z.strictObject({
  expires: duration({ minMs: 1_000 }).prefault('24h').describe('How long the question stands; then the release goes back.'),
  by: z
    .enum(['anybody', 'another'])
    .default('anybody')
    .describe('`another`: whoever has started the release cannot approve it, nor promote it past the question.'),
});

/** Somebody has to say yes; `true` is a day's time for it. */
export const approval = choice([z.literal(true), expiring], (value, refuse) => {
  if (value === true) return z.literal(true);
  if (isMapping(value)) return expiring;
  return refuse({ message: `expected true or { expires: 24h }, found ${found(value)}` });
}).transform((given): Approval => {
  if (given === true) return { expiresMs: 86_400_000 };
  return { expiresMs: given.expires, ...(given.by === 'another' ? { by: given.by } : {}) };
});

const watched = {
  for: duration().describe('How long this step is watched at least.'),
  early: duration({ minMs: 120_000, example: '2m' })
    .optional()
    .describe(
      'The step may end after this time already, once the guard has proven that the candidate is good. A proof takes two minutes of traffic at least. Default: it may not.',
    ),
  requests: z.int().min(1).max(1_000_000_000).optional().describe('Candidate requests that have to be seen on this step.'),
  atMost: duration({ minMs: 1 })
    .optional()
    .describe('Deadline for enough evidence; then the release holds. Default: twice `for`, at least ten minutes more.'),
};

const matchStep = z.strictObject({ match: matches, ...watched }).superRefine(checkDeadline);

const pause = choice([duration({ minMs: 1_000 }), z.literal('until-resumed')], (value) => {
  if (value === 'until-resumed') return z.literal('until-resumed');
  return duration({ minMs: 1_000 });
});

const step = byKey('a step', {
  weight: z
    .strictObject({
      weight: percent({ minPpm: 1, maxPpm: 999_999 }).describe(
        'Share of requests that go to the candidate. It has to grow from step to step.',
      ),
      ...watched,
    })
    .superRefine(checkDeadline)
    .meta({ title: 'weight', examples: [{ weight: '10%', for: '10m' }] })
    .transform((step): StepDraft => ({ kind: 'weight', weightPpm: step.weight, ...watch(step) })),
  match: matchStep
    .meta({ title: 'match', examples: [{ match: [{ header: 'X-Canary', equals: 'yes' }], for: '10m' }] })
    .transform((step): StepDraft => ({ kind: 'match', match: step.match, ...watch(step) })),
  pause: z
    .strictObject({
      pause: pause.meta({ description: 'Waits, still guarded: a time, or `until-resumed`.', examples: ['10m', 'until-resumed'] }),
    })
    .meta({ title: 'pause', examples: [{ pause: '10m' }] })
    .transform((step): StepDraft => ({ kind: 'pause', ms: step.pause === 'until-resumed' ? null : step.pause })),
  approve: z
    .strictObject({ approve: approval.describe('Waits, still guarded, until somebody approves.') })
    .meta({ title: 'approve', examples: [{ approve: { expires: '24h' } }] })
    .transform((step): StepDraft => ({ kind: 'approve', ...step.approve })),
  hook: z
    .strictObject({ hook: hook.describe('Runs a program or sends a request; when it fails the release goes back.') })
    .meta({ title: 'hook', examples: [{ hook: { command: ['./warm-cache.sh'], timeout: '30s' } }] })
    .transform((step): StepDraft => ({ kind: 'hook', hook: step.hook })),
});

const canary = z.strictObject({
  steps: z
    .array(step)
    .min(1)
    .max(stepsMax)
    .superRefine(checkSteps, { when: evenIfBroken })
    .prefault([
      { weight: '5%', for: '5m' },
      { weight: '25%', for: '5m' },
      { weight: '50%', for: '5m' },
    ])
    .describe('What is done in order, up to the promotion to 100 %, which needs no step.'),
});

const blueGreen = z.strictObject({
  test: matchStep.optional().describe('Requests that reach green before the switch, and for how long.'),
  approve: approval.optional().describe('Asks somebody between test and switch.'),
  hook: hook.optional().describe('Runs between test and switch.'),
  keep: duration().prefault('10m').describe('How long blue keeps running after the bake, ready to take the traffic back.'),
});

/** How traffic moves to the candidate: exactly one of the kinds. */
export const strategy = oneKind('strategy', {
  canary: canary.describe('Step by step: a growing share of the requests.'),
  blueGreen: blueGreen.describe('All at once, after tests, with the old version kept for a while.'),
}).transform((given): StrategyDraft => {
  if (given.kind === 'canary') return { kind: 'canary', steps: given.config.steps };
  const { test, approve, hook, keep } = given.config;
  return {
    kind: 'blueGreen',
    test: test ? { match: test.match, ...watch(test) } : null,
    approve: approve ?? null,
    hook: hook ?? null,
    keepMs: keep,
  };
});

/** Lets a check of a whole list run although items of it are wrong, so that everything is reported at once. */
export function evenIfBroken(payload: z.core.ParsePayload): boolean {
  return Array.isArray(payload.value);
}

function isStep(value: unknown): value is StepDraft {
  return isMapping(value) && typeof value.kind === 'string' && (value.kind !== 'weight' || typeof value.weightPpm === 'number');
}

type Watched = { for: number; early?: number | undefined; requests?: number | undefined; atMost?: number | undefined };

function watch(step: Watched): Watch {
  const maxMs = step.atMost ?? Math.max(2 * step.for, step.for + tenMinutesMs);
  const early = step.early === undefined ? {} : { earlyMs: step.early };
  return { minMs: step.for, maxMs, minRequests: step.requests ?? 0, ...early };
}

function checkDeadline(step: Watched, context: z.core.$RefinementCtx<unknown>): void {
  if (step.atMost !== undefined && step.atMost < step.for)
    context.addIssue({
      code: 'custom',
      message: 'atMost is shorter than for, so this step could never end well',
      path: ['atMost'],
    });
  if (step.early !== undefined && step.early >= step.for)
    context.addIssue({
      code: 'custom',
      message: 'early is not shorter than for, so it would change nothing',
      path: ['early'],
    });
}

/** Weights grow, so that a release only ever moves forward or back to 0; and something has to reach the candidate. */
function checkSteps(steps: readonly unknown[], context: z.core.$RefinementCtx<unknown>): void {
  let last: { weightPpm: number; number: number } | undefined;
  let unknown = false;
  let exposed = false;
  for (const [index, step] of steps.entries()) {
    // A step that is wrong in itself may stand here as it was written.
    if (!isStep(step)) {
      unknown = true;
      continue;
    }
    exposed ||= step.kind === 'weight' || step.kind === 'match';
    if (step.kind !== 'weight') continue;
    if (last && step.weightPpm <= last.weightPpm)
      context.addIssue({
        code: 'custom',
        message: `weights have to grow: ${percentText(step.weightPpm)} is not more than the ${percentText(last.weightPpm)} of step ${last.number}`,
        path: [index, 'weight'],
      });
    else last = { weightPpm: step.weightPpm, number: index + 1 };
  }
  if (!exposed && !unknown && steps.length > 0)
    context.addIssue({
      code: 'custom',
      message: 'expected a step with weight or match: no request would reach the candidate before all do',
    });
}
