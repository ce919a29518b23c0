import { defaultLevels, type SaturationSignal } from '../../spec/signal-levels.ts';
import { percentText } from '../../spec/unit-text.ts';
import type { UnitTest } from './burn-tests.ts';
import { share } from './exact.ts';
import { leveledAlerts } from './leveled-alert.ts';
import type { RuleGroup } from './rule-file.ts';

/** How full something is, as a usual exporter tells it. */
type Full = {
  readonly signal: SaturationSignal;
  readonly alert: string;
  readonly exporter: string;
  readonly value: string;
  readonly each: readonly string[];
  readonly what: string;
  readonly for: { readonly warning: string; readonly critical: string };
  /** Series that are at this share, for a test; a counter rises by so much per minute. */
  readonly at: (percent: number) => readonly (readonly [series: string, values: string])[];
};

const usual = { warning: '5m', critical: '2m' } as const;

const full: readonly Full[] = [
  {
    signal: 'cpu',
    alert: 'CpuHigh',
    exporter: 'node_exporter',
    value: '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))',
    each: ['instance'],
    what: 'Processors of {{ $labels.instance }}',
    for: usual,
    at: (percent) => [['node_cpu_seconds_total{instance="a",cpu="0",mode="idle"}', `0+${((100 - percent) * 60) / 100}x90`]],
  },
  {
    signal: 'memory',
    alert: 'MemoryHigh',
    exporter: 'node_exporter',
    value: '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes',
    each: ['instance'],
    what: 'Memory of {{ $labels.instance }}',
    for: usual,
    at: (percent) => [
      ['node_memory_MemAvailable_bytes{instance="a"}', `${100 - percent}x90`],
      ['node_memory_MemTotal_bytes{instance="a"}', '100x90'],
    ],
  },
  {
    signal: 'disk',
    alert: 'DiskHigh',
    exporter: 'node_exporter',
    value:
      '1 - node_filesystem_avail_bytes{fstype!~"tmpfs|overlay|squashfs|ramfs"} / node_filesystem_size_bytes{fstype!~"tmpfs|overlay|squashfs|ramfs"}',
    each: ['instance', 'mountpoint'],
    what: 'Disk {{ $labels.mountpoint }} of {{ $labels.instance }}',
    // A disk fills slowly, and somebody may be tidying up.
    for: { warning: '1h', critical: '5m' },
    at: (percent) => [
      ['node_filesystem_avail_bytes{instance="a",mountpoint="/",fstype="ext4"}', `${100 - percent}x90`],
      ['node_filesystem_size_bytes{instance="a",mountpoint="/",fstype="ext4"}', '100x90'],
    ],
  },
  {
    signal: 'fileDescriptors',
    alert: 'FileDescriptorsHigh',
    exporter: 'the client library of the program',
    value: 'process_open_fds / process_max_fds',
    each: ['job', 'instance'],
    what: 'File descriptors of {{ $labels.job }} at {{ $labels.instance }}',
    for: usual,
    at: (percent) => [
      ['process_open_fds{job="j",instance="a"}', `${percent}x90`],
      ['process_max_fds{job="j",instance="a"}', '100x90'],
    ],
  },
  {
    signal: 'databasePool',
    alert: 'DatabaseConnectionsHigh',
    exporter: 'postgres_exporter',
    value: 'sum by (job, instance) (pg_stat_activity_count) / max by (job, instance) (pg_settings_max_connections)',
    each: ['job', 'instance'],
    what: 'Connections of PostgreSQL at {{ $labels.instance }}',
    for: { warning: '5m', critical: '1m' },
    at: (percent) => [
      ['pg_stat_activity_count{job="j",instance="a",datname="d",state="idle"}', `${percent}x90`],
      ['pg_settings_max_connections{job="j",instance="a"}', '100x90'],
    ],
  },
];

/** Connections and queues have no whole: a number above which somebody should look. */
const connectionsMax = defaultLevels.connections.warning ?? 0;
const lagMax = 10_000;

