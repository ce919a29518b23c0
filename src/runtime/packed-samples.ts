import type { Counts, ErrorClass, MetricReading, Sample } from '../analysis/sample.ts';
import { UserError } from '../errors.ts';

/**
 * Samples as the log keeps them: about a sixth of their JSON, without losing any count.
 *
 * Each sample is one text of three parts with a space between them, `head stable candidate`. A part is a row of whole numbers in
 * base64 VLQ: five bits per character, the lowest first, `A–Z a–z 0–9 + /` for 0–63, from 32 on another character follows; signed
 * numbers (±) are written as 2n, or −2n − 1 when negative. So a count below 32 is one character.
 *
 * | part | its numbers |
 * |---|---|
 * | head | ± second less that of the sample before (of the first: itself) · index in `edgesMs` · index in `weights` · `seconds`, when the sample says it |
 * | counts | `-` for null. Else which of the following are there (sum of 1, 2, 4, 8, 16), these, and the histogram to the end |
 * | 1 | each class of `errorClasses`: 0 when it is absent, else its count + 1 · ± `errors` less the sum of the classes |
 * | 2 | ± `firstErrorAtMs` less the beginning of the second |
 * | 4 | `slower`, one per edge; absent: all 0 |
 * | 8 | ± `n` less the requests of the histogram |
 * | 16 | how many readings · for each, twice the index of its name in `metrics`, + 1 for a gauge · bad and n; of a gauge, the index in `values` |
 * | histogram | for each bucket that is not empty, 4 · (count − 1) + empty buckets before it, at most 3 · when 3: how many more |
 *
 * What does not fit this form is kept as it came, as an object in place of the text; so are the samples of older logs, which have no
 * `packed`.
 */
export type PackedSamples = {
  readonly packed: 1;
  /** The different `Sample.edgesMs` and `Sample.weight`; almost always one. */
  readonly edgesMs: readonly (readonly number[])[];
  readonly weights: readonly number[];
  /** Names of metrics, and what gauges read: these need not be whole numbers. Absent: none. */
  readonly metrics?: readonly string[];
  readonly values?: readonly number[];
  readonly samples: readonly (string | Sample)[];
};

/** The order in which classes are written. */
const errorClasses = ['status', 'connect', 'timeout', 'broken'] as const satisfies readonly ErrorClass[];
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digitOf: ReadonlyMap<string, number> = new Map([...digits].map((digit, value) => [digit, value]));
/** Above this, four times a count is no exact number any more; for seconds, a thousand times. */
const countMax = 2 ** 50;
const secondMax = 2 ** 40;

const parts = { errors: 1, firstErrorAtMs: 2, slower: 4, n: 8, metrics: 16 } as const;

/** Every field there is. A sample with another one is kept as it came, so that no field is lost before somebody gives it a place here. */
const sampleFields: Readonly<Record<keyof Sample, true>> = {
  second: true,
  seconds: true,
  edgesMs: true,
  weight: true,
  stable: true,
  candidate: true,
};
const countsFields: Readonly<Record<keyof Counts, true>> = {
  n: true,
  errors: true,
  classes: true,
  histogram: true,
  slower: true,
  firstErrorAtMs: true,
  metrics: true,
};

/** Puts samples into the form of the log. */
export function packSamples(samples: readonly Sample[]): PackedSamples {
  const tables = new Tables();
  let before = 0;
  const packed = samples.map((sample) => {
    const text = sampleText(sample, before, tables);
    if (text !== null) before = sample.second;
    return text ?? sample;
  });
  const { edgesMs, weights, metrics, values } = tables;
  return {
    packed: 1,
    edgesMs,
    weights,
    ...(metrics.length > 0 ? { metrics } : {}),
    ...(values.length > 0 ? { values } : {}),
    samples: packed,
  };
}

/**
 * The samples of a record, also of one from before there was a packed form.
 *
 * @throws UserError `E_LOG_CORRUPT` when the form is not known here, or a text is none of it.
 */
export function unpackSamples(stored: PackedSamples | { readonly samples: readonly Sample[] }): readonly Sample[] {
  if (!('packed' in stored)) return stored.samples;
  if (stored.packed !== 1) throw unreadable(`the samples are in form ${String(stored.packed)}, and this version knows form 1`);
  let before = 0;
  return stored.samples.map((sample) => {
    if (typeof sample !== 'string') return sample;
    const read = sampleOf(sample, before, stored);
    before = read.second;
    return read;
  });
}

