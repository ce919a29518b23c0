import type { FlagSetSpec } from '../spec/flag-set.ts';
import type { Flag, FlagLevel, FlagsState } from './types.ts';

/** Sets and flags of one controller at most: all of its flags can be asked for in one request. */
const setsMax = 100;
const flagsMax = 5_000;

/** Why this set cannot be applied, in one sentence; null when it can. */
export function applyRefusal(state: FlagsState, { name, flags }: FlagSetSpec): string | null {
  if (!state.sets.has(name) && state.sets.size >= setsMax)
    return `there are ${setsMax} sets of flags already, the most there may be`;
  const others = [...state.flags.values()].filter(({ set }) => set !== name).length;
  if (others + Object.keys(flags).length > flagsMax) return `that would be more than ${flagsMax} flags, the most there may be`;
  for (const [key, spec] of Object.entries(flags)) {
    const known = state.flags.get(key);
    if (!known) continue;
    // Programs ask for a flag by its key alone.
    if (known.set !== name) return `the flag ${key} belongs to the set ${known.set}`;
    const level = known.level?.level;
    if (level?.kind === 'share' && !Object.hasOwn(spec.variants, level.variant))
      return `${key} gives a share of its users ${level.variant}, which is no variant of the document; reset its share first`;
  }
  return null;
}

/** Why this flag cannot be put there; null when it can. It can always be put off. */
export function levelRefusal({ key, spec }: Flag, level: FlagLevel): string | null {
  if (level.kind === 'off') return null;
  if (spec.state === 'DISABLED') return `${key} is DISABLED in its document, so no share of it counts`;
  if (Object.hasOwn(spec.variants, level.variant)) return null;
  return `${key} has no variant ${level.variant}; it has ${Object.keys(spec.variants).join(', ')}`;
}
