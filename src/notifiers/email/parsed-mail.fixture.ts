import assert from 'node:assert/strict';

/** A mail as a program for mail reads it (RFC 5322, 2045 to 2047). */
export type ParsedMail = {
  /** By small names; a header that comes twice is refused. */
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: readonly { readonly type: string; readonly encoding: string; readonly text: string }[];
};

/** Every line has to be ASCII of at most 998 signs, ended by CR LF. */
export function parsedMail(source: Buffer): ParsedMail {
  const text = source.toString('latin1');
  for (const line of text.split('\r\n')) {
    assert(line.length <= 998, 'a line is too long');
    assert(!/[\r\n\0]|[\x80-\xff]/.test(line), `not a line of mail: ${JSON.stringify(line)}`);
  }
  const { headers, body } = split(text);
  const boundary = /^multipart\/alternative;.*boundary="([^"]+)"/s.exec(headers['content-type'] ?? '')?.[1];
  assert(boundary !== undefined, `not multipart/alternative: ${headers['content-type']}`);
  const sections = body.split(`--${boundary}`);
  assert.equal(sections.at(-1)?.trim(), '--', 'the last part is ended');
  const parts = sections.slice(1, -1).map((section) => {
    const part = split(section.replace(/^\r\n/, ''));
    const encoding = part.headers['content-transfer-encoding'] ?? '7bit';
    return { type: part.headers['content-type'] ?? '', encoding, text: decoded(part.body, encoding) };
  });
  return { headers, parts };
}

function split(text: string): { headers: Record<string, string>; body: string } {
  const end = text.indexOf('\r\n\r\n');
  const headers: Record<string, string> = {};
  for (const line of text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const [, name, value] = /^([\x21-\x39\x3b-\x7e]+): ?(.*)$/.exec(line) ?? assert.fail(`not a header: ${line}`);
    assert(name !== undefined && value !== undefined && !(name.toLowerCase() in headers), `${name} comes twice`);
    headers[name.toLowerCase()] = words(value);
  }
  return { headers, body: text.slice(end + 4) };
}

/** Encoded words, also of one character over two of them. */
function words(value: string): string {
  return value.replace(/=\?UTF-8\?([QB])\?[^?]*\?=(\s+=\?UTF-8\?\1\?[^?]*\?=)*/gi, (all) =>
    Buffer.concat(
      [...all.matchAll(/=\?UTF-8\?([QB])\?([^?]*)\?=/gi)].map(([, how = '', word = '']) =>
        how.toUpperCase() === 'B' ? Buffer.from(word, 'base64') : quoted(word.replaceAll('_', ' ')),
      ),
    ).toString(),
  );
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'quoted-printable') return quoted(body.replace(/=\r\n/g, '')).toString();
  assert.equal(encoding, '7bit');
  return body;
}

function quoted(text: string): Buffer {
  return Buffer.from(
    text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
