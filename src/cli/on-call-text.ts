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

/** What was found, and in which schedules and escalation policies it was looked. */
export type FoundView = {
  readonly findings: readonly (Omit<OnCallFinding, 'text'> & { readonly text: string })[];
  readonly schedules: readonly string[];
  readonly policies: readonly string[];
};

/**
 * What was found, a line each.
 *
 * @param isNobodyCalled - There is no escalation policy, and none elsewhere.
 */
export function findingsText({ findings, schedules, policies }: FoundView, days: number, isNobodyCalled: boolean): string {
  const lines = findings.map(
    ({ level, document, path, text }) => `${level}: ${document.kind} ${document.name}${path === '' ? '' : `, ${path}`}: ${text}`,
  );
  if (isNobodyCalled) return ['error: nobody is called of incidents: there is no escalation policy', ...lines].join('\n');
  if (lines.length > 0) return lines.join('\n');
  const time = `at any time of ${days} ${days === 1 ? 'day' : 'days'}`;
  if (policies.length === 0) return `somebody is on call ${time}; whom that calls is not known: no file has an EscalationPolicy`;
  return schedules.length === 0 ? `each step reaches somebody ${time}` : `somebody is on call and is reached ${time}`;
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
