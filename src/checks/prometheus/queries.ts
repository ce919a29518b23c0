import { readAnswer, type Series } from '../../prometheus/answer.ts';
import type { Text } from '../../spec/text.ts';
import type { ProgramClient } from '../program-client.ts';
import { type Finding, sentence } from '../sentences.ts';
import type { PrometheusCheckConfig } from './schema.ts';

type Query = NonNullable<PrometheusCheckConfig['queries']>[number];

/** A query whose answer has to be within bounds, in each of its series; and the value that is the furthest from where it should be. */
export async function queryFinding(
  query: Query,
  client: ProgramClient,
): Promise<{ readonly finding: Finding; readonly worst: number | null }> {
  const name = query.name ?? query.query;
  const answer = await instant(query.query, client);
  if ('problem' in answer)
    return {
      worst: null,
      finding: {
        status: 'unproven',
        text: sentence('$: $', '$: $', name, answer.problem.slice(0, 300)),
        fix: { en: 'correct the query', ru: 'исправьте запрос' },
      },
    };
  const values = answer.series.flatMap(({ labels, values }) => values.map(([, value]) => ({ labels, value })));
  const unusable = answer.series.reduce((sum, one) => sum + (one.unusable?.length ?? 0), 0);
  if (values.length === 0 && unusable === 0)
    return {
      worst: null,
      finding: {
        status: 'unproven',
        text: sentence('$: no data', '$: нет данных', name),
        fix: { en: 'see whether its metrics are scraped', ru: 'проверьте, собираются ли его метрики' },
      },
    };
  // A quantile above the last bucket is +Inf, and a share of nothing is NaN: what is within bounds beside it proves nothing.
  const isUnproven = unusable > 0 && values.every(({ value }) => isWithin(query, value));
  if (isUnproven)
    return {
      worst: null,
      finding: {
        status: 'unproven',
        text: sentence('$: no number in $ series (NaN or Inf)', '$: нет числа в рядах: $ (NaN или Inf)', name, unusable),
        fix: {
          en: 'write the query so that it answers a number, or nothing, for every series',
          ru: 'напишите запрос так, чтобы для каждого ряда он давал число или ничего',
        },
      },
    };
  const [worst = { labels: {}, value: 0 }] = values.toSorted((a, b) => excess(query, b.value) - excess(query, a.value));
  const where = Object.entries(worst.labels).map(([label, text]) => `${label}="${text}"`);
  const of = values.length > 1 ? ` (${where.join(', ').slice(0, 200)})` : '';
  const found = `${numberText(worst.value)}${of}`;
  const isRight = isWithin(query, worst.value);
  const finding: Finding = isRight
    ? { status: 'pass', text: sentence('$ is $', '$: $', name, found) }
    : {
        status: 'fail',
        text: sentence('$ is $, and not $', '$: $, а должно быть $', name, found, boundText(query)),
        fix: sentence('find out why $ is out of bounds', 'выясните, почему $ вне пределов', name),
      };
  return { finding, worst: worst.value };
}

/** What a query answers now; or what Prometheus has against it. */
export async function instant(
  query: string,
  { ask }: ProgramClient,
): Promise<{ readonly series: readonly Series[] } | { readonly problem: string }> {
  const reply = await ask('/api/v1/query', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
    body: new URLSearchParams({ query }).toString(),
  });
  const answer = readAnswer(reply.body);
  return answer.kind === 'series' ? { series: answer.series } : { problem: answer.message };
}

/** How far beyond its bounds a value is; below 0 within them. */
function excess({ below, atMost, above, atLeast }: Query, value: number): number {
  const over = [below, atMost].flatMap((bound) => (bound === undefined ? [] : [value - bound]));
  const under = [above, atLeast].flatMap((bound) => (bound === undefined ? [] : [bound - value]));
  return Math.max(...over, ...under);
}

function isWithin({ below, atMost, above, atLeast }: Query, value: number): boolean {
  return (
    (below === undefined || value < below) &&
    (atMost === undefined || value <= atMost) &&
    (above === undefined || value > above) &&
    (atLeast === undefined || value >= atLeast)
  );
}

function boundText({ below, atMost, above, atLeast }: Query): Text {
  const parts = [
    ...(below === undefined ? [] : [`< ${below}`]),
    ...(atMost === undefined ? [] : [`≤ ${atMost}`]),
    ...(above === undefined ? [] : [`> ${above}`]),
    ...(atLeast === undefined ? [] : [`≥ ${atLeast}`]),
  ];
  return parts.join(', ');
}

function numberText(value: number): string {
  return String(Number(value.toPrecision(4)));
}
