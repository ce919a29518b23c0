/** A parameter of a checklist in a text. */
const reference = /\$\{([a-z][A-Za-z0-9]*)\}/g;
/** Deeper than any document. */
const depthMax = 100;

/** The parameters that stand anywhere in a part of a document. */
export function referencesIn(part: unknown, depth = 0): readonly string[] {
  if (typeof part === 'string') return [...part.matchAll(reference)].map(([, name]) => name as string);
  if (typeof part !== 'object' || part === null || depth > depthMax) return [];
  return [...new Set(Object.values(part).flatMap((inner) => referencesIn(inner, depth + 1)))];
}

/**
 * Puts parameters into a part of a document: a text that is nothing but `${name}` becomes the value, whatever it is; within a longer text
 * stands the value as text.
 *
 * @param parameters - Has every name of `referencesIn`.
 */
export function withParameters(part: unknown, parameters: Readonly<Record<string, unknown>>, depth = 0): unknown {
  if (typeof part === 'string') {
    const whole = /^\$\{([a-z][A-Za-z0-9]*)\}$/.exec(part);
    if (whole) return parameters[whole[1] as string];
    return part.replace(reference, (_, name: string) => textOf(parameters[name]));
  }
  if (typeof part !== 'object' || part === null || depth > depthMax) return part;
  if (Array.isArray(part)) return part.map((inner) => withParameters(inner, parameters, depth + 1));
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, withParameters(inner, parameters, depth + 1)]));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
