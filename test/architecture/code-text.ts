/**
 * The source with the content of comments, strings, template texts and regular expressions replaced by spaces, so that a search finds
 * code only. Same length and same lines: an offset in one is an offset in the other. Quotes stay.
 *
 * Not a parser: whether a `/` divides or begins a regular expression is told by what stands before it, which is right for code that
 * Biome has formatted.
 */
export function codeText(source: string): string {
  const out = [...Array(source.length).keys()].map((index) => source.charAt(index));
  /** Depth of `{` inside of each template hole that is open. */
  const holes: number[] = [];
  let at = 0;

  function blank(from: number, to: number): void {
    for (let index = from; index < to; index++) if (out[index] !== '\n') out[index] = ' ';
  }

  /** From after the opening quote to after the closing one, or to a hole of the template. */
  function skipText(quote: string): void {
    const from = at;
    while (at < source.length) {
      const char = source[at];
      if (char === '\\') at += 2;
      else if (char === quote) break;
      else if (quote === '`' && char === '$' && source[at + 1] === '{') {
        blank(from, at);
        holes.push(0);
        at += 2;
        return;
      } else at++;
    }
    blank(from, Math.min(at, source.length));
    at++;
  }

  function skipRegex(): void {
    const from = ++at;
    let isInClass = false;
    while (at < source.length && source[at] !== '\n' && (source[at] !== '/' || isInClass)) {
      if (source[at] === '\\') at++;
      else if (source[at] === '[') isInClass = true;
      else if (source[at] === ']') isInClass = false;
      at++;
    }
    blank(from, Math.min(at, source.length));
    at++;
  }

  while (at < source.length) {
    const char = source.charAt(at);
    const hole = holes.length - 1;
    if (source.startsWith('//', at) || (at === 0 && source.startsWith('#!'))) at = blankTo(source.indexOf('\n', at));
    else if (source.startsWith('/*', at)) at = blankTo(source.indexOf('*/', at + 2), 2);
    else if (char === "'" || char === '"' || char === '`') {
      at++;
      skipText(char);
    } else if (char === '/' && beginsRegex(out, at)) skipRegex();
    else if (char === '}' && holes[hole] === 0) {
      holes.pop();
      at++;
      skipText('`');
    } else {
      if (char === '{' && hole >= 0) holes[hole] = (holes[hole] ?? 0) + 1;
      if (char === '}' && hole >= 0) holes[hole] = (holes[hole] ?? 0) - 1;
      at++;
    }
  }
  return out.join('');

  function blankTo(end: number, more = 0): number {
    const stop = end === -1 ? source.length : end + more;
    blank(at, stop);
    return stop;
  }
}

function beginsRegex(out: readonly string[], at: number): boolean {
  let end = at - 1;
  while (end >= 0 && /\s/.test(out[end] ?? '')) end--;
  if (end < 0) return true;
  const before = out.slice(Math.max(0, end - 10), end + 1).join('');
  return (
    /[(,=:[!&|?{};+\-*%<>~^]$/.test(before) ||
    /(?<![\w$.])(return|typeof|case|in|of|await|yield|void|throw|else|do)$/.test(before)
  );
}
