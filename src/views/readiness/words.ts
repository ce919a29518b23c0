import type { Change } from '../../readiness/compare.ts';
import type { ItemStatus, ReadinessVerdict } from '../../readiness/types.ts';
import { russianCount } from '../../readiness/wording.ts';
import type { Severity } from '../../spec/checklist-types.ts';
import type { ReportLanguage } from './report-input.ts';

/** The fixed texts of a report in one language. */
export type ReportWords = {
  readonly report: string;
  readonly verdict: string;
  readonly verdicts: Readonly<Record<ReadinessVerdict, string>>;
  readonly statuses: Readonly<Record<ItemStatus, string>>;
  readonly severities: Readonly<Record<Severity, string>>;
  readonly changes: Readonly<Record<Change['kind'], string>>;
  readonly service: string;
  readonly version: string;
  readonly noVersion: string;
  readonly checklist: string;
  readonly moment: string;
  readonly score: string;
  readonly noScore: string;
  readonly formula: string;
  readonly summary: string;
  readonly phases: string;
  readonly phase: string;
  readonly item: string;
  readonly items: string;
  readonly role: string;
  readonly status: string;
  readonly blockers: string;
  readonly noBlockers: string;
  readonly risks: string;
  readonly toDo: string;
  readonly now: string;
  readonly later: string;
  readonly nothing: string;
  readonly details: string;
  readonly lookedAt: string;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
  readonly figures: string;
  readonly checked: string;
  readonly evidence: string;
  readonly confirmed: string;
  readonly asks: string;
  readonly exempt: string;
  readonly expires: string;
  readonly signOffs: string;
  readonly noSignOffs: string;
  readonly by: string;
  readonly comment: string;
  readonly missing: string;
  readonly comparison: string;
  readonly before: string;
  readonly after: string;
  readonly change: string;
  readonly figure: string;
  readonly noChange: string;
  readonly hash: string;
  /** Of items: 2 passed, 1 does not apply. */
  counted(status: ItemStatus, count: number): string;
  until(moment: string): string;
  stoppedBy(phases: string): string;
  signed(count: number, of: number, missing: string): string;
  compared(before: string, after: string, since: string, better: number, worse: number): string;
  tookMs(ms: string): string;
};

const en: ReportWords = {
  report: 'Readiness report',
  verdict: 'Verdict',
  verdicts: { ready: 'Ready', 'ready-with-risks': 'Ready with risks', 'not-ready': 'Not ready' },
  statuses: {
    pass: 'passed',
    warn: 'warned',
    fail: 'failed',
    unproven: 'unproven',
    skipped: 'does not apply',
    exempt: 'exempt',
  },
  severities: { blocker: 'blocker', warning: 'warning' },
  changes: { better: 'better', worse: 'worse', new: 'new', gone: 'gone' },
  service: 'Service',
  version: 'Version',
  noVersion: 'none named',
  checklist: 'Checklist',
  moment: 'As of',
  score: 'Score',
  noScore: 'no score',
  formula: 'How the score comes about',
  summary: 'Summary',
  phases: 'Components',
  phase: 'Component',
  item: 'Item',
  items: 'Items',
  role: 'Role',
  status: 'Status',
  blockers: 'Blockers',
  noBlockers: 'No blocker is open',
  risks: 'Risks',
  toDo: 'What to do',
  now: 'Now, before the release',
  later: 'Later',
  nothing: 'Nothing',
  details: 'All items with their evidence',
  lookedAt: 'Looked at',
  found: 'Found',
  expected: 'Expected',
  fix: 'To do',
  figures: 'Figures',
  checked: 'Checked',
  evidence: 'Evidence',
  confirmed: 'Confirmed',
  asks: 'Has to be confirmed',
  exempt: 'Exempt',
  expires: 'Holds until',
  signOffs: 'Sign-offs',
  noSignOffs: 'Nobody has to sign',
  by: 'By',
  comment: 'Comment',
  missing: 'not signed',
  comparison: 'Since the report before',
  before: 'Before',
  after: 'Now',
  change: 'Change',
  figure: 'Figure',
  noChange: 'No item has changed',
  hash: 'Hash of this report (SHA-256)',
  counted: (status, count) => `${count} ${status === 'skipped' && count !== 1 ? 'do not apply' : en.statuses[status]}`,
  until: (moment) => `The first proof ends at ${moment}`,
  stoppedBy: (phases) => `Stopped by: ${phases}`,
  signed: (count, of, missing) => `Signed by ${count} of ${of}${missing === '' ? '' : `; not yet by ${missing}`}`,
  compared: (before, after, since, better, worse) =>
    `Score ${before} → ${after} since ${since}: ${better} ${better === 1 ? 'item' : 'items'} better, ${worse} worse`,
  tookMs: (ms) => `took ${ms} ms`,
};

