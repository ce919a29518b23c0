import type { NotifyTarget } from './escalation-policy.ts';
import type { IncidentSetup } from './incident-setup.ts';
import { found } from './issue-text.ts';
import { nearest } from './nearest.ts';
import type { ReleasePolicy } from './types.ts';

/**
 * Whom the document of a service names for its releases and timeline and the setup does not have, each in a sentence: nobody would be told.
 * The document cannot be refused for it, since the setup changes without it.
 */
export function unknownReaders(
  { notify = [], timeline = [] }: Pick<ReleasePolicy, 'notify' | 'timeline'>,
  { notifiers, people, schedules }: Pick<IncidentSetup, 'notifiers' | 'people' | 'schedules'>,
): readonly string[] {
  const named = [
    ...notify.map(({ to }) => to),
    ...timeline.flatMap(({ does }) => (does.kind === 'notify' ? (does.to ?? []) : [])),
  ];
  const lacking = named.flatMap((target) => {
    const [kind, name, all] = wanted(target, { notifiers, people, schedules });
    const names = all.map((one) => one.name);
    if (names.includes(name)) return [];
    const near = nearest(name, names);
    const hint = near === undefined ? '' : `; did you mean ${found(near)}?`;
    return [`nobody is told of it by ${found(name)}: the setup has no ${kind} of that name${hint}`];
  });
  return [...new Set(lacking)];
}

type Named = readonly { readonly name: string }[];

function wanted(
  target: NotifyTarget,
  { notifiers, people, schedules }: Pick<IncidentSetup, 'notifiers' | 'people' | 'schedules'>,
): readonly [kind: string, name: string, all: Named] {
  if ('notifier' in target) return ['Notifier', target.notifier, notifiers];
  if ('person' in target) return ['Person', target.person, people];
  return ['Schedule', target.schedule, schedules];
}
