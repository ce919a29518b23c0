import type { LoadError, LoadResult } from '../../load/plan.ts';
import type { Text } from '../../spec/text.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';
import type { LoadConfig } from './schema.ts';

type Both = Extract<Text, object>;

/** Milliseconds with as many digits as say something: `0.08 ms`, `41.3 ms`, `1,204 ms`. */
export function millis(ms: number): string {
  const digits = ms < 1 ? 2 : ms < 100 ? 1 : 0;
  return `${Number(ms.toFixed(digits)).toLocaleString('en-US')} ms`;
}

const count = (n: number): string => Math.round(n).toLocaleString('en-US');

/** What has to hold, in one sentence. */
export function expectedText({ expect, rate, users, for: forMs }: LoadConfig): Both {
  const latencies = (['p50', 'p90', 'p95', 'p99', 'max'] as const).flatMap((name) => {
    const most = expect[name];
    return most === undefined ? [] : [`${name} ≤ ${durationText(most)}`];
  });
  const least = expect.rate === undefined ? [] : [`≥ ${expect.rate}/s`];
  const errors = percentText(expect.errors);
  const time = durationText(forMs);
  return {
    en: [
      `${rate === undefined ? `${users} users` : `${rate} requests/s`} for ${time}`,
      ...latencies,
      ...least,
      `at most ${errors} failed`,
    ].join(', '),
    ru: [
      `${rate === undefined ? `пользователей: ${users}` : `запросов в секунду: ${rate}`}, ${time}`,
      ...latencies,
      ...least,
      `ошибок не больше ${errors}`,
    ].join(', '),
  };
}

/** What was measured, in one sentence. */
export function foundText(result: LoadResult): Both {
  const { latency, requests, answers, statuses } = result;
  const failed = requests - answers + statuses['4xx'] + statuses['5xx'];
  const share = percentText(Math.ceil((failed * 1_000_000) / Math.max(1, requests)));
  const at = `p50 ${millis(latency.p50)}, p95 ${millis(latency.p95)}, p99 ${millis(latency.p99)}, max ${millis(latency.max)}`;
  const asked = result.askedPerSecond;
  const rate = Math.round(result.answeredPerSecond * 10) / 10;
  return {
    en: `${count(requests)} requests, ${rate} answers/s${asked === null ? '' : ` (asked ${asked}/s)`}: ${at}; ${count(failed)} failed (${share})`,
    ru: `запросов ${count(requests)}, ответов в секунду ${rate}${asked === null ? '' : ` (задано ${asked})`}: ${at}; ошибок ${count(failed)} (${share})`,
  };
}

const errorWords: Readonly<Record<LoadError, string>> = {
  timeout: 'no answer in time',
  refused: 'connection refused',
  reset: 'connection reset',
  closed: 'closed before the answer',
  name: 'name without an address',
  tls: 'TLS not agreed on',
  unreadable: 'no answer in HTTP/1.1',
  unsent: 'never sent: too many waited',
  local: 'no more connections from this machine',
  other: 'other errors',
};

/** Lines to look at. */
export function linesOf(result: LoadResult): readonly string[] {
  const { service, lag } = result;
  return [
    ...Object.entries(result.statuses).flatMap(([status, n]) => (n > 0 ? [`${status}: ${count(n)}`] : [])),
    ...Object.entries(result.errors).map(([error, n]) => `${errorWords[error as LoadError]}: ${count(n)}`),
    ...result.examples,
    `from being sent: p50 ${millis(service.p50)}, p95 ${millis(service.p95)}, p99 ${millis(service.p99)}`,
    `connections: ${count(result.connections)} opened, ${count(result.connectionsOpen)} at once, ${count(result.again)} requests sent again`,
    result.askedPerSecond === null
      ? `generator: at work for ${Math.round(result.busy * 100)} % of the time`
      : `generator: began ${Math.round(result.begunPerSecond * 10) / 10} of ${result.askedPerSecond} requests/s, late by p95 ${millis(lag.p95)}, p99 ${millis(lag.p99)}`,
  ];
}
