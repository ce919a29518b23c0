import type { Origin } from '../access/types.ts';
import type { SetupFile } from '../spec/incident-setup.ts';
import type { NotifierSpec } from '../spec/notifier.ts';

/** What the stream `incident-setup` records: all of a setup, as its writers have it. */
export type SetupEvent = {
  readonly kind: 'incident-setup-applied';
  readonly actor: string;
  readonly data: {
    readonly version: number;
    readonly files: readonly SetupFile[];
    /** As they were understood: what one of them has begun is ended with the same configuration, whatever documents mean by then. */
    readonly notifiers: readonly NotifierSpec[];
    readonly why: string;
    readonly from?: Origin;
  };
};

/** A configuration of a notifier, from the version of the setup on that has brought it. */
export type NotifierRevision = { readonly revision: number; readonly spec: NotifierSpec };

/** The setup that is in force, as it is on record. Version 0: there is none. */
export type SetupState = {
  readonly version: number;
  readonly files: readonly SetupFile[];
  readonly by: string;
  readonly why: string;
  /** Unix milliseconds; null: none was applied. */
  readonly atMs: number | null;
  /** Revision in force of each notifier. */
  readonly current: ReadonlyMap<string, number>;
  /** Every configuration of each notifier, also of those that are gone, oldest first. */
  readonly notifiers: ReadonlyMap<string, readonly NotifierRevision[]>;
};

/** Configurations of one notifier that are kept. */
const revisionsMax = 100;

/** No setup was applied. */
export const noSetupState: SetupState = {
  version: 0,
  files: [],
  by: '',
  why: '',
  atMs: null,
  current: new Map(),
  notifiers: new Map(),
};

/** The setup after an event. Pure: the state is a fold over the stream `incident-setup`. */
export function takeSetup(state: SetupState, { at, actor, data }: SetupEvent & { readonly at: number }): SetupState {
  const notifiers = new Map(state.notifiers);
  const current = new Map<string, number>();
  for (const spec of data.notifiers) {
    const before = notifiers.get(spec.name) ?? [];
    const last = before.at(-1);
    // One that was away and is back the same is the same.
    const isSame = last !== undefined && JSON.stringify(last.spec) === JSON.stringify(spec);
    if (!isSame) notifiers.set(spec.name, [...before, { revision: data.version, spec }].slice(-revisionsMax));
    current.set(spec.name, isSame ? last.revision : data.version);
  }
  const { version, files, why } = data;
  return { version, files, by: actor, why, atMs: at, current, notifiers };
}

/** A configuration of a notifier, or undefined when it is not kept any more. */
export function notifierAt(state: SetupState, name: string, revision: number): NotifierSpec | undefined {
  return state.notifiers.get(name)?.find((one) => one.revision === revision)?.spec;
}
