import { z } from 'zod';
import { amount } from './amount.ts';
import { approval } from './approval.ts';
import { byKey, choice, oneKind } from './choice.ts';
import { gate } from './gate.ts';
import { type HookDraft, hook } from './hook.ts';
import { isMapping } from './mapping.ts';
import { matches } from './match.ts';
import { rolling } from './rolling.ts';
import type { Amount, BlueGreen, CanaryStep, Sized, Strategy } from './types.ts';
import { percentText } from './unit-text.ts';
import { duration, percent } from './units.ts';
import { checkDeadline, watch, watched } from './watched.ts';

const stepsMax = 50;

/** A strategy whose hooks still lack the release's own default timeout. */
export type StrategyDraft = Strategy<HookDraft>;
type StepDraft = CanaryStep<HookDraft>;

const replicas = amount({ min: 1 })
  .optional()
  .meta({
    description:
      'Instances of the candidate from this step on: a number, or a percentage of all, rounded up. They are ready before it gets its requests. Default: as before; all of them where no step says it.',
    examples: [1, '25%'],
  });

const matchStep = z.strictObject({ match: matches, ...watched }).superRefine(checkDeadline);
const sizedMatch = z.strictObject({ match: matches, replicas, ...watched }).superRefine(checkDeadline);

const pause = choice([duration({ minMs: 1_000 }), z.literal('until-resumed')], (value) => {
  if (value === 'until-resumed') return z.literal('until-resumed');
  return duration({ minMs: 1_000 });
});

/** What a step may be besides traffic. */
const waits = {
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
  gate: z
    .strictObject({ gate: gate.describe('Asks objectives; when they are not kept the release goes back.') })
    .meta({ title: 'gate', examples: [{ gate: { slo: 'all', left: '10%' } }] })
    .transform((step): StepDraft => ({ kind: 'gate', gate: step.gate })),
};

const step = byKey('a step', {
  weight: z
    .strictObject({
      weight: percent({ minPpm: 1, maxPpm: 999_999 }).describe(
        'Share of requests that go to the candidate. It has to grow from step to step.',
      ),
      replicas,
      ...watched,
    })
    .superRefine(checkDeadline)
    .meta({ title: 'weight', examples: [{ weight: '10%', for: '10m' }] })
    .transform((step): StepDraft => ({ kind: 'weight', weightPpm: step.weight, ...sized(step), ...watch(step) })),
  match: sizedMatch
    .meta({ title: 'match', examples: [{ match: [{ header: 'X-Canary', equals: 'yes' }], for: '10m' }] })
    .transform((step): StepDraft => ({ kind: 'match', match: step.match, ...sized(step), ...watch(step) })),
  ...waits,
});

const share = byKey('a step', {
  share: z
    .strictObject({
      share: percent({ minPpm: 1, maxPpm: 999_999 }).describe(
        'Share of the users that has the variant. It has to grow from step to step.',
      ),
      ...watched,
    })
    .superRefine(checkDeadline)
    .meta({ title: 'share', examples: [{ share: '10%', for: '10m' }] })
    .transform((step): StepDraft => ({ kind: 'weight', weightPpm: step.share, ...watch(step) })),
  ...waits,
});

const blueGreen = z.strictObject({
  test: matchStep.optional().describe('Requests that reach green before the switch, and for how long.'),
  approve: approval.optional().describe('Asks somebody between test and switch.'),
  hook: hook.optional().describe('Runs between test and switch.'),
  keep: duration().prefault('10m').describe('How long blue keeps running after the bake, ready to take the traffic back.'),
});

const canary = z.strictObject({
  steps: z
    .array(step)
    .min(1)
    .max(stepsMax)
    .superRefine(checkSteps('weight'), { when: evenIfBroken })
    .prefault([
      { weight: '5%', for: '5m' },
      { weight: '25%', for: '5m' },
      { weight: '50%', for: '5m' },
    ])
    .describe('What is done in order, up to the promotion to 100 %, which needs no step.'),
  switch: blueGreen
    .optional()
    .describe(
      'After these steps a switch as of blue-green: all instances of the candidate beside stable, test requests, the switch, and stable kept for a while.',
    ),
});

