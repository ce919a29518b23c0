import type { CauseKind, Strength } from '../../diagnosis/types.ts';
import type { Help } from '../../incidents/impact/types.ts';
import type { ActionItemState, ReviewField } from '../../incidents/review.ts';
import type { IncidentState, ResponderAction, Told } from '../../incidents/types.ts';
import type { Clock, Offer } from './types.ts';

/** The fixed texts of a post-mortem in one language. */
export type PostMortemWords = {
  readonly title: string;
  readonly severity: string;
  readonly service: string;
  readonly state: string;
  readonly states: Readonly<Record<IncidentState, string>>;
  readonly authors: string;
  readonly date: string;
  readonly asOf: string;
  readonly unknown: string;
  readonly none: string;
  readonly summary: string;
  readonly impact: string;
  readonly notMeasured: string;
  readonly objective: string;
  readonly bad: string;
  readonly events: string;
  readonly expected: string;
  readonly excess: string;
  readonly budget: string;
  readonly excessBudget: string;
  readonly missed: string;
  readonly version: string;
  readonly byVersion: string;
  readonly chart: string;
  readonly clocks: string;
  readonly clock: string;
  readonly clockNames: Readonly<Record<Clock['name'], string>>;
  readonly moment: string;
  readonly lag: string;
  readonly basis: string;
  readonly byRecord: string;
  readonly byPerson: string;
  readonly byCounts: string;
  readonly narration: string;
  readonly narrationNote: string;
  readonly leftOut: string;
  readonly trigger: string;
  readonly noTrigger: string;
  readonly kinds: Readonly<Record<CauseKind, string>>;
  readonly strength: string;
  readonly strengths: Readonly<Record<Strength, string>>;
  readonly evidence: string;
  readonly refuted: string;
  readonly detection: string;
  readonly resolution: string;
  readonly action: string;
  readonly actions: Readonly<Record<ResponderAction['kind'], string>>;
  readonly outcome: string;
  readonly outcomes: Readonly<Record<NonNullable<ResponderAction['outcome']>, string>>;
  readonly helped: string;
  readonly verdicts: Readonly<Record<NonNullable<Help['verdict']>, string>>;
  readonly said: string;
  readonly responders: string;
  readonly person: string;
  readonly way: string;
  readonly toldStates: Readonly<Record<Told['state'], string>>;
  readonly communication: string;
  readonly text: string;
  readonly offers: string;
  readonly offersNote: string;
  readonly sides: Readonly<Record<Offer['side'], string>>;
  readonly fields: Readonly<Record<ReviewField, string>>;
  readonly ask: string;
  readonly proposals: string;
  readonly proposalsNote: string;
  readonly proof: string;
  readonly items: string;
  readonly item: string;
  readonly owner: string;
  readonly due: string;
  readonly itemStates: Readonly<Record<ActionItemState, string>>;
  readonly timeline: string;
  readonly time: string;
  readonly who: string;
  readonly what: string;
  readonly record: string;
  readonly draft: string;
};

const en: PostMortemWords = {
  title: 'Post-mortem',
  severity: 'Severity',
  service: 'Service',
  state: 'Status',
  states: { open: 'open', acknowledged: 'acknowledged', mitigated: 'mitigated', resolved: 'resolved', reviewed: 'reviewed' },
  authors: 'Authors',
  date: 'Date',
  asOf: 'As of',
  unknown: '–',
  none: 'None',
  summary: 'Summary',
  impact: 'Impact',
  notMeasured: 'No objective has counts of this time',
  objective: 'Objective',
  bad: 'Bad',
  events: 'Events',
  expected: 'At the usual ratio',
  excess: 'Beyond that',
  budget: 'Of the budget',
  excessBudget: 'Beyond the usual',
  missed: 'Time below target',
  version: 'Version',
  byVersion: 'By version',
  chart: 'Share of bad events over time',
  clocks: 'Clocks',
  clock: 'Clock',
  clockNames: {
    started: 'Started',
    detected: 'Detected',
    told: 'Somebody told',
    acknowledged: 'Taken by a person',
    mitigated: 'Mitigated',
    ended: 'Ended',
  },
  moment: 'Moment (UTC)',
  lag: 'After the beginning',
  basis: 'Known from',
  byRecord: 'the record',
  byPerson: 'a person',
  byCounts: 'the counts',
  narration: 'Narration written by model',
  narrationNote: 'From the events that each sentence cites; checked against them, and not proven',
  leftOut: 'Sentences left out',
  trigger: 'Trigger: what speaks for what',
  noTrigger: 'Nothing was found that speaks for a cause',
  kinds: {
    release: 'Release',
    'no-release': 'No release',
    dependency: 'Dependency',
    instances: 'Instances',
    saturation: 'Saturation',
    similar: 'Similar incidents',
  },
  strength: 'Weight of the evidence',
  strengths: { strong: 'strong', some: 'some', weak: 'weak', against: 'speaks against it' },
  evidence: 'Evidence',
  refuted: 'Would be refuted by',
  detection: 'Detection',
  resolution: 'Resolution: what was done',
  action: 'Action',
  actions: { check: 'health check', restart: 'restart', rollback: 'rollback', verify: 'look at the burn', runbook: 'runbook' },
  outcome: 'Outcome then',
  outcomes: { helped: 'helped', 'no-help': 'did not help', failed: 'failed', skipped: 'skipped' },
  helped: 'By the counts',
  verdicts: { helped: 'helped', 'no-help': 'did not help', 'not-needed': 'the burn was low before it' },
  said: 'Said',
  responders: 'Who was told',
  person: 'Person or channel',
  way: 'By',
  toldStates: { queued: 'waits', delivered: 'delivered', refused: 'refused', cancelled: 'called off' },
  communication: 'Communication',
  text: 'Text',
  offers: 'Facts to judge',
  offersNote: 'Offered for the sections above; people say what they were',
  sides: { well: 'Perhaps went well', wrong: 'Perhaps went wrong', lucky: 'Perhaps luck' },
  fields: {
    summary: 'Summary',
    causes: 'Root cause and contributing factors',
    surprise: 'Why were we surprised',
    well: 'What went well',
    wrong: 'What went wrong',
    lucky: 'Where we got lucky',
    lessons: 'Lessons',
  },
  ask: 'Left for people to write',
  proposals: 'Proposals that the record proves',
  proposalsNote: 'Accepted by a person, with an owner and a date, or not at all',
  proof: 'Proof',
  items: 'Action items',
  item: 'Item',
  owner: 'Owner',
  due: 'Due',
  itemStates: { open: 'open', done: 'done', dropped: 'dropped' },
  timeline: 'Timeline',
  time: 'UTC',
  who: 'Who',
  what: 'What',
  record: 'Record',
  draft: 'The incident has not ended: this is how it stands',
};