/** What is not written into each sample again. */
class Tables {
  readonly edgesMs: (readonly number[])[] = [];
  readonly weights: number[] = [];
  readonly metrics: string[] = [];
  readonly values: number[] = [];

  edges(wanted: readonly number[]): number {
    const found = this.edgesMs.findIndex((one) => one.length === wanted.length && one.every((edge, i) => edge === wanted[i]));
    return found < 0 ? this.edgesMs.push(wanted) - 1 : found;
  }
}

function indexIn<T>(table: T[], wanted: T): number {
  const found = table.indexOf(wanted);
  return found < 0 ? table.push(wanted) - 1 : found;
}

function sampleText(sample: Sample, before: number, tables: Tables): string | null {
  const { second, seconds, edgesMs, weight } = sample;
  if (!hasOnly(sample, sampleFields) || !Number.isSafeInteger(second) || Math.abs(second) > secondMax) return null;
  if (!Number.isFinite(weight) || !edgesMs.every(Number.isFinite)) return null;
  if (seconds !== undefined && !isCount(seconds)) return null;
  const [stable, candidate] = [countsText(sample.stable, sample, tables), countsText(sample.candidate, sample, tables)];
  if (stable === null || candidate === null) return null;
  const head = signed(second - before) + number(tables.edges(edgesMs)) + number(indexIn(tables.weights, weight));
  return `${head}${seconds === undefined ? '' : number(seconds)} ${stable} ${candidate}`;
}

function countsText(counts: Counts | null, { second, edgesMs }: Sample, tables: Tables): string | null {
  if (counts === null) return '-';
  const { n, errors, classes, histogram, slower, firstErrorAtMs, metrics } = counts;
  if (!hasOnly(counts, countsFields) || !isCount(n) || !isCount(errors)) return null;
  let has = 0;
  let text = '';
  let classed = 0;
  let classesText = '';
  for (const name in classes) if (!errorClasses.some((known) => known === name)) return null;
  for (const name of errorClasses) {
    const count = classes[name];
    if (count !== undefined && !isCount(count)) return null;
    classed += count ?? 0;
    classesText += number(count === undefined ? 0 : count + 1);
  }
  if (errors !== 0 || classesText !== 'AAAA') {
    has += parts.errors;
    text += classesText + signed(errors - classed);
  }
  if (firstErrorAtMs !== undefined) {
    if (!isCount(firstErrorAtMs)) return null;
    has += parts.firstErrorAtMs;
    text += signed(firstErrorAtMs - second * 1_000);
  }
  if (slower.length !== edgesMs.length || !slower.every(isCount)) return null;
  if (slower.some((count) => count !== 0)) {
    has += parts.slower;
    text += slower.map(number).join('');
  }
  const written = histogramText(histogram);
  if (written === null) return null;
  if (n !== written.requests) {
    has += parts.n;
    text += signed(n - written.requests);
  }
  if (metrics !== undefined) {
    const readings = metricsText(metrics, tables);
    if (readings === null) return null;
    has += parts.metrics;
    text += readings;
  }
  return number(has) + text + written.text;
}

function histogramText(histogram: readonly number[]): { readonly text: string; readonly requests: number } | null {
  if (histogram.length % 2 !== 0) return null;
  let text = '';
  let requests = 0;
  let before = -1;
  for (let i = 0; i < histogram.length; i += 2) {
    const bucket = histogram[i] as number;
    const count = histogram[i + 1] as number;
    if (!isCount(bucket) || bucket <= before || !isCount(count) || count === 0) return null;
    const empty = bucket - before - 1;
    text += empty < 3 ? number(4 * (count - 1) + empty) : number(4 * (count - 1) + 3) + number(empty - 3);
    requests += count;
    before = bucket;
  }
  return isCount(requests) ? { text, requests } : null;
}

function metricsText(metrics: Readonly<Record<string, MetricReading>>, tables: Tables): string | null {
  const readings = Object.entries(metrics);
  let text = number(readings.length);
  for (const [name, reading] of readings) {
    const fields = Object.keys(reading).length;
    const index = 2 * indexIn(tables.metrics, name);
    if ('value' in reading) {
      if (fields !== 1 || !Number.isFinite(reading.value)) return null;
      text += number(index + 1) + number(tables.values.push(reading.value) - 1);
    } else {
      if (fields !== 2 || !isCount(reading.bad) || !isCount(reading.n)) return null;
      text += number(index) + number(reading.bad) + number(reading.n);
    }
  }
  return text;
}

