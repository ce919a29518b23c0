import type { Telling } from '../../sources/prometheus/exporters/exporter.ts';
import type { LatencyPolicy, ServiceSpec } from '../../spec/types.ts';
import { durationText, percentText } from '../../spec/unit-text.ts';
import { isScraped } from '../own-counts.ts';
import { told } from '../version-label.ts';
import { ownerLabel } from './burn-rules.ts';
import { type RequestQueries, requestQueries } from './events.ts';
import { share } from './exact.ts';
import { leveledAlerts } from './leveled-alert.ts';
import { type Counter, increased, made } from './promql-text.ts';
import type { Rule, RuleGroup } from './rule-file.ts';
import { failedMin, quantileOf } from './signal-rules.ts';

/** With the usual scrapes once a minute a shorter time holds no two of them. */
const errorsWindow = '2m';
const latencyWindow = '5m';

/** Alerts on the version that is being released, at the limits of the guard: people hear of it also when Rampart is not there to act. */
export function canaryGroup(spec: ServiceSpec): RuleGroup {
  const found = requestQueries(spec);
  return {
    name: `${spec.name} canary`,
    interval: '30s',
    says: [
      'At the limits of spec.release.guard, whose verdicts compare with the stable version; here only what is too high by itself is seen.',
      isScraped(spec)
        ? 'Which version is the candidate, its router tells.'
        : `Which version is the candidate, the controller tells: Prometheus has to scrape its /metrics with a token that may see ${spec.name}.`,
    ],
    rules: [...errorRules(spec, found), ...latencyRules(spec, found), ...instanceRules(spec, found), unknownRule(spec)],
  };
}

function errorRules(spec: ServiceSpec, { requests, errors, tells }: RequestQueries): readonly Rule[] {
  if (!requests || !errors) return [];
  const { maxPpm, warnPpm = null } = spec.release.guard.errors;
  const failed = byVersion(errors, errorsWindow, tells);
  const labels = { service: spec.name };
  return [
    { record: 'service:version_errors:increase2m', expr: failed, labels },
    {
      record: 'service:version_errors:ratio2m',
      expr: `service:version_errors:increase2m{service="${spec.name}"} / on (version) (${byVersion(requests, errorsWindow, tells)} > 0)`,
      labels,
    },
    ...alerts(spec, {
      alert: 'CanaryErrorRateHigh',
      value: `service:version_errors:ratio2m{service="${spec.name}"}`,
      // The guard's own limits, and 1 % where it has none that asks people.
      levels: { target: null, warning: Math.min(warnPpm ?? 10_000, maxPpm - 1), critical: maxPpm },
      level: share,
      levelText: percentText,
      valueText: '{{ $value | humanizePercentage }} of its requests failed',
      and: `round(service:version_errors:increase2m{service="${spec.name}"}) >= ${failedMin}`,
      for: { warning: '2m', critical: '1m' },
    }),
  ];
}

function latencyRules(spec: ServiceSpec, { latency, tells }: RequestQueries): readonly Rule[] {
  if (!latency) return [];
  return spec.release.guard.latency.flatMap((policy) => {
    const { maxMs, warnMs = null } = policy;
    const observed = quantileOf(latency, policy.quantilePpm, latencyWindow, tells);
    if (observed === null || (maxMs === null && warnMs === null)) return [];
    const name = quantileName(policy);
    const record = `service:version_latency_${name}:ms5m`;
    return [
      { record, expr: observed, labels: { service: spec.name } },
      ...alerts(spec, {
        alert: `CanaryLatency${name.toUpperCase()}High`,
        value: `${record}{service="${spec.name}"}`,
        levels: { target: null, warning: warnMs, critical: maxMs },
        level: String,
        levelText: durationText,
        valueText: `${name} of its latency is {{ printf "%.0f" $value }}ms`,
        for: { warning: '2m', critical: '2m' },
      }),
    ];
  });
}

/** p95, p99; of a finer one the point is left out: p999. */
function quantileName({ quantilePpm }: LatencyPolicy): string {
  return `p${percentText(quantilePpm).replace('%', '').replace('.', '')}`;
}

/** An instance that has gone or begun anew. */
function instanceRules(spec: ServiceSpec, { requests, tells }: RequestQueries): readonly Rule[] {
  const rule = (alert: string, expr: string, what: string): Rule => ({
    alert,
    expr: candidateOnly(spec, expr),
    labels: { service: spec.name, severity: 'info', ...ownerLabel(spec) },
    annotations: {
      summary: `${spec.name} {{ $labels.version }}: ${what}`,
      description: `${spec.name} {{ $labels.version }}: ${what}.`,
    },
  });
  if (isScraped(spec)) {
    const down = `max by (version) (1 - rampart_router_endpoint_up{service="${spec.name}"}) > 0`;
    return [rule('CanaryInstanceDown', `(${down})`, 'an instance takes no connection')];
  }
  const matchers = requests?.kind === 'any' ? (requests.series[0]?.matchers ?? []) : [];
  const job = matchers.find(({ label, operator }) => label === 'job' && operator === '=');
  const [telling, second] = tells;
  if (!job || !telling || second) return [];
  const begun = told(`changes(${made('process_start_time_seconds', [job]).text}[30m])`, tells);
  return [rule('CanaryInstanceRestarted', `(sum by (version) (${begun}) > 0)`, 'an instance has begun anew in the last 30m')];
}

/** Without its word no candidate would ever be looked at. */
function unknownRule(spec: ServiceSpec): Rule {
  return {
    alert: 'CanaryUnknown',
    expr: `absent(${weightOf(spec, 'stable')})`,
    for: '10m',
    labels: { service: spec.name, severity: 'info', ...ownerLabel(spec) },
    annotations: {
      summary: `${spec.name}: nothing tells which version is the candidate`,
      description: `${isScraped(spec) ? 'Its router' : 'The controller, with a token,'} is not scraped, so no alert on a candidate can fire.`,
    },
  };
}

type Told = Pick<
  Parameters<typeof leveledAlerts>[0],
  'alert' | 'value' | 'levels' | 'level' | 'levelText' | 'valueText' | 'for' | 'and'
>;

function alerts(spec: ServiceSpec, told: Told): readonly Rule[] {
  return leveledAlerts({
    ...told,
    value: candidateOnly(spec, told.value),
    what: `${spec.name} {{ $labels.version }}`,
    labels: { service: spec.name, ...ownerLabel(spec) },
    each: ['version'],
  });
}

function candidateOnly(spec: ServiceSpec, value: string): string {
  return `(${value} and on (version) ${weightOf(spec, 'candidate')})`;
}

/** Present for the version that is on this side. */
export function weightOf(spec: ServiceSpec, side: 'stable' | 'candidate'): string {
  return `${isScraped(spec) ? 'rampart_router_weight_percent' : 'rampart_release_weight'}{service="${spec.name}",side="${side}"}`;
}

function byVersion(counter: Counter, window: string, tells: readonly Telling[]): string {
  return increased(counter, window, ['version'], tells);
}
