import type { MetricQuery, ServiceSpec } from '../../spec/types.ts';
import { durationText } from '../../spec/unit-text.ts';
import { told } from '../version-label.ts';
import { type Board, chart, type Panel, type Section, stat, table } from './board.ts';
import { type Counter, ofAnyVersion, summed } from './counter.ts';
import { levelsOf, levelsText, noneIsGood, rising } from './levels.ts';
import { failedShare, failuresPerSecond, latency, perSecond, prometheusOf, type Requests } from './requests.ts';

/** A release while it goes on: the split, each version beside the other, and the steps. */
export function deployment(spec: ServiceSpec, requests: Requests): Board {
  const service = `service="${spec.name}"`;
  const errors = levelsOf(spec, 'errors');
  const byVersion = { legend: '{{version}}' };
  const quantile = (name: 'latencyP95' | 'latencyP99', q: number): Panel => {
    const levels = levelsOf(spec, name);
    return chart(
      {
        title: `Latency P${q * 100} by version`,
        description: `Of the requests that each version answered.${levelsText(levels)}`,
        unit: 's',
      },
      [{ expr: latency(requests, q, ['version']) ?? 'vector(0) < 0', ...byVersion }],
      { min: 0, ...rising(levels, levels.unit) },
    );
  };
  return {
    key: 'deployment',
    title: 'deployment',
    description: 'How requests are split, how each version does, and the steps of the release.',
    from: 'now-30m',
    sections: [
      {
        title: 'Release',
        panels: [
          stat(
            {
              title: 'Weight of the candidate',
              description: 'Share of requests that the release wants it to have.',
              unit: 'percentunit',
            },
            `max(rampart_release_weight{${service},side="candidate"})`,
            { max: 1, min: 0, nothing: 'no release' },
          ),
          stat(
            { title: 'Time in this step', description: 'Since the step or state of the release began.', unit: 's' },
            `time() - max(rampart_release_step_started_timestamp_seconds{${service}})`,
            { nothing: 'no release' },
          ),
          table(
            { title: 'Now', description: 'What the release that is under way does.', unit: 'short' },
            `rampart_release_step_info{${service}}`,
            { without: ['Time', '__name__', 'Value', 'job', 'instance', 'service'], value: 'Value' },
            { width: 12, height: 4, nothing: 'no release' },
          ),
        ],
      },
      {
        title: 'Split',
        panels: [
          chart(
            { title: 'Requests by version', description: `As ${requests.by} counts them.`, unit: 'reqps' },
            [{ expr: perSecond(requests, ['version']), ...byVersion }],
            { min: 0, isStacked: true },
          ),
          chart(
            {
              title: 'Share of requests',
              description: 'What each version really has. Few requests make it jump.',
              unit: 'percentunit',
            },
            [{ expr: `${perSecond(requests, ['version'])} / on () group_left () (${perSecond(requests)} > 0)`, ...byVersion }],
            { min: 0, max: 1 },
          ),
          chart(
            { title: 'Weight', description: 'What each version is to have, by the release.', unit: 'percentunit' },
            [{ expr: `max by (version, side) (rampart_release_weight{${service}})`, legend: '{{version}} ({{side}})' }],
            { min: 0, max: 1 },
          ),
        ],
      },
      {
        title: 'Errors and latency by version',
        panels: [
          chart(
            {
              title: 'Errors by version',
              description: `Failed of the requests that each version had.${levelsText(errors)}`,
              unit: 'percentunit',
            },
            [{ expr: failedShare(requests, ['version']), ...byVersion }],
            { min: 0, ...rising(errors, errors.unit) },
          ),
          quantile('latencyP95', 0.95),
          quantile('latencyP99', 0.99),
          chart(
            { title: 'Failed requests by version', description: 'How many in a second.', unit: 'reqps' },
            [{ expr: failuresPerSecond(requests, ['version']), ...byVersion }],
            { min: 0 },
          ),
          chart(
            { title: 'Latency P50 by version', description: 'Half of the requests of a version were faster.', unit: 's' },
            [{ expr: latency(requests, 0.5, ['version']) ?? 'vector(0) < 0', ...byVersion }],
            { min: 0 },
          ),
          stat(
            { title: 'Failed requests of an hour', description: 'By version.', unit: 'short' },
            `${summed('increase', requests.failed, ['version'], '1h')} or 0 * ${summed('increase', requests.all, ['version'], '1h')}`,
            { width: 8, height: 8, decimals: 0, thresholds: noneIsGood },
          ),
        ],
      },
      ...ownMetrics(spec),
      {
        title: 'Steps',
        panels: [
          table(
            { title: 'Steps', description: 'What the release has done and since when; the newest last.', unit: 'dateTimeAsIso' },
            `sort(1000 * max by (release, version, kind, step, text) (rampart_release_step_started_timestamp_seconds{${service}}))`,
            { without: ['Time'], value: 'Began' },
            { width: 16, nothing: 'no release' },
          ),
          chart(
            { title: 'Releases that ended', description: 'Of all services of the controller, by outcome.', unit: 'short' },
            [{ expr: 'sum by (outcome) (increase(rampart_release_outcomes_total[$__range]))', legend: '{{outcome}}' }],
            { min: 0, decimals: 0 },
          ),
        ],
      },
    ],
  };
}

/** What the guard watches beside errors and latency, by version. */
function ownMetrics(spec: ServiceSpec): readonly Section[] {
  const config = prometheusOf(spec);
  const queries = spec.release.metricQueries ?? [];
  if (!config || queries.length === 0) return [];
  const counter = (text: string): Counter => ({
    ...ofAnyVersion(text, config.versionLabel),
    every: durationText(config.interval),
  });
  const panel = (query: MetricQuery): Panel => {
    const policy = spec.release.guard.metrics?.find(({ name }) => name === query.name);
    const [warning, critical] = !policy
      ? [null, null]
      : policy.kind === 'ratio'
        ? [policy.warnPpm, policy.maxPpm]
        : [policy.warn, policy.max];
    const levels = { target: null, warning, critical };
    if (query.kind === 'gauge') {
      const { expression, tells } = counter(query.query);
      return chart(
        { title: query.name, description: 'A gauge that the guard watches, by version.', unit: 'short' },
        [{ expr: `avg by (version) (${told(expression, tells)})`, legend: '{{version}}' }],
        rising(levels, 'number'),
      );
    }
    const [bad, of] = [counter(query.bad), counter(query.of)];
    const all = summed('rate', of, ['version'], '$__rate_interval');
    return chart(
      { title: query.name, description: 'A share that the guard watches, by version.', unit: 'percentunit' },
      [{ expr: `(${summed('rate', bad, ['version'], '$__rate_interval')} or 0 * ${all}) / (${all} > 0)`, legend: '{{version}}' }],
      { min: 0, ...rising(levels, 'ppm') },
    );
  };
  return [{ title: 'What the guard also watches', panels: queries.map(panel) }];
}
