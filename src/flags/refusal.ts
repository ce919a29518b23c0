import type { Route } from '../routers/router.ts';
import type { FlagSetSpec } from '../spec/flag-set.ts';
import type { Flag, FlagLevel, FlagsState } from './types.ts';
import { offVariant } from './variants.ts';

/** Sets and flags of one controller at most: all of its flags can be asked for in one request. */
const setsMax = 100;
const flagsMax = 5_000;

/** Why this set cannot be applied, in one sentence; null when it can. */
export function applyRefusal(state: FlagsState, { name, flags }: FlagSetSpec): string | null {
  const gone = routedIn(state, name).find(({ key }) => !Object.hasOwn(flags, key));
  if (gone) return `${gone.key} is missing in the document, and ${givenOut(gone)}`;
  if (!state.sets.has(name) && state.sets.size >= setsMax)
    return `there are ${setsMax} sets of flags already, the most there may be`;
  const others = [...state.flags.values()].filter(({ set }) => set !== name).length;
  if (others + Object.keys(flags).length > flagsMax) return `that would be more than ${flagsMax} flags, the most there may be`;
  for (const { key, set, level } of state.flags.values())
    if (set === name && level?.level.kind === 'off' && !Object.hasOwn(flags, key))
      return `${key} is switched off and not in the document, and its switch would go with it; reset it first, or remove the set`;
  for (const [key, spec] of Object.entries(flags)) {
    const known = state.flags.get(key);
    if (!known) continue;
    // Programs ask for a flag by its key alone.
    if (known.set !== name) return `the flag ${key} belongs to the set ${known.set}`;
    const level = known.level?.level;
    if (level?.kind === 'share' && !Object.hasOwn(spec.variants, level.variant))
      return `${key} gives a share of its users ${level.variant}, which is no variant of the document; reset its share first`;
    const missing = versionsOf(known).find((variant) => !Object.hasOwn(spec.variants, variant));
    if (missing !== undefined) return `${key} has no variant ${missing} in the document, and ${givenOut(known)}`;
    if (known.route && spec.state === 'DISABLED') return `${key} is DISABLED in the document, and ${givenOut(known)}`;
  }
  return null;
}

/** Why this flag cannot be put there; null when it can. It can always be put off. */
export function levelRefusal(flag: Flag, level: FlagLevel): string | null {
  const { key, spec } = flag;
  if (level.kind === 'off') return null;
  if (flag.route) return `${givenOut(flag)}: promote or abort them, or switch ${key} off`;
  if (spec.state === 'DISABLED') return `${key} is DISABLED in its document, so no share of it counts`;
  return Object.hasOwn(spec.variants, level.variant) ? null : noVariant(flag, level.variant);
}

/** Why this set cannot be removed, in one sentence; null when it can. */
export function removeRefusal(state: FlagsState, name: string): string | null {
  const [routed] = routedIn(state, name);
  return routed ? givenOut(routed) : null;
}

/** Why a release cannot give this flag out like that, in one sentence; null when it can. Nothing gives out what somebody has switched off. */
export function routeRefusal(flag: Flag, service: string, { stable, candidate, weight }: Route): string | null {
  const { key, spec, level, route } = flag;
  if (route && route.service !== service) return `${givenOut(flag)}, not by those of ${service}`;
  for (const backend of [stable, candidate])
    if (backend && !Object.hasOwn(spec.variants, backend.version)) return noVariant(flag, backend.version);
  const isOn = weight > 0 || (stable !== null && stable.version !== offVariant(spec));
  if (spec.state === 'DISABLED' && isOn) return `${key} is DISABLED in its document, so nobody would get it`;
  if (level?.level.kind !== 'off' || !isOn) return null;
  const why = level.why === '' ? '' : ` (${level.why})`;
  return `${key} was switched off by ${level.by}${why}: \`rampart flag reset ${key}\` when it may be on again`;
}

/** What is wrong with a variant as a version to release; null when nothing is. */
export function versionRefusal(flag: Flag, version: string): string | null {
  if (!Object.hasOwn(flag.spec.variants, version)) return noVariant(flag, version);
  return routeRefusal(flag, flag.route?.service ?? '', {
    stable: null,
    candidate: { version, endpoints: [] },
    weight: version === offVariant(flag.spec) ? 0 : 100,
    match: [],
  });
}

function noVariant({ key, spec }: Flag, version: string): string {
  return `${key} has no variant ${version}; it has ${Object.keys(spec.variants).join(', ')}`;
}

function routedIn({ flags }: FlagsState, set: string): readonly Flag[] {
  return [...flags.values()].filter((flag) => flag.set === set && flag.route !== null);
}

function versionsOf({ route }: Flag): readonly string[] {
  return [route?.route.stable, route?.route.candidate].flatMap((backend) => (backend ? [backend.version] : []));
}

function givenOut({ key, route }: Flag): string {
  return `${key} is given out by the releases of ${route?.service}`;
}
