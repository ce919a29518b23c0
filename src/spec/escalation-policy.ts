import { z } from 'zod';
import { clockTime, date, timeZone, weekday } from './calendar-time.ts';
import { byKey, choice } from './choice.ts';
import { isMapping } from './mapping.ts';
import { notifierName, personName, scheduleName, severities, someSeverities } from './person.ts';
import { apiVersion, serviceName } from './service.ts';
import { duration } from './units.ts';

type Severity = (typeof severities)[number];

/** How long is waited: milliseconds, or to the beginning of the next working day. */
export type Wait = number | 'next-working-day';

/** Who is told: whoever is on call, one person, or a channel. */
export type NotifyTarget = { readonly schedule: string } | { readonly person: string } | { readonly notifier: string };

export type EscalationStep = {
  /** How long after the step before it; of the first: after the incident was opened. */
  readonly after: Readonly<Record<Severity, Wait>>;
  /** For which incidents; for others the step is not there. */
  readonly severities: readonly Severity[];
  readonly notify: readonly NotifyTarget[];
};

/** When people work. */
export type WorkingDays = {
  /** IANA name; null: that of the first schedule which the policy names. */
  readonly timeZone: string | null;
  /** Monday is 0. At least one. */
  readonly days: readonly number[];
  /** When a working day begins, in minutes since midnight. */
  readonly beginsMinute: number;
  /** Days on which nobody works, as their midnights as if they were UTC. */
  readonly holidays: readonly number[];
};

/** An `EscalationPolicy` document, checked and with every default filled in. */
export type EscalationPolicySpec = {
  readonly name: string;
  /** In their order. Steps with a wait of 0 are due together with the one before them. */
  readonly steps: readonly EscalationStep[];
  /** How often all steps are gone through again while nobody acknowledges; 0: once only. */
  readonly repeat: number;
  /** How long a step waits for an answer before the next one, or the next round. */
  readonly severities: Readonly<Record<Severity, Wait>>;
  readonly acknowledge: {
    /** How long somebody's word counts that they have taken it, in milliseconds. */
    readonly expiresMs: Readonly<Record<Severity, number>>;
  };
  readonly workingDays: WorkingDays;
};

const minute = 60_000;
const monthMs = 31 * 86_400_000;

/** The matrix of who has to answer when. */
const standard: Readonly<Record<Severity, Wait>> = { P0: 5 * minute, P1: 30 * minute, P2: 'next-working-day' };
const standardExpiry: Readonly<Record<Severity, number>> = { P0: 30 * minute, P1: 30 * minute, P2: 24 * 60 * minute };

const nextDay = z.literal('next-working-day');
const span = duration({ maxMs: monthMs, example: '5m' });
const wait = choice([span, nextDay], (value) => (value === 'next-working-day' ? nextDay : span));
/** A wait that people can answer in. */
const answerSpan = duration({ minMs: minute, maxMs: monthMs, example: '5m' });
const answerWait = choice([answerSpan, nextDay], (value) => (value === 'next-working-day' ? nextDay : answerSpan));

const each = <One extends z.ZodType>(one: One) =>
  z.strictObject({ P0: one.optional(), P1: one.optional(), P2: one.optional() }) as z.ZodType<
    Partial<Record<Severity, z.output<One>>>
  >;
const waits = each(wait);
const after = choice([span, nextDay, waits], (value) => {
  if (isMapping(value)) return waits;
  return value === 'next-working-day' ? nextDay : span;
}) as unknown as z.ZodType<Wait | Partial<Record<Severity, Wait>>>;

const expiry = duration({ minMs: minute, maxMs: 7 * 86_400_000, example: '30m' });
const expiries = each(expiry);
const expires = choice([expiry, expiries], (value) => (isMapping(value) ? expiries : expiry)) as unknown as z.ZodType<
  number | Partial<Record<Severity, number>>
>;