const ru: PostMortemWords = {
  title: 'Разбор',
  severity: 'Важность',
  service: 'Сервис',
  state: 'Состояние',
  states: {
    open: 'открыт',
    acknowledged: 'принят',
    mitigated: 'последствия устранены',
    resolved: 'завершён',
    reviewed: 'разобран',
  },
  authors: 'Авторы',
  date: 'Дата',
  asOf: 'На момент',
  unknown: '–',
  none: 'Нет',
  summary: 'Кратко',
  impact: 'Влияние',
  notMeasured: 'Ни одна цель не считала события в это время',
  objective: 'Цель',
  bad: 'Плохих',
  events: 'Событий',
  expected: 'При обычной доле',
  excess: 'Сверх обычного',
  budget: 'Доля бюджета',
  excessBudget: 'Из неё сверх обычного',
  missed: 'Время ниже цели',
  version: 'Версия',
  byVersion: 'По версиям',
  chart: 'Доля плохих событий во времени',
  clocks: 'Ключевые моменты',
  clock: 'Событие',
  clockNames: {
    started: 'Началось',
    detected: 'Обнаружено',
    told: 'Кто-то оповещён',
    acknowledged: 'Принято человеком',
    mitigated: 'Последствия устранены',
    ended: 'Закончилось',
  },
  moment: 'Момент (UTC)',
  lag: 'От начала',
  basis: 'Откуда известно',
  byRecord: 'журнал',
  byPerson: 'слова человека',
  byCounts: 'счётчики',
  narration: 'Пересказ, написанный моделью',
  narrationNote: 'По событиям, на которые ссылается каждое предложение; сверено с ними, но не доказано',
  leftOut: 'Отброшенные предложения',
  trigger: 'Что послужило толчком: свидетельства',
  noTrigger: 'Ничего, что говорило бы о причине, не найдено',
  kinds: {
    release: 'Выпуск',
    'no-release': 'Выпуска не было',
    dependency: 'Зависимость',
    instances: 'Экземпляры',
    saturation: 'Насыщение',
    similar: 'Похожие инциденты',
  },
  strength: 'Вес свидетельств',
  strengths: { strong: 'большой', some: 'средний', weak: 'малый', against: 'говорят против' },
  evidence: 'Свидетельства',
  refuted: 'Что опровергло бы',
  detection: 'Обнаружение',
  resolution: 'Устранение: что сделано',
  action: 'Действие',
  actions: {
    check: 'проверка здоровья',
    restart: 'перезапуск',
    rollback: 'откат',
    verify: 'контроль сгорания',
    runbook: 'ранбук',
  },
  outcome: 'Итог на тот момент',
  outcomes: { helped: 'помогло', 'no-help': 'не помогло', failed: 'не удалось', skipped: 'пропущено' },
  helped: 'По счётчикам',
  verdicts: { helped: 'помогло', 'no-help': 'не помогло', 'not-needed': 'сгорание и до этого было низким' },
  said: 'Сказано',
  responders: 'Кто оповещён',
  person: 'Человек или канал',
  way: 'Чем',
  toldStates: { queued: 'ждёт', delivered: 'доставлено', refused: 'отклонено', cancelled: 'отменено' },
  communication: 'Сообщения для пользователей',
  text: 'Текст',
  offers: 'Факты для оценки',
  offersNote: 'Предлагаются для разделов выше; чем они были, говорят люди',
  sides: { well: 'Возможно, удалось', wrong: 'Возможно, не удалось', lucky: 'Возможно, повезло' },
  fields: {
    summary: 'Кратко',
    causes: 'Коренная причина и способствующие факторы',
    surprise: 'Почему мы были застигнуты врасплох',
    well: 'Что получилось хорошо',
    wrong: 'Что пошло не так',
    lucky: 'Где повезло',
    lessons: 'Уроки',
  },
  ask: 'Этот раздел заполняют люди',
  proposals: 'Предложения, доказанные журналом',
  proposalsNote: 'Человек принимает их с ответственным и сроком либо не принимает вовсе',
  proof: 'Доказательство',
  items: 'Задачи',
  item: 'Задача',
  owner: 'Ответственный',
  due: 'Срок',
  itemStates: { open: 'открыта', done: 'сделана', dropped: 'снята' },
  timeline: 'Хронология',
  time: 'UTC',
  who: 'Кто',
  what: 'Что',
  record: 'Запись',
  draft: 'Инцидент не закончился: так он выглядит сейчас',
};

/** The fixed texts of a post-mortem. */
export const postMortemWords: Readonly<Record<'en' | 'ru', PostMortemWords>> = { en, ru };
