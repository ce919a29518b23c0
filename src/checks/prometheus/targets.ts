import { z } from 'zod';
import type { ProgramClient } from '../program-client.ts';
import { type Finding, sentence } from '../sentences.ts';

const answer = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        labels: z.record(z.string(), z.string()),
        health: z.string(),
        lastError: z.string().optional(),
      }),
    ),
  }),
});

/**
 * What is scraped (`GET /api/v1/targets`).
 *
 * @param jobs - Jobs whose targets have to be up; null: those of all jobs.
 */
export async function targetFindings(jobs: readonly string[] | null, { json }: ProgramClient): Promise<readonly Finding[]> {
  const { activeTargets } = (await json(answer, '/api/v1/targets', { query: { state: 'active' } })).data;
  const wanted = activeTargets.filter(({ labels }) => jobs === null || jobs.includes(labels.job ?? ''));
  const findings: Finding[] = wanted.flatMap(({ labels, health, lastError }): Finding[] => {
    const label = `${labels.job ?? '?'} ${labels.instance ?? '?'}`;
    if (health === 'up') return [];
    if (health === 'unknown')
      return [
        {
          status: 'unproven',
          text: sentence('$ has not been scraped yet', '$: опроса ещё не было', label),
          fix: { en: 'check again after the scrape interval', ru: 'повторите проверку через интервал опроса' },
        },
      ];
    return [
      {
        status: 'fail',
        text: sentence('$ is down: $', '$ недоступна: $', label, (lastError || health).slice(0, 200)),
        fix: sentence('start $, or let Prometheus through to it', 'запустите $ или откройте к ней доступ для Prometheus', label),
      },
    ];
  });
  const empty =
    jobs === null ? (wanted.length === 0 ? ['*'] : []) : jobs.filter((job) => !wanted.some((one) => one.labels.job === job));
  for (const job of empty)
    findings.push({
      status: 'fail',
      text:
        job === '*'
          ? { en: 'nothing is scraped', ru: 'ничего не опрашивается' }
          : sentence('the job $ has no targets', 'у задания $ нет целей', job),
      fix: { en: 'see scrape_configs of Prometheus', ru: 'проверьте scrape_configs в Prometheus' },
    });
  if (findings.length > 0) return findings;
  return [{ status: 'pass', text: sentence('$ targets, all up', 'целей $, все доступны', wanted.length) }];
}
