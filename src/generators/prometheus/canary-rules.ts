import type { LatencyPolicy, ServiceSpec } from '../../spec/types.ts';
import { durationText, percentText } from '../../spec/units.ts';
import { ownerLabel } from './burn-rules.ts';
import { type RequestQueries, requestQueries } from './events.ts';
import { share } from './exact.ts';
import { leveledAlerts } from './leveled-alert.ts';
import { type Counter, increased } from './promql-text.ts';
import type { Rule, RuleGroup } from './rule-file.ts';
import { failedMin, quantileOf } from './signal-rules.ts';

/** With the usual scrapes once a minute a shorter time holds no two of them. */
const errorsWindow = '2m';
const latencyWindow = '5m';

/**
 * Alerts on the version that is being released, at the limits of the guard: people hear of it also when Rampart is not there to act.
 *
 * @returns Why there are none, where the series of this service tell no versions apart.
 */
export function canaryGroup(spec: ServiceSpec): RuleGroup | { readonly problem: string } {
  const found = requestQueries(spec);
  if (!found) return { problem: 'Prometheus does not know its requests' };
  const { versionLabel } = found;
  if (versionLabel === null) return { problem: 'it takes more than one label of its exporter to tell versions apart' };
  const knowsCandidate = spec.router.kind === 'builtin';
  return {
    name: `${spec.name} canary`,
    interval: '30s',
    says: [
      `At the limits of spec.release.guard, whose verdicts compare with the stable version; here only what is too high by itself is seen.`,
      knowsCandidate
        ? 'Only while a version is the candidate, as its router tells Prometheus.'
        : `Router ${spec.router.kind} does not tell Prometheus which version is the candidate, so every version is looked at.`,
    ],
    rules: [
      ...errorRules(spec, found, versionLabel),
      ...latencyRules(spec, found, versionLabel),
      ...instanceRules(spec, found, versionLabel),
    ],
  };
}

function errorRules(spec: ServiceSpec, { requests, errors }: RequestQueries, versionLabel: string): readonly Rule[] {
  if (!requests || !errors) return [];
  const { maxPpm, warnPpm = null } = spec.release.guard.errors;
  const failed = byVersion(errors, errorsWindow, versionLabel);
  const labels = { service: spec.name };
  return [
    { record: 'service:version_errors:increase2m', expr: failed, labels },
    {
      record: 'service:version_errors:ratio2m',
      expr: `service:version_errors:increase2m{service="${spec.name}"} / on (version) (${byVersion(requests, errorsWindow, versionLabel)} > 0)`,
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

function latencyRules(spec: ServiceSpec, { latency }: RequestQueries, versionLabel: string): readonly Rule[] {
  if (!latency) return [];
  return spec.release.guard.latency.flatMap((policy) => {
    const { maxMs, warnMs = null } = policy;
    const observed = quantileOf(latency, policy.quantilePpm, latencyWindow, [versionLabel]);
    if (observed === null || (maxMs === null && warnMs === null)) return [];
    const name = quantileName(policy);
    const record = `service:version_latency_${name}:ms5m`;
    return [
      { record, expr: asVersion(observed, versionLabel), labels: { service: spec.name } },
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
function instanceRules(spec: ServiceSpec, { requests, isRouter }: RequestQueries, versionLabel: string): readonly Rule[] {
  const rule = (alert: string, expr: string, what: string): Rule => ({
    alert,
    expr: candidateOnly(spec, expr),
    labels: { service: spec.name, severity: 'info', ...ownerLabel(spec) },
    annotations: {
      summary: `${spec.name} {{ $labels.version }}: ${what}`,
      description: `${spec.name} {{ $labels.version }}: ${what}.`,
    },
  });
  if (isRouter) {
    const down = `max by (version) (1 - rampart_router_endpoint_up{service="${spec.name}"}) > 0`;
    return [rule('CanaryInstanceDown', `(${down})`, 'an instance takes no connection')];
  }
  if (requests?.kind !== 'any') return [];
  const scraped = requests.series[0]?.matchers.filter(({ label, operator }) => label === 'job' && operator === '=') ?? [];
  const [job] = scraped;
  if (!job) return [];
  const changes = `sum by (${versionLabel}) (changes(process_start_time_seconds{job=${JSON.stringify(job.value)},${versionLabel}!=""}[30m]))`;
  return [
    rule('CanaryInstanceRestarted', `(${asVersion(changes, versionLabel)} > 0)`, 'an instance has begun anew in the last 30m'),
  ];
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

/** What is of the candidate, where the router tells which version that is. */
function candidateOnly({ name, router }: ServiceSpec, value: string): string {
  if (router.kind !== 'builtin') return value;
  return `(${value} and on (version) rampart_router_weight_percent{service="${name}",side="candidate"})`;
}

function byVersion(counter: Counter, window: string, versionLabel: string): string {
  return asVersion(increased(counter, window, [versionLabel]), versionLabel);
}

/** The label of the versions under the name that Rampart has for it. */
function asVersion(expression: string, versionLabel: string): string {
  if (versionLabel === 'version') return expression;
  return `sum by (version) (label_replace(${expression}, "version", "$1", "${versionLabel}", "(.+)"))`;
}
