import { z } from 'zod';
import { choice, oneKind } from './choice.ts';
import { isMapping } from './mapping.ts';
import type { KayentaPolicy } from './types.ts';
import { durationText } from './unit-text.ts';
import { duration } from './units.ts';

/**
 * One value a minute is Orca's `step` (KayentaCanaryContext: 60 s). 95 and 75 are the thresholds of Kayenta's own example configuration
 * and of Deck's older canary stage (before Kayenta); where neither stage nor configuration names any, Orca itself falls back to 75 and 50.
 * Kayenta has no default interval (without one it judges once, at the end): 5 minutes are ours, see `valuesMin`.
 */
const defaults = { every: '5m', value: '60s', pass: 95, marginal: 75 } as const;

/** Below five values a side the test blames equal versions too often (22.7 % of comparisons with two, 6.3 % with three, 1.2 % with four). */
const valuesMin = 5;
/** A judgement looks at no more, see `valuesMax` of the judge: a longer interval would leave some unseen. */
const valuesMax = 480;

const score = (what: string) => z.number().min(0).max(100).describe(what);

const settings = z
  .strictObject({
    every: duration({ minMs: 5_000, maxMs: 86_400_000, example: '5m' })
      .prefault(defaults.every)
      .describe('Time with traffic between two judgements; a multiple of `value`.'),
    value: duration({ minMs: 1_000, maxMs: 3_600_000, example: '60s' })
      .prefault(defaults.value)
      .describe('Time that makes one value of each metric.'),
    pass: score('Score from which a judgement passes; a step needs that before it goes on.').default(defaults.pass),
    marginal: score('A judgement with this score or less takes the release back; less than 100.').default(defaults.marginal),
  })
  .superRefine(({ every, value, pass, marginal }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', message, path: [path] });
    if (value % 1_000 !== 0) refuse('value', `expected whole seconds, found ${durationText(value)}`);
    else if (every % value !== 0)
      refuse('every', `expected a multiple of value (${durationText(value)}), found ${durationText(every)}`);
    else if (every < valuesMin * value)
      refuse(
        'every',
        `expected at least ${valuesMin} values, so ${durationText(valuesMin * value)}: with fewer this judge blames equal versions; found ${durationText(every)}`,
      );
    else if (every > valuesMax * value)
      refuse(
        'every',
        `expected at most ${valuesMax} values, so ${durationText(valuesMax * value)}: no more are kept; found ${durationText(every)}`,
      );
    // A score of exactly `marginal` already ends a run.
    if (marginal >= 100) refuse('marginal', 'expected less than 100, or a perfect score would take the release back');
    else if (pass < marginal) refuse('pass', `expected at least marginal (${marginal}), found ${pass}`);
  })
  .transform(
    ({ every, value, pass, marginal }): KayentaPolicy => ({
      kind: 'kayenta',
      valueS: value / 1_000,
      everyS: every / 1_000,
      passMin: pass,
      marginalMin: marginal,
    }),
  );

const byName = z
  .enum(['sequential', 'kayenta'])
  .transform((name): KayentaPolicy | null => (name === 'kayenta' ? settings.parse({}) : null));

const withSettings = oneKind('judge', {
  kayenta: settings.describe("Kayenta's judge with other settings than its defaults."),
}).transform(({ config }) => config);

/** Who compares the candidate with stable: the guard's own tests (null), or Kayenta's judge. */
export const judge = choice([byName, withSettings], (value) => (isMapping(value) ? withSettings : byName))
  .prefault('sequential')
  .meta({
    description:
      "Who compares with the stable version: the guard's own tests that look every second (`sequential`), or Kayenta's judge, for teams who migrate.",
    examples: ['kayenta', { kayenta: { every: '5m', value: '60s', pass: 95, marginal: 75 } }],
  });
