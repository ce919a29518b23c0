import type { RunbookSpec, RunbookStep } from '../../spec/runbook.ts';
import type { Text } from '../../spec/text.ts';

const minuteMs = 60_000;
const person = (minutes: number, title: Text, text: Text | null = null): RunbookStep => ({
  title,
  text,
  withinMs: minutes * minuteMs,
  does: { kind: 'person' },
});
const look = (at: 'releases' | 'signals' | 'instances' | 'alerts', title: Text, text: Text | null = null): RunbookStep => ({
  title,
  text,
  withinMs: 15 * minuteMs,
  does: { kind: 'look', at },
});

const recentReleases = look(
  'releases',
  { en: 'Recent releases', ru: 'Недавние релизы' },
  {
    en: 'If the trouble began with one of them, take it back.',
    ru: 'Если проблема началась с одного из них, верните прежнюю версию.',
  },
);
const resources = look(
  'signals',
  { en: 'Use of resources, pools and queues', ru: 'Загрузка ресурсов, пулов и очередей' },
  {
    en: 'Processor, memory, database connections, depth of queues: what is full slows the rest.',
    ru: 'Процессор, память, соединения с базой, глубина очередей: что заполнено, замедляет остальное.',
  },
);
const instances = look('instances', { en: 'Instances and restarts', ru: 'Экземпляры и перезапуски' });
const others = look('alerts', { en: 'What else fires', ru: 'Что ещё сработало' });

/**
 * Built-in runbooks, with the time budgets of the deployment guide: 5 minutes to react, 15 to investigate, 30 to end it. Error logs, the
 * lag of consumers and slow queries need addresses that only a team's own runbook has; docs/guides/runbooks.md has one to copy.
 */
export const builtinRunbooks: readonly RunbookSpec[] = [
  {
    name: 'errors',
    title: { en: 'Too many errors', ru: 'Слишком много ошибок' },
    alerts: ['*availab*', '*error*', '*down*', '*success*'],
    services: [],
    steps: [
      person(5, { en: 'Take the incident, so that nobody else is called', ru: 'Возьмите инцидент, чтобы не вызывали других' }),
      person(5, { en: 'Tell the product team and support', ru: 'Сообщите продуктовой команде и поддержке' }),
      recentReleases,
      instances,
      resources,
      others,
      person(
        30,
        { en: 'End what hurts users', ru: 'Устраните то, что мешает пользователям' },
        {
          en: 'A release is to blame: roll it back. The database: more connections, or free the cache. A queue: restart its consumers.',
          ru: 'Виноват релиз: откатите его. База: добавьте соединений или очистите кэш. Очередь: перезапустите её потребителей.',
        },
      ),
    ],
  },
  {
    name: 'latency',
    title: { en: 'Answers are slow', ru: 'Медленные ответы' },
    alerts: ['*latency*', '*slow*', '*p95*', '*p99*', '*duration*'],
    services: [],
    steps: [
      person(5, { en: 'Take the incident, so that nobody else is called', ru: 'Возьмите инцидент, чтобы не вызывали других' }),
      resources,
      recentReleases,
      instances,
      others,
      person(
        30,
        { en: 'Give it more room', ru: 'Добавьте мощности' },
        {
          en: 'More instances of what is full; slow queries get an index; a deep queue gets more consumers.',
          ru: 'Больше экземпляров того, что заполнено; медленным запросам – индекс; глубокой очереди – потребителей.',
        },
      ),
    ],
  },
];
