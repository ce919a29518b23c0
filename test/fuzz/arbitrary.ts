import fc from 'fast-check';

/** As much of JSON Schema as the API's description uses. */
export type JsonSchema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
};

/** Texts that have broken programs before. */
const nasty = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '..%2f..%2f',
  '%00',
  '\u0000',
  'a\r\nx: y',
  '\ud800',
  '𝕏'.repeat(200),
  'x'.repeat(5_000),
  "' OR 1=1 --",
  '"; DROP TABLE events; --',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '1e999',
  '9007199254740993',
];

/** Anything at all that JSON can say. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(...nasty, null, true, 0, -1, 1e308, [], {}, [[[[[]]]]]),
);

/** Texts: anything, what has broken programs before, and words that mean something here. */
export function texts(words: readonly string[]): fc.Arbitrary<string> {
  const arbitraries = [fc.string({ maxLength: 40 }), fc.constantFrom(...nasty)];
  return words.length === 0
    ? fc.oneof(...arbitraries)
    : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...words) }, ...arbitraries);
}

/**
 * Values that a schema allows, more or less: patterns are only met where `words` do, so that some values are refused. Every part is
 * now and then replaced by something that it must not be.
 *
 * @param words - Texts that mean something to the API, such as the names of services.
 * @param resolve - The schema behind a `$ref`.
 */
export function values(
  schema: JsonSchema,
  words: readonly string[],
  resolve: (ref: string) => JsonSchema,
  depth = 0,
): fc.Arbitrary<unknown> {
  const next = (part: JsonSchema): fc.Arbitrary<unknown> => values(part, words, resolve, depth + 1);
  const meant = ((): fc.Arbitrary<unknown> => {
    if (depth > 12) return fc.constant(null);
    if (schema.$ref !== undefined) return next(resolve(schema.$ref));
    if ('const' in schema) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const branches = schema.anyOf ?? schema.oneOf;
    if (branches) return fc.oneof(...branches.map(next));
    const [part] = schema.allOf ?? [];
    if (part) return next(part);
    const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
    switch (type) {
      case 'object': {
        const properties = Object.entries(schema.properties ?? {});
        return fc.record(Object.fromEntries(properties.map(([key, one]) => [key, next(one)])), {
          requiredKeys: [...(schema.required ?? [])].filter((key) => schema.properties && key in schema.properties),
        });
      }
      case 'array':
        return fc.array(next(schema.items ?? {}), { maxLength: 5 });
      case 'integer':
      case 'number':
        return fc.oneof(
          fc.integer({ min: Math.max(schema.minimum ?? -10, -1e9), max: Math.min(schema.maximum ?? 1_000, 1e9) }),
          fc.double(),
        );
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'string':
        return texts(words);
      default:
        return anything;
    }
  })();
  return fc.oneof({ weight: 15, arbitrary: meant }, { weight: 1, arbitrary: anything });
}
