/** A message of an event stream. */
export type StreamMessage = {
  readonly event: string;
  readonly data: string;
  /** The last id that the stream has given, with this message or before it. */
  readonly id: string | null;
};

/** Longest line that is taken: an overview of some thousand services. */
const lineMaxLength = 16_777_216;

/**
 * The messages of an event stream as its bytes come in. A message that is cut off by the end of the stream is none.
 *
 * @throws Error when a line is longer than any that a controller sends.
 * @see HTML Standard, 9.2.6 (Interpreting an event stream). `retry` is not used: who follows a release comes back at once.
 */
export async function* messagesIn(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<StreamMessage> {
  const decoder = new TextDecoder();
  let rest = '';
  let isAfterReturn = false;
  let event = '';
  let data: string[] = [];
  let id: string | null = null;
  for await (const chunk of bytes) {
    let text = decoder.decode(chunk, { stream: true });
    if (text === '') continue;
    // The second half of a line break whose first half has ended a line already.
    if (isAfterReturn && text.startsWith('\n')) text = text.slice(1);
    isAfterReturn = text.endsWith('\r');
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    if (rest.length > lineMaxLength) throw new Error(`a line of the stream is longer than ${lineMaxLength} characters`);
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { event: event || 'message', data: data.join('\n'), id };
        event = '';
        data = [];
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
      if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
      else if (field === 'id' && !value.includes('\0')) id = value;
    }
  }
}
