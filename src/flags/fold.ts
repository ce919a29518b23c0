import type { FlagSetSpec } from '../spec/flag-set.ts';
import type { Flag, FlagLevel, FlagRecord, FlagsState } from './types.ts';

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
      return withFlag(state, subject, { level: { level: event.data.after, ...at } });
    case 'flag-routed': {
      const { after } = event.data;
      return withFlag(state, subject, { route: after && { ...after, atMs: event.at } });
    }
    case 'flag-reset':
      return withFlag(state, subject, { level: null });
  }
}

/** Whether two levels are the same. */
export function isSameLevel(a: FlagLevel | null, b: FlagLevel | null): boolean {
  if (a?.kind === 'share' && b?.kind === 'share') return a.variant === b.variant && a.sharePpm === b.sharePpm;
  return a?.kind === b?.kind;
}

/** The flags of these sets. Level and route stay with their flag whatever the document becomes: applying it again switches nothing on. */
function ofSets(sets: ReadonlyMap<string, FlagSetSpec>, before: FlagsState): FlagsState {
  const flags = new Map<string, Flag>();
  for (const { name, flags: specs } of sets.values())
    for (const [key, spec] of Object.entries(specs)) {
      const known = before.flags.get(key);
      const kept = known?.set === name ? known : { level: null, route: null };
      flags.set(key, { key, set: name, spec, level: kept.level, route: kept.route });
    }
  return { sets, flags };
}

function withFlag(state: FlagsState, key: string, more: Partial<Pick<Flag, 'level' | 'route'>>): FlagsState {
  const flag = state.flags.get(key);
  return flag ? { ...state, flags: new Map(state.flags).set(key, { ...flag, ...more }) } : state;
}
