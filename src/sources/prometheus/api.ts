import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { readAnswer, type Series } from '../../prometheus/answer.ts';
import type { Reply } from '../../system/http-exchange.ts';
import type { PrometheusConfig } from './schema.ts';
import { openTransport, unreachable } from './transport.ts';

/** Asks the HTTP API. Rejects with a `UserError`, as `MetricSource` says. */
export type Api = {
  /** Values at `fromS`, `fromS + stepS` … `toS` (unix seconds), of each series that has any. */
  range(query: string, fromS: number, toS: number, stepS: number, signal: AbortSignal): Promise<readonly Series[]>;
  /** What the query answers at one moment; of a range selector all the values in it. */
  instant(query: string, atS: number, signal: AbortSignal): Promise<readonly Series[]>;
  /** Unix seconds that it is there. */
  nowS(signal: AbortSignal): Promise<number>;
  /** Values that a label has (`__name__`: names of metrics) among the series of a selector that had any in this time. */
  labelValues(label: string, selector: string, fromS: number, toS: number, signal: AbortSignal): Promise<readonly string[]>;
  /** Names of the labels of these series. */
  labelNames(selector: string, fromS: number, toS: number, signal: AbortSignal): Promise<readonly string[]>;
};

/** Prometheus refuses one query; the others may be right. */
export class QueryRefused extends UserError {}

const names = z.object({ status: z.literal('success'), data: z.array(z.string()) });

/** @param environment - Where secrets are read that the document names. */
export function openApi(config: PrometheusConfig, environment: Readonly<Record<string, string | undefined>>): Api {
  const { where, ask } = openTransport(config, environment);
  const series = async (path: string, form: Readonly<Record<string, string>>, signal: AbortSignal) =>
    seriesIn(await ask('POST', path, new URLSearchParams(form), signal), where, form.query ?? '');
  const texts = async (path: string, selector: string, fromS: number, toS: number, signal: AbortSignal) => {
    const form = new URLSearchParams({ 'match[]': selector, start: String(fromS), end: String(toS) });
    const reply = await ask('GET', path, form, signal);
    if (reply.status === 200) {
      const found = names.safeParse(jsonOf(reply.body));
      if (found.success) return found.data.data;
    }
    seriesIn(reply, where, selector);
    return [];
  };
  return {
    range: (query, fromS, toS, stepS, signal) =>
      series('query_range', { query, start: String(fromS), end: String(toS), step: String(stepS) }, signal),
    instant: (query, atS, signal) => series('query', { query, time: String(atS) }, signal),
    async nowS(signal) {
      const [value] = (await series('query', { query: 'time()' }, signal))[0]?.values ?? [];
      if (!value) throw unreachable('Prometheus does not say what time it is', where);
      return value[1];
    },
    labelValues: (label, selector, fromS, toS, signal) =>
      texts(`label/${encodeURIComponent(label)}/values`, selector, fromS, toS, signal),
    labelNames: (selector, fromS, toS, signal) => texts('labels', selector, fromS, toS, signal),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function seriesIn({ status, body, headers: { location } }: Reply, where: string, query: string): readonly Series[] {
  if (status >= 300 && status < 400)
    throw new UserError(
      'E_SOURCE_REFUSED',
      `Prometheus sends requests elsewhere (${status}): ${shortened(withoutQuery(location ?? ''))}`,
      {
        where,
        fix: 'write the address that it names into spec.source.prometheus.url',
      },
    );
  if (status === 401 || status === 403)
    throw new UserError('E_SOURCE_REFUSED', `Prometheus does not let this controller in (${status})`, {
      where,
      fix: 'give it a header: headers: { Authorization: { env: PROMETHEUS_TOKEN, prefix: "Bearer " } }',
    });
  const answer = readAnswer(body);
  if (answer.kind === 'series' && status === 200) return answer.series;
  // Prometheus answers 503 to a query that it gave up, and so does whatever stands in front of it while it is away.
  if (status === 429 || status >= 500) throw unreachable(`Prometheus answers ${status}: ${said(answer, body)}`, where);
  switch (answer.kind) {
    case 'error':
      throw new QueryRefused('E_SOURCE_REFUSED', `Prometheus refuses a query: ${shortened(answer.message)}`, {
        where,
        fix: `correct the query: ${shortened(query)}`,
      });
    case 'partial':
      throw new UserError('E_SOURCE_ANSWER', `an answer is not complete: ${shortened(answer.message)}`, {
        where,
        fix: 'see what is wrong with the stores behind it; counts that are missing must not look like silence',
      });
    case 'foreign':
    case 'series':
      if (status === 404 || status === 405)
        throw new UserError('E_SOURCE_REFUSED', `there is no query API that takes POST (${status})`, {
          where,
          fix: 'write the address that has /api/v1/query below it into spec.source.prometheus.url',
        });
      throw new UserError(
        'E_SOURCE_ANSWER',
        `an answer (${status}) is ${answer.kind === 'foreign' ? shortened(answer.message) : 'unexpected'}`,
        { where, fix: 'is this the address of a Prometheus API? See spec.source.prometheus.url' },
      );
  }
}

function said(answer: ReturnType<typeof readAnswer>, body: string): string {
  return shortened(answer.kind === 'error' ? answer.message : body.trim());
}

/** An address as far as it may be shown: what is behind the question mark may be a secret. */
function withoutQuery(address: string): string {
  return address.split(/[?#]/)[0] ?? '';
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
