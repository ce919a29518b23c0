import { z } from 'zod';
import type { OnCallFinding } from '../../incidents/on-call/findings.ts';
import type { StandingOverride } from '../../incidents/on-call/overrides.ts';
import { severities } from '../../spec/person.ts';
import type { EscalationView, OnCallView, ShiftView } from '../../views/on-call-view.ts';
import { answer } from './answer.ts';
import { LanguageQuery, VerbBody } from './requests.ts';

const { by, why } = VerbBody.shape;
const { lang } = LanguageQuery.shape;
const name = z.string().max(300);
/** Documents have days up to 2199. */
const latestMs = Date.UTC(2199, 0, 1);
const momentMs = z.int().min(0).max(latestMs);
const at = z.coerce.number().int().min(0).max(latestMs).optional().describe('As of when, in unix milliseconds; left out: now.');
const days = (otherwise: number, min: 0 | 1, max = 366) =>
  z.coerce.number().int().min(min).max(max).default(otherwise).describe('How many days of 24 hours.');
const schedule = name.optional().describe('Only of this schedule.');

const person = name.optional().describe('Only the shifts of this person.');

export const OnCallQuery = z.strictObject({ at, days: days(0, 0), schedule, person, lang });
export const CalendarQuery = z.strictObject({ at, days: days(90, 1), schedule, person, lang });
export const FindingsQuery = z.strictObject({ at, days: days(30, 1, 92), lang });

export const EscalateQuery = z.strictObject({
  at,
  policy: name.describe('Name of an EscalationPolicy document.'),
  severity: z.enum(severities).default('P0').describe('How bad the incident is.'),
  lang,
});

const Time = z.strictObject({
  person: name.describe('Name of a Person document.'),
  fromMs: momentMs.describe('Unix milliseconds.'),
  untilMs: momentMs.describe('It is not in it.'),
});
export const OverrideBody = z.strictObject({
  by,
  why,
  schedule: name.describe('Name of a Schedule document.'),
  times: z
    .array(Time)
    .min(1)
    .max(2)
    .describe('One time: that person is on call in it. Two: each is on call in the time of the other.'),
});
export const CancelBody = z.strictObject({ by, why });
export const OverrideParams = z.object({ id: z.string().max(100) });

const ByAnswer = z.union([
  z.object({ kind: z.literal('layer'), layer: z.string(), turn: z.number().describe('Number of the turn, from 0.') }),
  z.object({
    kind: z.literal('override'),
    index: z.number(),
    insteadOf: z.string().nullable().describe('With whom it is swapped; null: it is no swap.'),
    why: z.string().nullable(),
  }),
]);

const ShiftAnswer = answer<ShiftView>()(
  z
    .object({
      fromMs: z.number(),
      untilMs: z.number().nullable().describe('Null: not within a year.'),
      person: z.string().nullable().describe('Null: nobody.'),
      fullName: z.string().nullable(),
      timeZone: z.string().nullable().describe('Where they are; null: where the schedule is, or nobody.'),
      by: ByAnswer.nullable(),
    })
    .meta({ id: 'Shift', description: 'A time in which one person is on call, or nobody is.' }),
);

export const StandingAnswer = answer<StandingOverride>()(
  z
    .object({
      id: z.string(),
      schedule: z.string(),
      overrides: z.array(
        z.object({
          person: z.string(),
          fromMs: z.number(),
          untilMs: z.number(),
          insteadOf: z.string().nullable(),
        }),
      ),
      by: z.string(),
      why: z.string(),
      atMs: z.number(),
    })
    .meta({ id: 'StandingOverride', description: 'An override or a swap that was asked for beside the documents.' }),
);

const OnCallOfSchedule = answer<OnCallView>()(
  z
    .object({
      schedule: z.string(),
      timeZone: z.string(),
      atMs: z.number(),
      now: ShiftAnswer,
      next: ShiftAnswer.nullable().describe('Null: nothing changes within a year.'),
      shifts: z.array(ShiftAnswer).describe('Of the days that were asked for.'),
    })
    .meta({ id: 'OnCall', description: 'Who is on call of a schedule.' }),
);

export const OnCallAnswer = z
  .object({ schedules: z.array(OnCallOfSchedule), overrides: z.array(StandingAnswer) })
  .meta({ id: 'OnCallSchedules', description: 'Who is on call of each schedule, and what was asked for beside the documents.' });

type FindingView = Omit<OnCallFinding, 'text'> & { readonly text: string };

const Finding = answer<FindingView>()(
  z
    .object({
      kind: z.enum([
        'unknown-name',
        'empty-schedule',
        'gap',
        'no-contact',
        'no-step',
        'unreachable-step',
        'one-contact',
        'same-again',
        'vain-swap',
        'calendar',
      ]),
      level: z.enum(['error', 'warning']),
      document: z.object({ kind: z.enum(['Person', 'Schedule', 'EscalationPolicy']), name: z.string() }),
      path: z.string(),
      text: z.string(),
      time: z.object({ fromMs: z.number(), untilMs: z.number() }).nullable().describe('The first time that it concerns.'),
    })
    .meta({ id: 'OnCallFinding', description: 'Something that would go wrong when it matters.' }),
);

export const FindingsAnswer = z
  .object({
    findings: z.array(Finding),
    schedules: z.array(z.string()).describe('Names of the schedules that were looked at.'),
    policies: z.array(z.string()).describe('Names of the escalation policies; empty: nobody is called of incidents.'),
  })
  .meta({ id: 'OnCallFindings' });

export const EscalateAnswer = answer<EscalationView>()(
  z
    .object({
      policy: z.string(),
      severity: z.enum(severities),
      timeZone: z.string().describe('Zone of its working days.'),
      told: z.array(
        z.object({
          atMs: z.number(),
          step: z.number().describe('From 0.'),
          round: z.number().describe('From 0.'),
          receivers: z
            .array(
              z.object({
                person: z.string().nullable().describe('Null: a channel.'),
                notifier: z.string(),
                to: z.string().nullable().optional().describe('Not told over the API.'),
              }),
            )
            .describe('Empty: it reaches nobody.'),
        }),
      ),
    })
    .meta({ id: 'Escalation', description: 'Who would be told of an incident that nobody answers, and when.' }),
);