const flag = z.strictObject({
  steps: z
    .array(share)
    .min(1)
    .max(stepsMax)
    .superRefine(checkSteps('share'), { when: evenIfBroken })
    .prefault([
      { share: '10%', for: '5m' },
      { share: '50%', for: '5m' },
    ])
    .describe('What is done in order, up to all users, which needs no step.'),
});

/** How traffic moves to the candidate: exactly one of the kinds. */
export const strategy = oneKind('strategy', {
  canary: canary.describe('Step by step: a growing share of the requests.'),
  rolling: rolling.describe('Instance by instance: a batch is replaced and watched, then the next.'),
  blueGreen: blueGreen.describe('All at once, after tests, with the old version kept for a while.'),
  flag: flag.describe('User by user: a growing share of them has a variant of a feature flag.'),
}).transform((given): StrategyDraft => {
  if (given.kind === 'canary') {
    const { steps, switch: then } = given.config;
    return { kind: 'canary', steps, ...(then ? { switch: switchOf(then) } : {}) };
  }
  if (given.kind === 'rolling') return { kind: 'rolling', ...given.config };
  if (given.kind === 'flag') return { kind: 'flag', steps: given.config.steps };
  return { kind: 'blueGreen', ...switchOf(given.config) };
});

function switchOf({ test, approve, hook, keep }: z.output<typeof blueGreen>): BlueGreen<HookDraft> {
  return {
    test: test ? { match: test.match, ...watch(test) } : null,
    approve: approve ?? null,
    hook: hook ?? null,
    keepMs: keep,
  };
}

function sized({ replicas: given }: { readonly replicas?: Amount | undefined }): Sized {
  return given === undefined ? {} : { replicas: given };
}

/** Lets a check of a whole list run although items of it are wrong, so that everything is reported at once. */
export function evenIfBroken(payload: z.core.ParsePayload): boolean {
  return Array.isArray(payload.value);
}

function isStep(value: unknown): value is StepDraft {
  return isMapping(value) && typeof value.kind === 'string' && (value.kind !== 'weight' || typeof value.weightPpm === 'number');
}

type Size = { readonly unit: string; readonly value: number; readonly text: string };

/** Numbers compare with numbers and shares with shares: how many a share is, only the target knows. */
function sizeOf(amount: Amount | undefined): Size | null {
  if (amount === undefined) return null;
  return 'count' in amount
    ? { unit: 'instances', value: amount.count, text: `${amount.count}` }
    : { unit: 'share', value: amount.sharePpm, text: percentText(amount.sharePpm) };
}

/** Weights grow, so that a release only ever moves forward or back to 0; and something has to reach the candidate. */
function checkSteps(word: 'weight' | 'share') {
  return (steps: readonly unknown[], context: z.core.$RefinementCtx<unknown>): void => {
    let last: { weightPpm: number; number: number } | undefined;
    let largest: (Size & { number: number }) | undefined;
    let unknown = false;
    let exposed = false;
    for (const [index, step] of steps.entries()) {
      // A step that is wrong in itself may stand here as it was written.
      if (!isStep(step)) {
        unknown = true;
        continue;
      }
      const size = 'replicas' in step ? sizeOf(step.replicas) : null;
      if (size && largest && size.unit === largest.unit && size.value < largest.value)
        context.addIssue({
          code: 'custom',
          message: `replicas cannot fall: ${size.text} is less than the ${largest.text} of step ${largest.number}`,
          path: [index, 'replicas'],
        });
      else if (size) largest = { ...size, number: index + 1 };
      exposed ||= step.kind === 'weight' || step.kind === 'match';
      if (step.kind !== 'weight') continue;
      if (last && step.weightPpm <= last.weightPpm)
        context.addIssue({
          code: 'custom',
          message: `${word}s have to grow: ${percentText(step.weightPpm)} is not more than the ${percentText(last.weightPpm)} of step ${last.number}`,
          path: [index, word],
        });
      else last = { weightPpm: step.weightPpm, number: index + 1 };
    }
    if (!exposed && !unknown && steps.length > 0)
      context.addIssue({
        code: 'custom',
        message:
          word === 'weight'
            ? 'expected a step with weight or match: no request would reach the candidate before all do'
            : 'expected a step with share: no user would have the variant before all do',
      });
  };
}
