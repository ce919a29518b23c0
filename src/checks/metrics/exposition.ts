import type { Text } from '../../spec/text.ts';
import { sentence } from '../sentences.ts';
import { histogramProblems } from './histogram.ts';
import { readSample, type Sample } from './sample-line.ts';

export type Format = 'prometheus' | 'openmetrics';

/** Metrics of one name with what is said of them. */
export type Family = {
  readonly name: string;
  /** Line of its first mention, from 1. */
  readonly line: number;
  type: string | null;
  help: string | null;
  unit: string | null;
  readonly samples: (Sample & { readonly line: number })[];
};

/** Something that is against the format, and where. */
export type Problem = { readonly line: number; readonly text: Text };

export type Exposition = { readonly families: readonly Family[]; readonly problems: readonly Problem[] };

const types: Readonly<Record<Format, readonly string[]>> = {
  prometheus: ['counter', 'gauge', 'histogram', 'summary', 'untyped'],
  openmetrics: ['counter', 'gauge', 'histogram', 'gaugehistogram', 'stateset', 'info', 'summary', 'unknown'],
};

/** What the name of a sample adds to that of its family, by type. */
const suffixes: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  summary: ['_sum', '_count', '_created'],
  counter: ['_total', '_created'],
  info: ['_info'],
};

const problemsMax = 1_000;

/**
 * Reads what a service exposes, and says everything that is against its format: Prometheus' text format 0.0.4, or OpenMetrics 1.0.
 * Never throws.
 */
export function readExposition(text: string, format: Format): Exposition {
  const reader = new Reader(format);
  const lines = text.split('\n');
  const isEnded = lines.at(-1) === '';
  if (isEnded) lines.pop();
  lines.forEach((line, index) => reader.line(line.endsWith('\r') ? line.slice(0, -1) : line, index + 1));
  if (text !== '' && !isEnded)
    reader.problem(lines.length, { en: 'the last line has no end', ru: 'последняя строка не завершена' });
  return reader.end(lines.length);
}

class Reader {
  private readonly format: Format;
  private readonly families = new Map<string, Family>();
  private readonly series = new Map<string, number>();
  private readonly problems: Problem[] = [];
  private current: Family | null = null;
  /** Whether # EOF has come; and whether it was said already that something came after it. */
  private ended: 'no' | 'yes' | 'told' = 'no';

  constructor(format: Format) {
    this.format = format;
  }

  problem(line: number, text: Text): void {
    if (this.problems.length < problemsMax) this.problems.push({ line, text });
  }

  line(line: string, number: number): void {
    const isOpenMetrics = this.format === 'openmetrics';
    if (this.ended !== 'no') {
      this.afterEnd(number);
      return;
    }
    if (isOpenMetrics && line === '# EOF') {
      this.ended = 'yes';
      return;
    }
    if (line.trim() === '') {
      if (isOpenMetrics) this.problem(number, { en: 'an empty line', ru: 'пустая строка' });
      return;
    }
    const [, keyword, name, rest] = /^\s*#\s+(HELP|TYPE|UNIT)\s+(\S+)(?:[ \t]+(.*))?$/.exec(line) ?? [];
    if (keyword !== undefined && name !== undefined) this.described(keyword, name.replace(/^"(.*)"$/, '$1'), rest ?? '', number);
    else if (/^\s*#/.test(line)) {
      if (isOpenMetrics)
        this.problem(number, {
          en: 'a comment that is no HELP, TYPE, UNIT or EOF',
          ru: 'комментарий, но не HELP, TYPE, UNIT или EOF',
        });
    } else {
      const sample = readSample(isOpenMetrics ? line : line.trim(), isOpenMetrics);
      if ('wrong' in sample) this.problem(number, sample.wrong);
      else this.sampled(sample, number);
    }
  }

