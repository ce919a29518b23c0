import type { Text } from '../../spec/text.ts';
import { sentence } from '../sentences.ts';

/** One line with a value. */
export type Sample = {
  readonly name: string;
  /** In the order of their names. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
  readonly hasTimestamp: boolean;
  readonly hasExemplar: boolean;
};

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*/;

/** What is wrong with a line. */
class Wrong extends Error {
  readonly text: Text;
  constructor(text: Text) {
    super('a line is not valid');
    this.text = text;
  }
}

/**
 * Reads `name{label="value"} 1.5 1700000000000`, or the same with a quoted name inside of the braces (names in UTF-8).
 *
 * @param isOpenMetrics - Its rules are stricter: single spaces, timestamps in seconds, exemplars.
 */
export function readSample(line: string, isOpenMetrics: boolean): Sample | { readonly wrong: Text } {
  try {
    return new Line(line, isOpenMetrics).sample();
  } catch (error) {
    if (error instanceof Wrong) return { wrong: error.text };
    throw error;
  }
}

class Line {
  private at = 0;
  private readonly line: string;
  private readonly isOpenMetrics: boolean;

  constructor(line: string, isOpenMetrics: boolean) {
    this.line = line;
    this.isOpenMetrics = isOpenMetrics;
  }

  sample(): Sample {
    let name = this.taken(metricName) ?? '';
    if (!this.isOpenMetrics) this.blanks();
    let labels: Sample['labels'] = [];
    if (this.line[this.at] === '{') {
      const read = this.labels(name === '');
      name ||= read.name;
      labels = read.labels;
    }
    if (name === '') throw new Wrong(sentence('no name of a metric: $', 'нет имени метрики: $', this.shown()));
    this.gap(sentence('no value after $', 'нет значения после $', name));
    const value = numberIn(this.word());
    const timestamp = this.rest();
    const hasExemplar = this.isOpenMetrics && timestamp.includes('#');
    const time = hasExemplar ? timestamp.slice(0, timestamp.indexOf('#')).trim() : timestamp;
    if (hasExemplar) this.exemplar(timestamp.slice(timestamp.indexOf('#')));
    const times = this.isOpenMetrics ? /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i : /^-?\d+$/;
    if (time !== '' && !times.test(time)) throw new Wrong(sentence('$ is no timestamp', '$ не метка времени', short(time)));
    return { name, labels, value, hasTimestamp: time !== '', hasExemplar };
  }

  private labels(takesName: boolean): { readonly name: string; readonly labels: Sample['labels'] } {
    const found = new Map<string, string>();
    let metric = '';
    this.at += 1;
    for (let isFirst = true; ; isFirst = false) {
      this.blanks();
      if (this.line[this.at] === '}') break;
      if (!isFirst) {
        if (this.line[this.at] !== ',')
          throw new Wrong(sentence('a comma or } is missing: $', 'нет запятой или }: $', this.shown()));
        this.at += 1;
        this.blanks();
        // One comma behind the last label is fine in Prometheus' own format.
        if (this.line[this.at] === '}' && !this.isOpenMetrics) break;
      }
      const isQuoted = this.line[this.at] === '"';
      const name = isQuoted ? this.quoted() : this.taken(labelName);
      if (name === undefined) throw new Wrong(sentence('no name of a label: $', 'нет имени метки: $', this.shown()));
      this.blanks();
      if (isQuoted && takesName && isFirst && this.line[this.at] !== '=') {
        metric = name;
        continue;
      }
      if (this.line[this.at] !== '=') throw new Wrong(sentence('no = after the label $', 'нет = после метки $', name));
      this.at += 1;
      this.blanks();
      const value = this.quoted();
      if (found.has(name)) throw new Wrong(sentence('the label $ is there twice', 'метка $ указана дважды', name));
      found.set(name, value);
    }
    this.at += 1;
    return { name: metric, labels: [...found].sort(([a], [b]) => (a < b ? -1 : 1)) };
  }

  /** A text in quotes; escaped are the backslash, the quote and the line end. */
  private quoted(): string {
    if (this.line[this.at] !== '"')
      throw new Wrong(sentence('no quote before a value: $', 'нет кавычки перед значением: $', this.shown()));
    let text = '';
    for (let i = this.at + 1; i < this.line.length; i += 1) {
      const char = this.line[i];
      if (char === '"') {
        this.at = i + 1;
        return text;
      }
      if (char === '\\') {
        i += 1;
        const escaped = this.line[i];
        if (escaped === 'n') text += '\n';
        else if (escaped === '"' || escaped === '\\') text += escaped;
        else throw new Wrong(sentence('\\$ means nothing in a value', '\\$ в значении ничего не значит', escaped ?? ''));
      } else text += char;
    }
    throw new Wrong(sentence('the closing quote is missing: $', 'нет закрывающей кавычки: $', this.shown()));
  }

  private exemplar(text: string): void {
    const inner = new Line(text, true);
    if (!text.startsWith('# {'))
      throw new Wrong(sentence('an exemplar is not valid: $', 'образец записан неверно: $', short(text)));
    inner.at = 2;
    const { labels } = inner.labels(false);
    const chars = labels.reduce((sum, [name, value]) => sum + [...name].length + [...value].length, 0);
    if (chars > 128) throw new Wrong({ en: 'an exemplar has more than 128 characters', ru: 'в образце больше 128 знаков' });
    inner.gap(sentence('an exemplar has no value: $', 'у образца нет значения: $', short(text)));
    numberIn(inner.word());
  }

  private taken(pattern: RegExp): string | undefined {
    const [text] = pattern.exec(this.line.slice(this.at)) ?? [];
    this.at += text?.length ?? 0;
    return text;
  }

  private gap(wrong: Text): void {
    const startsAt = this.at;
    this.blanks();
    const isRight = this.isOpenMetrics ? this.line.slice(startsAt, this.at) === ' ' : /[ \t}]/.test(this.line[this.at - 1] ?? '');
    if (!isRight || this.at >= this.line.length) throw new Wrong(wrong);
  }

  private blanks(): void {
    while (this.line[this.at] === ' ' || this.line[this.at] === '\t') this.at += 1;
  }

  private word(): string {
    return this.taken(/^[^ \t]+/) ?? '';
  }

  private rest(): string {
    return this.line.slice(this.at).trim();
  }

  private shown(): string {
    return short(this.line.slice(this.at) || this.line);
  }
}

function numberIn(text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return Number.NaN;
  const [, sign] = /^([+-]?)inf(inity)?$/i.exec(text) ?? [];
  if (sign !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  throw new Wrong(sentence('$ is no number', '$ не число', short(text)));
}

function short(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}
