/** Values by their names: secrets, and what earlier answers gave. */
export type Values = ReadonlyMap<string, string>;

/** Shorter ones would hide harmless text, and are no secrets. */
const hiddenLengthMin = 4;

/**
 * A text with what stands for `{{name}}`.
 *
 * @param written - How a value is written there, such as encoded for an address.
 * @returns `missing`: a name that has no value.
 */
export function filled(
  text: string,
  values: Values,
  written: (value: string) => string = (value) => value,
): { readonly text: string } | { readonly missing: string } {
  let missing: string | undefined;
  const done = text.replace(/\{\{([a-z][A-Za-z0-9]*)\}\}/g, (whole, name: string) => {
    const value = values.get(name);
    if (value === undefined) missing ??= name;
    return value === undefined ? whole : written(value);
  });
  return missing === undefined ? { text: done } : { missing };
}

/** The same in all texts of a JSON value. */
export function filledAll(value: unknown, values: Values): unknown {
  if (typeof value === 'string') {
    const done = filled(value, values);
    return 'text' in done ? done.text : value;
  }
  if (Array.isArray(value)) return value.map((inner) => filledAll(inner, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filledAll(inner, values)]));
}

/** Names of `{{name}}` in a value. */
export function namesIn(value: unknown): readonly string[] {
  return [...JSON.stringify(value ?? null).matchAll(/\{\{([a-z][A-Za-z0-9]*)\}\}/g)].map(([, name = '']) => name);
}

/** A text without what is secret, also as it stands in addresses and JSON. */
export function redacted(text: string, secrets: Iterable<string>): string {
  let done = text;
  for (const secret of secrets) {
    if (secret.length < hiddenLengthMin) continue;
    for (const form of new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]))
      done = done.replaceAll(form, '***');
  }
  return done;
}
