import { z } from 'zod';
import { approval } from './approval.ts';
import { cutover, preflight, verify } from './checklist-gate.ts';
import { database } from './database.ts';
import { budget, lastGate } from './gate.ts';
import { type GuardSection, guard } from './guard.ts';
import type { HookDraft } from './hook.ts';
import { judgeProblem } from './judge-problem.ts';
import { ownNotices } from './release-notices.ts';
import { type StrategyDraft, strategy } from './strategy.ts';
import { timeline, timelineEntries } from './timeline.ts';
import type { Hook, ReleasePolicy, SmokeCheck, Strategy } from './types.ts';
import { duration } from './units.ts';

const smokeCheck = z
  .strictObject({
    path: z
      .string()
      .max(2_000)
      .regex(/^\/[!-~]*$/, { error: 'expected a path such as /health' })
      .meta({ description: 'Path and query of the request.', examples: ['/health'] }),
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET').describe('HTTP method.'),
    status: z.int().min(100).max(599).default(200).describe('Status of the answer.'),
    timeout: duration({ minMs: 1, maxMs: 600_000 }).prefault('2s').describe('Until the whole answer is there.'),
    contains: z.string().min(1).max(10_000).optional().describe('Text that the body holds.'),
  })
  .transform(
    ({ path, method, status, timeout, contains }): SmokeCheck => ({
      path,
      method,
      status,
      timeoutMs: timeout,
      contains: contains ?? null,
    }),
  );

const deadlines = z.strictObject({
  ready: duration({ minMs: 1_000 }).prefault('2m').describe('Until every instance of the candidate is ready.'),
  route: duration({ minMs: 1_000 }).prefault('30s').describe('Until the router has a new split in force.'),
  drain: duration().prefault('30s').describe('For requests that still run when an instance is ended.'),
  hook: duration({ minMs: 1, maxMs: 86_400_000 })
    .prefault('30s')
    .describe('For one attempt of a hook without its own `timeout`.'),
});

/** How versions are released; every part has a default. */
export const releasePolicy = z
  .strictObject({
    strategy: strategy.prefault({ canary: {} }).meta({
      description: 'How traffic moves to the candidate.',
      examples: [{ canary: { steps: [{ weight: '10%', for: '10m' }] } }],
    }),
    guard: guard.prefault({}).describe('What the candidate must keep to, from its first request to the end of the bake.'),
    bake: duration()
      .prefault('10m')
      .describe('How long the candidate is watched with all of the traffic before the release has succeeded.'),
    hold: z
      .strictObject({
        max: duration({ minMs: 1_000 }).prefault('24h').describe('How long a release may be held.'),
        then: z
          .enum(['rollback', 'keep'])
          .default('rollback')
          .describe('What happens then: traffic goes back, or stays as it is and people are told.'),
      })
      .prefault({})
      .describe('What happens to a release that can go neither forward nor back: no data, a person who paused it.'),
    approval: approval.optional().describe('Asks somebody before anything starts: `true`, or how long the question stands.'),
    deadlines: deadlines.prefault({}).describe('How long single actions may take.'),
    retire: z
      .strictObject({
        after: duration().prefault('0s').describe('Time between the end of the bake and the end of the previous version.'),
      })
      .prefault({})
      .describe('When the previous version is ended.'),
    smoke: z
      .array(smokeCheck)
      .max(50)
      .default([])
      .describe('Requests to the candidate itself before it gets traffic, and to the stable version after a rollback.'),
    lease: duration({ minMs: 2_000, maxMs: 300_000 })
      .prefault('10s')
      .describe(
        'How long the router keeps traffic on the candidate when no controller can be heard; then it goes back to stable.',
      ),
    database: database
      .optional()
      .describe('Backup and migrations before the candidate is started, and how a rollback undoes them.'),
    gate: lastGate
      .optional()
      .describe('Objectives that the version has to keep with all of the traffic before it becomes stable; else it goes back.'),
    budget: budget.optional().describe('What the error budgets of the service have to bear before each step gets its traffic.'),
    preflight: preflight.optional().describe('A checklist that has to be ready before anything of the release starts.'),
    cutover: cutover.optional().describe('A checklist that has to be ready before the version gets all of the traffic.'),
    verify: verify.optional().describe('A checklist that is asked after the version has got all of the traffic.'),
    notify: ownNotices
      .optional()
      .describe('Who is told of its releases, beside those whom a ReleaseNotices document of the setup names.'),
    timeline: timeline.optional().describe('What happens before and after the planned start of a release; default: `standard`.'),
  })
  .superRefine(({ guard, strategy }, context) => {
    // A guard that is wrong in itself may stand here as it was written.
    const { judge } = (guard as Partial<GuardSection>).policy ?? {};
    const message = judge && judgeProblem(judge, strategy);
    if (message) context.addIssue({ code: 'custom', message, path: ['guard', 'judge'] });
  })
  .transform(
    ({
      strategy,
      guard,
      bake,
      hold,
      approval,
      deadlines,
      retire,
      database,
      smoke,
      lease,
      preflight,
      cutover,
      verify,
      timeline,
      notify,
      gate,
      budget,
    }): ReleasePolicy => ({
      strategy: withTimeouts(strategy, deadlines.hook),
      guard: guard.policy,
      ...(guard.queries.length === 0 ? {} : { metricQueries: guard.queries }),
      bakeMs: bake,
      hold: { maxMs: hold.max, then: hold.then },
      approval: approval ?? null,
      deadlines: { readyMs: deadlines.ready, routeMs: deadlines.route, drainMs: deadlines.drain, hookMs: deadlines.hook },
      retire: { afterMs: retire.after },
      ...(database === undefined ? {} : { database }),
      smoke,
      leaseMs: lease,
      preflight: preflight ?? null,
      ...(cutover === undefined ? {} : { cutover }),
      ...(verify === undefined ? {} : { verify }),
      ...(timeline === undefined || timeline === 'standard' ? {} : { timeline: timelineEntries(timeline, deadlines.hook) }),
      ...(notify === undefined ? {} : { notify }),
      ...(gate === undefined ? {} : { gate }),
      ...(budget === undefined ? {} : { budget }),
    }),
  );

function withTimeouts(strategy: StrategyDraft, defaultMs: number): Strategy {
  const filled = (hook: HookDraft): Hook => ({ ...hook, timeoutMs: hook.timeoutMs ?? defaultMs });
  if (strategy.kind === 'blueGreen') return { ...strategy, hook: strategy.hook && filled(strategy.hook) };
  if (strategy.kind === 'rolling') return strategy;
  const steps = strategy.steps.map((step) => (step.kind === 'hook' ? { ...step, hook: filled(step.hook) } : step));
  if (strategy.kind === 'flag') return { kind: 'flag', steps };
  const { switch: then } = strategy;
  return { kind: 'canary', ...(then ? { switch: { ...then, hook: then.hook && filled(then.hook) } } : {}), steps };
}
