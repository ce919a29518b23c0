import { isMapping } from '../../spec/mapping.ts';
import { atPointer } from '../json-pointer.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** One method of one path. */
export type Operation = {
  /** Such as `POST /orders`. */
  readonly name: string;
  readonly id: string | null;
  readonly hasWords: boolean;
  /** Bodies without an example: `request`, `200`. */
  readonly withoutExample: readonly string[];
};

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
/** Deeper than any schema that somebody reads. */
const depthMax = 30;

/** The operations of a document. */
export function operations(document: Mapping): readonly Operation[] {
  const resolved = (value: unknown): Mapping | null => dereferenced(document, value);
  return Object.entries(isMapping(document.paths) ? document.paths : {}).flatMap(([path, item]) => {
    const of = resolved(item);
    return methods.flatMap((method) => {
      const operation = resolved(of?.[method]);
      if (!operation) return [];
      const responses = isMapping(operation.responses) ? Object.entries(operation.responses) : [];
      const bodies: (readonly [string, unknown])[] = [
        ['request', operation.requestBody],
        ...responses.filter(([status]) => /^2/.test(status)),
      ];
      const withoutExample = bodies.flatMap(([name, body]) => {
        const content = resolved(body)?.content;
        const media = isMapping(content) ? Object.values(content) : [];
        return media.every((one) => mediaHasExample(document, one)) ? [] : [name];
      });
      const { operationId, summary, description } = operation;
      return [
        {
          name: `${method.toUpperCase()} ${path}`,
          id: typeof operationId === 'string' ? operationId : null,
          hasWords: [summary, description].some((text) => typeof text === 'string' && text.trim() !== ''),
          withoutExample,
        },
      ];
    });
  });
}

/** References within the document that lead nowhere. */
export function brokenReferences(document: unknown): readonly string[] {
  const found = new Set<string>();
  const walk = (part: unknown, depth: number): void => {
    if (typeof part !== 'object' || part === null || depth > 100) return;
    // A property of a schema, or an example, may be called so and be no text.
    const reference = isMapping(part) ? part.$ref : undefined;
    if (typeof reference === 'string' && reference.startsWith('#') && atPointer(document, decoded(reference)) === undefined)
      found.add(reference);
    for (const [key, inner] of Object.entries(part)) if (key !== 'example' && key !== 'examples') walk(inner, depth + 1);
  };
  walk(document, 0);
  return [...found];
}

function decoded(reference: string): string {
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    return reference.slice(1);
  }
}

function dereferenced(document: Mapping, value: unknown): Mapping | null {
  let found = value;
  for (let depth = 0; depth < depthMax; depth += 1) {
    if (!isMapping(found)) return null;
    if (typeof found.$ref !== 'string') return found;
    if (!found.$ref.startsWith('#')) return null;
    found = atPointer(document, decoded(found.$ref));
  }
  return null;
}

function mediaHasExample(document: Mapping, media: unknown): boolean {
  const { example, examples, schema } = isMapping(media) ? media : {};
  if (example !== undefined || (isMapping(examples) && Object.keys(examples).length > 0)) return true;
  // Nothing is said of it, as of a file: there is nothing to show.
  if (schema === undefined) return true;
  return schemaHasExample(document, schema, 0);
}

/** Whether a schema shows a value: by itself, or by all that it is made of. */
function schemaHasExample(document: Mapping, schema: unknown, depth: number): boolean {
  const of = depth > depthMax ? null : dereferenced(document, schema);
  if (!of) return false;
  const {
    example,
    examples,
    const: constant,
    default: usual,
    enum: values,
    type,
    format,
    items,
    properties,
    allOf,
    oneOf,
    anyOf,
  } = of;
  if (
    [example, constant, usual].some((one) => one !== undefined) ||
    [examples, values].some((one) => Array.isArray(one) && one.length > 0)
  )
    return true;
  if (type === 'boolean' || type === 'null' || (type === 'string' && format === 'binary')) return true;
  const inner = (one: unknown): boolean => schemaHasExample(document, one, depth + 1);
  if (isMapping(properties)) return Object.values(properties).every(inner);
  if (items !== undefined) return inner(items);
  if (Array.isArray(allOf)) return allOf.every(inner);
  const choices = [oneOf, anyOf].find(Array.isArray) as readonly unknown[] | undefined;
  return choices?.some(inner) ?? false;
}
