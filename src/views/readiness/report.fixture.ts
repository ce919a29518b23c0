import { askedOf } from '../../readiness/asked.ts';
import { compareReports } from '../../readiness/compare.ts';
import { judgeReadiness, type Known } from '../../readiness/judge.ts';
import type { ResolvedChecklist, ResolvedItem } from '../../readiness/resolved.ts';
import type { ItemResult } from '../../readiness/types.ts';
import type { Text } from '../../spec/text.ts';
import type { ReportInput } from './report-input.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 10, 28, 22, 10);
const check = { kind: 'command', config: {}, written: {}, timeoutMs: null };
const claim = { text: null, role: 'devops', evidence: 'required' as const, validForMs: 90 * dayMs, instead: false };

function item(id: string, en: string, ru: string, more: Partial<ResolvedItem> = {}): ResolvedItem {
  return {
    id,
    title: { en, ru },
    role: 'development',
    severity: 'blocker',
    applies: true,
    check,
    missing: null,
    confirm: null,
    validForMs: dayMs,
    needs: [],
    fix: null,
    ...more,
  };
}

const checklist: ResolvedChecklist = {
  name: 'production',
  title: { en: 'Production deployment', ru: 'Выпуск в production' },
  signOffs: [],
  phases: [
    {
      id: 'code',
      title: { en: 'Code quality and security', ru: 'Качество кода и безопасность' },
      items: [
        item('code.tests', 'All tests pass', 'Все тесты проходят'),
        item('code.coverage', 'More than 80 % of the code is covered', 'Покрытие тестами больше 80 %', { severity: 'warning' }),
        item('code.secrets', 'There are no secrets in the code', 'В коде нет секретов', { role: 'security' }),
      ],
    },
    {
      id: 'infrastructure',
      title: { en: 'Infrastructure', ru: 'Инфраструктура' },
      items: [
        item('infrastructure.backups', 'Backups are restored on trial', 'Восстановление из бэкапа проверено', {
          role: 'devops',
          check: null,
          confirm: claim,
        }),
        item('infrastructure.tls', 'The certificate is valid', 'Сертификат действителен', {
          role: 'devops',
          check: null,
          missing: { parameters: ['tlsHost'], problems: [] },
        }),
        item('infrastructure.dns', 'The name points to the balancer', 'DNS указывает на балансировщик', { role: 'devops' }),
        item('infrastructure.hpa', 'Pods are scaled by load', 'Автомасштабирование подов настроено', {
          role: 'devops',
          applies: { not: 'kubernetes' },
        }),
      ],
    },
    {
      id: 'documentation',
      title: { en: 'Documentation', ru: 'Документация' },
      items: [
        item('documentation.changelog', 'The change log has this version', 'CHANGELOG.md обновлён', { severity: 'warning' }),
      ],
    },
  ],
};

type Found = { readonly status: ItemResult['status']; readonly found: Text; readonly fix?: Text } & Partial<ItemResult>;

function result(of: string, { status, found, fix, ...more }: Found): ItemResult {
  return {
    item: of,
    kind: 'command',
    asked: askedOf(check),
    startedMs: nowMs - 60_000,
    tookMs: 1_234,
    status,
    lookedAt: 'npm test',
    found,
    expected: { en: 'it ends with 0', ru: 'код выхода 0' },
    fix: fix ?? null,
    evidence: [],
    figures: {},
    ...more,
  };
}

/** Texts as an attacker would choose them. */
export const hostile = `<img src=x onerror=alert(1)> & "quoted" \u001b[31mred\u001b[0m \u202etxt | *a* \`b\` ]]>`;

const weekAgoMs = nowMs - 7 * dayMs;
const startedMs = weekAgoMs - 60_000;

const before: Known = {
  results: [
    result('code.tests', {
      startedMs,
      status: 'pass',
      found: { en: '120 tests passed', ru: 'пройдено 120 тестов' },
      figures: { tests: 120 },
    }),
    result('code.coverage', {
      startedMs,
      status: 'fail',
      found: { en: '71 % is covered', ru: 'покрыто 71 %' },
      fix: 'x',
      figures: { covered: 71 },
    }),
    result('code.secrets', { startedMs, status: 'fail', found: { en: '1 secret', ru: '1 секрет' }, fix: 'x' }),
  ],
  confirmations: [],
  exemptions: [],
};

const known: Known = {
  results: [
    result('code.tests', {
      status: 'fail',
      found: { en: '3 of 120 tests failed', ru: 'провалено 3 теста из 120' },
      fix: { en: 'mend what the tests found', ru: 'исправьте то, что нашли тесты' },
      evidence: ['not ok 17 - a cart without a price', hostile],
      figures: { tests: 120, failed: 3 },
    }),
    result('code.coverage', {
      status: 'warn',
      found: { en: '80.1 % is covered', ru: 'покрыто 80,1 %' },
      fix: { en: 'test what is not tested', ru: 'покройте тестами остальное' },
      figures: { covered: 80.1234 },
    }),
    result('code.secrets', { status: 'pass', found: { en: 'no secret in 1,204 files', ru: 'секретов нет, файлов 1204' } }),
    result('infrastructure.dns', { status: 'fail', found: { en: 'it points elsewhere', ru: 'указывает не туда' }, fix: 'DNS' }),
  ],
  confirmations: [
    {
      item: 'infrastructure.backups',
      by: 'anna',
      comment: hostile,
      evidence: { kind: 'link', url: 'https://wiki.example.com/restore?run=7&ok=1' },
      atMs: nowMs - dayMs,
      untilMs: nowMs + 89 * dayMs,
    },
  ],
  exemptions: [
    {
      item: 'infrastructure.dns',
      by: 'boris',
      reason: 'the old name stays until May',
      atMs: nowMs - dayMs,
      untilMs: nowMs + 30 * dayMs,
    },
  ],
};

const of = { service: 'shop', version: '1.4.0' };
const report = judgeReadiness(checklist, of, known, nowMs);
const hash = 'a1b2c3d4'.repeat(8);

/** A report that is not ready, with something of everything in it. */
export const notReady: ReportInput = {
  report,
  hash,
  signOffs: [{ role: 'development', by: 'anna', comment: 'seen', atMs: nowMs + 60_000, hash }],
  roles: [
    { role: 'security', title: { en: 'Head of security', ru: 'Руководитель безопасности' }, by: null },
    { role: 'development', title: { en: 'Head of development', ru: 'Руководитель разработки' }, by: null },
    { role: 'product', title: 'Product owner', by: null },
    { role: 'our-team', title: 'our-team', by: null },
  ],
  unsigned: ['security', 'product', 'our-team'],
  comparison: compareReports(judgeReadiness(checklist, of, before, weekAgoMs), report),
};

/** A report in which nothing is left to do. */
export const ready: ReportInput = {
  report: judgeReadiness(
    {
      ...checklist,
      phases: checklist.phases.slice(2),
    },
    { service: 'shop', version: null },
    { ...known, results: [result('documentation.changelog', { status: 'pass', found: 'CHANGELOG.md: 1.4.0' })] },
    nowMs,
  ),
  hash,
  roles: [],
  signOffs: [],
  unsigned: [],
  comparison: null,
};
