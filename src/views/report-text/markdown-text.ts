/** A table of texts. */
export function grid(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rawGrid(
    head.map(plain),
    rows.map((cells) => cells.map(plain)),
  );
}

/** A table of cells that are Markdown already, such as links. */
export function rawGrid(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** A text in which nothing is a sign of Markdown or HTML. */
export function plain(text: string): string {
  return text
    .replace(/[\\`*_[\]<>|~#&]/g, '\\$&')
    .replace(/^(\s*)([-+=]|\d+[.)])(?=\s|$)/, '$1\\$2')
    .replace(/\b(https?):\/\//g, '$1\\://');
}

/** A text as code. Longer fences than any inside of it, as Markdown wants it. */
export function code(text: string): string {
  const longest = [...text.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 0);
  const fence = '`'.repeat(longest + 1);
  const room = text.startsWith('`') || text.endsWith('`') || text === '' ? ' ' : '';
  return `${fence}${room}${text}${room}${fence}`;
}
