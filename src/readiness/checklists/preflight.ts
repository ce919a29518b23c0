import { backedUpToday, common } from './common.ts';
import { instead, item, optional, param, parameter, phase, proven } from './words.ts';

const look = (expect: Readonly<Record<string, unknown>>) => ({ kubernetes: { namespace: param('namespace'), expect } });
const dns = (id: string, records: Readonly<Record<string, unknown>>, en: string, ru: string) =>
  item(id, en, ru, {
    if: 'domain != false',
    check: { dns: { name: param('domain'), servers: optional('nameServers'), ...records } },
  });

/** What is looked at in the half hour before a release, as a document. */
export const preflight = {
  apiVersion: 'rampart/v1',
  kind: 'Checklist',
  metadata: { name: 'preflight', title: { en: 'Preflight checks', ru: 'Предполётные проверки' } },
  spec: {
    parameters: {
      kubernetes: common.kubernetes,
      namespace: common.namespace,
      domain: common.domain,
      nameServers: common.nameServers,
      dkimSelector: parameter('Selector of the DKIM key', 'Селектор ключа DKIM', 'default'),
      smtp: common.smtp,
      mailHost: parameter('Host that takes its mail', 'Узел, принимающий почту'),
      postgres: common.postgres,
      extensions: parameter('Extensions that the database has', 'Расширения базы данных', []),
      redis: common.redis,
      kafka: parameter('Whether it uses Kafka', 'Использует ли он Kafka'),
      smokeCommand: common.smokeCommand,
      load: parameter('Load test: 100 users for 30 s; false: none', 'Нагрузочный тест: 100 пользователей 30 с; false: нет'),
      metricsUrl: common.metricsUrl,
      metricNames: common.metricNames,
      trust: common.trust,
      backup: common.backup,
      backupMinSize: parameter('Least size of a backup', 'Минимальный размер бэкапа', '10KiB'),
      snapshots: parameter('Snapshots of its volumes; false: it has no volumes', 'Снимки томов; false: томов нет'),
    },
    phases: [
      phase('infrastructure', 'Infrastructure', 'Готовность инфраструктуры', [
        item('nodes', 'All nodes of the cluster are ready', 'Все узлы кластера готовы', {
          if: 'kubernetes != false',
          check: look({ nodes: true }),
        }),
        item('pods', 'All pods run', 'Все поды работают', { if: 'kubernetes != false', check: look({ pods: true }) }),
        dns('mx', { mx: 'any' }, 'The domain takes mail (MX)', 'Домен принимает почту (MX)'),
        dns('dmarc', { dmarc: {} }, 'There is a DMARC policy', 'Есть политика DMARC'),
        dns('dkim', { dkim: { selectors: [param('dkimSelector')] } }, 'There is a DKIM key', 'Есть ключ DKIM'),
        item('mail', 'The mail server answers', 'Почтовый сервер отвечает', {
          if: 'smtp != false',
          check: { tcp: { host: param('mailHost'), port: 25 } },
        }),
        item('mail-starttls', 'Mail is sent encrypted (STARTTLS)', 'Почта отправляется с шифрованием (STARTTLS)', {
          if: 'smtp != false',
          check: { smtp: param('smtp') },
        }),
        item('postgres', 'PostgreSQL answers, with its extensions', 'PostgreSQL отвечает, расширения установлены', {
          if: 'postgres != false',
          check: { postgres: { connection: param('postgres'), extensions: param('extensions') } },
        }),
        item('redis', 'Redis answers', 'Redis отвечает', {
          if: 'redis != false',
          check: { redis: { connection: param('redis') } },
        }),
        item('kafka', 'The brokers of Kafka answer', 'Брокеры Kafka отвечают', { if: 'kafka != false', confirm: proven('1d') }),
      ]),
      phase('application', 'Application', 'Проверка приложения', [
        item('smoke', 'The smoke tests pass', 'Smoke-тесты проходят', {
          role: 'development',
          check: { command: { run: param('smokeCommand') } },
          timeout: '5m',
        }),
        item('load', '100 users for 30 seconds are served', '100 пользователей 30 секунд обслуживаются', {
          role: 'development',
          if: 'load != false',
          check: { load: param('load') },
          timeout: '5m',
          needs: ['application.smoke'],
        }),
        item('metrics', 'Metrics are exported', 'Метрики экспортируются', {
          check: { metrics: { url: param('metricsUrl'), names: param('metricNames'), tls: optional('trust') } },
        }),
      ]),
      phase('backups', 'Backups', 'Проверка резервных копий', [
        item(
          'database',
          'The backup of the database is fresh and large enough',
          'Бэкап базы данных свежий и достаточного размера',
          {
            if: 'postgres != false',
            check: backedUpToday,
          },
        ),
        item('snapshots', 'There are snapshots of the volumes', 'Есть снимки томов', {
          if: 'snapshots != false',
          check: { snapshots: param('snapshots') },
          confirm: instead('1d'),
        }),
        item('kafka', 'Topics of Kafka are backed up', 'Топики Kafka сохранены', { if: 'kafka != false', confirm: proven('1d') }),
      ]),
    ],
  },
} as const;
