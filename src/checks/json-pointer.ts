import { z } from 'zod';

/** A place in a JSON value (RFC 6901). */
export const pointer = z
  .string()
  .max(500)
  .regex(/^(\/([^~/]|~[01])*)*$/, 'expected a JSON Pointer (RFC 6901), such as /status or /items/0/id');

/**
 * What stands at a JSON pointer in plain data; undefined when nothing does.
 *
 * @param place - Such as `/flags/beta`; empty for all of it.
 */
export function atPointer(document: unknown, place: string): unknown {
  let found = document;
  for (const part of place.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    // A list has a length of its own, which is none of its items.
    if (Array.isArray(found) && !/^(0|[1-9]\d*)$/.test(key)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return found;
}

/** The JSON value of a text; undefined: it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
