import type { FlagSetSpec } from '../spec/flag-set.ts';
import type { Flag, FlagLevel, FlagRecord, FlagsState, SetLevel } from './types.ts';

/** No flag at all. */
export const noFlags: FlagsState = { sets: new Map(), flags: new Map() };

/** The flags after an event. Pure: the state is a fold over the stream `flags`. */
export function takeFlags(state: FlagsState, event: FlagRecord): FlagsState {
  const { subject, why } = event.data;
  const at = { by: event.actor, why, atMs: event.at };
  switch (event.kind) {
    case 'flag-set-applied':
      return ofSets(new Map(state.sets).set(subject, event.data.after), state);
    case 'flag-set-removed': {
      const sets = new Map(state.sets);
      sets.delete(subject);
      return ofSets(sets, state);
    }
    case 'flag-off':
    case 'flag-share':
      return withLevel(state, subject, { level: event.data.after, ...at });
    case 'flag-reset':
      return withLevel(state, subject, null);
  }
}

/** Whether two levels are the same. */
export function isSameLevel(a: FlagLevel | null, b: FlagLevel | null): boolean {
  if (a?.kind === 'share' && b?.kind === 'share') return a.variant === b.variant && a.sharePpm === b.sharePpm;
  return a?.kind === b?.kind;
}

/** The flags of these sets. A level stays with its flag whatever the document becomes: applying it again switches nothing on. */
function ofSets(sets: ReadonlyMap<string, FlagSetSpec>, before: FlagsState): FlagsState {
  const flags = new Map<string, Flag>();
  for (const { name, flags: specs } of sets.values())
    for (const [key, spec] of Object.entries(specs)) {
      const known = before.flags.get(key);
      flags.set(key, { key, set: name, spec, level: known?.set === name ? known.level : null });
    }
  return { sets, flags };
}

function withLevel(state: FlagsState, key: string, level: SetLevel | null): FlagsState {
  const flag = state.flags.get(key);
  return flag ? { ...state, flags: new Map(state.flags).set(key, { ...flag, level }) } : state;
}
