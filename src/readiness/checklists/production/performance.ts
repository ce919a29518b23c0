import { instead, item, param, phase, proven } from '../words.ts';

/** Phase 7 of the checklist: performance. */
export const performance = phase('performance', 'Performance', 'Производительность', [
  item('load', '1,000 requests a second with p95 below 200 ms', '1000 запросов в секунду, p95 меньше 200 мс', {
    role: 'development',
    if: 'load != false',
    check: { load: param('load') },
    validFor: '7d',
    timeout: '10m',
    confirm: instead('7d'),
  }),
  item('slow-queries', 'No query is slow', 'Нет медленных запросов', {
    role: 'development',
    if: 'postgres != false',
    check: { postgres: { connection: param('postgres'), slowQueries: { warn: '100ms', fail: '500ms' } } },
    confirm: instead('30d'),
  }),
  item('indexes', 'Large tables are read through indexes', 'Большие таблицы читаются по индексам', {
    role: 'development',
    severity: 'warning',
    if: 'postgres != false',
    check: { postgres: { connection: param('postgres'), indexes: {} } },
  }),
  item('cache', 'More than 70 % of the lookups are found in Redis', 'В Redis находится больше 70 % запросов', {
    role: 'development',
    severity: 'warning',
    if: 'redis != false',
    check: { redis: { connection: param('redis'), hitRate: { warn: '80%', fail: '70%' } } },
  }),
  item('cdn', 'Static files come from a CDN', 'Статические файлы отдаёт CDN', {
    severity: 'warning',
    if: 'website != false',
    confirm: proven('180d'),
  }),
  item('browser-cache', 'Browsers keep static files', 'Браузеры кэшируют статические файлы', {
    role: 'development',
    severity: 'warning',
    if: 'website != false',
    check: { headers: param('staticHeaders') },
    confirm: instead('90d'),
  }),
  item(
    'postgres-pool',
    'Connections to PostgreSQL are pooled, and there are enough',
    'Пул соединений PostgreSQL настроен, их хватает',
    {
      role: 'development',
      if: 'postgres != false',
      check: { postgres: { connection: param('postgres'), connections: { warn: '70%', fail: '90%' } } },
    },
  ),
  item('redis-pool', 'Connections to Redis are pooled, and there are enough', 'Пул соединений Redis настроен, их хватает', {
    role: 'development',
    if: 'redis != false',
    check: { redis: { connection: param('redis'), clients: { warn: '70%', fail: '90%' } } },
  }),
]);
