import { common } from './common.ts';
import { item, optional, param, parameter, phase } from './words.ts';

const health = (id: string, name: string, en: string, ru: string, needed: string) =>
  item(id, en, ru, { if: needed, check: { http: { url: param(name), tls: optional('trust') } }, validFor: '2m' });
const tests = (id: string, name: string, en: string, ru: string, role: 'development' | 'security') =>
  item(id, en, ru, { role, check: { command: { run: param(name) } }, timeout: '10m', validFor: '10m' });

/** What is verified from the moment on in which a version has all of the traffic, as a document. */
export const postDeploy = {
  apiVersion: 'rampart/v1',
  kind: 'Checklist',
  metadata: { name: 'post-deploy', title: { en: 'Verification after a release', ru: 'Проверка после выпуска' } },
  spec: {
    parameters: {
      healthUrl: parameter('Address of its health', 'Адрес проверки здоровья'),
      dependenciesUrl: parameter(
        'Address that tells how its dependencies are; false: none',
        'Адрес состояния зависимостей; false: нет',
        false,
      ),
      postgres: common.postgres,
      redis: common.redis,
      smokeCommand: common.smokeCommand,
      functionalCommand: parameter('Command of the functional tests', 'Команда функциональных тестов'),
      baseUrl: common.baseUrl,
      trust: common.trust,
      tls: common.tls,
    },
    phases: [
      phase('health', 'Health', 'Здоровье', [
        health('service', 'healthUrl', 'The service is healthy', 'Сервис здоров', 'healthUrl != false'),
        health('dependencies', 'dependenciesUrl', 'Its dependencies are healthy', 'Зависимости здоровы', 'dependenciesUrl'),
        item('database', 'The database answers', 'База данных отвечает', {
          if: 'postgres != false',
          check: { postgres: { connection: param('postgres') } },
          validFor: '2m',
        }),
        item('redis', 'Redis answers', 'Redis отвечает', {
          if: 'redis != false',
          check: { redis: { connection: param('redis') } },
          validFor: '2m',
        }),
      ]),
      phase('signals', 'Golden signals', 'Золотые сигналы', [
        item('objectives', 'Latency and errors are within the objectives', 'Задержка и ошибки в пределах SLO', {
          check: { objectives: {} },
          validFor: '2m',
        }),
        item('alerts', 'No alert fires', 'Нет активных алертов', { check: { alerts: { quiet: {} } }, validFor: '2m' }),
      ]),
      phase('smoke', 'Smoke tests', 'Smoke-тесты', [
        tests('all', 'smokeCommand', 'The smoke tests pass', 'Smoke-тесты проходят', 'development'),
      ]),
      phase('functional', 'Functional tests', 'Функциональные тесты', [
        tests('all', 'functionalCommand', 'The functional tests pass', 'Функциональные тесты проходят', 'development'),
      ]),
      phase('security', 'Security', 'Безопасность', [
        item('headers', 'Security headers are sent', 'Защитные заголовки отправляются', {
          role: 'security',
          check: { headers: { url: param('baseUrl'), tls: optional('trust') } },
          validFor: '10m',
        }),
        item('certificate', 'The certificate is valid', 'Сертификат действителен', {
          role: 'security',
          if: 'tls != false',
          check: { tls: param('tls') },
          validFor: '10m',
        }),
      ]),
    ],
  },
} as const;
