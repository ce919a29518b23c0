import { setTimeout as wait } from 'node:timers/promises';
import { shareInterval } from '../../analysis/confidence.ts';
import type { Text } from '../../spec/text.ts';
import { percentText } from '../../spec/unit-text.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import { lookAt, type ProgramClient } from '../program-client.ts';
import { type Finding, resultOf, sentence } from '../sentences.ts';
import type { Sampling } from './sampling.ts';
import { countInJaeger, countInTempo } from './trace-stores.ts';

type Measured = Sampling & { readonly measured: NonNullable<Sampling['measured']> };

/** Requests that are under way at a time. */
const inFlightMax = 8;
/** Looks at the store while traces arrive; it is over early when nothing has come for so many. */
const looks = 20;
const quietLooks = 6;
/** How often chance alone may take a good rate for one that is out of bounds. */
const alpha = 0.05;

/**
 * Sends requests to the service and counts the traces that come of them. A rate whose confidence interval reaches into the bounds is a
 * warning and no failure: few requests prove little.
 */
export async function measuredRate(config: Measured, expected: Text, context: CheckContext): Promise<CheckResult> {
  const { requests, traces } = config.measured;
  const fromMs = context.now();
  let sent = 0;
  const asked = await lookAt('the service', requests, expected, context, async (client) => {
    sent = await sendRequests(client, requests.count, context);
    return resultOf(client.where, expected, sent > 0 ? [{ status: 'pass', text: 'sent' }] : [noneAnswered]);
  });
  if (asked.status !== 'pass') return asked;
  const [name, count] = traces.kind === 'jaeger' ? (['Jaeger', countInJaeger] as const) : (['Tempo', countInTempo] as const);
  return await lookAt(name, traces.config, expected, context, async (client) => {
    // One more than there can be tells that others use the service, too.
    const look = () => count(client, { service: traces.config.service, fromMs, toMs: context.now(), limit: sent + 1 });
    const found = await settled(look, config.measured.within, context);
    const figures = { requests: sent, traces: found, samplingPpm: Math.round((found * 1_000_000) / sent) };
    return resultOf(client.where, expected, [judged(found, sent, config)], figures);
  });
}

/** How many were answered well. */
async function sendRequests({ ask }: ProgramClient, count: number, { progress }: CheckContext): Promise<number> {
  let begun = 0;
  let answered = 0;
  const one = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const { status } = await ask('');
      if (status < 500) answered += 1;
      if (begun % 100 === 0) progress(`${begun} / ${count}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlightMax, count) }, one));
  return answered;
}

/** What is found once nothing more arrives. */
async function settled(look: () => Promise<number>, withinMs: number, { signal }: CheckContext): Promise<number> {
  let found = 0;
  let quiet = 0;
  for (let i = 0; i < looks && quiet < quietLooks; i += 1) {
    await wait(withinMs / looks, undefined, { signal });
    const now = await look();
    quiet = now > found ? 0 : found > 0 ? quiet + 1 : 0;
    found = Math.max(found, now);
  }
  return found;
}

const noneAnswered: Finding = {
  status: 'fail',
  text: { en: 'the service answers every request with an error', ru: 'на каждый запрос сервис отвечает ошибкой' },
  fix: { en: 'name an address that answers without one', ru: 'укажите адрес, который отвечает без ошибок' },
};

function judged(traces: number, requests: number, { min, max }: Sampling): Finding {
  const fix = {
    en: 'set the ratio of the sampler (OTEL_TRACES_SAMPLER_ARG)',
    ru: 'задайте долю в семплере (OTEL_TRACES_SAMPLER_ARG)',
  };
  if (traces > requests)
    return {
      status: 'unproven',
      text: sentence(
        'more than $ traces of $ requests: others use the service, too',
        'трасс больше $ на $ запросов: сервисом пользуются и другие',
        requests,
        requests,
      ),
      fix: { en: 'measure where nobody else asks', ru: 'измеряйте там, где нет других запросов' },
    };
  const rate = percentText(Math.round((traces * 1_000_000) / requests));
  const text = sentence('$ traces of $ requests ($)', 'трасс $ на $ запросов ($)', traces, requests, rate);
  const ppm = (traces * 1_000_000) / requests;
  if (ppm >= min && ppm <= max) return { status: 'pass', text };
  const { low, high } = shareInterval({ bad: traces, n: requests }, alpha);
  const isMaybe = high * 1_000_000 >= min && low * 1_000_000 <= max;
  if (!isMaybe) return { status: 'fail', text, fix };
  return {
    status: 'warn',
    text: sentence('$, which may be chance', '$, но это может быть случайностью', text),
    fix: { en: 'measure with more requests', ru: 'измерьте на большем числе запросов' },
  };
}
