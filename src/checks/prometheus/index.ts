import { defineCheck } from '../check.ts';
import { lookAt, type ProgramClient } from '../program-client.ts';
import { type Finding, joined, resultOf, sentence } from '../sentences.ts';
import { metricFindings } from './metric-names.ts';
import { queryFinding } from './queries.ts';
import { retentionFinding } from './retention.ts';
import { ruleFindings } from './rules.ts';
import { PrometheusCheckConfig } from './schema.ts';
import { targetFindings } from './targets.ts';

/** A Prometheus server has its rules, targets and data. */
export const prometheus = defineCheck({
  title: { en: 'Prometheus server', ru: 'Сервер Prometheus' },
  schema: PrometheusCheckConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    const expected = expectation(config);
    return await lookAt('Prometheus', config, expected, context, async (client) => {
      const figures: Record<string, number> = {};
      const findings = await findingsOf(config, client, figures);
      return resultOf(client.where, expected, findings, figures);
    });
  },
});

async function findingsOf(
  config: PrometheusCheckConfig,
  client: ProgramClient,
  figures: Record<string, number>,
): Promise<readonly Finding[]> {
  const { rules, targets, retention, queries, metrics } = config;
  const findings: Finding[] = [];
  if (rules !== undefined) findings.push(...(await ruleFindings(rules === true ? null : rules, client)));
  if (targets !== undefined) findings.push(...(await targetFindings(targets === true ? null : targets, client)));
  if (retention !== undefined) findings.push(await retentionFinding(retention, client));
  for (const [index, query] of (queries ?? []).entries()) {
    const { finding, worst } = await queryFinding(query, client);
    findings.push(finding);
    if (worst !== null) figures[query.name ?? `query${index + 1}`] = worst;
  }
  if (metrics !== undefined) findings.push(...(await metricFindings(metrics, client)));
  return findings;
}

function expectation({ rules, targets, retention, queries, metrics }: PrometheusCheckConfig) {
  return joined([
    ...(rules === undefined ? [] : [{ en: 'rules loaded and healthy', ru: 'правила загружены и исправны' }]),
    ...(targets === undefined ? [] : [{ en: 'targets up', ru: 'цели доступны' }]),
    ...(retention === undefined ? [] : [{ en: 'data kept long enough', ru: 'данные хранятся достаточно долго' }]),
    ...(queries === undefined ? [] : [sentence('$ queries within bounds', 'запросы в пределах: $', queries.length)]),
    ...(metrics === undefined ? [] : [sentence('$ metrics there', 'метрики есть: $', metrics.length)]),
  ]);
}