const target = byKey('somebody', {
  schedule: z.strictObject({ schedule: scheduleName.describe('Whoever is on call.') }),
  person: z.strictObject({ person: personName }),
  notifier: z.strictObject({ notifier: notifierName.describe('A channel, as its Notifier document has it.') }),
});

const step = z.strictObject({
  after: after
    .optional()
    .describe(
      'How long after the step before it (the first: after the incident was opened): 5m, next-working-day, or one for each of P0, P1, P2. Left out: as `severities` has it, the first at once.',
    ),
  severities: someSeverities.default([...severities]).describe('For which incidents; left out: for all.'),
  notify: z.array(target).min(1).max(50).describe('Who is told, all of them at once.'),
});

/** The schema of a whole `EscalationPolicy` document: who is told when nobody answers. Parses to an `EscalationPolicySpec`. */
export const escalationPolicyDocument = z
  .strictObject({
    apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
    kind: z.literal('EscalationPolicy').describe('Kind of the document.'),
    metadata: z
      .strictObject({ name: serviceName.meta({ description: 'Name of the policy.', examples: ['payments'] }) })
      .describe('What the policy is called.'),
    spec: z
      .strictObject({
        steps: z.array(step).min(1).max(50).describe('Who is told, step after step, until somebody acknowledges.'),
        repeat: z.int().min(0).max(20).default(3).describe('How often all steps are gone through again; 0: once only.'),
        severities: each(answerWait)
          .default({})
          .describe('How long a step waits for an answer. Left out: P0 5m, P1 30m, P2 next-working-day.'),
        acknowledge: z
          .strictObject({
            expires: expires
              .optional()
              .describe('How long an acknowledgement counts, for all or for each of P0, P1, P2. Left out: 30m, of P2 24h.'),
          })
          .default({})
          .describe('What happens when somebody has taken it.'),
        workingDays: z
          .strictObject({
            timeZone: timeZone.optional().describe('Left out: that of the first schedule which is named.'),
            days: z.array(weekday).min(1).max(7).prefault(['monday', 'tuesday', 'wednesday', 'thursday', 'friday']),
            from: clockTime.prefault('09:00').describe('When a working day begins.'),
            holidays: z.array(date).max(500).default([]).describe('Days on which nobody works.'),
          })
          .prefault({})
          .describe('What next-working-day means.'),
      })
      .describe('The policy itself.'),
  })
  .meta({ title: 'Rampart escalation policy', description: 'Who is told of an incident, and who next when nobody answers.' })
  .transform(({ metadata: { name }, spec }): EscalationPolicySpec => {
    const answers = { ...standard, ...present(spec.severities) };
    const { expires: given } = spec.acknowledge;
    return {
      name,
      steps: spec.steps.map((one, index) => ({
        after: waitsOf(one.after, index === 0 ? { P0: 0, P1: 0, P2: 0 } : answers),
        severities: one.severities,
        notify: one.notify,
      })),
      repeat: spec.repeat,
      severities: answers,
      acknowledge: {
        expiresMs:
          typeof given === 'number' ? { P0: given, P1: given, P2: given } : { ...standardExpiry, ...present(given ?? {}) },
      },
      workingDays: {
        timeZone: spec.workingDays.timeZone ?? null,
        days: [...new Set(spec.workingDays.days)].toSorted((a, b) => a - b),
        beginsMinute: spec.workingDays.from,
        holidays: spec.workingDays.holidays,
      },
    };
  });

function waitsOf(
  given: Wait | Partial<Record<Severity, Wait>> | undefined,
  otherwise: Readonly<Record<Severity, Wait>>,
): Readonly<Record<Severity, Wait>> {
  if (given === undefined) return otherwise;
  return isMapping(given) ? { ...otherwise, ...present(given) } : { P0: given, P1: given, P2: given };
}

/** A key that is there without a value would hide a default. */
function present<Value>(given: Partial<Record<Severity, Value>>): Partial<Record<Severity, Value>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
