import { reportAsHtml } from './html.ts';
import type { Render } from './input.ts';
import { reportView } from './json.ts';
import { reportAsJUnit } from './junit.ts';
import { reportAsMarkdown } from './markdown.ts';
import { reportAsText } from './text.ts';

/** The forms of a report, by the name that people ask for. */
export const reportForms = {
  text: (input, language) => `${reportAsText(input, language)}\n`,
  md: reportAsMarkdown,
  html: reportAsHtml,
  json: (input, language) => `${JSON.stringify(reportView(input, language), null, 2)}\n`,
  junit: reportAsJUnit,
} as const satisfies Readonly<Record<string, Render>>;

export type ReportForm = keyof typeof reportForms;

/** The content type of each form. */
export const reportTypes: Readonly<Record<ReportForm, string>> = {
  text: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
  junit: 'application/xml; charset=utf-8',
};
