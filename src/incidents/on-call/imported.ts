import type { PersonSpec } from '../../spec/person.ts';

/** A time that a calendar has for somebody. */
export type CalendarEvent = {
  readonly summary: string;
  /** Addresses without `mailto:`. */
  readonly attendees: readonly string[];
  /** Unix milliseconds; `untilMs` is not in it. */
  readonly fromMs: number;
  readonly untilMs: number;
};

/** Somebody's time, as an override has it. */
export type ImportedShift = { readonly person: string; readonly fromMs: number; readonly untilMs: number };

/**
 * Whose times the events of a calendar are: of the person one of whose contacts is invited, else of the one whose name is in the title. In
 * the order of their beginnings.
 *
 * @returns `unknown`: titles of events of nobody, or of several people, each once.
 */
export function importedShifts(
  events: readonly CalendarEvent[],
  people: readonly PersonSpec[],
): { readonly shifts: readonly ImportedShift[]; readonly unknown: readonly string[] } {
  const shifts: ImportedShift[] = [];
  const unknown = new Set<string>();
  for (const event of events.toSorted((a, b) => a.fromMs - b.fromMs || a.untilMs - b.untilMs)) {
    const [person, other] = invited(event, people) ?? titled(event, people);
    if (person && !other) shifts.push({ person: person.name, fromMs: event.fromMs, untilMs: event.untilMs });
    else unknown.add(event.summary);
  }
  return { shifts, unknown: [...unknown] };
}

function invited({ attendees }: CalendarEvent, people: readonly PersonSpec[]): readonly PersonSpec[] | undefined {
  const addresses = attendees.map((address) => address.toLowerCase());
  const found = people.filter(({ contacts }) => contacts.some(({ to }) => to !== null && addresses.includes(to.toLowerCase())));
  return found.length > 0 ? found : undefined;
}

/** By the whole name that people call them, else by the name of their document. */
function titled({ summary }: CalendarEvent, people: readonly PersonSpec[]): readonly PersonSpec[] {
  const words = ` ${summary
    .toLowerCase()
    .split(/[^\p{L}\p{N}-]+/u)
    .join(' ')} `;
  const has = (name: string): boolean =>
    words.includes(
      ` ${name
        .toLowerCase()
        .split(/[^\p{L}\p{N}-]+/u)
        .filter(Boolean)
        .join(' ')} `,
    );
  const full = people.filter(({ fullName }) => has(fullName));
  return full.length > 0 ? full : people.filter(({ name }) => has(name));
}
