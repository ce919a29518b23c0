import type { Api } from './api.ts';

/** How far back scrapes are looked for. */
const historyS = 300;

/** Seconds between two scrapes of a plain selector's series before a moment; null where that cannot be seen. */
export async function scrapeInterval(api: Api, selector: string, atS: number, signal: AbortSignal): Promise<number | null> {
  const series = await api.instant(`${selector}[${historyS}s]`, atS, signal);
  const gaps = series.flatMap(({ values, histograms }) => {
    const times = [...values, ...histograms].map(([atS]) => atS).sort((a, b) => a - b);
    const between = times.slice(1).map((atS, index) => atS - (times[index] ?? atS));
    const middle = between.sort((a, b) => a - b)[Math.floor(between.length / 2)];
    return middle === undefined || between.length < 3 ? [] : [middle];
  });
  return gaps.length === 0 ? null : Math.round(Math.min(...gaps));
}
