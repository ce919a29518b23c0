import type { EventCheck } from '../source.ts';
import { type Api, QueryRefused } from './api.ts';
import type { Buckets } from './buckets.ts';
import { uncountable } from './event-count.ts';
import type { EventPlan, EventQuery } from './event-plan.ts';
import { inTurn } from './in-turn.ts';
import { labelHints } from './label-hints.ts';
import { selectorOf } from './promql.ts';
import { type Found, readingsOf } from './reading.ts';
import { scrapeInterval } from './scrape-interval.ts';

/** Bounds of a histogram that are told. */
const boundsMax = 30;

/** Looks at each query once: whether it is one, counts events, finds anything, and has the threshold among its bounds. */
export async function checkEvents(
  api: Api,
  { queries, rules }: EventPlan,
  { everyS, atS }: { readonly everyS: number; readonly atS: number },
  signal: AbortSignal,
): Promise<EventCheck> {
  const problems: string[] = rules.flatMap(({ rule }) => (rule.kind === 'none' ? [rule.problem] : []));
  const notes: string[] = [];
  const found = new Map<string, Found>();
  await inTurn(queries, async (query) => {
    const { where, text } = query;
    try {
      if (query.asked.isAggregated && !/\b(instance|pod)\b/.test(text))
        notes.push(
          `${where}: ${text} is a sum, and when one of its processes goes or begins anew nobody can tell what has come: count its plain series, or sum by (instance) (…)`,
        );
      const series = await api.instant(text, atS, signal);
      const here = [...readingsOf(query.asked, series).values()][0];
      const problem = series.some(({ unusable }) => unusable)
        ? `a series of ${text} is no finite number`
        : uncountable(query, here);
      if (problem !== null) problems.push(`${where}: ${problem}`);
      if (here) found.set(query.id, here);
      else if (series.some(({ values }) => values.length > 0)) problems.push(`${where}: ${notAHistogram(query)}`);
      else notes.push(...(await labelHints(api, text, atS, signal)).map((hint) => `${where}: ${hint}`));
    } catch (error) {
      if (!(error instanceof QueryRefused)) throw error;
      problems.push(`${where}: ${error.message}. ${error.fix}`);
    }
  });
  for (const { rule } of rules) {
    if (rule.kind !== 'histogram') continue;
    const query = queries.find(({ id }) => id === rule.total);
    const here = found.get(rule.total);
    if (!query || here?.kind !== 'histograms') continue;
    const says = thresholdDoubt(query, [...here.values.values()], rule.belowMs);
    if (says !== null) (query.isClassic ? problems : notes).push(`${query.where}: ${says}`);
  }
  const plain = queries.find(({ id, text }) => found.has(id) && selectorOf(text));
  const scrapedS = plain ? await scrapeInterval(api, plain.text, atS, signal) : null;
  if (plain && scrapedS !== null && scrapedS > everyS * 1.25)
    problems.push(
      `spec.source.prometheus.interval is ${everyS} s, and ${plain.text} is scraped every ${scrapedS} s: use at least that`,
    );
  return { problems: [...new Set(problems)].sort(), notes: [...new Set(notes)].sort() };
}

function notAHistogram({ text, isClassic }: EventQuery): string {
  return isClassic
    ? `${text} has no label le, so it is no classic histogram`
    : `${text} is no native histogram; write histogram: in place of native: for one with buckets by le`;
}

/** Why it cannot be told exactly how many events took no longer than a threshold; null when it can. */
export function thresholdDoubt(
  query: Pick<EventQuery, 'isClassic'>,
  histograms: readonly Buckets[],
  belowMs: number,
): string | null {
  if (query.isClassic) {
    const without = histograms.find((buckets) => buckets.every(({ highMs }) => highMs !== belowMs));
    if (!without) return null;
    const bounds = without.map(({ highMs }) => highMs).filter(Number.isFinite);
    const shown = bounds.slice(0, boundsMax).map(inWords).join(', ');
    return `below ${inWords(belowMs)} is no bound of its buckets, so the events below it cannot be counted; it has ${shown}${bounds.length > boundsMax ? ' …' : ''}`;
  }
  for (const buckets of histograms) {
    const around = buckets.find(({ lowMs, highMs }) => lowMs < belowMs && belowMs < highMs);
    if (around)
      return `below ${inWords(belowMs)} lies inside of the bucket from ${inWords(around.lowMs)} to ${inWords(around.highMs)}: where that has events, only an interval is known, and nothing is decided by it`;
  }
  return null;
}

function inWords(ms: number): string {
  return ms >= 1_000 ? `${Number((ms / 1_000).toPrecision(4))}s` : `${Number(ms.toPrecision(4))}ms`;
}
