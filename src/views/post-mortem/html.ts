import { escaped } from '../report-text/escaped.ts';
import { reportStyle } from '../report-text/html-style.ts';
import { type Html, html, joined, rows } from '../report-text/html-text.ts';
import { webAddress } from '../report-text/web-address.ts';
import type { Block, Cited, PostMortemOutline, TimelineRow } from './blocks.ts';
import { chart, chartStyle } from './chart.ts';

const style = `${reportStyle}${chartStyle}
.blank { padding: .5rem .75rem; border: 1px dashed var(--line); border-radius: .25rem; color: var(--quiet); font-style: italic; }
blockquote { margin: .5rem 0; padding-left: 1rem; border-left: .25rem solid var(--line); }
pre { overflow-x: auto; padding: .75rem; background: var(--card); border-radius: .25rem; font-size: .875rem; }
.cite { font-size: .8125rem; font-variant-numeric: tabular-nums; }
tr:target { background: var(--risk-back); }
tr.note td { font-weight: 600; }
ul { padding-left: 1.5rem; }
.wide + ul, ul + .wide, p + ul, figure + p, header p + dl { margin-top: .625rem; }
header .badge { margin-top: .375rem; }
.P0 { --ink: var(--bad); --back: var(--bad-back); }
.P1 { --ink: var(--risk); --back: var(--risk-back); }
.P2 { --ink: var(--rest); --back: var(--rest-back); }
`;

/**
 * A post-mortem as one HTML file that needs nothing else: no script, no picture, no font from anywhere. Light or dark as the reader's
 * system is, and light on paper.
 */
export function htmlPostMortem(outline: PostMortemOutline, language: 'en' | 'ru'): string {
  const { kind, title, incident, severity, facts, sections } = outline;
  const known = new Set(
    sections.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.kind === 'timeline' ? block.rows.map(({ seq }) => seq) : [])),
    ),
  );
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(`${kind}: ${incident}`)}</title>
<style>${style}</style>
</head>
<body>
${joined([
  html`<header>
<p class="kind">${kind} <code>${incident}</code></p>
<h1>${title}</h1>
<p><span class="badge ${severity}">${severity}</span></p>
<dl>${joined(facts.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`))}</dl>
</header>`,
  html`<main>`,
  ...sections.map(
    (section) => html`<section id="${section.id}">
<h2>${section.title}</h2>
${joined(section.blocks.map((block) => part(block, known)))}
</section>`,
  ),
  html`</main>`,
])}
</body>
</html>
`;
}

function part(block: Block, known: ReadonlySet<number>): Html {
  const say = (line: Cited) => cited(line, known);
  switch (block.kind) {
    case 'lines':
      return joined(block.lines.map((line) => html`<p>${say(line)}</p>`));
    case 'list':
      return html`<ul>${joined(block.lines.map((line) => html`<li>${say(line)}</li>`))}</ul>`;
    case 'table':
      return rows(
        block.label,
        block.head,
        block.rows.map((row) => row.map(say)),
      );
    case 'written':
      return html`<blockquote>${joined(block.lines.map((line) => html`<p>${line}</p>`))}
<p class="about">${block.by}</p></blockquote>`;
    case 'blank':
      return html`<p class="blank">${block.ask}</p>`;
    case 'code':
      return html`<pre><code>${block.lines.join('\n')}</code></pre>`;
    case 'heading':
      return html`<h3>${block.text}</h3>`;
    case 'chart':
      return chart(block);
    case 'timeline':
      return html`<div class="wide"><table>
<thead><tr>${joined(block.head.map((cell) => html`<th>${cell}</th>`))}</tr></thead>
<tbody>${joined(block.rows.map(timelineRow))}</tbody>
</table></div>
${block.more === null ? '' : html`<p class="about">${block.more}</p>`}`;
  }
}

function timelineRow({ seq, time, who, text, url, isNote }: TimelineRow): Html {
  const address = url === null ? null : webAddress(url);
  const mark = `#${seq}`;
  const link = address === null ? html`${mark}` : html`<a href="${address}" rel="noreferrer noopener">${mark}</a>`;
  return html`<tr id="event-${String(seq)}" class="${isNote ? 'note' : 'fact'}"><td>${time}</td><td>${who}</td><td>${text}</td><td>${link}</td></tr>`;
}

/** A text with links to the rows of the timeline that it is known from. */
function cited({ text, seqs }: Cited, known: ReadonlySet<number>): Html {
  if (seqs.length === 0) return html`${text}`;
  const marks = seqs.map((seq) =>
    known.has(seq)
      ? html`<a class="cite" href="#event-${String(seq)}">#${String(seq)}</a>`
      : html`<span class="cite">#${String(seq)}</span>`,
  );
  return html`${text} ${joined(marks)}`;
}
