import { escaped } from '../report-text/escaped.ts';
import { reportStyle } from '../report-text/html-style.ts';
import { type Html, html, joined, rows } from '../report-text/html-text.ts';
import { webAddress } from '../report-text/web-address.ts';
import { comparedSection } from './html-comparison.ts';
import { type ItemOutline, outlineOf, type PhaseOutline, type ReportOutline } from './outline.ts';
import type { ReportInput, ReportLanguage } from './report-input.ts';
import { countsText } from './shown-counts.ts';

/**
 * A report as one HTML file that needs nothing else: no script, no picture, no font from anywhere. Light or dark as the reader's system
 * is, and light on paper.
 */
export function htmlReport(input: ReportInput, language: ReportLanguage): string {
  const outline = outlineOf(input, language);
  const { words } = outline;
  const title = escaped(`${words.report}: ${outline.subject}`);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${reportStyle}</style>
</head>
<body>
${joined([
  masthead(outline),
  html`<main>`,
  section(words.summary, joined(outline.summary.map((sentence) => html`<p>${sentence}</p>`))),
  section(words.blockers, blockers(outline)),
  section(words.toDo, toDo(outline)),
  section(words.phases, phaseTable(outline)),
  ...(outline.comparison ? [section(words.comparison, comparedSection(outline.comparison, words))] : []),
  section(words.signOffs, signOffs(outline)),
  section(words.details, joined(outline.phases.map((phase) => details(phase, outline)))),
  html`</main>`,
  html`<footer><p>${words.formula}: ${outline.formula}</p><p>${words.hash}: <code>${outline.hash}</code></p></footer>`,
])}
</body>
</html>
`;
}

function masthead({ words, service, version, title, moment, verdict, score }: ReportOutline): Html {
  return html`<header>
<p class="kind">${words.report}</p>
<h1>${service}</h1>
<p class="verdict ${verdict.kind}"><strong>${verdict.text}</strong> <span>${words.score} <b>${score}</b></span></p>
<dl>
<div><dt>${words.version}</dt><dd>${version}</dd></div>
<div><dt>${words.checklist}</dt><dd>${title}</dd></div>
<div><dt>${words.moment}</dt><dd>${moment}</dd></div>
</dl>
</header>`;
}

function section(title: string, body: Html): Html {
  return html`<section>
<h2>${title}</h2>
${body}
</section>`;
}

function blockers({ blockers: all, words }: ReportOutline): Html {
  if (all.length === 0) return html`<p>${words.noBlockers}</p>`;
  return html`<div class="cards">${joined(
    all.map(
      (item) => html`<article class="${item.status.kind}">
${itemHead(item, html`<a href="#${item.id}">${item.title}</a>`)}
<p>${item.why}</p>
</article>`,
    ),
  )}</div>`;
}

function toDo({ words, blockers: now, risks }: ReportOutline): Html {
  const list = (items: readonly ItemOutline[]): Html =>
    items.length === 0
      ? html`<p>${words.nothing}</p>`
      : html`<ol>${joined(
          items.map(
            ({ id, title, role, fix, why }) =>
              html`<li><span class="role">${role}</span> ${fix ?? why} <small>${title} <code>${id}</code></small></li>`,
          ),
        )}</ol>`;
  return html`<h3>${words.now}</h3>
${list(now)}
<h3>${words.later}</h3>
${list(risks)}`;
}

function phaseTable({ words, phases }: ReportOutline): Html {
  return rows(
    words.phases,
    [words.phase, words.verdict, words.score, words.items],
    phases.map(({ title, verdict, score, counts }) => [
      html`<b>${title}</b>`,
      html`<span class="badge ${verdict.kind}">${verdict.text}</span>`,
      html`${score}`,
      html`${countsText(counts, words)}`,
    ]),
  );
}

function signOffs({ words, signOffs: all }: ReportOutline): Html {
  if (all.length === 0) return html`<p>${words.noSignOffs}</p>`;
  return rows(
    words.signOffs,
    [words.role, words.by, words.moment, words.comment],
    all.map(({ role, signed }) =>
      signed
        ? [html`${role}`, html`${signed.by}`, html`${signed.moment}`, html`${signed.comment}`]
        : [html`${role}`, html`<span class="badge not-ready">${words.missing}</span>`, html``, html``],
    ),
  );
}

function details({ title, score, verdict, items }: PhaseOutline, outline: ReportOutline): Html {
  return html`<h3>${title} <span class="badge ${verdict.kind}">${verdict.text}</span> <small>${score}</small></h3>
<div class="cards">${joined(items.map((item) => itemBlock(item, outline)))}</div>`;
}

function itemHead({ id, role, severity, status }: ItemOutline, title: Html): Html {
  return html`<h4><span class="badge ${status.kind}">${status.text}</span> ${title}</h4>
<p class="about"><code>${id}</code> · ${role} · ${severity.text}</p>`;
}

function itemBlock(item: ItemOutline, { words }: ReportOutline): Html {
  const { id, title, status, why, fix, facts, evidence } = item;
  const told = facts.map(({ label, text, url }) => {
    const address = url === null ? null : webAddress(url);
    const value = address === null ? html`${text}` : html`<a href="${address}" rel="noreferrer noopener">${text}</a>`;
    return html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
  });
  return joined([
    html`<article class="${status.kind}" id="${id}">`,
    itemHead(item, html`${title}`),
    html`<p>${why}</p>`,
    ...(fix === null ? [] : [html`<p><b>${words.fix}:</b> ${fix}</p>`]),
    ...(told.length === 0 ? [] : [html`<dl>${joined(told)}</dl>`]),
    ...(evidence.length === 0
      ? []
      : [html`<ul class="evidence">${joined(evidence.map((line) => html`<li><code>${line}</code></li>`))}</ul>`]),
    html`</article>`,
  ]);
}
