/** A part of a day in minutes since midnight, without its end. */
export type MinuteRange = { readonly from: number; readonly until: number };
/** Both ends are in it. */
export type WholeRange = { readonly from: number; readonly to: number };

/**
 * Times that share something: all that is given has to hold. What is null is not asked for.
 *
 * @see prometheus/alertmanager, timeinterval/timeinterval.go.
 */
export type TimeInterval = {
  readonly times: readonly MinuteRange[] | null;
  /** 0 is Sunday. */
  readonly weekdays: readonly WholeRange[] | null;
  /** From 1; negative ones count from the end of the month, -1 is its last day. */
  readonly daysOfMonth: readonly WholeRange[] | null;
  /** From 1. */
  readonly months: readonly WholeRange[] | null;
  readonly years: readonly WholeRange[] | null;
  /** Name of a time zone. */
  readonly location: string;
};

/** What is wrong with a part of an interval. */
type Refused = { readonly problem: string };

const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const monthNames = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const;

/** Minutes since midnight of `09:30`; `24:00` is the end of the day. */
export function clockMinutes(text: string): number | Refused {
  const parts = /^((?:[01]?\d|2[0-3])):([0-5]\d)$|^24:00$/.exec(text);
  if (!parts) return { problem: `couldn't parse timestamp ${text}, invalid format` };
  return parts[1] === undefined ? 1_440 : Number(parts[1]) * 60 + Number(parts[2]);
}

/** From one time of the day until another. */
export function minuteRange(start: string, end: string): MinuteRange | Refused {
  const [from, until] = [clockMinutes(start), clockMinutes(end)];
  if (typeof from !== 'number') return from;
  if (typeof until !== 'number') return until;
  return from < until ? { from, until } : { problem: 'start time cannot be equal or greater than end time' };
}

/** `monday` or `monday:friday`. */
export function weekdayRange(text: string): WholeRange | Refused {
  return range(
    text,
    (word) => {
      const at = (dayNames as readonly string[]).indexOf(word);
      return at < 0 ? { problem: `${word} is not a valid weekday` } : at;
    },
    () => 'start day cannot be before end day',
  );
}

/** `1`, `10:20`, `-7:-1`. */
export function dayOfMonthRange(text: string): WholeRange | Refused {
  const read = range(text, (word) => {
    const day = wholeNumber(word);
    if (day === null) return { problem: `${word} is not a valid day of the month` };
    return day === 0 || Math.abs(day) > 31 ? { problem: `${day} is not a valid day of the month: out of range` } : day;
  });
  if ('problem' in read) return read;
  const { from, to } = read;
  if (from < 0 && to > 0) return { problem: 'end day must be negative if start day is negative' };
  // In the longest month: there is none in which it holds otherwise.
  const last = to < 0 ? 31 + to + 1 : to;
  if (from > 0 && last < from) return { problem: `end day ${to} is always before start day ${from}` };
  return from < 0 && to < from ? { problem: `end day ${to} is always before start day ${from}` } : read;
}

/** `march`, `3`, `january:march`. */
export function monthRange(text: string): WholeRange | Refused {
  return range(
    text,
    (word) => {
      const at = (monthNames as readonly string[]).indexOf(word);
      const month = at < 0 ? wholeNumber(word) : at + 1;
      return month === null || month < 1 || month > 12 ? { problem: `${word} is not a valid month` } : month;
    },
    (from, to) => `end month ${to} is before start month ${from}`,
  );
}

/** `2026` or `2026:2028`. */
export function yearRange(text: string): WholeRange | Refused {
  return range(
    text,
    (word) => wholeNumber(word) ?? { problem: `${word} is not a valid year` },
    (from, to) => `end year ${to} is before start year ${from}`,
  );
}

function range(
  text: string,
  read: (word: string) => number | Refused,
  backwards?: (from: string, to: string) => string,
): WholeRange | Refused {
  const words = text.toLowerCase().split(':');
  const [first = '', last = first, more] = words;
  if (more !== undefined) return { problem: `couldn't parse range ${text}, invalid format` };
  const [from, to] = [read(first), read(last)];
  if (typeof from !== 'number') return from;
  if (typeof to !== 'number') return to;
  return backwards && to < from ? { problem: backwards(first, last) } : { from, to };
}

function wholeNumber(text: string): number | null {
  return /^[+-]?\d{1,6}$/.test(text) ? Number(text) : null;
}

/** The parts of an interval as documents write them. */
export const writtenRanges = {
  weekdays: (ranges: readonly WholeRange[]) => ranges.map((one) => rangeText(one, (day) => dayNames[day] ?? '')),
  daysOfMonth: (ranges: readonly WholeRange[]) => ranges.map((one) => rangeText(one, String)),
  months: (ranges: readonly WholeRange[]) => ranges.map((one) => rangeText(one, (month) => monthNames[month - 1] ?? '')),
  years: (ranges: readonly WholeRange[]) => ranges.map((one) => rangeText(one, String)),
};

function rangeText({ from, to }: WholeRange, name: (value: number) => string): string {
  return from === to ? name(from) : `${name(from)}:${name(to)}`;
}

/** `09:30`. */
export function clockText(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
