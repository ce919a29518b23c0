import { common, migrated } from './common.ts';
import { instead, item, param, parameter, phase } from './words.ts';

/** What has to be so before a version gets all of the traffic, as a document. */
export const cutover = {
  apiVersion: 'rampart/v1',
  kind: 'Checklist',
  metadata: { name: 'cutover', title: { en: 'Before the cutover', ru: 'Перед переключением' } },
  spec: {
    parameters: {
      canaryFor: parameter(
        'How long the candidate has had traffic, at least',
        'Сколько новая версия работает под нагрузкой, не меньше',
        '30m',
      ),
      canaryErrors: parameter('Part of its requests that may have failed', 'Допустимая доля ошибок', '0.5%'),
      canaryRequests: parameter('How many requests it has answered, at least', 'Сколько запросов она обслужила, не меньше', 100),
      postgres: common.postgres,
      migrationTool: common.migrationTool,
      migrations: common.migrations,
      backup: common.backup,
    },
    phases: [
      phase('cutover', 'Before the cutover', 'Перед переключением', [
        item(
          'canary',
          'The candidate has served 30 minutes with less than 0.5 % of errors',
          'Canary работает 30+ минут, ошибок меньше 0,5 %',
          {
            check: {
              candidate: { for: param('canaryFor'), errors: param('canaryErrors'), requests: param('canaryRequests') },
            },
            validFor: '5m',
          },
        ),
        item('objectives', 'The objectives are met', 'SLO выполняются', { check: { objectives: {} }, validFor: '5m' }),
        item('migrations', 'The database is at its newest migration', 'Миграции базы данных выполнены', {
          if: 'postgres != false',
          check: migrated,
          validFor: '1h',
        }),
        item('backup', 'There is a backup', 'Бэкап подтверждён', {
          if: 'postgres != false',
          check: { backup: { file: param('backup'), maxAge: '26h' } },
          validFor: '1h',
          confirm: instead('1d'),
        }),
        item('on-call', 'The engineer on call can be reached', 'Дежурный инженер на связи', { confirm: { validFor: '4h' } }),
        item('war-room', 'The war room is open', 'War room создан', { confirm: { validFor: '4h' } }),
        item('status-page', 'The status page tells of the release', 'Status page обновлена', {
          role: 'product',
          severity: 'warning',
          confirm: { validFor: '4h' },
        }),
      ]),
    ],
  },
} as const;
