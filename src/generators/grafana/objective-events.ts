import { selectorOf, withMatchers, withSuffix } from '../../sources/prometheus/promql.ts';
import type { Objective, ServiceSpec } from '../../spec/types.ts';
import { durationText } from '../../spec/unit-text.ts';
import { type Counter, ofAnyVersion, summed, type Window } from './counter.ts';
import { prometheusOf, type Requests, type Times } from './requests.ts';

/** The events of an objective within a window, as PromQL. */
export type ObjectiveEvents = {
  /** 0 where there are events and none was bad yet. */
  readonly bad: (window: Window) => string;
  readonly total: (window: Window) => string;
};

/** How the events of an objective are counted; null where nothing in Prometheus does. */
export function objectiveEvents(spec: ServiceSpec, { events, belowMs }: Objective, requests: Requests): ObjectiveEvents | null {
  const config = prometheusOf(spec);
  const counter = (text: string): Counter => ({
    ...ofAnyVersion(text, config?.versionLabel ?? 'version'),
    every: config ? durationText(config.interval) : '15s',
  });
  const rising =
    ({ expression, every, tells }: Counter) =>
    (window: Window) =>
      summed('increase', { expression, every, tells }, [], window);
  const failed = (bad: Counter, all: Counter): ObjectiveEvents => {
    const total = rising(all);
    return { bad: (window) => `(${rising(bad)(window)} or 0 * ${total(window)})`, total };
  };
  if (!events && belowMs === null) return failed(requests.failed, requests.all);
  // Where the threshold was never counted nothing is known: its absence must not look like good events.
  if (!events && requests.slower) return { bad: rising(requests.slower((belowMs ?? 0) / 1_000)), total: rising(requests.all) };
  if (!events) return requests.times && below(requests.times, belowMs ?? 0);
  if (events.kind === 'ratio') {
    if (events.count === 'bad') return failed(counter(events.query), counter(events.total));
    const [good, total] = [rising(counter(events.query)), rising(counter(events.total))];
    return { bad: (window) => `(${total(window)} - (${good(window)} or 0 * ${total(window)}))`, total };
  }
  const seconds = events.unitMs / 1_000;
  const selector = selectorOf(events.query);
  const text = events.kind === 'classic' && selector ? withSuffix(events.query, selector, '_bucket') : events.query;
  return below({ kind: events.kind, counter: counter(text), seconds }, belowMs ?? 0);
}

/** Observations below a bound. Of a classic histogram it has to be one of its buckets'; without one there is nothing to see. */
function below({ kind, counter, seconds }: Times, belowMs: number): ObjectiveEvents | null {
  const bound = belowMs / 1_000 / seconds;
  if (kind === 'native') {
    const increase = (window: Window) => summed('increase', counter, [], window);
    const total = (window: Window) => `histogram_count(${increase(window)})`;
    return { bad: (window) => `(${total(window)} * (1 - histogram_fraction(-Inf, ${bound}, ${increase(window)})))`, total };
  }
  // Of a union the bucket goes into each part.
  const parts = counter.expression.split(' or ').map((part) => [part, selectorOf(part)] as const);
  if (parts.some(([, selector]) => !selector)) return null;
  const bucket = (le: string) => {
    const chosen = parts.map(([part, selector]) => (selector ? withMatchers(part, selector, le) : part));
    return (window: Window) => summed('increase', { ...counter, expression: chosen.join(' or ') }, [], window);
  };
  // A client library writes 1 or 1.0.
  const good = bucket(Number.isInteger(bound) ? `le=~"${bound}|${bound}\\\\.0"` : `le="${bound}"`);
  const total = bucket('le="+Inf"');
  return { bad: (window) => `(${total(window)} - ${good(window)})`, total };
}
