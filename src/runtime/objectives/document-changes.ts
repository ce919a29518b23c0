import type { ServiceState } from '../../release/types.ts';
import type { Objective } from '../../spec/types.ts';
import type { ObjectiveEvent, ObjectivesState } from './objective-records.ts';

/** The objectives of the document in force, and those that only a live release has. */
export type Wanted = { readonly objectives: readonly Objective[]; readonly more: readonly Objective[] };

/** The objectives that a service has by its documents; null: it has no version. What a release brings counts from its beginning: its own gates ask for it. */
export function wantedOf({ stable, live }: ServiceState): Wanted | null {
  const installed = stable ?? live;
  if (!installed) return null;
  const { objectives } = installed.spec;
  const more = live ? live.spec.objectives.filter((one) => !objectives.some((known) => known.name === one.name)) : [];
  return { objectives, more };
}

/** Whether nothing has changed: a document that is still in force has the same list. */
export function isSame(a: Wanted, b: Wanted): boolean {
  return (
    a.objectives === b.objectives &&
    a.more.length === b.more.length &&
    a.more.every(({ name }, index) => name === b.more[index]?.name)
  );
}

/** What has to come on record for the objectives of a service to be those that are wanted. */
export function changesOf(
  state: ObjectivesState,
  { name: service, stable, live }: ServiceState,
  { objectives, more }: Wanted,
): readonly ObjectiveEvent[] {
  const actor = 'controller';
  const wanted = [...objectives, ...more];
  const { version } = stable ?? live ?? { version: 'no version' };
  const known = [...state.objectives.values()].filter((one) => one.service === service && !one.standalone);
  const ids = new Set(wanted.map(({ name }) => `${service}/${name}`));
  const gone = known.filter(({ id }) => !ids.has(id));
  return [
    ...gone.map(
      ({ id }): ObjectiveEvent => ({
        kind: 'objective-removed',
        actor,
        data: { id, why: `the document of ${version} is without it` },
      }),
    ),
    ...wanted.flatMap((objective): readonly ObjectiveEvent[] => {
      const id = `${service}/${objective.name}`;
      const before = state.objectives.get(id)?.versions[0]?.objective;
      if (before && JSON.stringify(before) === JSON.stringify(objective)) return [];
      const why = `it stands in the document of ${more.includes(objective) ? (live?.version ?? version) : version}`;
      return [{ kind: 'objective-set', actor, data: { id, service, standalone: null, objective, why } }];
    }),
  ];
}
