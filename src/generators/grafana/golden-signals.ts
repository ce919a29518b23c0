import type { LeveledSignal } from '../../signals/levels.ts';
import type { ServiceSpec } from '../../spec/types.ts';
import { type Board, chart, type Panel, type Section, stat } from './board.ts';
import { callsPerSecond, databaseTime, failedCalls, slowCalls } from './calls.ts';
import { levelsOf, levelsText, rising } from './levels.ts';
import { failedShare, latency, perSecond, type Requests } from './requests.ts';
import { type Saturation, saturationOf, shareOf } from './saturation.ts';
import { budgetPanels } from './slo.ts';
import { byMethod, byStatus } from './traffic.ts';

/** The four golden signals of a service, in 22 panels. */
export function goldenSignals(spec: ServiceSpec, requests: Requests): Board {
  return {
    key: 'golden-signals',
    title: 'golden signals',
    description: 'Traffic, latency, errors and saturation, the error budgets, the database and calls to language models.',
    from: 'now-1h',
    variables: [
      {
        name: 'job',
        label: 'Job',
        values:
          'label_values({__name__=~"process_cpu_seconds_total|process_open_fds|http_client_request_duration_seconds_count"}, job)',
      },
    ],
    sections: [
      { title: 'Four golden signals', panels: overview(spec, requests) },
      traffic(spec, requests),
      latencies(spec, requests),
      errors(spec, requests),
      { title: 'Saturation', panels: saturationOf(spec).map((one) => saturationPanel(spec, one, { width: 6 })) },
      { title: 'SLO and error budget', panels: budgetPanels(spec, requests) },
      { title: 'Database', panels: [databaseTime] },
      { title: 'Language models', panels: [callsPerSecond] },
    ],
  };
}

/** Share or number of one signal of saturation, with its levels. */
export function saturationPanel(
  spec: ServiceSpec,
  { signal, title, what, expr, legend, unit }: Saturation,
  more: Partial<Panel>,
): Panel {
  const levels = levelsOf(spec, signal);
  return chart(
    { title, description: `${what}${levelsText(levels)}`, unit },
    [{ expr, ...(legend === undefined ? {} : { legend }) }],
    { min: 0, ...(unit === 'percentunit' ? { softMax: 1 } : {}), ...rising(levels, levels.unit), ...more },
  );
}

/** The signals that a document adds to the usual ones. */
export function furtherPanels({ signals }: ServiceSpec): readonly Panel[] {
  return (signals?.more ?? []).map(({ name, query, unit, levels }) => {
    const isShare = query.limit !== null;
    const of = isShare ? 'of its limit' : `in ${unit ?? 'numbers'}`;
    return chart(
      { title: name, description: `A signal of the document, ${of}.`, unit: isShare ? 'percentunit' : 'short' },
      [{ expr: shareOf(query) }],
      { width: 6, ...rising(levels, isShare ? 'ppm' : 'number') },
    );
  });
}

/** The four of them at a glance. */
export function overview(spec: ServiceSpec, requests: Requests): readonly Panel[] {
  const leveled = (signal: LeveledSignal) => {
    const levels = levelsOf(spec, signal);
    return { text: levelsText(levels), more: rising(levels, levels.unit) };
  };
  const [p95, failed, cpu] = [leveled('latencyP95'), leveled('errors'), leveled('cpu')];
  const busy = saturationOf(spec).find(({ signal }) => signal === 'cpu');
  return [
    stat(
      { title: 'Traffic', description: `Requests per second over 5 minutes, as ${requests.by} counts them.`, unit: 'reqps' },
      perSecond(requests, [], '5m'),
    ),
    stat(
      { title: 'Latency P95', description: `95 of 100 requests of the last 5 minutes were faster.${p95.text}`, unit: 's' },
      latency(requests, 0.95, [], '5m') ?? 'vector(0) < 0',
      { ...p95.more, nothing: requests.times ? 'no traffic' : 'not measured' },
    ),
    stat(
      { title: 'Errors', description: `Failed of all requests of the last 5 minutes.${failed.text}`, unit: 'percentunit' },
      failedShare(requests, [], '5m'),
      { ...failed.more, decimals: 2, nothing: 'no traffic' },
    ),
    stat(
      { title: 'Saturation', description: `Processor time in use.${cpu.text}`, unit: 'percentunit' },
      busy ? `max(${busy.expr.replaceAll('$__rate_interval', '5m')})` : 'vector(0) < 0',
      cpu.more,
    ),
  ];
}

function traffic(spec: ServiceSpec, requests: Requests): Section {
  return {
    title: 'Traffic',
    panels: [
      chart(
        { title: 'Requests by method and endpoint', description: 'The 15 busiest, where the metrics tell them.', unit: 'reqps' },
        [byMethod(spec, requests)],
        { width: 12, isStacked: true, min: 0 },
      ),
      chart(
        { title: 'Requests by status', description: 'Answers by status, or by class where only that is counted.', unit: 'reqps' },
        [byStatus(spec, requests)],
        { width: 12, isStacked: true, min: 0 },
      ),
    ],
  };
}

function latencies(spec: ServiceSpec, requests: Requests): Section {
  const levels = levelsOf(spec, 'latencyP95');
  return {
    title: 'Latency',
    panels: [
      chart(
        {
          title: 'Latency P50, P95, P99',
          description: `Of all requests; the levels are those of P95.${levelsText(levels)}`,
          unit: 's',
        },
        quantileQueries(requests),
        { width: 12, min: 0, ...rising(levels, levels.unit) },
      ),
      slowCalls,
    ],
  };
}

/** The three quantiles that people look at. */
export function quantileQueries(requests: Requests): Panel['queries'] {
  return [0.5, 0.95, 0.99].map((quantile) => ({
    expr: latency(requests, quantile) ?? 'vector(0) < 0',
    legend: `P${quantile * 100}`,
  }));
}

function errors(spec: ServiceSpec, requests: Requests): Section {
  const levels = levelsOf(spec, 'errors');
  return {
    title: 'Errors',
    panels: [
      chart(
        {
          title: 'Failed requests',
          description: `Failed of all requests (5xx, and those that no instance answered), together and by version.${levelsText(levels)}`,
          unit: 'percentunit',
        },
        [
          { expr: failedShare(requests), legend: 'all' },
          { expr: failedShare(requests, ['version']), legend: '{{version}}' },
        ],
        { width: 12, min: 0, ...rising(levels, levels.unit) },
      ),
      failedCalls,
    ],
  };
}
