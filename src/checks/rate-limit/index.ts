import type { IncomingHttpHeaders } from 'node:http';
import { durationText } from '../../spec/unit-text.ts';
import { type CheckContext, defineCheck } from '../check.ts';
import {
  type Answer,
  type HttpClient,
  httpClient,
  isFailure,
  isWithin,
  type Question,
  rangesText,
  shownUrl,
} from '../http-client.ts';
import { type Finding, resultOf } from '../sentences.ts';
import { type Burst, burstPoints, limitHeaders, mostOf } from './judge.ts';
import { RateLimitConfig } from './schema.ts';

/** A limit that is really there: it is exceeded. */
export const rateLimit = defineCheck({
  title: { en: 'Rate limit', ru: 'Ограничение частоты запросов' },
  schema: RateLimitConfig,
  // It takes all requests that a client has, of other checks too.
  capabilities: { own: false, alone: true },
  timeoutMs: 120_000,
  async run(config, context) {
    const client = httpClient(config.tls, context);
    const rate = `${config.requests}/${durationText(config.per)}`;
    const expected = {
      en: `a refusal (${rangesText(config.refused)}) of more than ${rate}`,
      ru: `отказ (${rangesText(config.refused)}) при более чем ${rate}`,
    };
    const lookedAt = `${config.method} ${shownUrl(config.url)}`;
    try {
      const question = questionOf(config, client);
      const found = await burst(config, question, client, context);
      if ('text' in found) return resultOf(lookedAt, expected, [found]);
      const points = [...burstPoints(config, found)];
      if (found.refusal && config.other) points.push(await otherPoint(config, question, client));
      const result = resultOf(lookedAt, expected, points, { served: found.served, refusedAfterMs: found.tookMs });
      return { ...result, evidence: [...result.evidence, ...limitHeaders(found.refusal ?? {})] };
    } finally {
      client.close();
    }
  },
});

function questionOf({ url, method, body, from, within, ...connection }: RateLimitConfig, client: HttpClient): Question {
  const headers = client.headers(connection);
  const json = body !== undefined && typeof body !== 'string';
  return {
    url,
    method,
    headers: json ? { 'content-type': 'application/json', ...headers } : headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    withinMs: within,
    from,
  };
}

/** Asks until it is refused, until it has asked as often as it may, or until the service fails. */
async function burst(
  config: RateLimitConfig,
  question: Question,
  client: HttpClient,
  { signal, progress }: CheckContext,
): Promise<Burst | Finding> {
  const most = mostOf(config);
  const startMs = performance.now();
  const took = (): number => Math.round(performance.now() - startMs);
  let asked = 0;
  let served = 0;
  let refusal: { readonly tookMs: number; readonly headers: IncomingHttpHeaders } | null = null;
  let failure: Finding | null = null;
  const ask = async (): Promise<void> => {
    while (!refusal && !failure && asked < most) {
      asked++;
      const answer = await client.ask(question);
      if (isFailure(answer)) failure ??= broken(served, answer.text, answer.fix);
      else if (isWithin(answer.status, config.refused)) refusal ??= { tookMs: took(), headers: answer.headers };
      else if (answer.status >= 400) failure ??= broken(served, `${answer.status}`, seeWhy);
      // What was under way when the refusal came was let through before it.
      else served++;
      if (served % 100 === 0) progress(`${served} / ${most}`);
    }
  };
  await Promise.all(Array.from({ length: config.atOnce }, ask));
  signal.throwIfAborted();
  return failure ?? { served, ...ended(refusal, took()) };
}

function ended(
  refusal: { readonly tookMs: number; readonly headers: IncomingHttpHeaders } | null,
  tookMs: number,
): Omit<Burst, 'served'> {
  return refusal ? { tookMs: refusal.tookMs, refusal: refusal.headers } : { tookMs, refusal: null };
}

const seeWhy = {
  en: 'ask an address that answers this client well, and see why the service fails under a few requests',
  ru: 'укажите адрес, который отвечает этому клиенту, и выясните, почему сервис не выдерживает несколько запросов',
};

/** Neither served nor refused: that is no limit. */
function broken(served: number, text: Finding['text'], fix: NonNullable<Finding['fix']>): Finding {
  const said = (language: 'en' | 'ru'): string => (typeof text === 'string' ? text : text[language]);
  return {
    status: 'fail',
    text: { en: `after ${served} requests: ${said('en')}`, ru: `после ${served} запросов: ${said('ru')}` },
    fix,
  };
}

/** Whoever has not asked is served while the first one is refused. */
async function otherPoint({ other, within, refused }: RateLimitConfig, question: Question, client: HttpClient): Promise<Finding> {
  const url = other?.url ?? question.url;
  // Another server is not told what is meant for this one.
  const own = new URL(url).origin === new URL(question.url).origin ? question.headers : {};
  const headers = { ...own, ...client.headers({ headers: other?.headers ?? {} }) };
  const answer = await client.ask({ ...question, url, headers, withinMs: within, from: other?.from ?? question.from });
  if (isFailure(answer)) return { status: 'fail', ...answer };
  return servedPoint(answer, isWithin(answer.status, refused));
}

function servedPoint({ status }: Answer, isRefused: boolean): Finding {
  const text = { en: `another one is answered with ${status}`, ru: `ответ другому: ${status}` };
  if (!isRefused && status < 400) return { status: 'pass', text };
  return {
    status: 'fail',
    text,
    fix: {
      en: 'count each client by itself, so that one cannot shut the others out',
      ru: 'считайте запросы каждого клиента отдельно, чтобы один не закрыл доступ другим',
    },
  };
}
