import type { ProgramClient } from '../program-client.ts';
import { type Finding, sentence } from '../sentences.ts';
import { instant } from './queries.ts';

/** Of histograms, summaries and counters the name alone is no series. */
const ends = '(_bucket|_count|_sum|_total)?';

/** Metrics that had a sample in the last five minutes, which is how far back an instant query looks. */
export async function metricFindings(names: readonly string[], client: ProgramClient): Promise<readonly Finding[]> {
  const pattern = names.map((name) => `${name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}${ends}`).join('|');
  const answer = await instant(`count by (__name__) ({__name__=~${JSON.stringify(pattern)}})`, client);
  if ('problem' in answer)
    return [
      {
        status: 'unproven',
        text: sentence('metrics: $', 'метрики: $', answer.problem.slice(0, 300)),
        fix: { en: 'correct the names', ru: 'исправьте имена' },
      },
    ];
  const there = new Set(answer.series.map(({ labels }) => labels.__name__ ?? ''));
  const isThere = (name: string): boolean =>
    there.has(name) || ['_bucket', '_count', '_sum', '_total'].some((end) => there.has(`${name}${end}`));
  const missing = names.filter((name) => !isThere(name));
  if (missing.length === 0)
    return [{ status: 'pass', text: sentence('$ metrics are there', 'метрики на месте: $', names.length) }];
  return missing.map((name) => ({
    status: 'fail',
    text: sentence('$ has no samples', 'у $ нет значений', name),
    fix: sentence('expose $, and let Prometheus scrape it', 'отдавайте $ и настройте её сбор в Prometheus', name),
  }));
}