/** How full machines, programs and databases are, whoever uses them: what the usual exporters tell. */
export function saturationGroup(): RuleGroup {
  return {
    name: 'saturation',
    interval: '1m',
    says: [
      'By the usual exporters; where one is not there its rules find nothing. Queues have no usual exporter that knows how much room they have:',
      'write spec.signals.queue into the document of a service.',
    ],
    rules: [
      ...full.flatMap(({ signal, alert, value, each, what, for: held }) =>
        leveledAlerts({
          alert,
          value: `(${value})`,
          levels: defaultLevels[signal],
          level: share,
          levelText: percentText,
          valueText: '{{ $value | humanizePercentage }} in use',
          what,
          labels: { signal },
          each,
          for: held,
        }),
      ),
      ...leveledAlerts({
        alert: 'ConnectionsHigh',
        value: 'node_netstat_Tcp_CurrEstab',
        levels: { target: null, warning: connectionsMax, critical: null },
        level: String,
        levelText: String,
        valueText: '{{ $value }} are open',
        what: 'Connections of {{ $labels.instance }}',
        labels: { signal: 'connections' },
        each: ['instance'],
        for: usual,
      }),
      ...leveledAlerts({
        alert: 'KafkaLagHigh',
        value: 'sum by (consumergroup, topic) (kafka_consumergroup_lag)',
        levels: { target: null, warning: lagMax, critical: null },
        level: String,
        levelText: String,
        valueText: '{{ $value }} messages wait',
        what: 'Topic {{ $labels.topic }} for {{ $labels.consumergroup }}',
        labels: { signal: 'queue' },
        each: ['consumergroup', 'topic'],
        for: { warning: '10m', critical: '10m' },
      }),
    ],
  };
}

/** One test in which everything is a little too full, one in which it is much too full, and one in which it is just full enough. */
export function saturationTests(): readonly UnitTest[] {
  const every = { intervalMs: 60_000, evaluatedEvery: 5 };
  const firing = (alert: string, severity: string) =>
    `count(ALERTS{alertname="${alert}",alertstate="firing",severity="${severity}"})`;
  const input = (percentOf: (one: Full) => number) =>
    full.flatMap((one) => one.at(percentOf(one)).map(([series, values]) => ({ series, values })));
  const level = (one: Full, name: 'warning' | 'critical') => (defaultLevels[one.signal][name] ?? 0) / 10_000;
  const expect = (tick: number, warning: number | null, critical: number | null) =>
    full.flatMap(({ alert }) => [
      { expr: firing(alert, 'warning'), tick, value: warning },
      { expr: firing(alert, 'critical'), tick, value: critical },
    ]);
  return [
    {
      name: 'at the level of a warning',
      ...every,
      input: input((one) => level(one, 'warning') - 1),
      expected: expect(85, null, null),
    },
    {
      name: 'between warning and critical',
      ...every,
      input: [
        ...input((one) => level(one, 'warning') + 5),
        { series: 'node_netstat_Tcp_CurrEstab{instance="a"}', values: `${connectionsMax + 1}x90` },
        { series: 'kafka_consumergroup_lag{consumergroup="g",topic="t",partition="0"}', values: `${lagMax - 1}x90` },
        { series: 'kafka_consumergroup_lag{consumergroup="g",topic="t",partition="1"}', values: '2x90' },
      ],
      expected: [
        ...expect(85, 1, null),
        { expr: firing('ConnectionsHigh', 'warning'), tick: 5, value: 1 },
        { expr: firing('KafkaLagHigh', 'warning'), tick: 5, value: null },
        { expr: firing('KafkaLagHigh', 'warning'), tick: 10, value: 1 },
      ],
    },
    {
      name: 'above critical: one alert, not two',
      ...every,
      input: input((one) => level(one, 'critical') + 5),
      expected: expect(85, null, 1),
    },
  ];
}
