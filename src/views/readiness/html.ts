import type { Language } from '../../analysis/sentence.ts';
import type { ItemState, ItemStatus, ReadinessVerdict } from '../../readiness/types.ts';
import { type Text, textIn } from '../../spec/text.ts';
import { durationText } from '../../spec/units.ts';
import { blockersOf, momentText, type ReportInput, risksOf, scoreText, subjectOf } from './input.ts';
import { words } from './words.ts';

const marks: Readonly<Record<ItemStatus, string>> = { pass: '✓', warn: '!', fail: '✗', unproven: '?', skipped: '–', exempt: '~' };
const tones: Readonly<Record<ItemStatus, string>> = {
  pass: 'good',
  warn: 'doubt',
  fail: 'bad',
  unproven: 'bad',
  skipped: 'away',
  exempt: 'doubt',
};
const verdictTones: Readonly<Record<ReadinessVerdict, string>> = {
  ready: 'good',
  'ready-with-risks': 'doubt',
  'not-ready': 'bad',
};

const style = `:root{color-scheme:light dark;--text:#1b1f24;--back:#fff;--line:#d0d7de;--dim:#57606a;--good:#116329;--doubt:#7d4e00;--bad:#a40e26}
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--back:#0d1117;--line:#30363d;--dim:#9198a1;--good:#56d364;--doubt:#e3b341;--bad:#ff7b72}}
@media print{:root{color-scheme:light;--text:#000;--back:#fff;--line:#bbb;--dim:#444;--good:#116329;--doubt:#7d4e00;--bad:#a40e26}h2{break-after:avoid}li,tr,.verdict{break-inside:avoid}details>*{display:block}}
*{box-sizing:border-box}body{margin:0 auto;max-width:60rem;padding:1.5rem;font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back)}
h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1.5rem 0 .3rem}
.verdict{display:flex;flex-wrap:wrap;gap:.5rem 2rem;align-items:baseline;padding:1rem;border:1px solid var(--line);border-radius:.5rem}.verdict b{font-size:1.3rem}
.good{color:var(--good)}.doubt{color:var(--doubt)}.bad{color:var(--bad)}.away,.dim{color:var(--dim)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
ul{padding:0;list-style:none}li{margin:.6rem 0;overflow-wrap:anywhere}li>p{margin:.1rem 0 .1rem 1.5rem}.mark{display:inline-block;width:1.5rem;font-weight:700}
pre{margin:.2rem 0 .2rem 1.5rem;padding:.4rem;border:1px solid var(--line);border-radius:.3rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8rem}code{font-size:.85em;overflow-wrap:anywhere}`;

