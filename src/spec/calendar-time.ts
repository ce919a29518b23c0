import { z } from 'zod';
import { found } from './issue-text.ts';
import { momentOf } from './local-time.ts';

/** A name of a time zone that this runtime knows (IANA), such as `Europe/Moscow`. */
export const timeZone = z
  .string()
  .superRefine((text, context) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: text });
    } catch {
      context.addIssue({
        code: 'custom',
        message: `expected a time zone such as UTC or Europe/Moscow, found ${found(text)}`,
      });
    }
  })
  .meta({ examples: ['Europe/Moscow'] });

/** Days as documents name them; Monday is the first (ISO 8601). */
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
/** One of them, by its place: Monday is 0. */
export const weekday = z.enum(weekdays).transform(weekdayOf);

/** Place of a day in the week, -1: it is none. */
export function weekdayOf(name: string): number {
  return (weekdays as readonly string[]).indexOf(name);
}

/** Text that `read` makes something of; the error names an example. */
function read<Value>(what: string, pattern: string, example: string, of: (text: string) => Value | undefined) {
  const expected = `expected ${what} such as ${example}`;
  return z
    .string({ error: ({ input }) => (input === undefined ? expected : `${expected}, found ${found(input)}`) })
    .meta({ pattern, examples: [example] })
    .transform((text, context) => {
      const value = of(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: `${expected}, found ${found(text)}` });
      return z.NEVER;
    });
}

/** Minutes since midnight of `09:30`; `24:00` is the end of the day. `undefined`: it is no time. */
export function clockMinutes(text: string): number | undefined {
  const parts = /^(\d\d):(\d\d)$/.exec(text);
  const [hour, minute] = [Number(parts?.[1]), Number(parts?.[2])];
  if (!parts || minute > 59 || hour * 60 + minute > 1_440) return undefined;
  return hour * 60 + minute;
}

/** A time of the day, in minutes since midnight. */
export const clockTime = read('a time of the day', '^([01]\\d|2[0-3]):[0-5]\\d$', '"09:00"', (text) => {
  const minutes = clockMinutes(text);
  return minutes === 1_440 ? undefined : minutes;
});

/** Midnight of `2026-11-02` as if it was UTC, in milliseconds; `undefined`: there is no such day from 1990 to 2199. */
export function dateMs(text: string): number | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!parts) return undefined;
  const ms = Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  const isThere = new Date(ms).toISOString().startsWith(text);
  return isThere && text >= '1990' && text < '2200' ? ms : undefined;
}

/** A day, as its midnight as if it was UTC. */
export const date = read('a date', '^\\d{4}-\\d\\d-\\d\\d$', '2026-11-02', dateMs);

/** A moment, or what clocks show in a zone that is known elsewhere. */
export type WrittenMoment = { readonly ms: number } | { readonly local: number };

/**
 * A moment as people write it: `2026-11-02 09:00`, `2026-11-02T09:00` or `2026-11-02` by the clocks of a place; with `Z` or an offset
 * such as `+01:00` behind it anywhere. `undefined`: it is none.
 */
export function writtenMoment(text: string): WrittenMoment | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  const day = dateMs(parts?.[1] ?? '');
  const minutes = parts?.[2] === undefined ? 0 : clockMinutes(parts[2]);
  const seconds = Number(parts?.[3] ?? 0);
  if (!parts || day === undefined || minutes === undefined || seconds > 59) return undefined;
  const local = day + minutes * 60_000 + seconds * 1_000;
  const zone = parts[4];
  if (zone === undefined) return { local };
  if (zone === 'Z') return { ms: local };
  const offset = clockMinutes(zone.slice(1));
  if (offset === undefined) return undefined;
  return { ms: local - (zone.startsWith('-') ? -offset : offset) * 60_000 };
}

/** A moment, or a time by the clocks of the document's zone. */
export const moment = read(
  'a time',
  '^\\d{4}-\\d\\d-\\d\\d([T ]\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?(Z|[+-]\\d\\d:\\d\\d)?)?$',
  '"2026-11-02 09:00"',
  writtenMoment,
);

/** The moment itself, in unix milliseconds. */
export function momentIn(written: WrittenMoment, zone: string): number {
  return 'ms' in written ? written.ms : momentOf(written.local, zone);
}
