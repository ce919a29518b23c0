import { messageOf, systemCode, UserError } from '../../errors.ts';
import { readSecretFile } from '../../spec/load.ts';
import { headerValues } from '../../spec/request-headers.ts';
import { readAnswer, type Series } from './answer.ts';
import type { PrometheusConfig } from './schema.ts';

/** Largest answer to one query. A service has hundreds of series, not hundreds of thousands. */
const bodyBytesMax = 16 * 1_048_576;

/** Asks the HTTP API. Rejects with a `UserError`, as `MetricSource` says. */
export type Api = {
  /** Values at `fromS`, `fromS + stepS` … `toS` (unix seconds), of each series that has any. */
  range(query: string, fromS: number, toS: number, stepS: number, signal: AbortSignal): Promise<readonly Series[]>;
  /** What the query answers at one moment; of a range selector all the values in it. */
  instant(query: string, atS: number, signal: AbortSignal): Promise<readonly Series[]>;
};

/** @param environment - Where the values of headers are read that the document names. */
export function openApi(config: PrometheusConfig, environment: Readonly<Record<string, string | undefined>>): Api {
  const ask = async (path: string, form: Readonly<Record<string, string>>, signal: AbortSignal) => {
    const url = new URL(config.url);
    const where = `${url.origin}${url.pathname}`;
    url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/${path}`;
    const init: RequestInit = {
      method: 'POST',
      headers: { ...headersOf(config, environment), accept: 'application/json' },
      body: new URLSearchParams(form),
      // Another host must not get this one's secrets.
      redirect: 'manual',
      signal,
    };
    let status: number;
    let body: string;
    let location: string | null;
    try {
      const response = await fetch(url, init);
      ({ status } = response);
      location = response.headers.get('location');
      body = await textOf(response, where);
    } catch (error) {
      if (error instanceof UserError) throw error;
      const reason = signal.aborted ? 'no answer in time' : causeOf(error);
      throw unreachable(`Prometheus cannot be asked: ${reason}`, where, error);
    }
    return seriesIn({ status, body, location, where, query: form.query ?? '' });
  };
  return {
    range: (query, fromS, toS, stepS, signal) =>
      ask('query_range', { query, start: String(fromS), end: String(toS), step: String(stepS) }, signal),
    instant: (query, atS, signal) => ask('query', { query, time: String(atS) }, signal),
  };
}

type Reply = { status: number; body: string; location: string | null; where: string; query: string };

function seriesIn({ status, body, location, where, query }: Reply): readonly Series[] {
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
      throw new UserError('E_SOURCE_REFUSED', `Prometheus refuses a query: ${shortened(answer.message)}`, {
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

function headersOf(
  { headers }: PrometheusConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const found = headerValues(headers, environment, readSecretFile);
  if ('headers' in found) return found.headers;
  const { name, missing, fix } = found;
  throw new UserError('E_SOURCE_REFUSED', missing, { where: `spec.source.prometheus.headers.${name}`, fix });
}

async function textOf(response: Response, where: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > bodyBytesMax)
      throw new UserError('E_SOURCE_ANSWER', `an answer has more than ${bodyBytesMax / 1_048_576} MiB`, {
        where,
        fix: 'narrow the queries with further matchers',
      });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** An address as far as it may be shown: what is behind the question mark may be a secret. */
function withoutQuery(address: string): string {
  return address.split(/[?#]/)[0] ?? '';
}

function unreachable(what: string, where: string, cause?: unknown): UserError {
  return new UserError('E_SOURCE_UNREACHABLE', what, {
    where,
    fix: 'see whether Prometheus runs and can be reached from the controller',
    cause,
  });
}

/** `fetch` says only that it failed; what happened is its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = systemCode(cause);
  return code === undefined ? messageOf(cause) : `${code}${messageOf(cause) ? ` (${messageOf(cause)})` : ''}`;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
