import type { Language } from '../../analysis/sentence.ts';
import type { ItemStatus, ReadinessVerdict } from '../../readiness/types.ts';

type Words = {
  readonly report: string;
  readonly version: string;
  readonly verdict: Readonly<Record<ReadinessVerdict, string>>;
  readonly status: Readonly<Record<ItemStatus, string>>;
  readonly score: string;
  readonly summary: string;
  readonly components: string;
  readonly phase: string;
  readonly blockers: string;
  readonly risks: string;
  readonly now: string;
  readonly later: string;
  readonly nothing: string;
  readonly evidence: string;
  readonly lookedAt: string;
  readonly expected: string;
  readonly found: string;
  readonly took: string;
  readonly fix: string;
  readonly confirmed: string;
  readonly signOffs: string;
  readonly unsigned: string;
  readonly role: string;
  readonly who: string;
  readonly when: string;
  readonly comment: string;
  readonly before: string;
  readonly after: string;
  readonly change: Readonly<Record<'better' | 'worse' | 'new' | 'gone', string>>;
  readonly figures: string;
  readonly hash: string;
  readonly at: string;
};

/** The fixed words of a report. */
export const words: Readonly<Record<Language, Words>> = {
  en: {
    report: 'Readiness report',
    version: 'version',
    verdict: { ready: 'READY', 'ready-with-risks': 'READY WITH RISKS', 'not-ready': 'NOT READY' },
    status: {
      pass: 'passed',
      warn: 'warning',
      fail: 'failed',
      unproven: 'unproven',
      skipped: 'does not apply',
      exempt: 'exempt',
    },
    score: 'Score',
    summary: 'Summary',
    components: 'Component by component',
    phase: 'Phase',
    blockers: 'Blockers',
    risks: 'Risks',
    now: 'Do now',
    later: 'Do later',
    nothing: 'nothing',
    evidence: 'Evidence',
    lookedAt: 'looked at',
    expected: 'expected',
    found: 'found',
    took: 'took',
    fix: 'to do',
    confirmed: 'confirmed by',
    signOffs: 'Sign-offs',
    unsigned: 'not signed',
    role: 'Role',
    who: 'Who',
    when: 'When',
    comment: 'Comment',
    before: 'before',
    after: 'after',
    change: { better: 'better', worse: 'worse', new: 'new', gone: 'gone' },
    figures: 'Figures that changed',
    hash: 'What is signed (SHA-256)',
    at: 'as of',
  },
  ru: {
    report: 'Отчёт о готовности',
    version: 'версия',
    verdict: { ready: 'ГОТОВО', 'ready-with-risks': 'ГОТОВО С РИСКАМИ', 'not-ready': 'НЕ ГОТОВО' },
    status: {
      pass: 'пройдено',
      warn: 'замечание',
      fail: 'провалено',
      unproven: 'не доказано',
      skipped: 'не применимо',
      exempt: 'исключение',
    },
    score: 'Оценка',
    summary: 'Краткий итог',
    components: 'По компонентам',
    phase: 'Фаза',
    blockers: 'Блокеры',
    risks: 'Риски',
    now: 'Сделать сейчас',
    later: 'Сделать потом',
    nothing: 'ничего',
    evidence: 'Доказательства',
    lookedAt: 'проверено',
    expected: 'ожидалось',
    found: 'обнаружено',
    took: 'заняло',
    fix: 'что сделать',
    confirmed: 'подтвердил',
    signOffs: 'Подписи',
    unsigned: 'не подписано',
    role: 'Роль',
    who: 'Кто',
    when: 'Когда',
    comment: 'Комментарий',
    before: 'до',
    after: 'после',
    change: { better: 'лучше', worse: 'хуже', new: 'новое', gone: 'исчезло' },
    figures: 'Изменившиеся показатели',
    hash: 'Что подписывается (SHA-256)',
    at: 'на момент',
  },
};
