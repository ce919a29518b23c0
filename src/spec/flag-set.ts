import { z } from 'zod';
import { found } from './issue-text.ts';
import { isMapping } from './mapping.ts';
import { nearest } from './nearest.ts';
import { apiVersion, serviceName } from './service.ts';
import { targetingFindings } from './targeting.ts';

/** What a variant of a flag may be. All variants of one flag are of one type. */
export type FlagValue = boolean | string | number | { readonly [key: string]: unknown };

/** A feature flag, in the words of flagd's flag format. */
export type FlagSpec = {
  /** A flag that is DISABLED is not found: the application's own default counts. */
  readonly state: 'ENABLED' | 'DISABLED';
  readonly variants: Readonly<Record<string, FlagValue>>;
  /** What counts where the targeting says nothing. */
  readonly defaultVariant: string;
  /** JSONLogic with flagd's own rules; null: everybody has the default variant. */
  readonly targeting: Readonly<Record<string, unknown>> | null;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
};

/** A `FlagSet` document, checked. */
export type FlagSetSpec = {
  readonly name: string;
  readonly owner: string | null;
  /** By key. */
  readonly flags: Readonly<Record<string, FlagSpec>>;
};

/** Flags of one set, and variants of one flag, at most: counts are kept for each of them. */
const flagsMax = 500;
const variantsMax = 50;

const keyPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const key = (what: string, example: string) =>
  z
    .string()
    // `__proto__` and its like begin with neither letter nor digit; these two are methods of every object.
    .refine((text) => keyPattern.test(text) && text !== 'constructor' && text !== 'prototype', {
      error: `expected a name for ${what} of at most 100 letters, digits and . _ -, such as ${example}`,
    })
    .meta({ pattern: keyPattern.source });

const flagKey = key('a flag', 'new-checkout');
const variantName = key('a variant', 'on');
const plain = z.union([z.boolean(), z.string().max(4_000), z.number()]);
const value = z.union([z.boolean(), z.string().max(4_000), z.number(), z.record(z.string(), z.unknown())]);

const flag = z
  .strictObject({
    state: z
      .enum(['ENABLED', 'DISABLED'])
      .default('ENABLED')
      .describe("A flag that is DISABLED answers with the program's default."),
    variants: z
      .record(variantName, value)
      .superRefine((variants, context) => {
        const entries = Object.entries(variants);
        const refuse = (message: string, path: string[] = []) => context.addIssue({ code: 'custom', message, path });
        if (entries.length === 0) return refuse('expected at least one variant, such as { on: true, off: false }');
        if (entries.length > variantsMax) return refuse(`expected at most ${variantsMax} variants, found ${entries.length}`);
        const [first] = entries;
        for (const [name, one] of entries)
          if (first && typeof one !== typeof first[1])
            refuse(`expected a ${typeNames[typeof first[1]]}, as ${first[0]} has, found ${found(one)}`, [name]);
      })
      .describe('The values that the flag may have, by name; all of one type.'),
    defaultVariant: z.string().max(100).describe('The variant where the targeting says nothing.'),
    targeting: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Who gets which variant: JSONLogic, with fractional, sem_ver, starts_with and ends_with of flagd.'),
    metadata: z.record(z.string().min(1).max(100), plain).default({}).describe('Handed on to the program with the value.'),
  })
  .superRefine(({ variants, defaultVariant, targeting }, context) => {
    const names = Object.keys(variants);
    if (names.length > 0 && !names.includes(defaultVariant))
      context.addIssue({ code: 'custom', path: ['defaultVariant'], message: notVariant(defaultVariant, names) });
    if (targeting === undefined || Object.keys(targeting).length === 0) return;
    for (const { path, message, isKey } of targetingFindings(targeting, (name) =>
      names.includes(name) ? null : notVariant(name, names),
    ))
      context.addIssue({ code: 'custom', path: ['targeting', ...path], message, ...(isKey ? { at: 'key' } : {}) } as never);
  })
  .transform(({ state, variants, defaultVariant, targeting, metadata }): FlagSpec => {
    const isEmpty = !isMapping(targeting) || Object.keys(targeting).length === 0;
    return { state, variants, defaultVariant, targeting: isEmpty ? null : targeting, metadata };
  });

const typeNames: Readonly<Record<string, string>> = { boolean: 'boolean', string: 'text', number: 'number', object: 'mapping' };

function notVariant(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return `expected the name of a variant (${names.join(', ')}), found ${found(name)}${near === undefined ? '' : `; did you mean "${near}"?`}`;
}

/** The schema of a whole `FlagSet` document: feature flags in flagd's format. Parses to a `FlagSetSpec`. */
export const flagSetDocument = z
  .strictObject({
    apiVersion: z.literal(apiVersion).describe('Version of the document format.'),
    kind: z.literal('FlagSet').describe('Kind of the document.'),
    metadata: z.strictObject({
      name: serviceName.describe('Name of the set.'),
      owner: z.string().min(1).max(200).optional().describe('Who is asked about these flags.'),
    }),
    spec: z.strictObject({
      flags: z
        .record(flagKey, flag)
        .refine((flags) => Object.keys(flags).length <= flagsMax, { error: `expected at most ${flagsMax} flags` })
        .describe('The flags, by key. A key belongs to one set.'),
    }),
  })
  .meta({ title: 'Rampart flag set', description: 'Feature flags that any OpenFeature SDK evaluates.' })
  .transform(({ metadata, spec }): FlagSetSpec => ({ name: metadata.name, owner: metadata.owner ?? null, flags: spec.flags }));
