import type { CountedObjective } from '../source.ts';
import { exporterQueries } from './exporters/registry.ts';
import { type Asked, bucketsText } from './plan.ts';
import { hasPlaceholder, placeholder, selectorOf, selectorsIn, tokensOf } from './promql.ts';
import { isAggregated } from './query-problem.ts';
import { type PrometheusConfig, withWhere } from './schema.ts';

/** One query, asked once for all the objectives that need it. */
export type EventQuery = {
  readonly id: string;
  readonly text: string;
  readonly asked: Asked;
  /** Where it stands, for the first objective that needs it. */
  readonly where: string;
  readonly isClassic: boolean;
};

/** How the events of an objective follow from queries, by `EventQuery.id`. */
export type EventRule =
  | { readonly kind: 'ratio'; readonly count: 'good' | 'bad'; readonly part: string; readonly total: string }
  | { readonly kind: 'histogram'; readonly total: string; readonly belowMs: number }
  | { readonly kind: 'none'; readonly problem: string };

export type EventPlan = {
  readonly queries: readonly EventQuery[];
  readonly rules: readonly {
    readonly objective: string;
    readonly rule: EventRule;
    /** Answers the time of the newest sample, see `freshnessOf`; null where no selector is in the query. */
    readonly freshness: string | null;
  }[];
};

/** What is asked for these objectives: each query once, however many of them need it. */
export function eventPlan(config: PrometheusConfig, objectives: readonly CountedObjective[]): EventPlan {
  const queries = new Map<string, EventQuery>();
  const rules = objectives.map((objective) => {
    const add = (text: string, where: string, of: { unitMs: number; isClassic: boolean } | null = null): string => {
      const id = `${of === null ? 'count' : `histogram ${of.unitMs}`} ${text}`;
      const asked: Asked = {
        id,
        use: of === null ? 'count' : 'histogram',
        isAggregated: isAggregated(text),
        unitMs: of?.unitMs ?? 1,
        queryFor: () => text,
        told: null,
      };
      if (!queries.has(id)) queries.set(id, { id, text, asked, where, isClassic: of?.isClassic ?? false });
      return id;
    };
    const rule = objective.events ? ruleOf(objective, add) : requestsRule(config, objective, add);
    const total = rule.kind === 'none' ? undefined : queries.get(rule.total);
    return { objective: objective.name, rule, freshness: total ? freshnessOf(total.text) : null };
  });
  return { queries: [...queries.values()], rules };
}

type Add = (text: string, where: string, of?: { unitMs: number; isClassic: boolean } | null) => string;

function ruleOf({ name, belowMs, events }: CountedObjective, add: Add): EventRule {
  const where = `objective ${name}, events`;
  if (!events) return { kind: 'none', problem: `${where} are missing` };
  if (events.kind === 'ratio') {
    const part = add(events.query, `${where}.${events.count}`);
    return { kind: 'ratio', count: events.count, part, total: add(events.total, `${where}.total`) };
  }
  if (belowMs === null) return { kind: 'none', problem: `objective ${name} has a histogram and no threshold: add below` };
  const isClassic = events.kind === 'classic';
  const text = isClassic ? bucketsText(events.query) : events.query;
  const total = add(text, `${where}.${isClassic ? 'histogram' : 'native'}`, { unitMs: events.unitMs, isClassic });
  return { kind: 'histogram', total, belowMs };
}

/** The requests of users, of all versions together, by what the source counts for the guard. */
function requestsRule(config: PrometheusConfig, { name, belowMs }: CountedObjective, add: Add): EventRule {
  const { requests, errors, latency } = config;
  const source = 'spec.source.prometheus';
  const exporter = config.exporter ? exporterQueries(config.exporter, config.versionLabel) : null;
  const exported = exporter?.latency
    ? { text: exporter.latency.ofService, unitMs: exporter.latency.unit === 's' ? 1_000 : 1, isClassic: true }
    : null;
  const own = latency
    ? {
        text: 'native' in latency ? latency.native : bucketsText(latency.classic),
        unitMs: latency.unit === 's' ? 1_000 : 1,
        isClassic: 'classic' in latency,
      }
    : null;
  const times = exported ?? own;
  const failed = typeof errors === 'object' ? withWhere(requests ?? '', errors.where) : errors;
  const all = exporter?.requests.ofService ?? requests;
  const bad = exporter?.errors.ofService ?? failed ?? undefined;
  const none = (problem: string): EventRule => ({ kind: 'none', problem: `objective ${name}: ${problem}` });
  const ofOneVersion = [all, bad, times?.text].find((text) => text !== undefined && hasPlaceholder(tokensOf(text) ?? []));
  if (ofOneVersion !== undefined)
    return none(`${source} counts by ${placeholder}, and an objective needs all versions together: give it events of its own`);
  if (belowMs !== null) {
    if (!times) return none(`${source}.latency is missing, which says how long requests take: add it, or events of its own`);
    return { kind: 'histogram', total: add(times.text, `${source}.latency`, times), belowMs };
  }
  if (bad === undefined || (all === undefined && !times))
    return none(`${source} counts no requests: add requests and errors to it, or events to the objective`);
  const total = all === undefined ? add(times?.text ?? '', `${source}.latency`, times) : add(all, `${source}.requests`);
  return { kind: 'ratio', count: 'bad', part: add(bad, `${source}.errors`), total };
}

/**
 * A query for the time (unix seconds) of the newest sample of what a query reads, as far as one moment knows it. Where nothing has
 * been counted yet it is the last scrape of the targets that were reached, as far as the query names them by `job` or `instance`:
 * a service that nobody has used is not one that nobody can see.
 */
export function freshnessOf(text: string): string | null {
  const [first] = selectorsIn(text);
  if (first === undefined) return null;
  const matchers = (selectorOf(first)?.matchers ?? [])
    .filter(({ label, operator }) => /^(job|instance)$/.test(label) && /^=~?$/.test(operator))
    .map(({ text }) => text);
  const newest = `max(timestamp(${first}))`;
  if (matchers.length === 0) return newest;
  const up = `up{${matchers.join(',')}}`;
  return `${newest} or max(timestamp(${up}) and ${up} == 1)`;
}
