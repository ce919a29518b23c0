import { isMapping } from '../../spec/mapping.ts';

/** A CloudEvent: what is around its data, and the data. */
export type CloudEvent = { readonly attributes: Readonly<Record<string, unknown>>; readonly data: unknown };

/** Events of one batch. */
const eventsMax = 2_000;
const structured = /^application\/cloudevents\+json\b/i;
const batched = /^application\/cloudevents-batch\+json\b/i;

/**
 * The CloudEvents 1.0 of a body in JSON, structured or in a batch, each an event or why it is none. Null: it is not said to be of them.
 *
 * @see cloudevents/spec, formats/json-format.md.
 */
export function cloudEventsOf(contentType: string, json: unknown): readonly (CloudEvent | { readonly problem: string })[] | null {
  if (batched.test(contentType)) {
    if (!Array.isArray(json)) return [{ problem: 'a batch of CloudEvents is a list' }];
    if (json.length > eventsMax) return [{ problem: `the batch has ${json.length} events, more than ${eventsMax}` }];
    return json.map(cloudEvent);
  }
  if (structured.test(contentType) || (isMapping(json) && json.specversion === '1.0' && typeof json.type === 'string'))
    return [cloudEvent(json)];
  return null;
}

function cloudEvent(given: unknown): CloudEvent | { readonly problem: string } {
  if (!isMapping(given)) return { problem: 'a CloudEvent is an object' };
  if (given.specversion !== '1.0') return { problem: 'its specversion is not "1.0"' };
  for (const name of ['id', 'source', 'type'])
    if (typeof given[name] !== 'string' || given[name] === '')
      return { problem: `it has no ${name}, which a CloudEvent has to have` };
  const { data, data_base64: encoded, ...attributes } = given;
  const odd = Object.keys(attributes).find((name) => !/^[a-z0-9]{1,100}$/.test(name));
  if (odd !== undefined)
    return { problem: `the name of an attribute has small letters and digits alone, unlike ${JSON.stringify(odd.slice(0, 50))}` };
  if (encoded === undefined) return { attributes, data: data ?? {} };
  if (data !== undefined) return { problem: 'it has both data and data_base64' };
  try {
    if (typeof encoded !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) throw new Error('not base64');
    return { attributes, data: JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) };
  } catch {
    return { problem: 'its data_base64 is not JSON in base64' };
  }
}
