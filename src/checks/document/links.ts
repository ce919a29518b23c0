import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { sections } from '../markdown.ts';
import type { Doc } from './docs.ts';

/** Links of one folder that are followed. */
const linksMax = 10_000;

/**
 * Links of documents to other files, or to headings, that lead nowhere, as `file:line: target`.
 *
 * @param folder - Where a link begins that starts with a slash.
 */
export async function brokenLinks(
  docs: readonly Doc[],
  folder: string,
): Promise<{ readonly broken: readonly string[]; readonly count: number }> {
  const anchors = new Map(docs.map(({ path, text }) => [path, anchorsOf(text ?? '')]));
  const broken: string[] = [];
  let count = 0;
  for (const { path, name, text } of docs)
    for (const { line, target } of linksOf(text ?? '')) {
      if ((count += 1) > linksMax) return { broken, count: linksMax };
      const [file = '', fragment] = target.split('#', 2);
      const whole = file === '' ? path : file.startsWith('/') ? join(folder, file) : resolve(dirname(path), file);
      const known = anchors.get(whole);
      const leads =
        known && fragment ? known.has(fragment.toLowerCase()) : known || (await stat(whole).catch(() => null)) !== null;
      if (!leads) broken.push(`${name}:${line}: ${target}`);
    }
  return { broken, count };
}

/** Links within: neither to another site nor to an address of mail. */
function linksOf(text: string): readonly { readonly line: number; readonly target: string }[] {
  const found: { line: number; target: string }[] = [];
  let fence: string | null = null;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === null || mark.startsWith(fence))) {
      fence = fence === null ? mark : null;
      continue;
    }
    if (fence !== null) continue;
    const plain = line.replace(/`[^`]*`/g, '');
    const inline = plain.matchAll(/\]\(\s*(?:<([^<>]*)>|([^\s()<>]+(?:\([^\s()]*\)[^\s()]*)*))(?:\s+["'(][^)]*)?\)/g);
    const named = plain.matchAll(/^ {0,3}\[[^\]^][^\]]*\]:\s+(?:<([^<>]*)>|(\S+))/g);
    for (const [, inBrackets, bare] of [...inline, ...named]) {
      const target = decoded(inBrackets ?? bare ?? '');
      if (target !== '' && target !== '#' && !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) found.push({ line: at + 1, target });
    }
  }
  return found;
}

function decoded(target: string): string {
  const bare = target.replace(/\?[^#]*/, '');
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}

/** Names of headings as GitHub and GitLab make them, and of places that a document names itself. */
function anchorsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Map<string, number>();
  for (const { heading, level } of sections(text)) {
    if (level === 0) continue;
    const slug = heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    found.add(before === 0 ? slug : `${slug}-${before}`);
  }
  for (const [, id = ''] of text.matchAll(/<\w+\s[^>]*?(?:id|name)=["']([^"']+)["']/g)) found.add(id.toLowerCase());
  return found;
}
