import { escaped } from '../report-text/escaped.ts';

/** A part of a page in which every text of somebody else is escaped. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** A part of a page: texts are escaped where they are put in, parts stay as they are. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html {
  const put = (value: string | Html | undefined): string =>
    value === undefined ? '' : typeof value === 'string' ? escaped(value) : value.toString();
  return new Html(parts.map((part, index) => part + put(values[index])).join(''));
}

/** Parts below each other. */
export function joined(parts: readonly Html[]): Html {
  return new Html(parts.map(String).join('\n'));
}

/** A table, which can be moved by keys where the page is narrower. */
export function rows(label: string, head: readonly string[], body: readonly (readonly Html[])[]): Html {
  return html`<div class="wide" role="region" aria-label="${label}" tabindex="0"><table>
<thead><tr>${joined(head.map((cell) => html`<th>${cell}</th>`))}</tr></thead>
<tbody>${joined(body.map((cells) => html`<tr>${joined(cells.map((cell) => html`<td>${cell}</td>`))}</tr>`))}</tbody>
</table></div>`;
}
