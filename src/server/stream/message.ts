/**
 * A message of an event stream, ready to be sent to any number of readers.
 *
 * @param id - What a reader that comes back says it has seen last.
 * @see HTML Standard, 9.2.6 (Interpreting an event stream): a line per field, an empty line at the end. JSON has no line breaks.
 */
export function message(event: string, data: unknown, id?: number): Buffer {
  return messageOfJson(event, JSON.stringify(data), id);
}

/** The same of what is JSON already. */
export function messageOfJson(event: string, json: string, id?: number): Buffer {
  return Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${json}\n\n`);
}

/** How long a reader waits before it comes back. */
export function retryAfter(ms: number): Buffer {
  return Buffer.from(`retry: ${ms}\n\n`);
}
