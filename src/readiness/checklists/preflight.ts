import { instead, item, optional, param, parameter, phase, proven, trust } from './words.ts';

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
      kubernetes: parameter('Whether it runs in Kubernetes', 'Работает ли он в Kubernetes'),
      namespace: parameter('Namespace in the cluster', 'Namespace в кластере'),
      domain: parameter('Its domain; false: it has none', 'Домен; false: его нет'),
      nameServers: parameter(
        'Name servers that are asked; those of the machine without',
        'Опрашиваемые DNS-серверы; без них серверы машины',
      ),
      dkimSelector: parameter('Selector of the DKIM key', 'Селектор ключа DKIM', 'default'),
      smtp: parameter(
        'Its mail server: { host, port }; false: it sends no mail',
        'Почтовый сервер: { host, port }; false: писем нет',
      ),
      mailHost: parameter('Host that takes its mail', 'Узел, принимающий почту'),
      postgres: parameter(
        'Its database: { url: { env: DATABASE_URL } }; false: none',
        'База данных: { url: { env: DATABASE_URL } }; false: нет',
      ),
      extensions: parameter('Extensions that the database has', 'Расширения базы данных', []),
      redis: parameter('Its Redis: { url: { env: REDIS_URL } }; false: none', 'Redis: { url: { env: REDIS_URL } }; false: нет'),
      kafka: parameter('Whether it uses Kafka', 'Использует ли он Kafka'),
      smokeCommand: parameter('Command of the smoke tests', 'Команда smoke-тестов'),
      load: parameter('Load test: 100 users for 30 s; false: none', 'Нагрузочный тест: 100 пользователей 30 с; false: нет'),
      metricsUrl: parameter('Address of its metrics', 'Адрес метрик'),
      metricNames: parameter('Metrics that have to be there', 'Метрики, которые должны быть', []),
      trust,
      backup: parameter('Backups of the database', 'Бэкапы базы данных'),
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
            check: { backup: { file: param('backup'), maxAge: '26h', minSize: param('backupMinSize') } },
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
