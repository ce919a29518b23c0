import { backedUpToday, escalated, restorable, somebodyOnCall } from '../common.ts';
import { instead, item, param, phase, proven } from '../words.ts';

/** Phase 8 of the checklist: disaster recovery. */
export const recovery = phase('recovery', 'Disaster recovery', 'Аварийное восстановление', [
  item('backup-database', 'The database is backed up every day', 'База данных копируется ежедневно', {
    if: 'postgres != false',
    check: backedUpToday,
    confirm: instead('30d'),
  }),
  item('backup-files', 'File storage is backed up every day', 'Хранилище файлов копируется ежедневно', {
    if: 's3 != false',
    check: { backup: { file: param('fileBackup'), maxAge: '26h', format: 'files' } },
    confirm: instead('30d'),
  }),
  item('backup-configuration', 'The configuration is backed up whenever it changes', 'Конфигурация копируется при изменении', {
    check: { command: { run: param('configurationBackupCommand') } },
    confirm: instead('90d'),
  }),
  item('restore', 'Restoring was tried', 'Процедура восстановления протестирована', {
    if: 'postgres != false',
    check: restorable,
    timeout: '30m',
    confirm: instead('90d'),
  }),
  item('rto', 'The plan says: back within 4 hours (RTO)', 'В плане RTO меньше 4 часов', {
    check: { document: { path: param('recoveryPlan'), numbers: { RTO: { below: '4h' } } } },
    confirm: instead('180d'),
  }),
  item('rpo', 'The plan says: at most one hour is lost (RPO)', 'В плане RPO меньше 1 часа', {
    check: { document: { path: param('recoveryPlan'), numbers: { RPO: { below: '1h' } } } },
    confirm: instead('180d'),
  }),
  item('failover', 'The plan says how to fail over', 'Описана процедура failover', {
    check: { document: { path: param('recoveryPlan'), headings: [['failover', 'переключение']] } },
    confirm: instead('180d'),
  }),
  item('rollback', 'The plan says how to roll back', 'Описана процедура rollback', {
    check: { document: { path: param('recoveryPlan'), headings: [['rollback', 'roll back', 'откат']] } },
    confirm: instead('180d'),
  }),
  item('drill', 'A recovery drill took place in the last 90 days', 'Учения проводились в последние 90 дней', {
    severity: 'warning',
    check: { document: { path: param('recoveryPlan'), dates: { 'Last drill': { maxAge: '90d' } } } },
    confirm: instead('90d'),
  }),
  item('regions', 'The service runs in several regions', 'Сервис работает в нескольких регионах', {
    if: 'multiRegion != false',
    confirm: proven('180d'),
  }),
  item('replication', 'Data are replicated between regions', 'Данные реплицируются между регионами', {
    if: 'multiRegion != false',
    confirm: proven('180d'),
  }),
  item('dns-failover', 'DNS leads to another region when one fails', 'DNS переключается на другой регион', {
    if: 'multiRegion != false',
    confirm: proven('180d'),
  }),
  item('on-call', 'Somebody is on call', 'Настроена ротация дежурных', { check: somebodyOnCall, confirm: instead('30d') }),
  item('escalation', 'It is clear who is called next', 'Есть матрица эскалации', { check: escalated, confirm: instead('90d') }),
  item('runbooks', 'There are runbooks for common problems', 'Есть runbooks для частых проблем', {
    check: { document: { path: param('runbooks') } },
    confirm: instead('180d'),
  }),
]);
