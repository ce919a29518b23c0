import { z } from 'zod';
import type { CheckContext, CheckResult } from '../check.ts';
import { lookAt, type ProgramClient } from '../program-client.ts';
import { type Finding, joined, resultOf, sentence } from '../sentences.ts';
import { retentions } from './elasticsearch-retention.ts';
import { keptFinding, recentFinding } from './kept.ts';
import type { LogsConfig } from './schema.ts';

type Elasticsearch = Extract<LogsConfig, { kind: 'elasticsearch' }>['config'];

const clusterHealth = z.object({
  cluster_name: z.string(),
  status: z.enum(['green', 'yellow', 'red']),
  number_of_nodes: z.number(),
  unassigned_shards: z.number(),
});
const counted = z.object({ count: z.number() });
/** From bad to good. */
const levels = ['red', 'yellow', 'green'] as const;

/** Lines in Elasticsearch or OpenSearch (`GET /_cluster/health`, `POST /INDEX/_count`, and the policies of the index). */
export async function inElasticsearch(config: Elasticsearch, context: CheckContext): Promise<CheckResult> {
  const { index, retention } = config;
  const expected = joined([
    sentence('health $ or better', 'состояние не хуже $', config.health),
    ...(index === undefined ? [] : [sentence('recent lines in $', 'свежие строки в $', index)]),
    ...(retention === undefined ? [] : [{ en: 'they are kept long enough', ru: 'они хранятся достаточно долго' }]),
  ]);
  return await lookAt('Elasticsearch', config, expected, context, async (client) => {
    const findings: Finding[] = [await healthFinding(config.health, client)];
    const figures: Record<string, number> = {};
    if (index !== undefined) {
      const lines = await recentLines(index, config, client);
      if (lines !== null) figures.lines = lines;
      findings.push(lines === null ? noIndex(index) : recentFinding(index, lines, config.min, config.within));
    }
    if (index !== undefined && retention !== undefined)
      for (const { of, kept } of await retentions(index, client)) findings.push(keptFinding(of, kept, retention, 'ILM, ISM'));
    return resultOf(client.where, expected, findings, figures);
  });
}

async function healthFinding(wanted: Elasticsearch['health'], { json }: ProgramClient): Promise<Finding> {
  const {
    cluster_name: name,
    status,
    number_of_nodes: nodes,
    unassigned_shards: lost,
  } = await json(clusterHealth, '/_cluster/health');
  const text = sentence(
    '$ is $ ($ nodes, $ unassigned shards)',
    '$: $ (узлов $, нераспределённых шардов $)',
    name,
    status,
    nodes,
    lost,
  );
  if (levels.indexOf(status) >= levels.indexOf(wanted)) return { status: 'pass', text };
  return {
    status: 'fail',
    text,
    fix: { en: 'see GET /_cluster/allocation/explain', ru: 'посмотрите GET /_cluster/allocation/explain' },
  };
}

/** Null: there is no such index. */
async function recentLines(
  index: string,
  { timeField, within }: Elasticsearch,
  { ask, read }: ProgramClient,
): Promise<number | null> {
  const path = `/${index}/_count`;
  const reply = await ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: { range: { [timeField]: { gte: `now-${Math.ceil(within / 1_000)}s` } } } }),
  });
  return reply.status === 404 ? null : read(counted, path, reply).count;
}

function noIndex(index: string): Finding {
  return {
    status: 'fail',
    text: sentence('there is no index $', 'нет индекса $', index),
    fix: sentence('let the collector write to $', 'настройте сборщик на запись в $', index),
  };
}
