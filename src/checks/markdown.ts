/** A heading of a text, and the lines below it up to the next one of any level. */
export type Section = {
  readonly heading: string;
  /** From 1; 0 for what stands before the first heading. */
  readonly level: number;
  /** Of the heading, from 1. */
  readonly line: number;
  readonly lines: readonly string[];
};

/**
 * The parts of a text in Markdown, reStructuredText or AsciiDoc by their headings. What stands between fences is no heading.
 * An underlined line is one (`1.2.0` above `-----`), so is `= 1.2.0 =`.
 */
export function sections(text: string): readonly Section[] {
  const found: { heading: string; level: number; line: number; lines: string[] }[] = [
    { heading: '', level: 0, line: 1, lines: [] },
  ];
  let fence: string | null = null;
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== null ? mark?.startsWith(fence) : mark !== undefined) fence = fence === null ? (mark ?? null) : null;
    const heading = fence === null && mark === undefined ? headingAt(line, lines[at + 1] ?? '') : null;
    if (heading === null) {
      found.at(-1)?.lines.push(line);
      continue;
    }
    found.push({ heading: heading.text, level: heading.level, line: at + 1, lines: [] });
    if (heading.isUnderlined) at += 1;
  }
  return found;
}

type Heading = { readonly text: string; readonly level: number; readonly isUnderlined: boolean };

function headingAt(line: string, next: string): Heading | null {
  const marked = /^ {0,3}(#{1,6}|={1,6})[ \t]+(\S.*)$/.exec(line);
  if (marked?.[1] && marked[2])
    return { text: marked[2].replace(/[ \t]+[#=]+[ \t]*$/, '').trim(), level: marked[1].length, isUnderlined: false };
  const isText = /^ {0,3}[^\s>|*+-]/.test(line) && line.length <= 300;
  if (isText && /^ {0,3}(={3,}|-{3,}|~{3,})[ \t]*$/.test(next))
    return { text: line.trim(), level: next.trim().startsWith('=') ? 1 : 2, isUnderlined: true };
  return null;
}
