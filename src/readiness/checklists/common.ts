import { param, parameter } from './words.ts';

/** What several checklists ask a service about itself: it says so once for all of them. */
export const common = {
  kubernetes: parameter('Whether it runs in Kubernetes', 'Работает ли он в Kubernetes'),
  namespace: parameter('Namespace in the cluster', 'Namespace в кластере'),
  domain: parameter('Its domain; false: it has none', 'Домен; false: его нет'),
  nameServers: parameter(
    'Name servers that are asked; those of the machine without',
    'Опрашиваемые DNS-серверы; без них серверы машины',
  ),
  smtp: parameter(
    'Its mail server: { host, port }; false: it sends no mail',
    'Почтовый сервер: { host, port }; false: писем нет',
  ),
  postgres: parameter(
    'Its database: { url: { env: DATABASE_URL } }; false: none',
    'База данных: { url: { env: DATABASE_URL } }; false: нет',
  ),
  redis: parameter('Its Redis: { url: { env: REDIS_URL } }; false: none', 'Redis: { url: { env: REDIS_URL } }; false: нет'),
  migrationTool: parameter('What migrates the database', 'Чем выполняются миграции'),
  migrations: parameter('Folder of the migrations', 'Папка с миграциями'),
  backup: parameter('Backups of the database: backups/*.dump', 'Бэкапы базы данных: backups/*.dump'),
  metricsUrl: parameter('Address of its metrics', 'Адрес метрик'),
  metricNames: parameter('Metrics that have to be there', 'Метрики, которые должны быть', []),
  prometheus: parameter('Address of Prometheus', 'Адрес Prometheus'),
  grafana: parameter('Its dashboards', 'Дашборды'),
  baseUrl: parameter('Its address for users', 'Адрес для пользователей'),
  tls: parameter(
    'Where its certificate is shown: { host, port }; false: there is none',
    'Где предъявляется сертификат: { host, port }; false: его нет',
  ),
  recoveryPlan: parameter('The plan for disasters', 'План аварийного восстановления'),
  onCallSchedules: parameter('Schedules of who is on call for it: [payments]', 'Расписания дежурных по нему: [payments]'),
  escalationPolicies: parameter(
    'Escalation policies of its incidents: [payments]',
    'Политики эскалации его инцидентов: [payments]',
  ),
  runbooks: parameter('Folder of the runbooks', 'Папка с runbooks'),
  smokeCommand: parameter('Command of the smoke tests', 'Команда smoke-тестов'),
  trust: parameter(
    'Authorities whose certificates are trusted: { ca: /etc/ssl/ours.pem }',
    'Доверенные центры сертификации: { ca: /etc/ssl/ours.pem }',
  ),
} as const;

/** The database is at its newest migration. */
export const migrated = {
  migrations: { connection: param('postgres'), tool: param('migrationTool'), folder: param('migrations') },
};

/** The newest backup of the database is of today, and large enough. */
export const backedUpToday = { backup: { file: param('backup'), maxAge: '26h', minSize: param('backupMinSize') } };

/** Somebody of its schedules is on call at any time of the days to come. */
export const somebodyOnCall = { 'on-call': { schedules: param('onCallSchedules'), policies: [] } };

/** Each step of its policies reaches somebody. */
export const escalated = { 'on-call': { schedules: [], policies: param('escalationPolicies') } };

/** The newest backup of the database can be restored. */
export const restorable = {
  backup: {
    file: param('backup'),
    restore: { connection: param('scratchPostgres'), tables: param('backupTables') },
  },
};

/** A secret is in the vault, and its newest version no older than so much. */
export function inVault(path: string, maxAge?: string) {
  const secret = { path: param(path), ...(maxAge === undefined ? {} : { maxAge }) };
  return { vault: { url: param('vault'), token: param('vaultToken'), secrets: [secret] } };
}
