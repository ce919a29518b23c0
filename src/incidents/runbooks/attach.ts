import type { RunbookSpec } from '../../spec/runbook.ts';
import { isLike } from '../../spec/star-pattern.ts';
import type { Incident } from '../types.ts';
import { runbooksMax } from './fold.ts';

/**
 * The runbooks of an incident, those of the setup first: each that is for one of its alerts and for its service. A built-in one is
 * attached where the setup has none of the same name. Of a service that is not known here nothing can be looked up: those steps are left
 * out, and a runbook with no others.
 */
export function runbooksOf(
  incident: Pick<Incident, 'service' | 'alerts' | 'title' | 'openedBy'>,
  own: readonly RunbookSpec[],
  builtin: readonly RunbookSpec[],
  isKnown: (service: string) => boolean,
): readonly RunbookSpec[] {
  // What a person has opened may have no alert: then its title says what it is about.
  const called = [...incident.alerts.map(({ name }) => name), ...(incident.openedBy === null ? [] : [incident.title])];
  const isFor = ({ services, alerts }: RunbookSpec): boolean =>
    (services.length === 0 || (incident.service !== null && services.includes(incident.service))) &&
    called.some((name) => alerts.some((pattern) => isNamed(name, pattern)));
  const names = new Set(own.map(({ name }) => name));
  const fitting = [...own, ...builtin.filter(({ name }) => !names.has(name))].filter(isFor);
  const canLook = incident.service !== null && isKnown(incident.service);
  return (canLook ? fitting : fitting.flatMap(withoutLooks)).slice(0, runbooksMax);
}

function withoutLooks(runbook: RunbookSpec): readonly RunbookSpec[] {
  const steps = runbook.steps.filter(({ does }) => does.kind !== 'look');
  return steps.length === 0 ? [] : [{ ...runbook, steps }];
}

/** Whether a pattern with `*` for anything stands for a name. Letters count the same, small or not. */
export function isNamed(name: string, pattern: string): boolean {
  return isLike(name.toLowerCase(), pattern.toLowerCase());
}
