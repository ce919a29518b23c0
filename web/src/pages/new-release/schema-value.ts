/** What of JSON Schema (draft 2020-12) a form needs. `rampart schema` has everything in place, without references. */
export type FormSchema = {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly FormSchema[];
  readonly oneOf?: readonly FormSchema[];
  readonly properties?: Readonly<Record<string, FormSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | FormSchema;
  readonly items?: FormSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
};

export type Fields = Readonly<Record<string, unknown>>;

export function variantsOf({ anyOf, oneOf }: FormSchema): readonly FormSchema[] | null {
  return anyOf ?? oneOf ?? null;
}

/** What a field begins with: what has to be there, and nothing else. Pure. */
export function initialOf(schema: FormSchema): unknown {
  if ('const' in schema) return schema.const;
  const [variant] = variantsOf(schema) ?? [];
  if (variant) return initialOf(variant);
  if (schema.enum) return schema.default ?? schema.enum[0];
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name]) => schema.required?.includes(name))
          .map(([name, property]) => [name, initialOf(property)]),
      );
    case 'array': {
      const { items = {} } = schema;
      return Array.from({ length: schema.minItems ?? 0 }, () => initialOf(items));
    }
    case 'boolean':
      return schema.default ?? false;
    case 'integer':
    case 'number':
      return schema.default ?? schema.minimum ?? 0;
    default:
      return typeof schema.default === 'string' ? schema.default : '';
  }
}

/** How a variant is called: by its title, its only required key, or its type. Pure. */
export function variantName(schema: FormSchema): string {
  if (schema.title) return schema.title;
  if ('const' in schema) return String(schema.const);
  const keys = Object.keys(schema.properties ?? {});
  const [first = ''] = schema.required ?? keys;
  if (schema.type === 'object' && first !== '') return first;
  return schema.type ?? '';
}

/** Which of several variants a value is; 0 where none fits. Pure. */
export function variantIndex(variants: readonly FormSchema[], value: unknown): number {
  return Math.max(
    0,
    variants.findIndex((variant) => fits(variant, value)),
  );
}

function fits(schema: FormSchema, value: unknown): boolean {
  if ('const' in schema) return schema.const === value;
  const variants = variantsOf(schema);
  if (variants) return variants.some((variant) => fits(variant, value));
  if (schema.enum) return schema.enum.includes(value);
  switch (schema.type) {
    case 'object':
      return (
        isFields(value) &&
        (schema.required ?? []).every((name) => name in value) &&
        (schema.additionalProperties !== false || Object.keys(value).every((name) => name in (schema.properties ?? {})))
      );
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case undefined:
      return true;
    default:
      // The other types are called as JavaScript calls them.
      return typeof value === schema.type;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same object without a field, or with another value in its place; the others keep their order. Pure. */
export function withField(fields: Fields, name: string, value: unknown): Fields {
  if (value === undefined) return Object.fromEntries(Object.entries(fields).filter(([one]) => one !== name));
  return { ...fields, [name]: value };
}
