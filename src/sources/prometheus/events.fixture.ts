import type { Prometheus } from '../../../test/programs/prometheus.ts';
import type { PushedSeries } from '../../../test/programs/remote-write.ts';
import type { ObjectiveEvents } from '../../spec/types.ts';
import type { CountedObjective, EventContext, EventReader, EventReading } from '../source.ts';
import { openEvents } from './events.ts';
import { selectorOf } from './promql.ts';
import { PrometheusConfig } from './schema.ts';

/** Seconds between two moments of these tests. */
export const everyS = 15;

/** Value of each series at one moment, `{job="…"}` left out; `stale`: it has ended. */
export type Row = Readonly<Record<string, number | 'stale'>>;

/** Rows before the first that can be counted from, and that one. */
export const begun = <Kind = Row>(row: Kind): readonly Kind[] => [row, row, row];

let histories = 0;

/** What counters of a job of their own did some minutes ago, one row for each moment; nobody has to wait for it. */
export class History {
  readonly job = `events-${process.pid}-${(histories += 1)}`;
  readonly #prometheus: Prometheus;
  /** The moment of the first row. */
  readonly beginS: number;

  /** @param agoS - How long ago it begins. */
  constructor(prometheus: Prometheus, agoS = 1_500) {
    this.#prometheus = prometheus;
    this.beginS = Math.floor((Date.now() / 1_000 - agoS) / everyS) * everyS;
  }

  /** The moment of a row. */
  at(row: number): number {
    return this.beginS + row * everyS;
  }

  /** Rows from one on, each scraped half a second before its moment. */
  async rows(from: number, rows: readonly Row[]): Promise<void> {
    const series = new Map<string, [number, number | 'stale'][]>();
    for (const [index, row] of rows.entries())
      for (const [name, value] of Object.entries(row)) {
        const samples = series.get(name) ?? [];
        samples.push([this.at(from + index) * 1_000 - 500, value]);
        series.set(name, samples);
      }
    await this.push([...series].map(([name, samples]) => ({ labels: labelsOf(name), samples })));
  }

  /** Series with this job. */
  async push(series: readonly PushedSeries[]): Promise<void> {
    await this.#prometheus.push(series.map((one) => ({ ...one, labels: { ...one.labels, job: this.job } })));
  }

  /** `{job="…"}` put into each `JOB` of a query. */
  query(text: string): string {
    return text.replaceAll('JOB', `job="${this.job}"`);
  }

  ratio(name: string, events: { readonly good?: string; readonly bad?: string; readonly total: string }): CountedObjective {
    const { good, bad, total } = events;
    return {
      name,
      belowMs: null,
      events: {
        kind: 'ratio',
        count: good === undefined ? 'bad' : 'good',
        query: this.query(good ?? bad ?? ''),
        total: this.query(total),
      },
    };
  }

  times(name: string, kind: 'classic' | 'native', query: string, belowMs: number): CountedObjective {
    const events: ObjectiveEvents = { kind, query: this.query(query), unitMs: 1_000 };
    return { name, belowMs, events };
  }

  reader(
    objectives: readonly CountedObjective[],
    config: Readonly<Record<string, unknown>> = {},
    context: Partial<EventContext> = {},
  ): EventReader {
    const document = { url: this.#prometheus.url, interval: `${everyS}s`, timeout: '10s', ...config };
    return openEvents(PrometheusConfig.parse(document), {
      of: 'shop',
      objectives,
      environment: {},
      now: () => Date.now(),
      ...context,
    });
  }

  /** What one objective counted from the third row on, which is the first that can be counted from, to a row. */
  async read(objective: CountedObjective, toRow: number): Promise<EventReading> {
    const { readings } = await this.reader([objective]).read(this.at(2), this.at(toRow), never);
    const [reading] = readings;
    if (!reading) throw new Error('no reading');
    return reading;
  }
}

const never = new AbortController().signal;

/** Slots in short: `bad/total`, with `…most` where it is not exact, and `@seconds` where one is longer than usual. */
export function short({ slots }: EventReading): readonly string[] {
  return slots.map(
    ({ bad, badAtMost, total, seconds }) =>
      `${bad}${badAtMost === undefined ? '' : `…${badAtMost}`}/${total}${seconds === everyS ? '' : `@${seconds}`}`,
  );
}

/** The labels of a series that is written as a selector. */
export function labelsOf(text: string): Readonly<Record<string, string>> {
  const selector = selectorOf(text);
  if (!selector) throw new Error(`${text} is no series`);
  return { __name__: selector.name, ...Object.fromEntries(selector.matchers.map(({ label, value }) => [label, value])) };
}
