import type { Language } from '../../analysis/sentence.ts';
import type { ComponentState, MaintenanceState, PostState } from '../../status/types.ts';

/** The words of the status page that are not anybody's text. */
export type StatusWords = {
  readonly status: string;
  readonly overall: Readonly<Record<ComponentState | 'maintenance' | 'nothing', string>>;
  readonly state: Readonly<Record<ComponentState | 'under_maintenance', string>>;
  readonly post: Readonly<Record<PostState, string>>;
  readonly maintenance: Readonly<Record<MaintenanceState, string>>;
  readonly now: string;
  readonly components: string;
  readonly planned: string;
  readonly maintenanceOf: string;
  readonly past: string;
  readonly noPast: string;
  readonly history: string;
  readonly daysAgo: string;
  readonly today: string;
  readonly uptime: string;
  readonly notWatched: string;
  readonly feeds: string;
  readonly proven: string;
  readonly notProven: string;
  readonly other: string;
  readonly back: string;
  readonly began: string;
  readonly minutes: (partial: number, major: number) => string;
};

const en: StatusWords = {
  status: 'Status',
  overall: {
    operational: 'Everything works',
    degraded_performance: 'Some things work worse than usual',
    partial_outage: 'Some things do not work',
    major_outage: 'Something does not work',
    maintenance: 'Planned work is under way',
    nothing: 'Nothing is known yet',
  },
  state: {
    operational: 'works',
    degraded_performance: 'degraded',
    partial_outage: 'partial outage',
    major_outage: 'outage',
    under_maintenance: 'maintenance',
  },
  post: {
    investigating: 'Investigating',
    identified: 'Identified',
    monitoring: 'Monitoring',
    resolved: 'Resolved',
    postmortem: 'What we learned',
  },
  maintenance: { scheduled: 'Planned', in_progress: 'Under way', completed: 'Done', cancelled: 'Called off' },
  now: 'What happens now',
  components: 'Components',
  planned: 'Planned work',
  maintenanceOf: 'Maintenance',
  past: 'Past incidents and maintenance',
  noPast: 'There were none.',
  history: 'of the last 90 days',
  daysAgo: '90 days ago',
  today: 'today',
  uptime: 'available',
  notWatched: 'not watched yet',
  feeds: 'Follow it by',
  proven: 'Measured until',
  notProven: 'Not everything can be measured at the moment; what is shown was last known.',
  other: 'По-русски',
  back: 'All components',
  began: 'began',
  minutes: (partial, major) =>
    [major > 0 ? `${major} min out` : '', partial > 0 ? `${partial} min partly out` : ''].filter(Boolean).join(', '),
};

const ru: StatusWords = {
  status: 'Состояние',
  overall: {
    operational: 'Всё работает',
    degraded_performance: 'Часть системы работает хуже обычного',
    partial_outage: 'Часть системы не работает',
    major_outage: 'Есть то, что не работает',
    maintenance: 'Идут плановые работы',
    nothing: 'Пока ничего не известно',
  },
  state: {
    operational: 'работает',
    degraded_performance: 'работает хуже',
    partial_outage: 'частично не работает',
    major_outage: 'не работает',
    under_maintenance: 'плановые работы',
  },
  post: {
    investigating: 'Выясняем',
    identified: 'Причина найдена',
    monitoring: 'Наблюдаем',
    resolved: 'Устранено',
    postmortem: 'Выводы',
  },
  maintenance: { scheduled: 'Запланированы', in_progress: 'Идут', completed: 'Завершены', cancelled: 'Отменены' },
  now: 'Что происходит сейчас',
  components: 'Компоненты',
  planned: 'Плановые работы',
  maintenanceOf: 'Плановые работы',
  past: 'Прошедшие инциденты и работы',
  noPast: 'Ничего не было.',
  history: 'за последние 90 дней',
  daysAgo: '90 дней назад',
  today: 'сегодня',
  uptime: 'доступность',
  notWatched: 'наблюдения ещё не было',
  feeds: 'Следить через',
  proven: 'Измерено до',
  notProven: 'Сейчас измерить можно не всё; показано последнее известное.',
  other: 'In English',
  back: 'Все компоненты',
  began: 'началось',
  minutes: (partial, major) =>
    [major > 0 ? `не работал ${major} мин` : '', partial > 0 ? `частично не работал ${partial} мин` : '']
      .filter(Boolean)
      .join(', '),
};

export const statusWords: Readonly<Record<Language, StatusWords>> = { en, ru };
