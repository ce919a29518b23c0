import { htmlReport } from './html.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { markdownReport } from './markdown.ts';
import type { ReportInput, ReportLanguage } from './report-input.ts';
import { terminalReport } from './terminal.ts';

/** A form in which a report is written. */
export type ReportForm = {
  /** Of its file, without a dot. */
  readonly extension: string;
  readonly mediaType: string;
  /** The whole file. The same input gives the same bytes. */
  write(input: ReportInput, language: ReportLanguage): string;
};

/** Columns of a text that nobody looks at on a terminal. */
const textWidth = 100;

/** The forms of a report, by name: what `rampart report --format` and the API take. */
export const reportForms = {
  text: {
    extension: 'txt',
    mediaType: 'text/plain; charset=utf-8',
    write: (input, language) => `${terminalReport(input, language, { width: textWidth, paint: (_, text) => text })}\n`,
  },
  md: { extension: 'md', mediaType: 'text/markdown; charset=utf-8', write: markdownReport },
  html: { extension: 'html', mediaType: 'text/html; charset=utf-8', write: htmlReport },
  json: { extension: 'json', mediaType: 'application/json; charset=utf-8', write: jsonReport },
  junit: { extension: 'xml', mediaType: 'application/xml; charset=utf-8', write: junitReport },
} as const satisfies Readonly<Record<string, ReportForm>>;

export type ReportFormName = keyof typeof reportForms;
