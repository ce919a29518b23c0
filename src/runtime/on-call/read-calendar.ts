import { messageOf, UserError } from '../../errors.ts';
import { type CalendarClock, describedClock, type Observance, zoneClock } from '../../incidents/on-call/calendar-clock.ts';
import type { CalendarEvent } from '../../incidents/on-call/imported.ts';
import { beginnings } from '../../incidents/on-call/recurrence.ts';
import { type Component, type Property, parts, propertiesOf, propertyOf, textOf } from './components.ts';
import { recurrenceOf } from './recurrence-rule.ts';

const dayMs = 86_400_000;
const yearMs = 366 * dayMs;
const eventsMax = 5_000;
const recurringMax = 500;
/** As many as a schedule may have overrides. */
const timesMax = 1_000;
/** Something that has come again for longer than this is no rotation any more; its days are looked at one by one. */
const recurringMs = 20 * yearMs;

/** The time that is asked for, in unix milliseconds, and the zone of times that name none. */
export type CalendarWindow = { readonly zone: string; readonly fromMs: number; readonly untilMs: number };

/**
 * The events of an iCalendar (RFC 5545) that lie in a time, those that come again as often as they do. Cancelled ones are left out.
 *
 * @param file - Name for messages; nothing is read from it.
 * @throws UserError `E_CALENDAR` for what is no calendar, what cannot be read exactly, and more than 1,000 events in the time.
 */
export async function readCalendar(text: string, file: string, window: CalendarWindow): Promise<readonly CalendarEvent[]> {
  const calendars = await parsed(text, file);
  const components = calendars.flatMap(parts);
  const events = components.filter(([name]) => name === 'vevent').filter((event) => textOf(event, 'status') !== 'CANCELLED');
  const refuse = refusal(file);
  if (events.length > eventsMax || events.filter((event) => propertyOf(event, 'rrule')).length > recurringMax)
    throw refuse(
      `expected at most ${eventsMax} events, ${recurringMax} of which come again`,
      'export a shorter time of the calendar',
    );
  const zones = zonesOf(components, window, file);
  const replaced = replacedOf(events, zones, file);
  const found: CalendarEvent[] = [];
  for (const event of events) {
    for (const time of timesOf(event, zones, replaced, window, file)) found.push(time);
    if (found.length > timesMax)
      throw refuse(`there are more than ${timesMax} events in the time`, 'read fewer days with --days');
  }
  return found;
}

async function parsed(text: string, file: string): Promise<readonly Component[]> {
  const refuse = refusal(file);
  const { default: library } = await import('ical.js');
  let found: unknown;
  try {
    found = library.parse(text);
  } catch (error) {
    throw refuse(`no iCalendar: ${messageOf(error).slice(0, 200)}`, 'give a file that begins with BEGIN:VCALENDAR');
  }
  // Several calendars in one text come as a list of them.
  const all = (Array.isArray(found) && typeof found[0] === 'string' ? [found] : found) as readonly Component[];
  if (all.length > 0 && all.every(([name]) => name === 'vcalendar')) return all;
  throw refuse('no iCalendar', 'give a file that begins with BEGIN:VCALENDAR');
}

type Refuse = (what: string, fix: string, event?: Component) => UserError;

function refusal(file: string): Refuse {
  return (what, fix, event) => {
    const title = event === undefined ? '' : textOf(event, 'summary').slice(0, 100);
    return new UserError('E_CALENDAR', what, { where: title === '' ? file : `${file}, event ${JSON.stringify(title)}`, fix });
  };
}

/** The clock of a TZID, undefined: none is known. */
type Zones = (tzid: string | undefined) => CalendarClock | undefined;

function zonesOf(components: readonly Component[], { zone, fromMs, untilMs }: CalendarWindow, file: string): Zones {
  const described = new Map(
    components.filter(([name]) => name === 'vtimezone').map((component) => [textOf(component, 'tzid'), component]),
  );
  const made = new Map<string, CalendarClock | undefined>();
  return (tzid = zone) => {
    if (!made.has(tzid)) {
      const known = knownZone(tzid);
      const component = described.get(tzid);
      const clock =
        known === undefined && component
          ? // Also what comes again began long before the time that is asked for.
            describedClock(observancesOf(component, file), fromMs - recurringMs, untilMs)
          : known === undefined
            ? undefined
            : zoneClock(known);
      made.set(tzid, clock);
    }
    return made.get(tzid);
  };
}

/** `Europe/Berlin`, also behind a prefix: `/freeassociation.sourceforge.net/Europe/Berlin`. What the runtime knows is exact. */
function knownZone(tzid: string): string | undefined {
  const words = tzid.split('/').filter((word) => word !== '');
  return [tzid, words.slice(-3).join('/'), words.slice(-2).join('/')].find((name) => {
    try {
      return name !== '' && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
    } catch {
      return false;
    }
  });
}

function observancesOf(component: Component, file: string): readonly Observance[] {
  return parts(component).map((part): Observance => {
    const start = propertyOf(part, 'dtstart');
    const refuse = refusal(file);
    const offset = (name: string): number => {
      const found = /^([+-])(\d\d):(\d\d)/.exec(textOf(part, name));
      if (!found) throw refuse(`the zone ${textOf(component, 'tzid')} has no ${name.toUpperCase()}`, 'correct its VTIMEZONE');
      return (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) * 60_000;
    };
    const first = start ? localOf(start) : undefined;
    if (first === undefined) throw refuse(`the zone ${textOf(component, 'tzid')} has no DTSTART`, 'correct its VTIMEZONE');
    const offsetBeforeMs = offset('tzoffsetfrom');
    const rule = propertyOf(part, 'rrule');
    const read = rule ? recurrenceOf(rule, (ms) => ms + offsetBeforeMs) : null;
    if (typeof read === 'string')
      throw refuse(`the zone ${textOf(component, 'tzid')}: ${read}`, 'export the calendar with zones such as Europe/Berlin');
    return { firstLocalMs: first, offsetBeforeMs, offsetMs: offset('tzoffsetto'), rule: read };
  });
}

