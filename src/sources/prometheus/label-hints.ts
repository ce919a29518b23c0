import { nearest, nearestFirst } from '../../spec/nearest.ts';
import type { Api } from './api.ts';
import { type Selector, selectorOf, selectorsIn } from './promql.ts';

/** How far back series count as being there: a failure that happened today has its label. */
const pastS = 86_400;
/** Values and names that are told; of more it is said how many. */
const toldMax = 10;
/** Values among which the nearest are looked for. */
const lookedAtMax = 2_000;

/** Asks about the series of a selector that had any in the last day. */
type Look = {
  readonly values: (label: string, selector: string) => Promise<readonly string[]>;
  readonly labels: (selector: string) => Promise<readonly string[]>;
};

/**
 * Why a query finds nothing: for each of its metrics that has no series in the last day, which part of it chooses none, and what is
 * there in its place. Sentences for people; none when every metric has series.
 */
export async function labelHints(api: Api, query: string, atS: number, signal: AbortSignal): Promise<readonly string[]> {
  const look: Look = {
    values: (label, selector) => api.labelValues(label, selector, atS - pastS, atS, signal),
    labels: (selector) => api.labelNames(selector, atS - pastS, atS, signal),
  };
  const hints: string[] = [];
  for (const text of selectorsIn(query).slice(0, 10)) {
    if ((await look.values('__name__', text)).length > 0) continue;
    const selector = selectorOf(text);
    hints.push(...(selector ? await hintsOf(look, selector) : [`${text} matches no series`]));
  }
  return [...new Set(hints)];
}

async function hintsOf(look: Look, { name, matchers }: Selector): Promise<readonly string[]> {
  const chosen = (all: Selector['matchers']): string => `${name}{${all.map(({ text }) => text).join(',')}}`;
  const exists = async (selector: string): Promise<boolean> => (await look.values('__name__', selector)).length > 0;
  if (!(await exists(name))) return [await otherMetrics(look, name)];
  // The one that has to go for anything to be there is the one to blame; where several are, each of them on its own.
  const without = [];
  for (const one of matchers) {
    const others = matchers.filter((other) => other !== one);
    if (await exists(chosen(others))) without.push({ one, beside: chosen(others) });
  }
  const alone = [];
  if (without.length === 0)
    for (const one of matchers) if (!(await exists(chosen([one])))) alone.push({ one, beside: chosen([]) });
  const blamed = without.length > 0 ? without : alone;
  if (blamed.length === 0) return [`no series of ${name} matches all of ${matchers.map(({ text }) => text).join(', ')} together`];
  return await Promise.all(
    blamed.map(async ({ one, beside }) => {
      const values = await look.values(one.label, beside);
      const what = `${one.text} matches no series of ${name}`;
      if (values.length > 0) return `${what}; ${one.label} has ${listed(one.value, values)}`;
      const labels = (await look.labels(beside)).filter((label) => label !== '__name__');
      return `${what}, which has no label ${one.label}; it has ${listed(one.label, labels)}`;
    }),
  );
}

async function otherMetrics(look: Look, name: string): Promise<string> {
  const what = `there is no metric ${name}`;
  const words = name.split(/[_:]/).filter((word) => word.length > 2);
  // All names of a large Prometheus are many: only those that share a word are looked at.
  const like = words.length > 0 ? `{__name__=~".*(${words.join('|')}).*"}` : `{__name__!=""}`;
  const names = (await look.values('__name__', like)).slice(0, lookedAtMax);
  const best = nearest(name, names);
  if (best !== undefined) return `${what}; did you mean ${best}?`;
  return names.length > 0 ? `${what}; names like it are ${listed(name, names)}` : what;
}

/** The nearest of them, as far as anybody reads. */
function listed(word: string, all: readonly string[]): string {
  const sorted = nearestFirst(word, all.slice(0, lookedAtMax)).slice(0, toldMax);
  const shown = sorted.map((text) => (text === '' ? '""' : text.length > 60 ? `${text.slice(0, 59)}…` : text));
  return `${shown.join(', ')}${all.length > shown.length ? ` and ${all.length - shown.length} more` : ''}`;
}
