import type { Grant } from './types.ts';

/** A rule by which a claim of an identity provider gives a role. */
export type ClaimRule = Grant & {
  readonly claim: string;
  /** The claim has this value, or it is a list that holds it. */
  readonly equals: string;
};

/** What the claims of somebody give them: one grant for each rule that they meet, in the order of the rules, none twice. */
export function grantsOf(claims: Readonly<Record<string, unknown>>, rules: readonly ClaimRule[]): readonly Grant[] {
  const grants: Grant[] = [];
  for (const { claim, equals, role, services } of rules) {
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    const isMet = Array.isArray(value) ? value.includes(equals) : String(value ?? '') === equals;
    const grant = { role, services };
    if (isMet && !grants.some((one) => JSON.stringify(one) === JSON.stringify(grant))) grants.push(grant);
  }
  return grants;
}

/**
 * The name that somebody gets here, from the first of these claims that has one: in small letters, what cannot stand in a name becomes
 * a dash. null when no claim makes a name.
 *
 * @param claimNames - In order of preference.
 */
export function nameIn(claims: Readonly<Record<string, unknown>>, claimNames: readonly string[]): string | null {
  for (const claim of claimNames) {
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    if (typeof value !== 'string') continue;
    const name = value
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^a-z0-9._@-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 60);
    if (name !== '') return name;
  }
  return null;
}
