/** A parameter of a checklist in a text. */
const reference = /\$\{([a-z][A-Za-z0-9]*)\}/g;
/** One that need not be given, as a whole text: without it the key is left out. */
const optional = /^\$\{([a-z][A-Za-z0-9]*)\?\}$/;
/** Deeper than any document. */
const depthMax = 100;

/** Whether `${name}` or `${name?}` stands anywhere in a part of a document. */
export function hasReference(part: unknown): boolean {
  return referencesIn(part).length > 0 || optionalIn(part).length > 0;
}

/** The parameters that need not be given, anywhere in a part of a document. */
export function optionalIn(part: unknown, depth = 0): readonly string[] {
  if (typeof part === 'string') return optional.exec(part)?.slice(1, 2) ?? [];
  if (typeof part !== 'object' || part === null || depth > depthMax) return [];
  return [...new Set(Object.values(part).flatMap((inner) => optionalIn(inner, depth + 1)))];
}

/** The parameters that stand anywhere in a part of a document and have to be given. */
export function referencesIn(part: unknown, depth = 0): readonly string[] {
  if (typeof part === 'string') return [...part.matchAll(reference)].map(([, name]) => name as string);
  if (typeof part !== 'object' || part === null || depth > depthMax) return [];
  return [...new Set(Object.values(part).flatMap((inner) => referencesIn(inner, depth + 1)))];
}

/**
 * Puts parameters into a part of a document: a text that is nothing but `${name}` becomes the value, whatever it is; within a longer text
 * stands the value as text. A key with `${name?}` is left out where there is no such parameter.
 *
 * @param parameters - Has every name of `referencesIn`.
 */
export function withParameters(part: unknown, parameters: Readonly<Record<string, unknown>>, depth = 0): unknown {
  if (typeof part === 'string') {
    const whole = /^\$\{([a-z][A-Za-z0-9]*)\??\}$/.exec(part);
    if (whole) return parameters[whole[1] as string];
    return part.replace(reference, (_, name: string) => textOf(parameters[name]));
  }
  if (typeof part !== 'object' || part === null || depth > depthMax) return part;
  if (Array.isArray(part)) return part.map((inner) => withParameters(inner, parameters, depth + 1));
  const entries = Object.entries(part).map(([key, inner]) => [key, withParameters(inner, parameters, depth + 1)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