/** What the clock of a property shows, as if it was UTC; of a date its midnight. */
function localOf(property: Property, index = 0): number | undefined {
  const text = String(property[3 + index] ?? '');
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ?)?$/.test(text)) return undefined;
  const ms = Date.parse(text.length === 10 ? `${text}T00:00Z` : `${text.replace('Z', '')}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

type Begin = { readonly local: number; readonly clock: CalendarClock; readonly isDate: boolean };

/** A property of date or time with its clock; undefined where it is not there. */
function beginOf(event: Component, property: Property | undefined, zones: Zones, refuse: Refuse, index = 0): Begin | undefined {
  if (!property) return undefined;
  const local = localOf(property, index);
  const name = property[0].toUpperCase();
  if (local === undefined) throw refuse(`${name} is no time`, 'correct the event', event);
  const isUtc = String(property[3 + index]).endsWith('Z');
  const tzid = property[1].tzid;
  const clock = zones(isUtc ? 'UTC' : typeof tzid === 'string' ? tzid : undefined);
  if (!clock)
    throw refuse(`the zone ${String(tzid)} is not known, nor described`, 'export it with its VTIMEZONE, or in UTC', event);
  return { local, clock, isDate: property[2] === 'date' };
}

const idOf = (event: Component, ms: number): string => `${textOf(event, 'uid')} ${ms}`;

/** Single times of events that come again which another event stands for. */
function replacedOf(events: readonly Component[], zones: Zones, file: string): ReadonlySet<string> {
  const refuse = refusal(file);
  return new Set(
    events.flatMap((event) => {
      const property = propertyOf(event, 'recurrence-id');
      const begin = beginOf(event, property, zones, refuse);
      if (property?.[1].range !== undefined)
        throw refuse('a change of all later times (RANGE) is not read', 'end the event there and begin a new one', event);
      return begin ? [idOf(event, begin.clock.momentOf(begin.local))] : [];
    }),
  );
}

function timesOf(
  event: Component,
  zones: Zones,
  replaced: ReadonlySet<string>,
  { fromMs, untilMs }: CalendarWindow,
  file: string,
): readonly CalendarEvent[] {
  const refuse = refusal(file);
  const begin = beginOf(event, propertyOf(event, 'dtstart'), zones, refuse);
  if (!begin) throw refuse('an event has no DTSTART', 'correct the event', event);
  const { local, clock } = begin;
  const endOf = endsOf(event, begin, zones, refuse);
  const isReplacing = propertyOf(event, 'recurrence-id') !== undefined;
  const left = new Set(
    propertiesOf(event, 'exdate').flatMap((property) =>
      property.slice(3).map((_, index) => {
        const one = beginOf(event, property, zones, refuse, index);
        return one?.isDate && !begin.isDate ? `day ${one.local}` : one?.clock.momentOf(one.local);
      }),
    ),
  );
  if (propertyOf(event, 'rdate'))
    throw refuse('single times beside a rule (RDATE) are not read', 'make them events of their own', event);
  const property = propertyOf(event, 'rrule');
  const rule = property && !isReplacing ? recurrenceOf(property, clock.localMs) : null;
  if (typeof rule === 'string') throw refuse(rule, 'give its times as single events', event);
  if (rule && local < untilMs - recurringMs) throw refuse('it has come again for more than 20 years', 'begin it later', event);
  const locals = rule ? beginnings(rule, local, clock.localMs(untilMs)) : [local];
  const summary = textOf(event, 'summary');
  const attendees = propertiesOf(event, 'attendee').map((one) => String(one[3]).replace(/^mailto:/i, ''));
  const found: CalendarEvent[] = [];
  for (const one of locals) {
    const time = { summary, attendees, fromMs: clock.momentOf(one), untilMs: endOf(one) };
    const isLeft = left.has(time.fromMs) || left.has(`day ${Math.floor(one / dayMs) * dayMs}`);
    const isElsewhere = !isReplacing && replaced.has(idOf(event, time.fromMs));
    if (!isLeft && !isElsewhere && time.fromMs < untilMs && time.untilMs > fromMs && time.fromMs < time.untilMs) found.push(time);
    if (found.length > timesMax) break;
  }
  return found;
}

/** When a time of an event ends that begins at a time of its clock. Days are those of the clock, hours are exact. */
function endsOf(event: Component, { local, clock, isDate }: Begin, zones: Zones, refuse: Refuse): (begin: number) => number {
  const end = beginOf(event, propertyOf(event, 'dtend'), zones, refuse);
  if (end) {
    if (end.clock === clock) return (begin) => clock.momentOf(begin + end.local - local);
    const lengthMs = end.clock.momentOf(end.local) - clock.momentOf(local);
    return (begin) => clock.momentOf(begin) + lengthMs;
  }
  const given = textOf(event, 'duration');
  const duration = /^\+?P(?:(\d{1,4})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?)$/.exec(given);
  if (given !== '' && !duration) throw refuse(`DURATION is none: ${given.slice(0, 50)}`, 'correct the event', event);
  const [, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (duration ?? []).map((part) => Number(part ?? 0));
  const wholeDays = duration ? weeks * 7 + days : isDate ? 1 : 0;
  return (begin) => clock.momentOf(begin + wholeDays * dayMs) + ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}
