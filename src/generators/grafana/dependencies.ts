import type { ServiceSpec } from '../../spec/types.ts';
import { type Board, chart, stat } from './board.ts';
import { allCalls, databaseTime, failedCalls, slowCalls } from './calls.ts';
import { falling, oneIsGood, rising } from './levels.ts';

const share = (warning: number, critical: number) => rising({ target: null, warning, critical }, 'ppm');

/** What the service stands on: its calls, and PostgreSQL, Redis, Kafka and probes by their usual exporters. */
export function dependencies(_spec: ServiceSpec): Board {
  const up = (title: string, expr: string, what: string) =>
    stat({ title, description: `${what} 1 is up, 0 is down.`, unit: 'short' }, expr, {
      thresholds: oneIsGood,
      nothing: 'not scraped',
    });
  const third = { width: 8 };
  return {
    key: 'dependencies',
    title: 'dependencies',
    description: 'Calls of the service, and the health of PostgreSQL, Redis, Kafka and whatever is probed.',
    from: 'now-1h',
    variables: [
      {
        name: 'job',
        label: 'Job',
        values:
          'label_values({__name__=~"http_client_request_duration_seconds_count|db_client_operation_duration_seconds_count|process_cpu_seconds_total"}, job)',
      },
      { name: 'postgres', label: 'PostgreSQL', values: 'label_values(pg_up, instance)' },
      { name: 'redis', label: 'Redis', values: 'label_values(redis_up, instance)' },
      { name: 'kafka', label: 'Kafka', values: 'label_values(kafka_brokers, instance)' },
      { name: 'probe', label: 'Probe', values: 'label_values(probe_success, instance)' },
    ],
    sections: [
      {
        title: 'Health',
        panels: [
          up('PostgreSQL', 'min(pg_up{instance=~"$postgres"})', 'Whether every PostgreSQL answers (postgres_exporter).'),
          up('Redis', 'min(redis_up{instance=~"$redis"})', 'Whether every Redis answers (redis_exporter).'),
          up('Kafka', 'min(kafka_brokers{instance=~"$kafka"} > bool 0)', 'Whether there are brokers (kafka_exporter).'),
          up('Probes', 'min(probe_success{instance=~"$probe"})', 'Whether every probe succeeds (blackbox_exporter).'),
        ],
      },
      {
        title: 'Calls of the service',
        panels: [allCalls, { ...failedCalls, ...third }, { ...slowCalls, ...third }, databaseTime],
      },
      {
        title: 'PostgreSQL',
        panels: [
          chart(
            {
              title: 'Connections',
              description: 'Open ones, of as many as PostgreSQL takes. Warning above 70%, critical above 80%.',
              unit: 'percentunit',
            },
            [
              {
                expr: 'sum by (instance) (pg_stat_activity_count{instance=~"$postgres"}) / max by (instance) (pg_settings_max_connections{instance=~"$postgres"})',
                legend: '{{instance}}',
              },
            ],
            { ...third, min: 0, ...share(700_000, 800_000) },
          ),
          chart(
            { title: 'Rollbacks', description: 'Transactions rolled back, of all.', unit: 'percentunit' },
            [
              {
                expr: 'sum by (instance) (rate(pg_stat_database_xact_rollback{instance=~"$postgres"}[$__rate_interval])) / (sum by (instance) (rate(pg_stat_database_xact_commit{instance=~"$postgres"}[$__rate_interval])) > 0)',
                legend: '{{instance}}',
              },
            ],
            { ...third, min: 0 },
          ),
          chart(
            { title: 'Replication lag', description: 'How far a replica is behind.', unit: 's' },
            [
              {
                expr: 'max by (instance) (pg_replication_lag{instance=~"$postgres"} or pg_replication_lag_seconds{instance=~"$postgres"})',
                legend: '{{instance}}',
              },
            ],
            { ...third, min: 0 },
          ),
        ],
      },
      {
        title: 'Redis',
        panels: [
          chart(
            {
              title: 'Memory',
              description: 'In use, of the most that it may take. Warning above 80%, critical above 90%.',
              unit: 'percentunit',
            },
            [
              {
                expr: 'redis_memory_used_bytes{instance=~"$redis"} / (redis_memory_max_bytes{instance=~"$redis"} > 0)',
                legend: '{{instance}}',
              },
            ],
            { ...third, min: 0, ...share(800_000, 900_000) },
          ),
          chart(
            {
              title: 'Hits',
              description: 'Keys that were there, of all that were asked for. Below 70% a cache is of little use.',
              unit: 'percentunit',
            },
            [
              {
                expr: 'rate(redis_keyspace_hits_total{instance=~"$redis"}[$__rate_interval]) / (rate(redis_keyspace_hits_total{instance=~"$redis"}[$__rate_interval]) + rate(redis_keyspace_misses_total{instance=~"$redis"}[$__rate_interval]) > 0)',
                legend: '{{instance}}',
              },
            ],
            { ...third, min: 0, max: 1, ...falling(0.5, 0.7) },
          ),
          chart(
            { title: 'Clients', description: 'Connected, and those that wait for an answer.', unit: 'short' },
            [
              { expr: 'redis_connected_clients{instance=~"$redis"}', legend: '{{instance}}' },
              { expr: 'redis_blocked_clients{instance=~"$redis"}', legend: '{{instance}} blocked' },
            ],
            { ...third, min: 0 },
          ),
        ],
      },
      {
        title: 'Kafka',
        panels: [
          chart(
            {
              title: 'Consumer lag',
              description: 'Messages that a group has not read yet; it grows where the group is too slow.',
              unit: 'short',
            },
            [
              {
                expr: 'sum by (consumergroup, topic) (kafka_consumergroup_lag{instance=~"$kafka"})',
                legend: '{{consumergroup}} {{topic}}',
              },
            ],
            { width: 12, min: 0 },
          ),
          chart(
            {
              title: 'Partitions without all replicas',
              description: 'Any is one failure away from losing messages.',
              unit: 'short',
            },
            [
              {
                expr: 'sum by (topic) (kafka_topic_partition_under_replicated_partition{instance=~"$kafka"})',
                legend: '{{topic}}',
              },
            ],
            { width: 12, min: 0, ...rising({ target: null, warning: null, critical: 1 }, 'number') },
          ),
        ],
      },
      {
        title: 'Probes',
        panels: [
          chart(
            { title: 'Time of probes', description: 'How long each probe took.', unit: 's' },
            [{ expr: 'probe_duration_seconds{instance=~"$probe"}', legend: '{{instance}}' }],
            { width: 12, min: 0 },
          ),
          chart(
            { title: 'Certificates end in', description: 'Warning below 14 days, critical below 3.', unit: 's' },
            [{ expr: 'probe_ssl_earliest_cert_expiry{instance=~"$probe"} - time()', legend: '{{instance}}' }],
            { width: 12, ...falling(3 * 86_400, 14 * 86_400) },
          ),
        ],
      },
    ],
  };
}
