import { z } from 'zod';
import type { ProgramClient } from '../program-client.ts';
import { type Finding, sentence } from '../sentences.ts';

const answer = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        name: z.string(),
        rules: z.array(z.object({ type: z.string(), name: z.string(), health: z.string(), lastError: z.string().optional() })),
      }),
    ),
  }),
});

/**
 * The rules that are loaded (`GET /api/v1/rules`).
 *
 * @param names - Alerts that have to be among them; null: any rules will do.
 */
export async function ruleFindings(names: readonly string[] | null, { json }: ProgramClient): Promise<readonly Finding[]> {
  const { groups } = (await json(answer, '/api/v1/rules')).data;
  const rules = groups.flatMap((group) => group.rules.map((rule) => ({ ...rule, group: group.name })));
  const alerts = new Set(rules.flatMap(({ type, name }) => (type === 'alerting' ? [name] : [])));
  const findings: Finding[] = rules.flatMap(({ group, name, health, lastError }): Finding[] => {
    const label = `${group}/${name}`;
    if (health === 'ok') return [];
    if (health === 'unknown')
      return [
        {
          status: 'unproven',
          text: sentence('$ has not been evaluated yet', '$ ещё не вычислялось', label),
          fix: { en: 'check again after its interval', ru: 'повторите проверку через его интервал' },
        },
      ];
    return [
      {
        status: 'fail',
        text: sentence('$ cannot be evaluated: $', '$ не вычисляется: $', label, (lastError ?? health).slice(0, 200)),
        fix: sentence('correct the expression of $', 'исправьте выражение $', label),
      },
    ];
  });
  for (const name of names ?? [])
    if (!alerts.has(name))
      findings.push({
        status: 'fail',
        text: sentence('the alert $ is not loaded', 'алерт $ не загружен', name),
        fix: sentence('add a rule file with $ to rule_files, and reload', 'добавьте файл с $ в rule_files и перезагрузите', name),
      });
  if (rules.length === 0 && names === null)
    findings.push({
      status: 'fail',
      text: { en: 'no rules are loaded', ru: 'правила не загружены' },
      fix: { en: 'name rule files under rule_files, and reload', ru: 'укажите файлы правил в rule_files и перезагрузите' },
    });
  if (findings.length > 0) return findings;
  return [
    {
      status: 'pass',
      text: sentence('$ rules ($ alerts), healthy', 'правил $ (алертов $), исправны', rules.length, alerts.size),
    },
  ];
}
