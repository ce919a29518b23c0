import { z } from 'zod';
import { choice } from './choice.ts';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { orOff } from './or-off.ts';
import {
  defaultLevels,
  type LeveledSignal,
  type Levels,
  type LevelUnit,
  levelsInForce,
  noLevels,
  type SaturationSignal,
} from './signal-levels.ts';
import type { SignalPolicy, SignalQuery } from './signal-policy.ts';
import { evenIfBroken } from './strategy.ts';
import { uniqueNames } from './unique-names.ts';
import { durationText, percentText } from './unit-text.ts';
import { duration, percent } from './units.ts';

const moreMax = 20;

/** A query in the source's own language. */
const query = z
  .string()
  .min(1)
  .max(10_000)
  .refine((text) => text.trim() !== '', { error: 'expected a query' });

const gauge = query.meta({ description: 'Reads how much there is now: one number.', examples: ['sum(db_pool_in_use)'] });
const count = z.number().min(0).max(1e15);
const limit = choice([count, query], (value) => (typeof value === 'number' ? count : query)).describe(
  'How much there can be: a number, or a query that reads it. The levels are shares of it.',
);

const ms = duration({ minMs: 1, maxMs: 86_400_000, example: '500ms' });
const share = percent({ example: '80%' });

/** The levels of one signal beside its other keys, each of which may be left out. */
function levelKeys<Level extends z.ZodType>(level: Level) {
  return {
    target: orOff(level).optional().describe('Up to here all is well; `off`: there is no target.'),
    warning: orOff(level).optional().describe('Above this somebody should look: the service is degraded. `off`: never.'),
    critical: orOff(level)
      .optional()
      .describe('Above this users are hurt or soon will be: the service is critical. `off`: never.'),
  };
}

type Given = { readonly [Level in keyof Levels]?: number | 'off' | undefined };
const names = ['target', 'warning', 'critical'] as const;
const pairs = [
  ['warning', 'critical'],
  ['target', 'warning'],
  ['target', 'critical'],
] as const;

/** As given, without what was left out; null is what was switched off. */
function givenLevels(given: Given): Partial<Levels> {
  return Object.fromEntries(
    names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name] === 'off' ? null : given[name]]])),
  );
}

const show: Readonly<Record<LevelUnit, (value: number) => string>> = { ms: durationText, ppm: percentText, number: String };

/** A graver level is a higher one. What was not given is what holds without it. */
function rising(defaults: Levels, unit: LevelUnit) {
  return (given: Given, context: z.core.$RefinementCtx<unknown>): void => {
    const levels = levelsInForce(defaults, givenLevels(given));
    for (const [lower, higher] of pairs) {
      const [low, high] = [levels[lower], levels[higher]];
      // What is wrong in itself may stand here as it was written.
      if (typeof low !== 'number' || typeof high !== 'number') continue;
      if (lower === 'target' ? low <= high : low < high) continue;
      // Said at what was given: nobody wrote the other one.
      const [at, other] = given[lower] === undefined ? [higher, lower] : [lower, higher];
      const bound = at === higher ? 'more than' : lower === 'target' ? 'at most' : 'less than';
      const unless = given[other] === undefined ? ' unless you give it too' : '';
      const message = `expected ${bound} ${other}, which is ${show[unit](levels[other] ?? 0)}${unless}, found ${show[unit](levels[at] ?? 0)}`;
      context.addIssue({ code: 'custom', message, path: [at] });
      return;
    }
  };
}

/** A signal that only has levels. */
function leveled<Level extends z.ZodType>(signal: LeveledSignal, level: Level) {
  const { unit, ...defaults } = defaultLevels[signal];
  return orOff(z.strictObject(levelKeys(level)).superRefine(rising(defaults, unit) as never)).optional();
}

/** A signal that may be read by a query: where the target and the router do not know it, or know it differently. */
function saturating(signal: SaturationSignal) {
  const { unit, ...defaults } = defaultLevels[signal];
  const isShare = unit === 'ppm';
  return orOff(
    z
      .strictObject({
        gauge: gauge.optional(),
        ...(isShare ? { limit: limit.optional() } : {}),
        ...(isShare ? levelKeys(share) : levelKeys(count)),
      })
      .superRefine(rising(defaults, unit) as never)
      .superRefine((given, context) => {
        const { gauge: asked, limit: whole } = given as { gauge?: string; limit?: number | string };
        if (whole !== undefined && asked === undefined)
          context.addIssue({ code: 'custom', message: 'expected gauge beside it: what is to be a share of it', path: ['limit'] });
        if (asked === undefined && (signal === 'databasePool' || signal === 'queue'))
          context.addIssue({
            code: 'custom',
            message: `expected gauge: no target and no router knows ${signal} by itself`,
            path: [],
          });
      }),
  ).optional();
}

