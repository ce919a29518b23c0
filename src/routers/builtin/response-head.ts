/** Where the body of an answer ends: there is none, after `length` bytes, by chunked coding, or with the connection. */
export type Framing = 'none' | 'length' | 'chunked' | 'close';

/** Head of an answer from a version, safe to hand on. */
export type ResponseHead = {
  readonly status: number;
  readonly reason: string;
  /** Header lines, each with its CRLF, without those that concern only the connection. */
  readonly lines: string;
  readonly framing: Framing;
  /** Content-Length, when `framing` is `length`. */
  readonly length: number;
  /** Whether the connection may carry another request. */
  readonly reusable: boolean;
  /** What the version says about how long it keeps an idle connection, in seconds; -1 when it says nothing. */
  readonly keepAliveS: number;
  readonly upgrade: boolean;
  readonly eventStream: boolean;
};

/** Largest head accepted from a version. */
export const responseHeadBytesMax = 65_536;

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
// One pass over all lines. A name is a token right before the colon and no line starts with a space: so no folding, no bare
// CR or LF, no NUL, nothing that two readers could split differently.
const headerLines = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/;

/**
 * Reads the head of an answer, strictly: whatever two readers could understand differently is `undefined`.
 *
 * @param text - The head as latin1, from the status line to the CRLF of its last line, without the empty line.
 * @param toHead - Whether the request was HEAD, so that no body follows whatever the head says.
 * @see RFC 9112 §6.3 for the order in which the body's end is decided.
 */
export function readResponseHead(text: string, toHead: boolean): ResponseHead | undefined {
  const firstEnd = text.indexOf('\r\n');
  const first = statusLine.exec(text.slice(0, firstEnd));
  const block = text.slice(firstEnd + 2);
  if (!first || !headerLines.test(block)) return undefined;
  const http10 = first[1] === '0';
  const status = Number(first[2]);
  let reusable = !http10;
  let length = -1;
  let chunked = false;
  let keepAliveS = -1;
  let upgrade = false;
  let eventStream = false;
  let named = '';
  let lines = '';
  let keptFrom = 0;
  for (let at = 0; at < block.length; ) {
    const end = block.indexOf('\r\n', at) + 2;
    const colon = block.indexOf(':', at);
    let drop = false;
    // Only these lengths can be a name that matters here; for all others the line is kept without a look.
    switch (colon - at) {
      case 2:
      case 7:
      case 10:
      case 12:
      case 14:
      case 16:
      case 17:
      case 18: {
        const value = () => block.slice(colon + 1, end - 2).trim();
        switch (block.slice(at, colon).toLowerCase()) {
          case 'content-length': {
            const digits = value();
            if (length >= 0 || !/^\d{1,15}$/.test(digits)) return undefined;
            length = Number(digits);
            drop = status === 204 || status < 200;
            break;
          }
          case 'transfer-encoding':
            if (chunked || http10 || value().toLowerCase() !== 'chunked') return undefined;
            chunked = true;
            drop = true;
            break;
          case 'connection': {
            const tokens = value().toLowerCase();
            if (tokens === 'keep-alive') reusable = true;
            else if (tokens === 'close') reusable = false;
            else named += `,${tokens}`;
            drop = true;
            break;
          }
          case 'keep-alive': {
            const hint = /(?:^|[\s,])timeout=(\d{1,6})/i.exec(value());
            if (hint) keepAliveS = Number(hint[1]);
            drop = true;
            break;
          }
          case 'content-type':
            eventStream = value().toLowerCase().startsWith('text/event-stream');
            break;
          case 'upgrade':
            drop = status !== 101;
            break;
          case 'te':
          case 'trailer':
          case 'proxy-connection':
            drop = true;
        }
      }
    }
    if (drop) {
      if (keptFrom < at) lines += block.slice(keptFrom, at);
      keptFrom = end;
    }
    at = end;
  }
  lines = keptFrom === 0 ? block : lines + block.slice(keptFrom);
  if (chunked && length >= 0) return undefined;
  if (named !== '') {
    const tokens = named.split(',').map((token) => token.trim());
    if (tokens.includes('close')) reusable = false;
    upgrade = tokens.includes('upgrade');
    lines = withoutNamed(lines, tokens);
  }
  const none = toHead || status === 204 || status === 304 || status < 200;
  const framing = none ? 'none' : chunked ? 'chunked' : length >= 0 ? 'length' : 'close';
  if (framing === 'close') reusable = false;
  return { status, reason: first[3] ?? '', lines, framing, length, reusable, keepAliveS, upgrade, eventStream };
}

/** The header lines as name, value, name, value, for `writeHead`. */
export function headerPairs(lines: string): string[] {
  const pairs: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf('\r\n', at);
    const colon = lines.indexOf(':', at);
    pairs.push(lines.slice(at, colon), lines.slice(colon + 1, end).trim());
    at = end + 2;
  }
  return pairs;
}

/** Without the headers that the Connection header names as its own. Length and upgrade are not for it to remove. */
function withoutNamed(lines: string, tokens: readonly string[]): string {
  const kept = new Set(['content-length', 'upgrade']);
  let text = '';
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf('\r\n', at) + 2;
    const name = lines.slice(at, lines.indexOf(':', at)).toLowerCase();
    if (kept.has(name) || !tokens.includes(name)) text += lines.slice(at, end);
    at = end;
  }
  return text;
}
