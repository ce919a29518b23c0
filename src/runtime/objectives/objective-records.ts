import type { Correction } from '../../slo/corrections.ts';
import type { Objective, StandaloneObjective } from '../../spec/types.ts';
import type { RecordedState, Recording } from '../recorded-state.ts';

/** Name of the stream that records which objectives there are, as they were at any time, and what is left out of their counts. */
export const objectivesStream = 'objectives';

/** An objective from some moment on. */
export type ObjectiveVersion = { readonly sinceMs: number; readonly objective: Objective; readonly by: string };

/** What is known of an objective. `standalone` null: a service's document has it. */
export type KnownObjective = {
  readonly id: string;
  readonly service: string | null;
  readonly standalone: StandaloneObjective | null;
  /** The newest first, bounded. */
  readonly versions: readonly ObjectiveVersion[];
};

export type ObjectivesState = {
  readonly objectives: ReadonlyMap<string, KnownObjective>;
  readonly corrections: readonly Correction[];
};

export type ObjectiveEvent =
  | {
      readonly kind: 'objective-set';
      readonly actor: string;
      readonly data: {
        readonly id: string;
        readonly service: string | null;
        readonly standalone: StandaloneObjective | null;
        readonly objective: Objective;
        /** What came with it: a version of the service, or what somebody has said. */
        readonly why: string;
      };
    }
  | { readonly kind: 'objective-removed'; readonly actor: string; readonly data: { readonly id: string; readonly why: string } }
  | { readonly kind: 'correction-added'; readonly actor: string; readonly data: Omit<Correction, 'by'> }
  | {
      readonly kind: 'correction-removed';
      readonly actor: string;
      readonly data: { readonly id: string; readonly objective: string; readonly why: string };
    };

export type ObjectivesRecorded = RecordedState<ObjectivesState, ObjectiveEvent>;

const versionsMax = 50;
const kinds: Readonly<Record<ObjectiveEvent['kind'], true>> = {
  'objective-set': true,
  'objective-removed': true,
  'correction-added': true,
  'correction-removed': true,
};

/** How objectives are recorded. */
export const objectiveRecording: Recording<ObjectivesState, ObjectiveEvent> = {
  stream: objectivesStream,
  empty: { objectives: new Map(), corrections: [] },
  take,
  kinds: Object.keys(kinds) as ObjectiveEvent['kind'][],
  what: 'objectives',
  held: 'no objective is changed',
};

function take(state: ObjectivesState, event: ObjectiveEvent & { readonly at: number }): ObjectivesState {
  const { actor, at } = event;
  switch (event.kind) {
    case 'objective-set': {
      const { id, service, standalone, objective } = event.data;
      const versions = [{ sinceMs: at, objective, by: actor }, ...(state.objectives.get(id)?.versions ?? [])];
      const objectives = new Map(state.objectives).set(id, { id, service, standalone, versions: versions.slice(0, versionsMax) });
      return { ...state, objectives };
    }
    case 'objective-removed': {
      const objectives = new Map(state.objectives);
      objectives.delete(event.data.id);
      return { ...state, objectives };
    }
    case 'correction-added':
      return { ...state, corrections: [...state.corrections, { ...event.data, by: actor }] };
    case 'correction-removed':
      return { ...state, corrections: state.corrections.filter(({ id }) => id !== event.data.id) };
  }
}

/** Whether the same events are counted for both: then a changed target goes on with the counts that there are. */
export function countsTheSame(a: Objective, b: Objective): boolean {
  const counted = ({ belowMs, events, slices }: Objective) => JSON.stringify([belowMs, events ?? null, slices ?? null]);
  return counted(a) === counted(b);
}
