import type { PersonSpec } from '../../spec/person.ts';
import type { ScheduleSpec } from '../../spec/schedule.ts';
import { type Shift, shiftsBetween } from './shifts.ts';

const dayMs = 86_400_000;
/** Shifts that lie across the ends of the time are looked for so far beyond them, to be whole. */
const beyondMs = 31 * dayMs;

/** What goes into a calendar. */
export type CalendarAsked = {
  readonly schedules: readonly ScheduleSpec[];
  readonly people: readonly PersonSpec[];
  /** Only the shifts of that person; null: of everybody. */
  readonly person: string | null;
  /** Unix milliseconds. A shift that lies across an end is in it as a whole. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly nowMs: number;
  readonly language: 'en' | 'ru';
};

/**
 * The shifts of a time as an iCalendar (RFC 5545), an event each. Times are in UTC, so that no reader has to know the rules of a zone; the
 * UID of a shift is the same each time, so that a calendar which is read again moves nothing else. Ends with a line break, lines with
 * CRLF.
 */
export function calendarText({ schedules, people, person, fromMs, untilMs, nowMs, language }: CalendarAsked): string {
  const nameOf = (name: string): string => people.find((one) => one.name === name)?.fullName ?? name;
  const events = schedules.flatMap((schedule) =>
    shiftsBetween(schedule, fromMs - beyondMs, untilMs + beyondMs).flatMap((shift): readonly string[] => {
      const { onCall } = shift;
      if (onCall === null || shift.untilMs <= fromMs || shift.fromMs >= untilMs) return [];
      if (person !== null && onCall.person !== person) return [];
      const summary = language === 'en' ? `On call: ${schedule.name}` : `Дежурство: ${schedule.name}`;
      return [
        'BEGIN:VEVENT',
        line('UID', `${schedule.name}.${utc(shift.fromMs)}.${onCall.person}@rampart`),
        `DTSTAMP:${utc(nowMs)}`,
        `DTSTART:${utc(shift.fromMs)}`,
        `DTEND:${utc(shift.untilMs)}`,
        line('SUMMARY', `${summary} (${nameOf(onCall.person)})`),
        line('DESCRIPTION', reasonOf(shift, nameOf, language)),
        'CATEGORIES:ON-CALL',
        'TRANSP:TRANSPARENT',
        'END:VEVENT',
      ];
    }),
  );
  const of = person === null ? schedules.map(({ name }) => name).join(', ') : nameOf(person);
  const head = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Rampart//On-call//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    line('NAME', of),
    line('X-WR-CALNAME', of),
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    'X-PUBLISHED-TTL:PT1H',
  ];
  return [...head, ...events, 'END:VCALENDAR'].map((one) => `${folded(one)}\r\n`).join('');
}

/** Why it is this person, for people. */
function reasonOf({ onCall }: Shift, nameOf: (name: string) => string, language: 'en' | 'ru'): string {
  if (onCall === null) return '';
  const { by } = onCall;
  if (by.kind === 'layer') return language === 'en' ? `layer ${by.layer}` : `слой ${by.layer}`;
  const said = by.why === null ? '' : `: ${by.why}`;
  if (by.insteadOf !== null) {
    const other = nameOf(by.insteadOf);
    return `${language === 'en' ? `swapped with ${other}` : `обмен: вместо ${other}`}${said}`;
  }
  return `${language === 'en' ? 'override' : 'замена'}${said}`;
}

/** `20261102T080000Z`. */
function utc(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** A property of type TEXT. What controls a terminal or a parser is left out of it. */
function line(name: string, text: string): string {
  const escaped = text
    .replace(/[\\;,]/g, (sign) => `\\${sign}`)
    .replace(/\r\n|\r|\n/g, '\\n')
    .replace(/[\x00-\x08\x0a-\x1f\x7f]/g, '');
  return `${name}:${escaped}`;
}

/** A line in parts of at most 75 bytes, the later ones behind a space; no letter is cut. */
function folded(text: string): string {
  const parts: string[] = [''];
  let bytes = 0;
  for (const letter of text) {
    const size = new TextEncoder().encode(letter).length;
    if (bytes + size > 75) {
      parts.push('');
      // The space at the beginning is one of the 75.
      bytes = 1;
    }
    parts[parts.length - 1] += letter;
    bytes += size;
  }
  return parts.join('\r\n ');
}
