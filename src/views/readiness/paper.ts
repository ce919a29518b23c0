/** What a part of a report on a terminal means, for whoever gives it a colour. */
export type ReportTone = 'good' | 'risk' | 'bad' | 'quiet' | 'strong';

/** Where a report is printed. */
export type ReportPaper = {
  /** Columns. */
  readonly width: number;
  /** Gives a text its colour, or nothing but the text where there is none (a pipe, a file). */
  paint(tone: ReportTone, text: string): string;
};
