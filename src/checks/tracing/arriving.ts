import { z } from 'zod';
import type { Connection } from '../../spec/connection.ts';
import { durationText } from '../../spec/unit-text.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import { lookAt, type ProgramClient, statusText } from '../program-client.ts';
import { type Finding, listed, resultOf, sentence } from '../sentences.ts';
import { type CountTraces, countInJaeger, countInTempo } from './trace-stores.ts';

type Arriving = Connection & { readonly service: string; readonly within: number; readonly min: number };

const services = z.object({ data: z.array(z.string()).nullable() });

/** Jaeger knows the service and has recent traces of it (`GET /api/services`, `/api/traces`). */
export async function inJaeger(config: Arriving, context: CheckContext): Promise<CheckResult> {
  return await lookAt('Jaeger', config, expectation(config), context, async (client) => {
    const { data } = await client.json(services, '/api/services');
    if (!data?.includes(config.service)) {
      const text = sentence('Jaeger does not know $, but $', 'Jaeger не знает $; знает: $', config.service, listed(data ?? []));
      return resultOf(client.where, expectation(config), [{ status: 'fail', text, fix: howToTrace }]);
    }
    return await recent(config, context, client, countInJaeger);
  });
}

/** Tempo is ready and has recent traces of the service (`GET /ready`, `/api/search`). */
export async function inTempo(config: Arriving, context: CheckContext): Promise<CheckResult> {
  return await lookAt('Tempo', config, expectation(config), context, async (client) => {
    const reply = await client.ask('/ready');
    if (reply.status === 200) return await recent(config, context, client, countInTempo);
    const fix = { en: 'wait until it is ready, or see its log', ru: 'дождитесь готовности или посмотрите его журнал' };
    return resultOf(client.where, expectation(config), [{ status: 'fail', text: statusText('/ready', reply), fix }]);
  });
}

const howToTrace = {
  en: 'let the service export its traces (OTEL_EXPORTER_OTLP_ENDPOINT), and see whether the collector runs',
  ru: 'настройте в сервисе экспорт трасс (OTEL_EXPORTER_OTLP_ENDPOINT) и проверьте, работает ли сборщик',
};

function expectation({ service, min, within }: Arriving) {
  return sentence(
    'at least $ traces of $ in the last $',
    'трасс не меньше $ у сервиса $ за последние $',
    min,
    service,
    durationText(within),
  );
}

async function recent(config: Arriving, { now }: CheckContext, client: ProgramClient, count: CountTraces): Promise<CheckResult> {
  const { service, within, min } = config;
  const toMs = now();
  const traces = await count(client, { service, fromMs: toMs - within, toMs, limit: min });
  const isEnough = traces >= min;
  const least = isEnough ? { en: 'at least ', ru: 'не меньше ' } : '';
  const text = sentence('$: $$ traces in the last $', '$: трасс $$ за последние $', service, least, traces, durationText(within));
  const finding: Finding = isEnough ? { status: 'pass', text } : { status: 'fail', text, fix: howToTrace };
  return resultOf(client.where, expectation(config), [finding], { traces });
}
