import type { FlagSpec } from '../spec/flag-set.ts';

/**
 * The variant that a flag has when it is off: the one named `off`, else the only one that is false, else the default one. Every flag has
 * one, so every flag has a kill switch.
 */
export function offVariant({ variants, defaultVariant }: FlagSpec): string {
  return named(variants, 'off', false) ?? defaultVariant;
}

/** The variant that a share is of when nobody says which: `on`, else the only one that is true, else the only other one; else null. */
export function onVariant(spec: FlagSpec): string | null {
  const others = Object.keys(spec.variants).filter((name) => name !== offVariant(spec));
  return named(spec.variants, 'on', true) ?? (others.length === 1 ? (others[0] ?? null) : null);
}

function named(variants: FlagSpec['variants'], name: string, value: boolean): string | null {
  if (Object.hasOwn(variants, name)) return name;
  const [found, second] = Object.keys(variants).filter((one) => variants[one] === value);
  return found !== undefined && second === undefined ? found : null;
}
