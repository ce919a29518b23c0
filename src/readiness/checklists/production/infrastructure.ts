import { backedUpToday, migrated, restorable } from '../common.ts';
import { instead, item, optional, param, phase, proven } from '../words.ts';

const database = 'postgres != false';
const redis = 'redis != false';

/** Phase 3 of the checklist: infrastructure. */
export const infrastructure = phase('infrastructure', 'Infrastructure', 'Инфраструктура', [
  item('migrations', 'The database is at its newest migration', 'Миграции базы данных применены', {
    role: 'development',
    if: database,
    check: migrated,
  }),
  item('backup-daily', 'The database is backed up every day by itself', 'Автоматические ежедневные бэкапы базы данных', {
    if: database,
    check: backedUpToday,
    confirm: instead('30d'),
  }),
  item('backup-point-in-time', 'The database can be put back to any moment', 'Восстановление на момент времени (PITR) включено', {
    if: database,
    check: { postgres: { connection: param('postgres'), archiving: {} } },
    confirm: instead('90d'),
  }),
  item('backup-retention', 'Backups of the last 30 days are kept', 'Бэкапы хранятся 30 дней', {
    severity: 'warning',
    if: database,
    check: { backup: { file: param('backup'), retention: { for: '30d', every: '2d' } } },
    confirm: instead('90d'),
  }),
  item('backup-restore', 'The newest backup can be restored', 'Восстановление из бэкапа проверено', {
    if: database,
    check: restorable,
    timeout: '30m',
    confirm: instead('90d'),
  }),
  item('redis-appendonly', 'Redis keeps what it is told (appendonly yes)', 'Redis сохраняет данные (appendonly yes)', {
    if: redis,
    check: { redis: { connection: param('redis'), appendonly: true } },
  }),
  item(
    'redis-appendfsync',
    'Redis writes to the disk every second',
    'Redis пишет на диск каждую секунду (appendfsync everysec)',
    {
      if: redis,
      check: { redis: { connection: param('redis'), appendfsync: 'everysec' } },
    },
  ),
  item('tls-certificate', 'The certificate is valid', 'Сертификат действителен', {
    role: 'security',
    if: 'tls != false',
    check: { tls: param('tls') },
  }),
  item('tls-renewal', 'The certificate is renewed by itself', 'Сертификат обновляется автоматически', {
    if: 'tls != false',
    confirm: proven('180d'),
  }),
  item('https', 'Nobody is served without HTTPS', 'Без HTTPS никто не обслуживается', {
    role: 'security',
    if: 'tls != false',
    check: { 'https-redirect': { url: param('httpUrl'), tls: optional('trust') } },
  }),
  item('dns-address', 'A and AAAA records lead to the load balancer', 'Записи A/AAAA указывают на балансировщик', {
    if: 'domain != false',
    check: { dns: { name: param('domain'), a: param('addresses'), servers: optional('nameServers') } },
    confirm: instead('30d'),
  }),
  item('dns-www', 'www is a CNAME', 'Для www есть CNAME', {
    severity: 'warning',
    if: 'domain != false && website != false',
    check: { dns: { name: `www.${param('domain')}`, cname: 'any', servers: optional('nameServers') } },
  }),
  item('dns-caa', 'CAA records say who may issue certificates', 'Записи CAA называют центр сертификации', {
    role: 'security',
    severity: 'warning',
    if: 'domain != false && tls != false',
    check: { dns: { name: param('domain'), caa: 'any', servers: optional('nameServers') } },
  }),
]);