  end(lines: number): Exposition {
    if (this.format === 'openmetrics' && this.ended === 'no')
      this.problem(lines, { en: '# EOF is missing at the end', ru: 'в конце нет # EOF' });
    for (const family of this.families.values())
      for (const problem of histogramProblems(family)) this.problem(problem.line, problem.text);
    return { families: [...this.families.values()], problems: this.problems.toSorted((a, b) => a.line - b.line) };
  }

  private afterEnd(number: number): void {
    if (this.ended === 'yes') this.problem(number, { en: 'a line after # EOF', ru: 'строка после # EOF' });
    this.ended = 'told';
  }

  private described(keyword: string, name: string, rest: string, number: number): void {
    const family = this.families.get(name) ?? this.begun(name, number);
    this.current = family;
    const twice = (): void => this.problem(number, sentence('a second $ of $', 'второй $ для $', keyword, name));
    if (keyword === 'HELP') {
      if (family.help !== null) twice();
      family.help = rest;
    } else if (keyword === 'UNIT') {
      if (this.format === 'openmetrics' && rest !== '' && !name.endsWith(`_${rest}`))
        this.problem(
          number,
          sentence('$ has the unit $, which is not the end of its name', '$ в единицах $, но имя этим не кончается', name, rest),
        );
      family.unit = rest;
    } else {
      if (family.type !== null) twice();
      else if (family.samples.length > 0)
        this.problem(number, sentence('the TYPE of $ comes after its samples', 'TYPE для $ стоит после её значений', name));
      const type = rest.trim().toLowerCase();
      if (!types[this.format].includes(type)) this.problem(number, sentence('$ is no type', '$ не тип', JSON.stringify(rest)));
      family.type = type;
    }
  }

  private sampled(sample: Sample, number: number): void {
    const family = this.familyOf(sample.name, number);
    const key = JSON.stringify([sample.name, sample.labels]);
    const before = this.series.get(key);
    if (before !== undefined && !sample.hasTimestamp)
      this.problem(
        number,
        sentence(
          '$ with the same labels stands in line $ already',
          '$ с теми же метками уже есть в строке $',
          sample.name,
          before,
        ),
      );
    this.series.set(key, number);
    if (this.format === 'openmetrics' && this.current !== family && family.samples.length > 0)
      this.problem(number, sentence('the samples of $ do not stand together', 'значения $ стоят не подряд', family.name));
    this.current = family;
    family.samples.push({ ...sample, line: number });
    this.checkSample(family, sample, number);
  }

  private checkSample({ name, type }: Family, sample: Sample, number: number): void {
    const isOpenMetrics = this.format === 'openmetrics';
    const isCounted = type === 'counter' && !sample.name.endsWith('_created');
    if (isOpenMetrics && isCounted && sample.name !== `${name}_total`)
      this.problem(number, sentence('the counter $ has to end in _total', 'счётчик $ должен кончаться на _total', sample.name));
    if (isCounted && isOpenMetrics && !(sample.value >= 0))
      this.problem(number, sentence('the counter $ is $', 'счётчик $ равен $', sample.name, String(sample.value)));
    if (sample.hasExemplar && !/_(total|bucket)$/.test(sample.name))
      this.problem(number, sentence('$ cannot have an exemplar', 'у $ не может быть образца', sample.name));
  }

  /** The family that a sample belongs to: what was described before it, where that has such samples. */
  private familyOf(name: string, number: number): Family {
    const known = this.families.get(name);
    if (known && !(this.format === 'openmetrics' && known.type === 'counter')) return known;
    for (const [type, ends] of Object.entries(suffixes)) {
      if (this.format === 'prometheus' && type !== 'histogram' && type !== 'summary') continue;
      for (const end of ends) {
        const family = name.endsWith(end) ? this.families.get(name.slice(0, -end.length)) : undefined;
        if (family?.type === type) return family;
      }
    }
    return known ?? this.begun(name, number);
  }

  private begun(name: string, line: number): Family {
    const family: Family = { name, line, type: null, help: null, unit: null, samples: [] };
    this.families.set(name, family);
    return family;
  }
}