/** A report as one page of HTML that needs nothing else, for screens in light and dark, and for paper. */
export function reportAsHtml(input: ReportInput, language: Language): string {
  const { report, hash, roles, signOffs, comparison } = input;
  const said = words[language];
  const told = (text: Text) => escaped(textIn(text, language));
  const list = (items: readonly ItemState[]) =>
    items.length === 0
      ? `<p class="dim">${said.nothing}</p>`
      : `<ul>${items.map((item) => `<li><span class="mark ${tones[item.status]}">${marks[item.status]}</span>${told(item.title)} <code class="dim">${item.id}</code><p>${told(item.why)}</p>${item.fix === null ? '' : `<p>→ ${told(item.fix)}</p>`}</li>`).join('')}</ul>`;
  const phases = report.phases.map(({ title, verdict, score, items }) => {
    const passed = items.filter(({ status }) => status === 'pass').length;
    const asked = items.filter(({ status }) => status !== 'skipped').length;
    const tone = score === null ? 'away' : verdictTones[verdict];
    const what = score === null ? said.status.skipped : said.verdict[verdict];
    return `<tr><td>${told(title)}</td><td class="${tone}">${what}</td><td>${scoreText(score)}</td><td>${passed}/${asked}</td></tr>`;
  });
  const evidence = report.phases.map(
    ({ title, items }) => `<h3>${told(title)}</h3><ul>${items.map((item) => itemHtml(item, language)).join('')}</ul>`,
  );
  const signed = roles.map(({ role, title }) => {
    const found = signOffs.find((one) => one.role === role);
    const cells = found
      ? `<td>${escaped(found.by)}</td><td>${momentText(found.atMs)}</td><td>${escaped(found.comment ?? '')}</td>`
      : `<td class="bad">${said.unsigned}</td><td></td><td></td>`;
    return `<tr><td>${told(title)}</td>${cells}</tr>`;
  });
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${said.report}: ${escaped(subjectOf(report))}</title>
<style>${style}</style>
</head>
<body>
<h1>${said.report}: ${escaped(subjectOf(report))}</h1>
<div class="verdict"><b class="${verdictTones[report.verdict]}">${said.verdict[report.verdict]}</b><b>${scoreText(report.score)}</b><span>${told(report.title)}</span><span class="dim">${momentText(report.atMs)}</span></div>
<h2>${said.summary}</h2>
<p>${told(report.summary)}</p>
<p class="dim">${said.score}: ${told(report.formula.text)}</p>
${comparison ? comparisonHtml(comparison, language) : ''}<h2>${said.components}</h2>
<div class="wide"><table><thead><tr><th>${said.phase}</th><th></th><th>${said.score}</th><th></th></tr></thead><tbody>${phases.join('\n')}</tbody></table></div>
<h2>${said.now}</h2>
${list(blockersOf(report))}
<h2>${said.later}</h2>
${list(risksOf(report))}
<h2>${said.evidence}</h2>
${evidence.join('\n')}
${roles.length === 0 ? '' : `<h2>${said.signOffs}</h2>\n<div class="wide"><table><thead><tr><th>${said.role}</th><th>${said.who}</th><th>${said.when}</th><th>${said.comment}</th></tr></thead><tbody>${signed.join('\n')}</tbody></table></div>\n`}<p class="dim">${said.hash}: <code>${escaped(hash)}</code></p>
</body>
</html>
`;
}

function itemHtml({ id, title, status, why, result, confirmation }: ItemState, language: Language): string {
  const said = words[language];
  const told = (text: Text) => escaped(textIn(text, language));
  const parts = [
    `<span class="mark ${tones[status]}">${marks[status]}</span>${told(title)} <code class="dim">${id}</code><p>${said.status[status]}: ${told(why)}</p>`,
  ];
  if (result) {
    parts.push(
      `<p class="dim">${said.lookedAt}: ${told(result.lookedAt)} · ${said.expected}: ${told(result.expected)} · ${momentText(result.startedMs)}, ${said.took} ${durationText(result.tookMs)}</p>`,
    );
    if (result.evidence.length > 0) parts.push(`<pre>${escaped(result.evidence.join('\n'))}</pre>`);
  }
  if (confirmation)
    parts.push(
      `<p class="dim">${said.confirmed} ${escaped(confirmation.by)}, ${momentText(confirmation.atMs)}${proofHtml(confirmation.evidence)}</p>`,
    );
  return `<li>${parts.join('')}</li>`;
}

function proofHtml(evidence: NonNullable<ItemState['confirmation']>['evidence']): string {
  if (!evidence) return '';
  if (evidence.kind === 'file') return `: ${escaped(evidence.name)} (SHA-256 <code>${escaped(evidence.sha256)}</code>)`;
  // Anything else than a web address would run where the report is read.
  return /^https?:\/\//i.test(evidence.url)
    ? `: <a href="${escaped(evidence.url)}" rel="noreferrer">${escaped(evidence.url)}</a>`
    : `: ${escaped(evidence.url)}`;
}

function comparisonHtml({ before, after, changes, figures }: NonNullable<ReportInput['comparison']>, language: Language): string {
  const said = words[language];
  const rows = changes.map(({ item, title, kind, before: was, after: is }) => {
    const tone = kind === 'better' ? 'good' : kind === 'worse' ? 'bad' : 'dim';
    return `<tr><td class="${tone}">${said.change[kind]}</td><td>${escaped(textIn(title, language))} <code class="dim">${item}</code></td><td>${was === null ? '–' : said.status[was]}</td><td>${is === null ? '–' : said.status[is]}</td></tr>`;
  });
  const numbers = figures.map(
    (one) =>
      `<tr><td><code>${one.item}</code></td><td>${escaped(one.figure)}</td><td>${one.before}</td><td>${one.after}</td></tr>`,
  );
  const head = `<thead><tr><th></th><th></th><th>${said.before}</th><th>${said.after}</th></tr></thead>`;
  return `<h2>${scoreText(before.score)} → ${scoreText(after.score)}</h2>
<div class="wide"><table>${head}<tbody>${rows.join('\n')}</tbody></table></div>
${numbers.length === 0 ? '' : `<h3>${said.figures}</h3>\n<div class="wide"><table>${head}<tbody>${numbers.join('\n')}</tbody></table></div>\n`}`;
}

function escaped(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[sign] ?? sign,
  );
}
