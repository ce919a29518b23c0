import { z } from 'zod';
import type { ProgramClient } from '../program-client.ts';

/** How many traces a service has between two moments (unix ms), up to a limit. */
export type CountTraces = (
  client: ProgramClient,
  asked: { readonly service: string; readonly fromMs: number; readonly toMs: number; readonly limit: number },
) => Promise<number>;

const jaegerTraces = z.object({ data: z.array(z.object({ traceID: z.string() })).nullable() });
const tempoTraces = z.object({ traces: z.array(z.object({ traceID: z.string() })).nullish() });

/** `GET /api/traces` of Jaeger's query service; it counts in microseconds. */
export const countInJaeger: CountTraces = async ({ json }, { service, fromMs, toMs, limit }) => {
  const query = { service, start: `${fromMs}000`, end: `${toMs}000`, limit: String(limit) };
  const { data } = await json(jaegerTraces, '/api/traces', { query });
  return new Set((data ?? []).map(({ traceID }) => traceID)).size;
};

/** `GET /api/search` of Tempo, by TraceQL; it counts in seconds. */
export const countInTempo: CountTraces = async ({ json }, { service, fromMs, toMs, limit }) => {
  const query = {
    q: `{resource.service.name=${JSON.stringify(service)}}`,
    start: String(Math.floor(fromMs / 1_000)),
    end: String(Math.ceil(toMs / 1_000)),
    limit: String(limit),
  };
  const { traces } = await json(tempoTraces, '/api/search', { query });
  return new Set((traces ?? []).map(({ traceID }) => traceID)).size;
};
