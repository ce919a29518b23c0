import { z } from 'zod';
import { choice } from '../choice.ts';
import { isMapping } from '../mapping.ts';
import { shorthand } from './shorthand.ts';

/*
 * The documents of OpenSLO v1, strict: an unknown key is a mistake. After the specification (OpenSLO/OpenSLO, README) and the rules of
 * its reference implementation (OpenSLO/go-sdk, pkg/openslo/v1), but names may be longer and have other characters, as the
 * specification encourages.
 */

/** Version of the format that is read. */
export const openSloVersion = 'openslo/v1';

const line = z
  .string()
  .min(1)
  .regex(/^[^\x00-\x1f\x7f]*$/, { error: 'expected one line of text' });
const name = line.max(255);
const description = z.string().max(1_050).optional();

const metadata = z.strictObject({
  name,
  displayName: z.string().max(1_050).optional(),
  labels: z
    .record(
      z.string().regex(/^[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/, 'expected the name of a label, such as team'),
      z.union([z.string(), z.array(z.string())]),
    )
    .optional(),
  annotations: z
    .record(
      z
        .string()
        .regex(
          /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/,
          'expected the name of an annotation, such as example.com/dashboard',
        ),
      z.string(),
    )
    .optional(),
});

const anything = z.record(z.string(), z.unknown());

const metric = z.strictObject({
  metricSource: z.strictObject({
    metricSourceRef: name.optional(),
    type: line.optional(),
    spec: anything.refine((spec) => Object.keys(spec).length > 0, 'expected what the source is asked, such as query: …'),
  }),
});

const ratioMetric = z
  .strictObject({
    counter: z.boolean().optional(),
    good: metric.optional(),
    bad: metric.optional(),
    total: metric.optional(),
    rawType: z.enum(['success', 'failure']).optional(),
    raw: metric.optional(),
  })
  .superRefine(({ good, bad, total, rawType, raw }, context) => {
    const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (raw) {
      for (const [key, other] of Object.entries({ good, bad, total }))
        if (other) refuse(`expected no ${key} beside raw, which is the ratio itself`, key);
      if (rawType === undefined) refuse('expected rawType: success or failure beside raw', 'raw');
    } else if (!total) refuse('expected good or bad with total, or raw');
    else if (good && bad) refuse('expected good or bad, and not both', 'bad');
    else if (!good && !bad) refuse('expected good or bad beside total', 'total');
    else if (rawType !== undefined) refuse('expected no rawType without raw', 'rawType');
  });

const sliSpec = z
  .strictObject({ description, thresholdMetric: metric.optional(), ratioMetric: ratioMetric.optional() })
  .superRefine(({ thresholdMetric, ratioMetric: ratio }, context) => {
    if (!thresholdMetric === !ratio)
      context.addIssue({ code: 'custom', message: 'expected one of thresholdMetric and ratioMetric', path: [] });
  });

const op = z.enum(['lt', 'lte', 'gt', 'gte']);

const targetSpec = z.strictObject({ description, target: line });

const conditionSpec = z.strictObject({
  description,
  severity: line,
  condition: z.strictObject({
    kind: z.literal('burnrate').optional(),
    op: op.optional(),
    threshold: z.number(),
    lookbackWindow: shorthand({ countMin: 1, example: '1h' }),
    alertAfter: shorthand({ countMin: 0, example: '5m' }).optional(),
  }),
});

/** A part that has a document of its own, or stands inline: `{ conditionRef: … }` or `{ kind, metadata, spec }`. */
function referred<Ref extends string, Kind extends string, Spec extends z.ZodType>(ref: Ref, kind: Kind, spec: Spec) {
  const byName = z.strictObject({ [ref]: name } as { [Key in Ref]: typeof name });
  const inline = z.strictObject({ kind: z.literal(kind), metadata, spec });
  return choice([byName, inline], (value, refuse) =>
    isMapping(value)
      ? ref in value
        ? byName
        : inline
      : refuse({ message: `expected { ${ref}: … } or { kind: ${kind}, metadata: …, spec: … }` }),
  );
}

const policySpec = z.strictObject({
  description,
  alertWhenNoData: z.boolean().optional(),
  alertWhenBreaching: z.boolean().optional(),
  alertWhenResolved: z.boolean().optional(),
  conditions: z
    .array(referred('conditionRef', 'AlertCondition', conditionSpec))
    .min(1)
    .max(1),
  notificationTargets: z.array(referred('targetRef', 'AlertNotificationTarget', targetSpec)).min(1),
});

const minutes = z.number().int().min(1);
const sliceWindow = shorthand({ countMin: 1, example: '1m' });
const indicator = z.strictObject({ metadata, spec: sliSpec });

const noBudget = (all: number) => `expected less than ${all}: an objective of 100 % has no budget`;

const objective = z
  .strictObject({
    displayName: z.string().max(1_050).optional(),
    op: op.optional(),
    value: z.number().optional(),
    target: z.number().min(0).lt(1, noBudget(1)).optional(),
    targetPercent: z.number().min(0).lt(100, noBudget(100)).optional(),
    timeSliceTarget: z.number().gt(0).max(1).optional(),
    timeSliceWindow: choice([minutes, sliceWindow], (value) => (typeof value === 'number' ? minutes : sliceWindow)).optional(),
    indicator: indicator.optional(),
    indicatorRef: name.optional(),
    compositeWeight: z.number().gt(0).optional(),
  })
  .superRefine(({ target, targetPercent }, context) => {
    if ((target === undefined) === (targetPercent === undefined))
      context.addIssue({
        code: 'custom',
        message: `expected one of target and targetPercent${target === undefined ? '' : ', found both'}`,
        path: target === undefined ? [] : ['targetPercent'],
      });
  });

const timeWindow = z
  .strictObject({
    duration: shorthand({ countMin: 1, example: '28d' }),
    isRolling: z.boolean().optional(),
    calendar: z.strictObject({ startTime: line, timeZone: line }).optional(),
  })
  .superRefine(({ isRolling, calendar }, context) => {
    if (isRolling === true && calendar)
      context.addIssue({ code: 'custom', message: 'expected no calendar beside isRolling: true', path: ['calendar'] });
    if (isRolling !== true && !calendar)
      context.addIssue({
        code: 'custom',
        message: 'expected isRolling: true, or a calendar with startTime and timeZone',
        path: isRolling === undefined ? [] : ['isRolling'],
      });
  });

const sloSpec = z
  .strictObject({
    description,
    service: line.max(255),
    indicator: indicator.optional(),
    indicatorRef: name.optional(),
    timeWindow: z.array(timeWindow).min(1).max(1).optional(),
    budgetingMethod: z.enum(['Occurrences', 'Timeslices', 'RatioTimeslices']),
    objectives: z.array(objective).min(1).max(100),
    alertPolicies: z.array(referred('alertPolicyRef', 'AlertPolicy', policySpec)).optional(),
  })
  .superRefine((spec, context) => {
    const refuse = (message: string, ...path: PropertyKey[]) => context.addIssue({ code: 'custom', message, path });
    const hasOwn = spec.objectives.some((one) => one.indicator !== undefined || one.indicatorRef !== undefined);
    if (spec.indicator && spec.indicatorRef !== undefined)
      refuse('expected indicator or indicatorRef, and not both', 'indicatorRef');
    else if (!spec.indicator && spec.indicatorRef === undefined && !hasOwn) refuse('expected indicator or indicatorRef');
    for (const [index, { timeSliceWindow, timeSliceTarget }] of spec.objectives.entries()) {
      if (spec.budgetingMethod === 'Occurrences') continue;
      if (timeSliceWindow === undefined)
        refuse(`expected timeSliceWindow, such as 1m, beside ${spec.budgetingMethod}`, 'objectives', index);
      if (timeSliceTarget === undefined && spec.budgetingMethod === 'Timeslices')
        refuse('expected timeSliceTarget, such as 0.95, beside Timeslices', 'objectives', index);
    }
  });

function document<const Kind extends string, Spec extends z.ZodType>(kind: Kind, spec: Spec) {
  return z.strictObject({ apiVersion: z.literal(openSloVersion), kind: z.literal(kind), metadata, spec });
}

/** The schema of a whole document, for each kind. */
export const openSloKinds = {
  DataSource: document('DataSource', z.strictObject({ description, type: line, connectionDetails: z.unknown() })),
  Service: document('Service', z.strictObject({ description }).prefault({})),
  SLI: document('SLI', sliSpec),
  SLO: document('SLO', sloSpec),
  AlertPolicy: document('AlertPolicy', policySpec),
  AlertCondition: document('AlertCondition', conditionSpec),
  AlertNotificationTarget: document('AlertNotificationTarget', targetSpec),
} as const;

export type OpenSloKind = keyof typeof openSloKinds;
export type OpenSloDocument<Kind extends OpenSloKind = OpenSloKind> = z.output<(typeof openSloKinds)[Kind]>;
export type Slo = OpenSloDocument<'SLO'>;
export type SloObjective = Slo['spec']['objectives'][number];
export type SliSpec = OpenSloDocument<'SLI'>['spec'];
export type MetricSource = z.output<typeof metric>['metricSource'];
export type AlertPolicySpec = OpenSloDocument<'AlertPolicy'>['spec'];
export type AlertConditionSpec = OpenSloDocument<'AlertCondition'>['spec'];
