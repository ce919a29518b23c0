/** Parts of a path that are told; the rest of a longer one is left out. */
const partsMax = 8;
const partMax = 40;

/**
 * The endpoint of a path: what looks like an id, a name of a person or a secret stands as `:id`, so that all orders are one endpoint and
 * nothing of a user is shown.
 */
export function endpointName(path: string): string {
  if (path === '*' || path === '/') return path;
  let name = '';
  let parts = 0;
  for (let from = 1; from <= path.length; parts += 1) {
    if (parts === partsMax) return `${name}/…`;
    const slash = path.indexOf('/', from);
    const to = slash < 0 ? path.length : slash;
    name += isId(path, from, to) ? '/:id' : path.slice(from - 1, to);
    from = to + 1;
  }
  return name;
}

/**
 * Whether a part of a path is an id: a number, a date, a UUID, a long text, or anything with a digit that is longer than a word with a
 * version (`v1`, `oauth2`). Runs for each request, so it looks at each sign once.
 */
function isId(path: string, from: number, to: number): boolean {
  const length = to - from;
  if (length > partMax) return true;
  let digits = 0;
  let hex = 0;
  let signs = 0;
  for (let at = from; at < to; at += 1) {
    const code = path.charCodeAt(at);
    if (code >= 48 && code <= 57) digits += 1;
    else if ((code >= 97 && code <= 102) || (code >= 65 && code <= 70)) hex += 1;
    else if (code === 44 || code === 45 || code === 46 || code === 95) signs += 1;
    // An address of e-mail, or a text that had to be escaped: no program calls a route so.
    else if (code === 37 || code === 58 || code === 64) return true;
  }
  return digits > 0 && (digits + signs === length || length > 12 || (digits + hex === length && length >= 6));
}
