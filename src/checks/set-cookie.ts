import type { IncomingHttpHeaders } from 'node:http';

/** One cookie as a server sets it. Attributes by their small names; one without a value is ''. */
export type SetCookie = { readonly name: string; readonly value: string; readonly attributes: Readonly<Record<string, string>> };

/** The cookies that an answer sets, in their order; what is none is left out. */
export function setCookies(headers: IncomingHttpHeaders): readonly SetCookie[] {
  return (headers['set-cookie'] ?? []).flatMap((line) => {
    const [pair = '', ...rest] = line.split(';');
    const at = pair.indexOf('=');
    if (at <= 0) return [];
    const attributes = rest.map((part) => {
      const [name = '', value = ''] = part.split(/=(.*)/s);
      return [name.trim().toLowerCase(), value.trim()];
    });
    return [{ name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim(), attributes: Object.fromEntries(attributes) }];
  });
}
