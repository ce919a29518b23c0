import { instead, item, optional, param, phase, proven } from '../words.ts';

const personal = (role: 'product' | 'security' = 'product') => ({ role, if: 'personalData != false', confirm: proven('365d') });

/** Phase 9 of the checklist: compliance and legal. */
export const compliance = phase('compliance', 'Compliance and legal', 'Соответствие и право', [
  item('processing-agreement', 'There is an agreement on data processing', 'Есть соглашение об обработке данных', personal()),
  item('privacy-policy', 'There is a privacy policy', 'Есть политика конфиденциальности', {
    ...personal(),
    check: { http: { url: param('privacyUrl'), tls: optional('trust') } },
    confirm: instead('365d'),
  }),
  item('cookies', 'Users are asked before cookies are set', 'Пользователи соглашаются на cookies', personal()),
  item('erasure', 'Users can have their data erased', 'Пользователь может удалить свои данные', personal()),
  item('residency', 'Data lie in the right region', 'Данные хранятся в правильном регионе', {
    role: 'security',
    confirm: proven('365d'),
  }),
  item('transfer', 'Data cross borders only where they may', 'Трансграничная передача данных законна', {
    role: 'security',
    confirm: proven('365d'),
  }),
  item('licenses', 'All dependencies have licences that fit', 'Лицензии всех зависимостей совместимы', {
    role: 'development',
    check: { licenses: param('licenses') },
    confirm: instead('90d'),
  }),
  item('license', 'There is a LICENSE', 'Есть файл LICENSE', {
    role: 'development',
    check: { document: { path: param('licenseFile') } },
  }),
  item('notices', 'Third parties are named (third-party notices)', 'Есть уведомления о сторонних компонентах', {
    role: 'development',
    severity: 'warning',
    check: { document: { path: param('noticesFile') } },
  }),
]);
