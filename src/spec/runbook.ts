import { z } from 'zod';
import { byKey, oneKind } from './choice.ts';
import { apiVersion, serviceName } from './service.ts';
import { type Text, textOf } from './text.ts';
import type { Plugged } from './types.ts';
import { duration } from './units.ts';

/** What the controller knows of a service by itself, and a step may look at. */
export const runbookLooks = ['releases', 'signals', 'instances', 'alerts'] as const;
export type RunbookLook = (typeof runbookLooks)[number];

/** One thing that is done in an incident. */
export type RunbookStep = {
  readonly title: Text;
  /** What a person does, or has to know; null: the title says it. */
  readonly text: Text | null;
  /** Time budget: how long after the incident has opened it has to be done, in milliseconds. */
  readonly withinMs: number;
  /** `person`: somebody does it and says so. `look` and `check` run by themselves, and what they say is kept. */
  readonly does:
    | { readonly kind: 'person' }
    | { readonly kind: 'look'; readonly at: RunbookLook }
    | { readonly kind: 'check'; readonly check: Plugged; readonly timeoutMs: number };
};

/** A `Runbook` document, checked. */
export type RunbookSpec = {
  readonly name: string;
  readonly title: Text;
  /** Alerts that it is for: names, with `*` for anything. */
  readonly alerts: readonly string[];
  /** Services that it is for; empty: all. */
  readonly services: readonly string[];
  readonly steps: readonly RunbookStep[];
};

const stepsMax = 50;
const minuteMs = 60_000;
/** Longest that a diagnostic may take: it is to be there when people come. */
const checkMaxMs = 120_000;

const parts = {
  text: textOf(2_000).optional().describe('How it is done, and what it means.'),
  within: duration({ minMs: minuteMs, maxMs: 24 * 60 * minuteMs, example: '15m' })
    .prefault('15m')
    .describe('How long after the incident has opened it has to be done.'),
};

/** What a look is called where nothing else is said. */
const lookTitles: Readonly<Record<RunbookLook, Text>> = {
  releases: { en: 'Recent releases', ru: 'Недавние релизы' },
  signals: { en: 'Golden signals and saturation', ru: 'Золотые сигналы и загрузка' },
  instances: { en: 'Instances', ru: 'Экземпляры' },
  alerts: { en: 'Alerts that fire now', ru: 'Оповещения, которые действуют сейчас' },
};

/** The schema of a whole `Runbook` document, for the kinds of checks given. Parses to a `RunbookSpec`. */
export function runbookDocument(checks: Readonly<Record<string, z.ZodType>>) {
  const step = byKey('a step', {
    do: z.strictObject({ do: textOf(200).describe('What a person does.'), ...parts }),
    look: z.strictObject({
      look: z
        .enum(runbookLooks)
        .describe('What the controller knows of the service by itself; it looks as soon as the incident opens.'),
      title: textOf(200).optional().describe('What people read.'),
      ...parts,
    }),
    check: z.strictObject({
      check: oneKind('check', checks).describe('One kind of the shelf of checks; it runs as soon as the incident opens.'),
      title: textOf(200).describe('What it tells.'),
      timeout: duration({ minMs: 1, maxMs: checkMaxMs, example: '30s' }).prefault('30s').describe('Longest that it may take.'),
      ...parts,
    }),
  });
  return z
    .strictObject({
      apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
      kind: z.literal('Runbook').describe('Kind of the document.'),
      metadata: z.strictObject({ name: serviceName, title: textOf(200).optional().describe('What people read.') }),
      spec: z.strictObject({
        alerts: z
          .array(z.string().min(1).max(200))
          .min(1)
          .max(100)
          .describe('Names of alerts that it is for; `*` stands for anything: `availability *`.'),
        services: z.array(serviceName).max(500).default([]).describe('Services that it is for; left out: all.'),
        steps: z.array(step).min(1).max(stepsMax).describe('In the order in which they are read.'),
      }),
    })
    .meta({ title: 'Rampart runbook', description: 'What is done in an incident, step by step, with time budgets.' })
    .transform(
      ({ metadata: { name, title }, spec: { alerts, services, steps } }): RunbookSpec => ({
        name,
        title: title ?? name,
        alerts,
        services,
        steps: steps.map((given): RunbookStep => {
          const { text = null, within: withinMs } = given;
          if ('do' in given) return { title: given.do, text, withinMs, does: { kind: 'person' } };
          if ('look' in given)
            return { title: given.title ?? lookTitles[given.look], text, withinMs, does: { kind: 'look', at: given.look } };
          const does = { kind: 'check', check: given.check as Plugged, timeoutMs: given.timeout } as const;
          return { title: given.title, text, withinMs, does };
        }),
      }),
    );
}
