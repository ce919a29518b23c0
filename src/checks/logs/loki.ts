import { z } from 'zod';
import { readYaml } from '../../spec/yaml-source.ts';
import type { CheckContext, CheckResult } from '../check.ts';
import { longDurationMs } from '../long-duration.ts';
import { lookAt, type ProgramClient, statusText } from '../program-client.ts';
import { type Finding, joined, resultOf, sentence } from '../sentences.ts';
import { type Kept, keptFinding, recentFinding } from './kept.ts';
import type { LogsConfig } from './schema.ts';

type Loki = Extract<LogsConfig, { kind: 'loki' }>['config'];

const labelNames = z.object({ status: z.literal('success'), data: z.array(z.string()).nullish() });
const streams = z.object({
  status: z.literal('success'),
  data: z.object({ resultType: z.string(), result: z.array(z.object({ values: z.array(z.unknown()) })) }),
});
const configuration = z.object({
  limits_config: z.object({ retention_period: z.string().nullish() }).nullish(),
  compactor: z.object({ retention_enabled: z.boolean().nullish() }).nullish(),
  table_manager: z.object({ retention_deletes_enabled: z.boolean().nullish(), retention_period: z.string().nullish() }).nullish(),
});

/** Lines in Loki (`GET /ready`, `/loki/api/v1/labels`, `/loki/api/v1/query_range`, `/config`). */
export async function inLoki(config: Loki, context: CheckContext): Promise<CheckResult> {
  const expected = joined([
    { en: 'Loki is ready', ru: 'Loki готов' },
    ...(config.query === undefined ? [] : [{ en: 'it has recent lines', ru: 'есть свежие строки' }]),
    ...(config.retention === undefined ? [] : [{ en: 'they are kept long enough', ru: 'они хранятся достаточно долго' }]),
  ]);
  return await lookAt('Loki', config, expected, context, async (client) => {
    const findings: Finding[] = [await readiness(client)];
    const figures: Record<string, number> = {};
    if (config.labels.length > 0) findings.push(...(await labelFindings(config.labels, client)));
    if (config.query !== undefined) {
      const lines = await recentLines(config.query, config, context, client);
      if (typeof lines === 'number') {
        figures.lines = lines;
        findings.push(recentFinding(config.query, lines, config.min, config.within));
      } else findings.push(lines);
    }
    if (config.retention !== undefined)
      findings.push(keptFinding('Loki', await keptFor(client), config.retention, 'limits_config.retention_period'));
    return resultOf(client.where, expected, findings, figures);
  });
}

async function readiness({ ask }: ProgramClient): Promise<Finding> {
  const reply = await ask('/ready');
  if (reply.status === 200) return { status: 'pass', text: { en: 'Loki is ready', ru: 'Loki готов' } };
  return {
    status: 'fail',
    text: statusText('/ready', reply),
    fix: { en: 'wait until it is ready, or see its log', ru: 'дождитесь готовности или посмотрите его журнал' },
  };
}

async function labelFindings(wanted: readonly string[], { json }: ProgramClient): Promise<readonly Finding[]> {
  const { data } = await json(labelNames, '/loki/api/v1/labels');
  const missing = wanted.filter((name) => !(data ?? []).includes(name));
  if (missing.length === 0) return [{ status: 'pass', text: sentence('$ labels are known', 'метки известны: $', wanted.length) }];
  return missing.map((name) => ({
    status: 'fail',
    text: sentence('no line has the label $', 'ни у одной строки нет метки $', name),
    fix: sentence('let the collector add the label $', 'настройте сборщик, чтобы он добавлял метку $', name),
  }));
}

async function recentLines(
  query: string,
  { min, within }: Loki,
  { now }: CheckContext,
  { ask, read }: ProgramClient,
): Promise<number | Finding> {
  // Nanoseconds do not fit into a number.
  const asked = {
    query: {
      query,
      start: `${now() - within}000000`,
      end: `${now()}000000`,
      limit: String(min),
      direction: 'backward',
    },
  };
  const reply = await ask('/loki/api/v1/query_range', asked);
  if (reply.status === 400)
    return {
      status: 'unproven',
      text: sentence('Loki refuses the query: $', 'Loki не принимает запрос: $', reply.body.trim().slice(0, 300)),
      fix: { en: 'correct the query', ru: 'исправьте запрос' },
    };
  const { result, resultType } = read(streams, '/loki/api/v1/query_range', reply).data;
  if (resultType !== 'streams')
    return {
      status: 'unproven',
      text: { en: 'the query answers no lines but a figure', ru: 'запрос отвечает числом, а не строками' },
      fix: { en: 'write a query for lines, such as {app="shop"}', ru: 'напишите запрос строк, например {app="shop"}' },
    };
  return result.reduce((sum, { values }) => sum + values.length, 0);
}

/** Loki deletes by its compactor, or in older versions by its table manager; with neither it deletes nothing. */
async function keptFor({ ask }: ProgramClient): Promise<Kept> {
  const reply = await ask('/config');
  if (reply.status !== 200) return 'unknown';
  const parsed = configuration.safeParse(readYaml(reply.body, 'config').documents[0]?.value);
  if (!parsed.success) return 'unknown';
  const { limits_config: limits, compactor, table_manager: tables } = parsed.data;
  const said = compactor?.retention_enabled
    ? limits?.retention_period
    : tables?.retention_deletes_enabled
      ? tables.retention_period
      : '0s';
  const ms = longDurationMs(said ?? '');
  if (ms === null) return 'unknown';
  return ms === 0 ? 'for ever' : { ms, said: said ?? '' };
}
