/** How much of something is reached; null: the report does not count it. */
export type Count = { readonly covered: number; readonly of: number };
export type Counts = { readonly lines: Count | null; readonly branches: Count | null; readonly functions: Count | null };

/** A file that is no report that can be read: in one sentence what it is instead. */
export class NotAReport extends Error {}

/** What a report of another tool looks like, by its first characters. */
const others: readonly (readonly [RegExp, string])[] = [
  [/^\s*(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE[^>]*>\s*)?<report[\s>]/, 'a report of JaCoCo'],
  [/^\s*(?:<\?xml[^>]*>\s*)?<coverage[^>]*\sgenerated=/, 'a report of Clover'],
  [/^\s*(?:<\?xml[^>]*>\s*)?<CoverageSession[\s>]/, 'a report of OpenCover'],
  [/^\s*(?:<!DOCTYPE html[^>]*>\s*)?<html/i, 'a page of HTML'],
  [/^mode: (set|count|atomic)\s/, 'a profile of Go'],
  [/^\s*\{\s*"(total|[^"]*\.[cm]?[jt]sx?)"\s*:/, 'a report of Istanbul in JSON'],
  [/^\s*\{\s*"meta"\s*:/, 'a report of coverage.py in JSON'],
  [/^\s*[[{]/, 'JSON'],
  [/^SQLite format 3/, 'the database of coverage.py'],
];

/** What a text is that is neither lcov nor Cobertura. */
export function otherTool(text: string): string | null {
  return others.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
