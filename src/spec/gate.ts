import { z } from 'zod';
import { choice } from './choice.ts';
import { found } from './issue-text.ts';
import type { BudgetPolicy, GateCondition } from './types.ts';
import { durationText, percentText } from './unit-text.ts';
import { duration, percent } from './units.ts';

const name = z.string().min(1).max(63);
const names = choice([name, z.array(name).min(1).max(100)], (value, refuse) => {
  if (Array.isArray(value)) return z.array(name).min(1).max(100);
  return typeof value === 'string'
    ? name
    : refuse({ message: `expected the name of an objective, a list of them, or all, found ${found(value)}` });
});

/** What objectives have to be like before a release goes on. */
export const gate = z
  .strictObject({
    slo: names
      .meta({ examples: ['availability', 'all'] })
      .describe('Objectives of the service that are asked: the name of one, a list, or `all`.'),
    window: duration({ minMs: 10_000, maxMs: 31 * 86_400_000, example: '1h' })
      .optional()
      .describe('The target has to be kept over the last so much time; without it nothing may fire, and budget has to be left.'),
    left: percent({ maxPpm: 1_000_000, example: '10%' }).optional().describe('Part of the error budget that has to be left.'),
  })
  .transform(
    ({ slo, window, left }): GateCondition => ({
      slo: slo === 'all' ? null : typeof slo === 'string' ? [slo] : slo,
      windowMs: window ?? null,
      leftPpm: left ?? null,
    }),
  );

/** The same after all traffic has come: the window begins with it. */
export const lastGate = gate.refine(({ windowMs }) => windowMs !== null, {
  error: 'expected window: 1h beside slo, which says how long the version is looked at with all of the traffic',
});

/** What the error budget has to bear before each step gets its traffic. */
export const budget = z
  .strictObject({
    keep: percent({ maxPpm: 1_000_000, example: '10%' })
      .prefault('0%')
      .describe('Part of the error budget that has to be left after the worst that the step may cost unnoticed.'),
    then: z
      .enum(['refuse', 'shrink', 'ask'])
      .default('ask')
      .describe('Otherwise the release goes back, the step gets as much traffic as fits, or it waits for somebody to resume it.'),
  })
  .transform(({ keep, then }): BudgetPolicy => ({ keepPpm: keep, then }));

/** What people read of a gate. */
export function gateText({ slo, windowMs, leftPpm }: GateCondition): string {
  const which = slo === null ? 'all objectives' : slo.join(', ');
  const parts = [
    windowMs === null ? null : `over ${durationText(windowMs)}`,
    leftPpm === null ? null : `${percentText(leftPpm)} of the budget left`,
  ];
  return [which, ...parts.filter((part) => part !== null)].join(', ');
}
