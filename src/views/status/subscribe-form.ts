import type { Language } from '../../analysis/sentence.ts';
import { textIn } from '../../spec/text.ts';
import { type Html, html, joined } from '../report-text/html-text.ts';
import type { StatusPageView } from './page-view.ts';
import { statusWords } from './words.ts';

/** Where customers subscribe; it works without a script. */
export function subscribeForm({ page }: StatusPageView, language: Language, base: string): Html {
  const words = statusWords[language].subscribe;
  const choices = page.components.map(
    ({ name, title }) => html`<label><input type="checkbox" name="component" value="${name}"> ${textIn(title, language)}</label>`,
  );
  const what =
    page.components.length < 2
      ? html`<input type="hidden" name="what" value="all">`
      : html`<fieldset><legend>${words.what}</legend>
<label><input type="radio" name="what" value="all" checked> ${words.all}</label>
<label><input type="radio" name="what" value="some"> ${words.some}</label>
<div class="choices">${joined(choices)}</div></fieldset>`;
  return html`<h2 id="subscribe">${words.title}</h2>
<form class="card subscribe" method="post" action="${base}/subscribe" aria-labelledby="subscribe">
<input type="hidden" name="lang" value="${language}">
<label for="email">${words.email}</label>
<input id="email" name="email" type="email" autocomplete="email" required maxlength="254">
${what}
<button type="submit">${words.go}</button>
<p class="quiet">${words.privacy}</p>
</form>`;
}
