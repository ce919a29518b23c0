import { common, escalated, somebodyOnCall } from './common.ts';
import { instead, item, optional, param, parameter, phase, proven } from './words.ts';

const saturation = (id: string, en: string, ru: string, name: string) =>
  item(id, en, ru, {
    severity: 'warning',
    check: { prometheus: { url: param('prometheus'), rules: [param(name)] } },
    confirm: instead('90d'),
  });

/** The audit of how a service is operated, as a document. */
export const devopsAudit = {
  apiVersion: 'rampart/v1',
  kind: 'Checklist',
  metadata: { name: 'devops-audit', title: { en: 'DevOps audit', ru: 'Аудит DevOps/SRE' } },
  spec: {
    parameters: {
      prometheus: common.prometheus,
      trust: common.trust,
      metricsUrl: common.metricsUrl,
      latencyMetrics: parameter('Metrics of latency', 'Метрики задержки'),
      trafficMetrics: parameter('Metrics of traffic', 'Метрики трафика'),
      errorMetrics: parameter('Metrics of errors', 'Метрики ошибок'),
      saturationMetrics: parameter('Metrics of saturation', 'Метрики насыщения'),
      alertFileDescriptors: parameter('Alert on file descriptors', 'Алерт на файловые дескрипторы', 'HighFileDescriptorUsage'),
      alertConnections: parameter('Alert on connections', 'Алерт на соединения', 'HighNetworkConnections'),
      alertPool: parameter('Alert on the pool of the database', 'Алерт на пул базы данных', 'DatabaseConnectionPoolSaturated'),
      alertQueue: parameter('Alert on the queue', 'Алерт на очередь', 'WorkerQueueSaturated'),
      grafana: common.grafana,
      smokeCommand: common.smokeCommand,
      backup: common.backup,
      onCallSchedules: common.onCallSchedules,
      escalationPolicies: common.escalationPolicies,
      runbooks: common.runbooks,
      recoveryPlan: common.recoveryPlan,
    },
    phases: [
      phase('rollback', 'Rollback', 'Откат', [
        item('drill', 'Traffic goes there and back', 'Трафик переключается туда и обратно', {
          check: { 'rollback-drill': {} },
          validFor: '7d',
          confirm: instead('30d'),
        }),
        item('runbook', 'A runbook says how to roll back', 'Есть runbook отката', {
          check: { document: { path: param('runbooks'), headings: [['rollback', 'roll back', 'откат']] } },
        }),
        item('smoke', 'Smoke tests pass', 'Smoke-тесты проходят', {
          check: { command: { run: param('smokeCommand') } },
          timeout: '5m',
        }),
      ]),
      phase('signals', 'Four golden signals', 'Четыре золотых сигнала', [
        item('latency', 'Latency is measured', 'Задержка измеряется', {
          check: { metrics: { url: param('metricsUrl'), names: param('latencyMetrics'), tls: optional('trust') } },
        }),
        item('traffic', 'Traffic is measured', 'Трафик измеряется', {
          check: { metrics: { url: param('metricsUrl'), names: param('trafficMetrics'), tls: optional('trust') } },
        }),
        item('errors', 'Errors are measured', 'Ошибки измеряются', {
          check: { metrics: { url: param('metricsUrl'), names: param('errorMetrics'), tls: optional('trust') } },
        }),
        item('saturation', 'Saturation is measured', 'Насыщение измеряется', {
          check: { metrics: { url: param('metricsUrl'), names: param('saturationMetrics'), tls: optional('trust') } },
        }),
        saturation(
          'file-descriptors',
          'An alert fires above 80 % of file descriptors',
          'Алерт: файловые дескрипторы больше 80 %',
          'alertFileDescriptors',
        ),
        saturation('connections', 'An alert fires above 5,000 connections', 'Алерт: больше 5000 соединений', 'alertConnections'),
        saturation('pool', 'An alert fires above 80 % of the pool', 'Алерт: пул базы данных больше 80 %', 'alertPool'),
        saturation('queue', 'An alert fires above 80 % of the queue', 'Алерт: очередь больше 80 %', 'alertQueue'),
      ]),
      phase('objectives', 'SLOs and budgets', 'SLO и бюджет ошибок', [
        item('met', 'The objectives are met', 'SLO выполняются', { check: { objectives: {} } }),
      ]),
      phase('monitoring', 'Monitoring', 'Мониторинг', [
        item('dashboard', 'The dashboard shows data', 'Дашборд показывает данные', {
          check: { grafana: param('grafana') },
          confirm: instead('30d'),
        }),
        item('password', 'The password of Grafana is not the default', 'Пароль Grafana изменён', {
          role: 'security',
          confirm: proven('90d'),
        }),
        item('channels', 'Alerts reach people (a test alert was sent)', 'Алерты доходят до людей (отправлен тестовый)', {
          confirm: proven('30d'),
        }),
      ]),
      phase('operations', 'Operations', 'Эксплуатация', [
        item('backup', 'Backups are made by themselves', 'Бэкапы делаются автоматически', {
          check: { backup: { file: param('backup'), maxAge: '26h' } },
          confirm: instead('30d'),
        }),
        item('rotation', 'It is written down how secrets are rotated', 'Политика ротации секретов описана', {
          role: 'security',
          confirm: proven('180d'),
        }),
        item('runbooks-known', 'The team knows the runbooks', 'Команда ознакомлена с runbooks', { confirm: proven('180d') }),
        item('on-call', 'Somebody is on call', 'Настроена ротация дежурных', {
          check: somebodyOnCall,
          confirm: instead('30d'),
        }),
        item('escalation', 'It is clear who is called next', 'Определён путь эскалации', {
          check: escalated,
          confirm: instead('90d'),
        }),
        item('drill', 'A recovery drill takes place every quarter', 'Учения проводятся раз в квартал', {
          check: { document: { path: param('recoveryPlan'), dates: { 'Last drill': { maxAge: '92d' } } } },
          confirm: instead('92d'),
        }),
      ]),
    ],
  },
} as const;
