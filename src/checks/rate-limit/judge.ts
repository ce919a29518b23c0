import type { IncomingHttpHeaders } from 'node:http';
import { durationText } from '../../spec/unit-text.ts';
import type { Finding } from '../sentences.ts';
import type { RateLimitConfig } from './schema.ts';

/** What came of asking too often. */
export type Burst = {
  /** Requests that were served, those among them that were under way when the first refusal came. */
  readonly served: number;
  /** From the first request to the first refusal, or to the end. */
  readonly tookMs: number;
  /** Headers of the first refusal; null: there was none. */
  readonly refusal: IncomingHttpHeaders | null;
};

type Limit = Pick<RateLimitConfig, 'requests' | 'per' | 'tolerance' | 'retryAfter'>;

/** Requests that are made at most: those of the limit with its tolerance, and some for what a client gets back meanwhile. */
export function mostOf({ most, atOnce, ...limit }: Limit & Pick<RateLimitConfig, 'most' | 'atOnce'>): number {
  return most ?? Math.max(limit.requests + 1, Math.ceil(withTolerance(limit, 1))) + atOnce;
}

/** Whether the refusal came when it should, and what it says. */
export function burstPoints(limit: Limit, { served, tookMs, refusal }: Burst): readonly Finding[] {
  const { requests, per } = limit;
  // What a client gets back while it asks.
  const refilled = requests * (tookMs / per);
  const rate = `${requests}/${durationText(per)}`;
  const set = { en: `limit the requests of one client to ${rate}`, ru: `ограничьте запросы одного клиента: ${rate}` };
  if (!refusal && served <= requests + refilled)
    return [
      {
        status: 'unproven',
        text: {
          en: `${served} requests in ${tookMs} ms are too few to exceed the limit`,
          ru: `запросов ${served} за ${tookMs} мс — мало, чтобы превысить ограничение`,
        },
        fix: {
          en: 'ask a faster address, or more often (most, atOnce)',
          ru: 'укажите более быстрый адрес или увеличьте most, atOnce',
        },
      },
    ];
  if (!refusal)
    return [
      {
        status: 'fail',
        text: { en: `no refusal after ${served} requests in ${tookMs} ms`, ru: `отказа нет: запросов ${served} за ${tookMs} мс` },
        fix: set,
      },
    ];
  const text = {
    en: `the refusal came after ${served} requests in ${tookMs} ms`,
    ru: `отказ после ${served} запросов за ${tookMs} мс`,
  };
  if (served === 0)
    return [
      {
        status: 'unproven',
        text: { en: 'the first request is refused already', ru: 'отказ уже на первый запрос' },
        fix: {
          en: `wait ${durationText(per)}, until the client has its requests again, or ask as a client of its own`,
          ru: `подождите ${durationText(per)}, пока запросы не станут снова доступны, или проверяйте отдельным клиентом`,
        },
      },
    ];
  const latest = Math.max(requests + 1, withTolerance(limit, 1)) + refilled;
  const when: Finding =
    served > latest
      ? { status: 'fail', text, fix: set }
      : served < withTolerance(limit, -1)
        ? {
            status: 'warn',
            text: { en: `${text.en}, though ${rate} are allowed`, ru: `${text.ru}, хотя разрешено ${rate}` },
            fix: {
              en: 'ask as a client that has not asked before, or see what else limits it',
              ru: 'проверяйте клиентом, который ещё не делал запросов, или найдите другое ограничение',
            },
          }
        : { status: 'pass', text };
  return [when, ...(limit.retryAfter ? [retryPoint(refusal)] : [])];
}

/** Lines of the headers that tell clients of the limit (RFC 9110, 10.2.3; draft-ietf-httpapi-ratelimit-headers). */
export function limitHeaders(headers: IncomingHttpHeaders): readonly string[] {
  return Object.entries(headers)
    .filter(([name]) => /^(retry-after|(x-)?ratelimit(-\w+)?)$/.test(name))
    .map(([name, value]) => `${name}: ${String(value).slice(0, 200)}`);
}

/** What is said about when to come again. */
function retryPoint(headers: IncomingHttpHeaders): Finding {
  const given = headers['retry-after'];
  const fix = { en: 'send Retry-After with the seconds to wait', ru: 'отдавайте Retry-After с числом секунд ожидания' };
  if (given === undefined)
    return {
      status: 'warn',
      text: { en: 'the refusal does not say when to come again', ru: 'в отказе не сказано, когда повторить' },
      fix,
    };
  const isRight = /^\d{1,9}$/.test(given.trim()) || Number.isFinite(Date.parse(given));
  if (!isRight) return { status: 'warn', text: { en: `Retry-After is "${given}"`, ru: `Retry-After: «${given}»` }, fix };
  return { status: 'pass', text: `Retry-After: ${given}` };
}

function withTolerance({ requests, tolerance }: Pick<Limit, 'requests' | 'tolerance'>, sign: 1 | -1): number {
  return requests + (sign * requests * tolerance) / 1_000_000;
}