const name = z
  .string()
  .superRefine((text, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message: `${message}, found ${found(text)}` });
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text))
      refuse('expected a name of at most 63 small letters, digits and dashes, such as llm-workers');
    else if (['cpu', 'memory', 'disk', 'connections', 'queue', 'errors', 'traffic', 'latency', 'threads'].includes(text))
      refuse('expected another name, because a signal is called so already');
  })
  .meta({
    description: 'Name of the signal, unique in the document.',
    examples: ['llm-workers'],
    pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  });

const ofLimit = z
  .strictObject({ name, gauge, limit, ...levelKeys(share) })
  .superRefine(rising(noLevels, 'ppm') as never)
  .meta({ title: 'share' });
const ofNumber = z
  .strictObject({
    name,
    gauge,
    unit: z
      .string()
      .min(1)
      .max(20)
      .optional()
      .meta({ description: 'What it is counted in, for people.', examples: ['s'] }),
    ...levelKeys(z.number()),
  })
  .superRefine(rising(noLevels, 'number') as never)
  .meta({ title: 'number' });
const further = choice([ofLimit, ofNumber], (value, refuse) => {
  if (!isMapping(value)) return refuse({ message: `expected a signal such as { name: …, gauge: … }, found ${found(value)}` });
  return 'limit' in value ? ofLimit : ofNumber;
}).transform((given): SignalPolicy['more'][number] => {
  const {
    name,
    gauge,
    limit = null,
    unit = null,
    ...levels
  } = given as Given & {
    name: string;
    gauge: string;
    limit?: number | string;
    unit?: string;
  };
  return { name, query: { gauge, limit }, unit, levels: { ...noLevels, ...givenLevels(levels) } };
});

const label = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, { error: 'expected the name of a label, such as method' })
  .max(100);
const traffic = z.strictObject({
  requests: query.meta({
    description: 'Counter of requests of the whole service.',
    examples: ['http_requests_total{job="shop"}'],
  }),
  method: label.optional().describe('Its label with the method of a request.'),
  endpoint: label.optional().describe('Its label with the endpoint: a route of the program, never a raw path.'),
  status: label.optional().describe('Its label with the status of the answer.'),
});

/** `spec.signals` of a document. Parses to a `SignalPolicy`. */
export const signals = z
  .strictObject({
    latency: z
      .strictObject({
        p50: leveled('latencyP50', ms).describe('Half of the requests are faster.'),
        p95: leveled('latencyP95', ms).describe('Of a hundred requests 95 are faster.'),
        p99: leveled('latencyP99', ms).describe('Of a hundred requests 99 are faster.'),
      })
      .optional()
      .describe('Levels of latency, or `off` for a quantile.'),
    errors: leveled('errors', percent({ example: '1%' })).describe('Levels of the share of requests that fail, or `off`.'),
    traffic: traffic
      .optional()
      .describe('Where requests by method, endpoint and status come from when the router does not know them.'),
    cpu: saturating('cpu').describe('Processor time of all instances, of all processors of the machine.'),
    memory: saturating('memory').describe('Resident memory of all instances, of what they may have.'),
    disk: saturating('disk').describe('The fullest file system that an instance works on.'),
    fileDescriptors: saturating('fileDescriptors').describe(
      'Open files and sockets of the process that is nearest to its limit.',
    ),
    connections: saturating('connections').describe('Open connections to the instances.'),
    databasePool: saturating('databasePool').describe('Connections of the database pool that are in use: a query of the source.'),
    queue: saturating('queue').describe('Jobs that wait, of as many as can: a query of the source.'),
    more: z
      .array(further)
      .max(moreMax)
      .superRefine(uniqueNames('signal'), { when: evenIfBroken })
      .default([])
      .describe('Further signals of saturation, by name.'),
  })
  .transform(({ latency = {}, errors, traffic, more, ...saturation }): SignalPolicy => {
    const levels: Partial<Record<LeveledSignal, Partial<Levels>>> = {};
    const queries: Partial<Record<SaturationSignal, SignalQuery>> = {};
    const put = (signal: LeveledSignal, given: Given | 'off' | undefined) => {
      if (given === undefined) return;
      levels[signal] = given === 'off' ? noLevels : givenLevels(given);
    };
    put('latencyP50', latency.p50 as Given | undefined);
    put('latencyP95', latency.p95 as Given | undefined);
    put('latencyP99', latency.p99 as Given | undefined);
    put('errors', errors as Given | undefined);
    for (const [signal, given] of Object.entries(saturation) as [
      SaturationSignal,
      Record<string, unknown> | 'off' | undefined,
    ][]) {
      put(signal, given as Given | 'off' | undefined);
      if (given === undefined || given === 'off' || typeof given.gauge !== 'string') continue;
      queries[signal] = { gauge: given.gauge, limit: (given.limit ?? null) as number | string | null };
    }
    return { levels, queries, more, ...(traffic ? { traffic: trafficOf(traffic) } : {}) };
  })
  .describe('Golden signals: their levels, and what the source is asked for them.');

function trafficOf({ requests, method, endpoint, status }: z.output<typeof traffic>): NonNullable<SignalPolicy['traffic']> {
  return { requests, method: method ?? null, endpoint: endpoint ?? null, status: status ?? null };
}