const ru: ReportWords = {
  report: 'Отчёт о готовности',
  verdict: 'Вердикт',
  verdicts: { ready: 'Готово', 'ready-with-risks': 'Готово с рисками', 'not-ready': 'Не готово' },
  statuses: {
    pass: 'пройдено',
    warn: 'с замечанием',
    fail: 'провалено',
    unproven: 'не доказано',
    skipped: 'не применимо',
    exempt: 'исключено',
  },
  severities: { blocker: 'блокер', warning: 'предупреждение' },
  changes: { better: 'лучше', worse: 'хуже', new: 'новый', gone: 'убран' },
  service: 'Сервис',
  version: 'Версия',
  noVersion: 'не указана',
  checklist: 'Чек-лист',
  moment: 'На момент',
  score: 'Оценка',
  noScore: 'нет оценки',
  formula: 'Как получена оценка',
  summary: 'Краткий вывод',
  phases: 'Компоненты',
  phase: 'Компонент',
  item: 'Пункт',
  items: 'Пункты',
  role: 'Роль',
  status: 'Статус',
  blockers: 'Блокеры',
  noBlockers: 'Открытых блокеров нет',
  risks: 'Риски',
  toDo: 'Что делать',
  now: 'Сейчас, до выпуска',
  later: 'Позже',
  nothing: 'Ничего',
  details: 'Все пункты с доказательствами',
  lookedAt: 'Где проверено',
  found: 'Обнаружено',
  expected: 'Ожидалось',
  fix: 'Что сделать',
  figures: 'Показатели',
  checked: 'Когда проверено',
  evidence: 'Доказательства',
  confirmed: 'Подтверждение',
  asks: 'Нужно подтвердить',
  exempt: 'Исключение',
  expires: 'Действует до',
  signOffs: 'Подписи',
  noSignOffs: 'Подписи не требуются',
  by: 'Кто',
  comment: 'Комментарий',
  missing: 'не подписано',
  comparison: 'По сравнению с прошлым отчётом',
  before: 'Было',
  after: 'Стало',
  change: 'Изменение',
  figure: 'Показатель',
  noChange: 'Ни один пункт не изменился',
  hash: 'Хеш этого отчёта (SHA-256)',
  counted: (status, count) => `${count} ${ru.statuses[status]}`,
  until: (moment) => `Первое доказательство устареет ${moment}`,
  stoppedBy: (phases) => `Выпуск останавливают: ${phases}`,
  signed: (count, of, missing) => `Подписали ${count} из ${of}${missing === '' ? '' : `; нет подписи: ${missing}`}`,
  compared: (before, after, since, better, worse) =>
    `Оценка ${before} → ${after} с ${since}: ${russianCount(better, 'пункт', 'пункта', 'пунктов')} лучше, ${worse} хуже`,
  tookMs: (ms) => `заняло ${ms} мс`,
};

/** The fixed texts of a report. */
export const reportWords: Readonly<Record<ReportLanguage, ReportWords>> = { en, ru };
