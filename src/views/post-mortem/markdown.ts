import { code, plain, rawGrid } from '../report-text/markdown-text.ts';
import { webAddress } from '../report-text/web-address.ts';
import type { Block, Cited, PostMortemOutline } from './blocks.ts';

/** A post-mortem as Markdown (GitHub's, with tables), for a wiki or a merge request. */
export function markdownPostMortem({ kind, title, incident, facts, sections }: PostMortemOutline): string {
  return `${[
    `# ${plain(kind)}: ${plain(title)}`,
    [`- ${code(incident)}`, ...facts.map(({ label, value }) => `- ${plain(label)}: ${plain(value)}`)].join('\n'),
    ...sections.flatMap((section) => [`## ${plain(section.title)}`, ...section.blocks.flatMap(written)]),
  ].join('\n\n')}\n`;
}

function written(block: Block): readonly string[] {
  switch (block.kind) {
    case 'lines':
      return block.lines.map(cited);
    case 'list':
      return [block.lines.map((line) => `- ${cited(line)}`).join('\n')];
    case 'table':
      return [
        rawGrid(
          block.head.map(plain),
          block.rows.map((row) => row.map(cited)),
        ),
      ];
    case 'written':
      return [[...block.lines, `— ${block.by}`].map((line) => `> ${plain(line)}`).join('\n>\n')];
    case 'blank':
      return [`_${plain(block.ask)}_`];
    case 'code':
      return [fenced(block.lines)];
    case 'heading':
      return [`### ${plain(block.text)}`];
    case 'chart':
      return [];
    case 'timeline':
      return [
        rawGrid(
          block.head.map(plain),
          block.rows.map(({ seq, time, who, text, url, isNote }) => {
            const address = url === null ? null : webAddress(url);
            const shown = isNote ? `**${plain(text)}**` : plain(text);
            return [time, plain(who), shown, address === null ? `\\#${seq}` : `[\\#${seq}](<${address}>)`];
          }),
        ),
        ...(block.more === null ? [] : [plain(block.more)]),
      ];
  }
}

function cited({ text, seqs }: Cited): string {
  return [plain(text), ...seqs.map((seq) => `(\\#${seq})`)].filter((part) => part !== '').join(' ');
}

/** Lines as they are. A fence longer than any run of its sign inside of them ends it only where it ends. */
function fenced(lines: readonly string[]): string {
  const longest = lines.reduce((most, line) => Math.max(most, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)), 0);
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [`${fence}diff`, ...lines, fence].join('\n');
}
