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
  /** In mails. */
  readonly told: string;
  readonly onPage: string;
  readonly subscribe: SubscribeWords;
};

/** Words about subscriptions. */
export type SubscribeWords = {
  readonly title: string;
  readonly email: string;
  readonly what: string;
  readonly all: string;
  readonly some: string;
  readonly go: string;
  readonly privacy: string;
  readonly asked: string;
  readonly askedMore: string;
  readonly noAddress: string;
  readonly noComponent: string;
  readonly full: string;
  readonly tooOften: string;
  readonly busy: string;
  readonly busyMore: string;
  readonly off: string;
  readonly confirmTitle: string;
  readonly confirmText: (page: string, hours: number) => string;
  readonly confirm: string;
  readonly confirmMore: string;
  readonly confirmed: string;
  readonly confirmedMore: string;
  readonly over: string;
  readonly overMore: string;
  readonly unsubscribe: string;
  readonly unsubscribeMore: string;
  readonly unsubscribed: string;
  readonly unsubscribedMore: string;
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
  told: 'Time',
  onPage: 'On the status page',
  subscribe: {
    title: 'Updates by e-mail',
    email: 'E-mail address',
    what: 'About',
    all: 'all components',
    some: 'only some of them',
    go: 'Subscribe',
    privacy: 'We use the address for this alone. Every mail has a link that ends it and deletes the address.',
    asked: 'Look into your mailbox',
    askedMore:
      'If this address can be subscribed, a mail with a link is on its way to it. Open the link to confirm. If none comes within a few minutes, look into the spam folder, then try again.',
    noAddress: 'That is no e-mail address we can write to. Go back and type it again.',
    noComponent: 'Go back and choose at least one component, or all of them.',
    full: 'No more subscriptions are taken at the moment. Follow the page by Atom or RSS instead.',
    tooOften: 'Too many requests came from here. Try again in a minute.',
    busy: 'We are busy at the moment',
    busyMore: 'Your request could not be taken. Try again in a minute; the page itself and its feeds are up to date.',
    off: 'There are no subscriptions by e-mail here.',
    confirmTitle: 'Confirm your subscription',
    confirmText: (page, hours) =>
      `Somebody, probably you, wants to be told by e-mail how ${page} is, at this address.\n\nOpen the link below and confirm within ${hours} h. If it was not you, do nothing: you will hear no more of it.`,
    confirm: 'Confirm',
    confirmMore: 'You will be told by e-mail of incidents and planned work.',
    confirmed: 'You are subscribed',
    confirmedMore: 'You are told by e-mail from now on. Every mail has a link that ends it.',
    over: 'This link does not hold any more',
    overMore: 'It was used already, or it is too old. Subscribe again on the page.',
    unsubscribe: 'Unsubscribe',
    unsubscribeMore: 'No more mail is sent to you, and your address is deleted.',
    unsubscribed: 'You are unsubscribed',
    unsubscribedMore: 'Your address is deleted. No more mail is sent to you.',
  },
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
  told: 'Время',
  onPage: 'На странице состояния',
  subscribe: {
    title: 'Новости по электронной почте',
    email: 'Адрес электронной почты',
    what: 'О чём',
    all: 'обо всех компонентах',
    some: 'только о некоторых',
    go: 'Подписаться',
    privacy: 'Адрес нужен только для этого. В каждом письме есть ссылка, которая прекращает подписку и удаляет адрес.',
    asked: 'Проверьте почту',
    askedMore:
      'Если на этот адрес можно подписаться, туда отправлено письмо со ссылкой. Откройте её, чтобы подтвердить подписку. Если письма нет несколько минут, проверьте папку со спамом и попробуйте ещё раз.',
    noAddress: 'На такой адрес мы написать не можем. Вернитесь и введите его ещё раз.',
    noComponent: 'Вернитесь и выберите хотя бы один компонент или все.',
    full: 'Сейчас новые подписки не принимаются. Следите за страницей через Atom или RSS.',
    tooOften: 'Отсюда пришло слишком много запросов. Попробуйте через минуту.',
    busy: 'Сейчас мы заняты',
    busyMore: 'Запрос принять не удалось. Попробуйте через минуту; сама страница и её ленты обновляются.',
    off: 'Подписки по электронной почте здесь нет.',
    confirmTitle: 'Подтвердите подписку',
    confirmText: (page, hours) =>
      `Кто-то, скорее всего вы, хочет получать на этот адрес письма о состоянии ${page}.\n\nОткройте ссылку ниже и подтвердите подписку в течение ${hours} ч. Если это были не вы, ничего не делайте: больше писем не будет.`,
    confirm: 'Подтвердить',
    confirmMore: 'Вам будут приходить письма об инцидентах и плановых работах.',
    confirmed: 'Вы подписаны',
    confirmedMore: 'Теперь вам будут приходить письма. В каждом есть ссылка, которая прекращает подписку.',
    over: 'Эта ссылка больше не действует',
    overMore: 'Она уже использована или устарела. Подпишитесь на странице ещё раз.',
    unsubscribe: 'Отписаться',
    unsubscribeMore: 'Писем больше не будет, а ваш адрес будет удалён.',
    unsubscribed: 'Вы отписаны',
    unsubscribedMore: 'Ваш адрес удалён. Писем больше не будет.',
  },
};

export const statusWords: Readonly<Record<Language, StatusWords>> = { en, ru };
