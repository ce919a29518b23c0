import type { Language } from '../../analysis/sentence.ts';
import { type Html, html, joined } from '../report-text/html-text.ts';
import { statusDocument } from './html.ts';
import type { StatusPageView } from './page-view.ts';
import { statusWords } from './words.ts';

type Frame = { readonly view: StatusPageView; readonly language: Language; readonly base: string };

/** A page that says what became of a request. */
export function saidHtml({ view, language, base }: Frame, title: string, text: string): string {
  const words = statusWords[language];
  return statusDocument({ view, words, language, base }, title, [html`<h2>${title}</h2><p>${text}</p>`, back(base, language)]);
}

/** A page whose button does what a link in a mail is for: programs that look into mails follow links, and press no buttons. */
export function buttonHtml(
  { view, language, base }: Frame,
  {
    title,
    text,
    button,
    path,
    fields,
  }: { title: string; text: string; button: string; path: string; fields: Readonly<Record<string, string>> },
): string {
  const words = statusWords[language];
  const hidden = Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
  return statusDocument({ view, words, language, base }, title, [
    html`<h2>${title}</h2><form method="post" action="${base}${path}">${joined(hidden)}<p>${text}</p><button type="submit">${button}</button></form>`,
    back(base, language),
  ]);
}

function back(base: string, language: Language): Html {
  return html`<p class="quiet"><a href="${base === '' ? '/' : base}?lang=${language}">${statusWords[language].back}</a></p>`;
}
