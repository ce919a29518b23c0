import type { ServiceSpec } from '../../spec/types.ts';
import { type Board, chart, stat, table } from './board.ts';
import { summed } from './counter.ts';
import { furtherPanels, quantileQueries, saturationPanel } from './golden-signals.ts';
import { levelsOf, levelsText, noneIsGood, rising } from './levels.ts';
import { failedShare, latency, perSecond, type Requests } from './requests.ts';
import { saturationOf } from './saturation.ts';
import { byMethod, byStatus, failedByEndpoint, slowestEndpoints } from './traffic.ts';

/** What somebody who was woken up wants to know: what fires, what users feel, where it fails, what has changed, what is full. */
export function incident(spec: ServiceSpec, requests: Requests): Board {
  const service = `service="${spec.name}"`;
  const firing = (more: string) => `count(ALERTS{alertstate="firing",${service}${more}}) or vector(0)`;
  const errors = levelsOf(spec, 'errors');
  const p95 = levelsOf(spec, 'latencyP95');
  return {
    key: 'incident',
    title: 'incident',
    description: 'What fires, what users feel, where it fails, what has changed, and what is full.',
    from: 'now-1h',
    sections: [
      {
        title: 'What fires',
        panels: [
          ...['page', 'chat', 'email'].map((severity, index) =>
            stat(
              {
                title: `Alerts: P${index}`,
                description: `Alerts of the service that fire now with severity ${severity}.`,
                unit: 'short',
              },
              firing(`,severity="${severity}"`),
              { thresholds: noneIsGood },
            ),
          ),
          stat(
            { title: 'Alerts: all', description: 'Alerts of the service that fire now, whatever their severity.', unit: 'short' },
            firing(''),
            { thresholds: noneIsGood },
          ),
          table(
            { title: 'Alerts', description: 'Pending and firing. A pending one fires once its time is over.', unit: 'short' },
            `ALERTS{${service}}`,
            { without: ['Time', '__name__', 'Value', 'service', 'job', 'instance'], value: 'Value' },
            { width: 12, nothing: 'none' },
          ),
          {
            kind: 'state-timeline',
            title: 'Alerts over time',
            description: 'When each alert was firing.',
            unit: 'short',
            width: 12,
            height: 8,
            queries: [
              {
                expr: `max by (alertname, severity) (ALERTS{alertstate="firing",${service}})`,
                legend: '{{alertname}} {{severity}}',
              },
            ],
            thresholds: noneIsGood,
          },
        ],
      },
      {
        title: 'What users feel',
        panels: [
          chart(
            { title: 'Errors', description: `Failed of all requests, by version.${levelsText(errors)}`, unit: 'percentunit' },
            [
              { expr: failedShare(requests), legend: 'all' },
              { expr: failedShare(requests, ['version']), legend: '{{version}}' },
            ],
            { min: 0, ...rising(errors, errors.unit) },
          ),
          chart({ title: 'Latency', description: `Of all requests.${levelsText(p95)}`, unit: 's' }, quantileQueries(requests), {
            min: 0,
            ...rising(p95, p95.unit),
          }),
          chart(
            { title: 'Traffic', description: 'Requests per second, by version.', unit: 'reqps' },
            [{ expr: perSecond(requests, ['version']), legend: '{{version}}' }],
            { min: 0, isStacked: true },
          ),
        ],
      },
      {
        title: 'Where it fails',
        panels: [
          chart(
            {
              title: 'Failed requests by endpoint and kind',
              description: 'The ten with most failures in a second.',
              unit: 'reqps',
            },
            [failedByEndpoint(spec, requests)],
            { min: 0 },
          ),
          chart(
            {
              title: 'Requests by status',
              description: 'Answers by status, or by class where only that is counted.',
              unit: 'reqps',
            },
            [byStatus(spec, requests)],
            { min: 0, isStacked: true },
          ),
          chart(
            {
              title: 'Latency P95 by version',
              description: `A version that is slower than the other.${levelsText(p95)}`,
              unit: 's',
            },
            [{ expr: latency(requests, 0.95, ['version']) ?? 'vector(0) < 0', legend: '{{version}}' }],
            { min: 0, ...rising(p95, p95.unit) },
          ),
        ],
      },
      {
        title: 'Which endpoints',
        panels: [
          chart(
            { title: 'Slowest endpoints, P95', description: `Of the last minute, the ten slowest.${levelsText(p95)}`, unit: 's' },
            [slowestEndpoints(spec)],
            { width: 12, min: 0, ...rising(p95, p95.unit) },
          ),
          chart(
            { title: 'Busiest endpoints', description: 'Requests per second, the 15 busiest.', unit: 'reqps' },
            [byMethod(spec, requests)],
            { width: 12, min: 0, isStacked: true },
          ),
        ],
      },
      {
        title: 'What has changed',
        panels: [
          stat(
            {
              title: 'Since the last step of a release',
              description: 'Time since a release last did something. Errors that began then have a suspect.',
              unit: 's',
            },
            `time() - max(rampart_release_step_started_timestamp_seconds{${service}})`,
            { nothing: 'no release' },
          ),
          stat(
            {
              title: 'Failed requests in an hour',
              description: 'How many users were hurt, whatever the traffic is.',
              unit: 'short',
            },
            `${summed('increase', requests.failed, [], '1h')} or 0 * ${summed('increase', requests.all, [], '1h')}`,
            { decimals: 0, nothing: '0' },
          ),
          table(
            {
              title: 'Release under way',
              description: 'What it does now. `rampart abort` takes all traffic back.',
              unit: 'short',
            },
            `rampart_release_step_info{${service}}`,
            { without: ['Time', '__name__', 'Value', 'job', 'instance', 'service'], value: 'Value' },
            { width: 12, height: 4, nothing: 'none' },
          ),
        ],
      },
      {
        title: 'What is full',
        panels: [
          ...saturationOf(spec)
            .filter(({ signal }) => ['cpu', 'memory', 'connections', 'databasePool'].includes(signal))
            .map((one) => saturationPanel(spec, one, { width: 6 })),
          ...furtherPanels(spec),
        ],
      },
    ],
    variables: [
      { name: 'job', label: 'Job', values: 'label_values({__name__=~"process_cpu_seconds_total|process_open_fds"}, job)' },
    ],
  };
}
