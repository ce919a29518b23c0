import { z } from 'zod';
import type { CutoverPolicy, PreflightPolicy, VerifyPolicy } from './checklist-gate-types.ts';
import { choice } from './choice.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { duration } from './units.ts';

const day = 86_400_000;

/** Name of a checklist: a built-in one, one of the same file, or a path from the folder of the document. */
export const checklistName = z
  .string()
  .min(1)
  .max(500)
  .meta({
    description: 'Name of the checklist: a built-in one, one of the same file, or ./ours.yaml.',
    examples: ['production'],
  });

const id = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: 'expected at most 63 small letters, digits and dashes, such as security',
});

export const phaseIds = z.array(id).min(1).max(50).describe('Phases of the checklist that are asked; default: all.');

const signOffs = choice([z.literal('all'), z.array(id).min(1).max(20)], (value, refuse) => {
  if (value === 'all') return z.literal('all');
  if (Array.isArray(value)) return z.array(id).min(1).max(20);
  return refuse({ message: `expected a list of roles such as [security], or all, found ${found(value)}` });
}).describe('Roles whose signature has to stand under the report, or `all` that the checklist names; default: none.');

const patience = {
  wait: duration({ minMs: 0, maxMs: 31 * day, example: '24h' })
    .prefault('24h')
    .describe('How long the release is held while it does not pass; then it goes as `release.hold.then` says.'),
  every: duration({ minMs: 5_000, maxMs: day, example: '1m' })
    .prefault('1m')
    .describe('How often it is asked again while the release is held.'),
  timeout: duration({ minMs: 1_000, maxMs: day, example: '10m' })
    .prefault('10m')
    .describe('Longest that one answer may take; then it has not passed.'),
};

const asked = {
  checklist: checklistName,
  phases: phaseIds.optional(),
  signOffs: signOffs.optional(),
  mode: z
    .enum(['enforce', 'dry-run'])
    .default('enforce')
    .describe('`dry-run`: what it would have said is recorded, and the release goes on.'),
  ...patience,
};

type Asked = z.output<z.ZodObject<typeof asked>>;

const gateOf = ({ checklist, phases, signOffs, mode, wait, every, timeout }: Asked) => ({
  checklist,
  phases: phases ?? null,
  signOffs: signOffs ?? [],
  mode,
  waitMs: wait,
  everyMs: every,
  timeoutMs: timeout,
});

/** A checklist that has to be ready before anything of a release starts. */
export const preflight = z
  .strictObject({
    ...asked,
    drill: z
      .boolean()
      .default(false)
      .describe('Once the candidate is ready, 1 % of the traffic goes to it and comes back, measured, before its first step.'),
    then: z
      .enum(['hold', 'refuse'])
      .default('hold')
      .describe('What happens when it does not pass: the release is held, or ends at once.'),
  })
  .transform(({ drill, then, ...rest }): PreflightPolicy => ({ ...gateOf(rest), drill, then }));

/** A checklist that has to be ready before the candidate gets all of the traffic. */
export const cutover = z
  .strictObject({
    ...asked,
    checklist: checklistName.default('cutover'),
    then: z
      .enum(['hold', 'rollback'])
      .default('hold')
      .describe('What happens when it does not pass: the release is held, or goes back.'),
  })
  .transform(({ then, ...rest }): CutoverPolicy => ({ ...gateOf(rest), then }));

const moment = duration({ maxMs: 7 * day, example: '5m' }).describe('How long after all of the traffic has come.');
const momentWithPhases = z.strictObject({ after: moment, phases: phaseIds.optional() });
const moments = z
  .array(
    choice([moment, momentWithPhases], (value, refuse) => {
      if (typeof value === 'string') return moment;
      if (isMapping(value)) return momentWithPhases;
      return refuse({ message: `expected a time such as 5m, or { after: 5m, phases: [smoke] }, found ${found(value)}` });
    }),
  )
  .min(1)
  .max(50)
  .superRefine((list, context) => {
    const times = list.map((one) => (typeof one === 'number' ? one : one.after));
    const index = times.findIndex((time, at) => at > 0 && time <= (times[at - 1] ?? 0));
    if (index > 0) context.addIssue({ code: 'custom', message: 'times have to grow', path: [index] });
  });

/** When the built-in `post-deploy` checklist is asked what: its release plan, T+0 to T+30. */
const usual = [
  { after: '0s', phases: ['health'] },
  { after: '5m', phases: ['health', 'signals'] },
  { after: '10m', phases: ['signals'] },
  { after: '15m', phases: ['smoke'] },
  { after: '20m', phases: ['functional', 'security'] },
  { after: '30m' },
];

/** A checklist that is asked after the candidate has got all of the traffic. */
export const verify = z
  .strictObject({
    checklist: checklistName.default('post-deploy'),
    at: moments
      .optional()
      .describe('When it is asked, from the moment on in which all of the traffic is there; default: T+0 to T+30 minutes.'),
    then: z
      .enum(['rollback', 'hold', 'report'])
      .default('rollback')
      .describe('What happens when it does not pass: the release goes back, is held, or goes on and tells.'),
    ...patience,
    watch: z
      .strictObject({
        for: duration({ minMs: 60_000, maxMs: 31 * day, example: '24h' }).describe('How long after the release.'),
        every: duration({ minMs: 60_000, maxMs: day, example: '1h' }).prefault('1h').describe('How often.'),
      })
      .optional()
      .describe('The checklist is asked again and again after the release has succeeded, only to tell.'),
  })
  .transform(({ checklist, at, then, wait, every, timeout, watch }): VerifyPolicy => {
    const given = at ?? moments.parse(checklist === 'post-deploy' ? usual : usual.map(({ after }) => after));
    return {
      checklist,
      at: given.map((one) =>
        typeof one === 'number' ? { afterMs: one, phases: null } : { afterMs: one.after, phases: one.phases ?? null },
      ),
      then,
      waitMs: wait,
      everyMs: every,
      timeoutMs: timeout,
      watch: watch ? { forMs: watch.for, everyMs: watch.every } : null,
    };
  });
