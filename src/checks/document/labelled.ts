import { sections } from '../markdown.ts';

/** What a document says behind a label, and where. */
export type Labelled = {
  /** From 1. */
  readonly line: number;
  /** What stands behind the label. */
  readonly text: string;
};

/** Lines of a part that are looked at below a heading. */
const linesMax = 200;

/**
 * What stands behind a label: on its line (`RTO: 4h`, `| RTO | 4h |`, `**Last drill** 2026-01-31`), in its column of a table, or below
 * a heading that has it.
 */
export function labelled(text: string, label: string): readonly Labelled[] {
  const name = labelPattern(label);
  return sections(text).flatMap(({ heading, level, line, lines }) => {
    const start = line + (level > 0 ? 1 : 0);
    const inLines = tableOrLines(lines, start, name);
    const behind = name.exec(heading);
    if (!behind) return inLines;
    const inHeading = heading.slice(behind.index + behind[0].length);
    if (/[\p{L}\p{N}]/u.test(inHeading)) return [{ line, text: inHeading }, ...inLines];
    const below = lines.slice(0, linesMax).map((one, at) => ({ line: start + at, text: one }));
    return [...below.filter((one) => one.text.trim() !== ''), ...inLines];
  });
}

/** A label as it stands in a text: as whole words, in any case, with any spaces. */
export function labelPattern(label: string): RegExp {
  const words = label
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`(?<![\\p{L}\\p{N}])${words.join('[\\s*_]+')}(?![\\p{L}\\p{N}])`, 'iu');
}

function tableOrLines(lines: readonly string[], start: number, name: RegExp): readonly Labelled[] {
  const found: Labelled[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const text = lines[at] ?? '';
    const behind = name.exec(text);
    if (!behind) continue;
    if (/^\s*\|?\s*:?-{2,}/.test(lines[at + 1] ?? '') && text.includes('|')) {
      const column = cellsOf(text).findIndex((cell) => name.test(cell));
      for (let row = at + 2; row < lines.length && (lines[row] ?? '').includes('|'); row += 1)
        found.push({ line: start + row, text: cellsOf(lines[row] ?? '')[column] ?? '' });
      continue;
    }
    const rest = text.slice(behind.index + behind[0].length);
    const isAlone = !/[\p{L}\p{N}]/u.test(rest);
    found.push({ line: start + at, text: isAlone ? `${rest} ${lines[at + 1] ?? ''}` : rest });
  }
  return found;
}

function cellsOf(row: string): readonly string[] {
  return row
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}

/** Whether something is said there, and not that it will be. */
export function isValue(text: string): boolean {
  const bare = text.replace(/^[\s:|*_=–—-]+|[\s|*_]+$/gu, '');
  return /[\p{L}\p{N}]/u.test(bare) && !/^(tbd|tba|todo|n\/a|none|unknown|xxx+|нет|уточняется)\b/iu.test(bare);
}
