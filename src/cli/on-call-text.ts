import { clockText } from '../incidents/on-call/finding-texts.ts';
import type { OnCallFinding } from '../incidents/on-call/findings.ts';
import type { StandingOverride } from '../incidents/on-call/overrides.ts';
import type { OnCallView, ShiftView } from '../views/on-call-view.ts';
import { localTimeText, table } from './table.ts';

/** Who is on call of each schedule, and the shifts that were asked for, by the clocks of the schedules. */
export function onCallText(views: readonly OnCallView[]): string {
  return views.some(({ shifts }) => shifts.length > 0) ? views.map(viewText).join('\n') : table(views.map(headOf));
}

function headOf({ schedule, timeZone, now, next }: OnCallView): readonly string[] {
  const until = now.untilMs === null ? 'from now on' : `until ${clockText(now.untilMs, timeZone)}`;
  return [schedule, nameOf(now), `${until}${next ? `, then ${nameOf(next)}` : ''} (${timeZone})`];
}

function viewText(view: OnCallView): string {
  const { timeZone, shifts } = view;
  const rows = shifts.map((shift) => [
    `  ${clockText(shift.fromMs, timeZone)}`,
    shift.untilMs === null ? '' : clockText(shift.untilMs, timeZone),
    nameOf(shift),
    reasonOf(shift),
  ]);
  return [headOf(view).join('  '), ...(rows.length > 0 ? [table(rows)] : [])].join('\n');
}

function nameOf({ person, fullName }: ShiftView): string {
  if (person === null) return 'nobody';
  return fullName === null || fullName === person ? person : `${fullName} (${person})`;
}

function reasonOf({ by }: ShiftView): string {
  if (by === null) return '';
  if (by.kind === 'layer') return by.layer;
  const what = by.insteadOf === null ? 'override' : `swapped with ${by.insteadOf}`;
  return by.why === null ? what : `${what}: ${by.why}`;
}

/** What was found, a line each. */
export function findingsText(found: readonly (Omit<OnCallFinding, 'text'> & { readonly text: string })[], days: number): string {
  if (found.length === 0) return `somebody is on call and is reached at any time of ${days} ${days === 1 ? 'day' : 'days'}`;
  return found
    .map(
      ({ level, document, path, text }) =>
        `${level}: ${document.kind} ${document.name}${path === '' ? '' : `, ${path}`}: ${text}`,
    )
    .join('\n');
}

/** Overrides and swaps that were asked for, in the reader's time zone. */
export function overridesText(standing: readonly StandingOverride[]): string {
  const none = 'nothing stands beside the documents; `rampart oncall override` and `swap` add something';
  return standing.length === 0 ? none : table(standing.map(overrideRow));
}

/** One of them. */
export function overrideRow({ id, schedule, overrides, by, why }: StandingOverride): readonly string[] {
  const times = overrides.map(
    ({ person, fromMs, untilMs, insteadOf }) =>
      `${person}${insteadOf === null ? '' : ` for ${insteadOf}`} from ${localTimeText(fromMs)} to ${localTimeText(untilMs)}`,
  );
  return [id, schedule, times.join(', '), `by ${by}${why === '' ? '' : `: ${why}`}`];
}
