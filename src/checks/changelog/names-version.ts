import { type Section, sections } from '../markdown.ts';

/** What a changelog says of a version. */
export type VersionEntry =
  | { readonly kind: 'named'; readonly heading: string; readonly line: number; readonly changes: number }
  | { readonly kind: 'yanked'; readonly heading: string; readonly line: number }
  /** Its heading is there, and nothing below it. */
  | { readonly kind: 'empty'; readonly heading: string; readonly line: number }
  /** It stands nowhere but below Unreleased. */
  | { readonly kind: 'unreleased'; readonly line: number }
  | { readonly kind: 'missing'; readonly newest: string | null };

const unreleased = /^\[?\s*(unreleased|upcoming|next|не\s*выпущено|невыпущенное)\b/iu;

/**
 * Looks for the heading of a version: `## [1.2.0] - 2026-01-31`, `## v1.2.0 (2026-01-31)`, `Version 1.2.0` with a line below it, and
 * the like. With or without the `v`; build metadata (`+sha`) does not count.
 *
 * @see https://keepachangelog.com/en/1.1.0/
 */
export function versionEntry(text: string, version: string): VersionEntry {
  const bare = version.replace(/^v(?=\d)/i, '').replace(/\+.*$/, '');
  const names = new RegExp(
    `(?<![\\w.+-])v?${bare.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}(?:\\+[\\w.-]+)?(?![\\w+-]|\\.\\w)`,
    'i',
  );
  const all = sections(text);
  const at = all.findIndex(({ heading, level }) => level > 0 && names.test(withoutLinks(heading)) && !unreleased.test(heading));
  const entry = all[at];
  if (entry) {
    const { heading, line } = entry;
    if (/\byanked\b/i.test(heading)) return { kind: 'yanked', heading, line };
    const changes = linesOf(all, at);
    return changes === 0 ? { kind: 'empty', heading, line } : { kind: 'named', heading, line, changes };
  }
  const below = all.findIndex(({ heading }) => unreleased.test(heading));
  const section = all[below];
  if (section && (names.test(section.heading) || section.lines.some((line) => names.test(line))))
    return { kind: 'unreleased', line: section.line };
  const newest = all.find(
    ({ heading, level }) => level > 0 && /\d+\.\d+/.test(withoutLinks(heading)) && !unreleased.test(heading),
  );
  return { kind: 'missing', newest: newest?.heading ?? null };
}

/** `[1.2.0](https://…/compare/1.1.0...1.2.0)` names 1.2.0 alone. */
function withoutLinks(heading: string): string {
  return heading.replace(/\]\([^)]*\)/g, ']');
}

/** Lines with something in them below a heading, down to the next of its level. */
function linesOf(all: readonly Section[], at: number): number {
  const level = all[at]?.level ?? 0;
  let count = 0;
  for (let index = at; index < all.length; index += 1) {
    const section = all[index];
    if (!section || (index > at && section.level <= level)) break;
    count += section.lines.filter((line) => /[\p{L}\p{N}]/u.test(line) && !/^\[[^\]]+\]:\s/.test(line)).length;
  }
  return count;
}
