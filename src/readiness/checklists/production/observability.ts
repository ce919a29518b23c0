import { instead, item, optional, param, phase } from '../words.ts';

const alert = (names: string) => ({ prometheus: { url: param('prometheus'), rules: [param(names)] } });

/** Phase 5 of the checklist: monitoring and observability. */
export const observability = phase('observability', 'Monitoring and observability', 'Мониторинг и наблюдаемость', [
  item('metrics', 'Metrics are exported in the format of Prometheus', 'Метрики Prometheus экспортируются', {
    role: 'development',
    check: { metrics: { url: param('metricsUrl'), names: param('metricNames'), tls: optional('trust') } },
  }),
  item('dashboards', 'The dashboards are there', 'Дашборды Grafana импортированы', {
    check: { grafana: param('grafana') },
    confirm: instead('30d'),
  }),
  item('alert-errors', 'An alert fires above 1 % of errors', 'Алерт: доля ошибок больше 1 %', {
    check: alert('alertErrors'),
    confirm: instead('30d'),
  }),
  item('alert-latency', 'An alert fires when p95 is above 500 ms', 'Алерт: p95 больше 500 мс', {
    check: alert('alertLatency'),
    confirm: instead('30d'),
  }),
  item('alert-availability', 'An alert fires below 99.9 % of availability', 'Алерт: доступность ниже 99,9 %', {
    check: alert('alertAvailability'),
    confirm: instead('30d'),
  }),
  item('alert-disk', 'An alert fires below 20 % of free disk', 'Алерт: свободного места на диске меньше 20 %', {
    check: alert('alertDisk'),
    confirm: instead('30d'),
  }),
  item('alert-memory', 'An alert fires above 90 % of memory', 'Алерт: занято больше 90 % памяти', {
    check: alert('alertMemory'),
    confirm: instead('30d'),
  }),
  item('logs', 'Logs are collected in one place', 'Логи собираются в одном месте', {
    check: { logs: param('logs') },
    confirm: instead('90d'),
  }),
  item('logs-retention', 'Logs are kept for 90 days', 'Логи хранятся 90 дней', {
    severity: 'warning',
    check: { logs: param('logsRetention') },
    confirm: instead('90d'),
  }),
  item('logs-structured', 'Logs are structured', 'Логи структурированы', {
    role: 'development',
    severity: 'warning',
    check: { logs: param('logsStructured') },
    confirm: instead('90d'),
  }),
  item('tracing', 'Traces are collected', 'Трассировки собираются', {
    severity: 'warning',
    if: 'tracing != false',
    check: { tracing: param('tracing') },
    confirm: instead('90d'),
  }),
  item('tracing-sampling', 'Between 1 and 10 % of the requests are traced', 'Трассируются от 1 до 10 % запросов', {
    severity: 'warning',
    if: 'tracing != false',
    check: { tracing: param('tracingSampling') },
    confirm: instead('90d'),
  }),
  item('slo-latency', 'The latency objective is met (p95 below 100 ms)', 'Цель по задержке выполняется (p95 меньше 100 мс)', {
    check: { objectives: { names: param('latencyObjectives') } },
    confirm: instead('7d'),
  }),
  item('slo-errors', 'The objective of errors is met (below 0.1 %)', 'Цель по ошибкам выполняется (меньше 0,1 %)', {
    check: { objectives: { names: param('errorObjectives') } },
    confirm: instead('7d'),
  }),
  item('slo-availability', 'The objective of availability is met (99.9 %)', 'Цель по доступности выполняется (99,9 %)', {
    check: { objectives: { names: param('availabilityObjectives') } },
    confirm: instead('7d'),
  }),
  item('slo-cache', 'More than 70 % of the lookups are found in the cache', 'В кэше находится больше 70 % запросов', {
    severity: 'warning',
    if: 'redis != false',
    check: { redis: { connection: param('redis'), hitRate: { warn: '70%', fail: '70%' } } },
  }),
]);
