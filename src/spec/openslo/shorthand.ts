import { z } from 'zod';
import { found } from '../issue-text.ts';

const minuteMs = 60_000;
const minutesOf = { m: 1, h: 60, d: 1_440, w: 10_080, M: 43_200, Q: 129_600, Y: 525_600 } as const;

export type ShorthandUnit = keyof typeof minutesOf;

/** A duration of OpenSLO: `4w` has count 4 and unit `w`. A month is 30 days, a quarter 90, a year 365, unless a calendar says. */
export type Shorthand = { readonly count: number; readonly unit: ShorthandUnit; readonly ms: number };

/** Reads `10m`, `5h`, `2d`, `1w`, `3M`, `1Q`, `1Y`; an empty text is no time at all. `undefined`: the text is no duration. */
export function shorthandOf(text: string): Shorthand | undefined {
  if (text === '') return { count: 0, unit: 'm', ms: 0 };
  const [, digits, unit] = /^(\d{1,9})([mhdwMQY])$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const count = Number(digits);
  return { count, unit: unit as ShorthandUnit, ms: count * minutesOf[unit as ShorthandUnit] * minuteMs };
}

/** The shortest way to write whole minutes that means the same with and without a calendar: in days, hours or minutes. Others are rounded up. */
export function shorthandText(ms: number): string {
  const minutes = Math.ceil(ms / minuteMs);
  const unit = (['d', 'h'] as const).find((one) => minutes > 0 && minutes % minutesOf[one] === 0) ?? 'm';
  return `${minutes / minutesOf[unit]}${unit}`;
}

/** Whether OpenSLO can say this time: it has nothing shorter than a minute. */
export function isShorthand(ms: number): boolean {
  return ms % minuteMs === 0;
}

/** A duration in a document. */
export function shorthand(bounds: { readonly countMin: 0 | 1; readonly example: string }) {
  const expected = `expected a duration such as ${bounds.example}`;
  return z
    .string({ error: ({ input }) => (input === undefined ? expected : `${expected}, found ${found(input)}`) })
    .transform((text, context): Shorthand => {
      const value = shorthandOf(text);
      if (value && value.count >= bounds.countMin) return value;
      const units = 'a whole number of m (minutes), h, d, w, M (months), Q or Y';
      context.addIssue({ code: 'custom', message: `${expected}, ${units}, found ${found(text)}` });
      return z.NEVER;
    });
}