function hasOnly(object: object, fields: Readonly<Record<string, true>>): boolean {
  for (const key in object) if (!Object.hasOwn(fields, key)) return false;
  return true;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= countMax;
}

/** A whole number ≥ 0. */
function number(value: number): string {
  let text = '';
  let rest = value;
  while (rest >= 32) {
    text += digits[32 + (rest % 32)];
    rest = Math.floor(rest / 32);
  }
  return text + digits[rest];
}

function signed(value: number): string {
  return number(value < 0 ? -2 * value - 1 : 2 * value);
}

/** Reads the numbers of one part. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  number(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 32) {
      const digit = digitOf.get(this.#text[this.#at] ?? '');
      this.#at += 1;
      if (digit === undefined || unit > countMax * 32) throw unreadable(`a number is missing in '${this.#text}'`);
      value += unit * (digit % 32);
      if (digit < 32) return value;
    }
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

function sampleOf(text: string, before: number, tables: PackedSamples): Sample {
  const [headText = '', stableText = '', candidateText = '', ...more] = text.split(' ');
  if (more.length > 0) throw unreadable(`'${text}' has more than three parts`);
  const head = new Reader(headText);
  const second = before + head.signed();
  const edgesMs = at(tables.edgesMs, head.number());
  const weight = at(tables.weights, head.number());
  const sample = {
    second,
    edgesMs,
    weight,
    stable: countsOf(stableText, second, edgesMs, tables),
    candidate: countsOf(candidateText, second, edgesMs, tables),
  };
  return head.isAtEnd ? sample : { ...sample, seconds: head.number() };
}

function countsOf(text: string, second: number, edgesMs: readonly number[], tables: PackedSamples): Counts | null {
  if (text === '-') return null;
  const reader = new Reader(text);
  const has = reader.number();
  const classes: Partial<Record<ErrorClass, number>> = {};
  let errors = 0;
  if (has & parts.errors) {
    for (const name of errorClasses) {
      const count = reader.number() - 1;
      if (count < 0) continue;
      classes[name] = count;
      errors += count;
    }
    errors += reader.signed();
  }
  const firstErrorAtMs = has & parts.firstErrorAtMs ? second * 1_000 + reader.signed() : null;
  const slower = edgesMs.map(() => (has & parts.slower ? reader.number() : 0));
  const surplus = has & parts.n ? reader.signed() : 0;
  const metrics = has & parts.metrics ? metricsOf(reader, tables) : null;
  const { histogram, requests } = histogramOf(reader);
  return {
    n: requests + surplus,
    errors,
    classes,
    histogram,
    slower,
    ...(firstErrorAtMs === null ? {} : { firstErrorAtMs }),
    ...(metrics === null ? {} : { metrics }),
  };
}

function histogramOf(reader: Reader): { readonly histogram: readonly number[]; readonly requests: number } {
  const histogram: number[] = [];
  let requests = 0;
  let bucket = -1;
  while (!reader.isAtEnd) {
    const both = reader.number();
    const empty = both % 4;
    const count = (both - empty) / 4 + 1;
    bucket += 1 + (empty < 3 ? empty : 3 + reader.number());
    histogram.push(bucket, count);
    requests += count;
  }
  return { histogram, requests };
}

function metricsOf(reader: Reader, { metrics = [], values = [] }: PackedSamples): Readonly<Record<string, MetricReading>> {
  const readings: [string, MetricReading][] = [];
  for (let left = reader.number(); left > 0; left -= 1) {
    const index = reader.number();
    const name = at(metrics, Math.floor(index / 2));
    readings.push([
      name,
      index % 2 === 1 ? { value: at(values, reader.number()) } : { bad: reader.number(), n: reader.number() },
    ]);
  }
  return Object.fromEntries(readings);
}

function at<T>(table: readonly T[], index: number): T {
  const found = table[index];
  if (found === undefined) throw unreadable(`there is no entry ${index} where a sample refers to it`);
  return found;
}

function unreadable(what: string): UserError {
  return new UserError('E_LOG_CORRUPT', `a record of counts cannot be read: ${what}`, {
    where: 'log',
    fix: 'a newer version of Rampart may have written it: use that one; `rampart audit verify` tells whether the log was changed',
  });
}
