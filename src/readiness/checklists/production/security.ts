import { inVault } from '../common.ts';
import { instead, item, optional, param, phase, proven } from '../words.ts';

const claim = (validFor = '180d') => ({ role: 'security' as const, confirm: proven(validFor) });

/** Phase 6 of the checklist: security. */
export const security = phase('security', 'Security', 'Безопасность', [
  item('rbac-admins', 'Roles of administrators are set up', 'Роли администраторов настроены', claim()),
  item('rbac-users', 'Roles of users are set up', 'Роли пользователей настроены', claim()),
  item('rbac-service-accounts', 'Programs have accounts of their own', 'Сервисные учётные записи настроены', {
    role: 'security',
    check: { kubernetes: { namespace: param('namespace'), deployment: param('deployment'), expect: { rbac: true } } },
    confirm: instead('180d'),
  }),
  item('rbac-least', 'Nobody may do more than needed', 'Соблюдается принцип наименьших привилегий', claim('90d')),
  item('firewall', 'Rules of the firewall are set up', 'Правила firewall настроены', claim()),
  item('isolation', 'Networks are isolated (VPC, subnets)', 'Сети изолированы (VPC, подсети)', claim()),
  item('security-groups', 'Security groups are set up', 'Security groups настроены', claim()),
  item('ddos', 'There is protection against DDoS', 'Есть защита от DDoS', {
    ...claim(),
    severity: 'warning',
    if: 'website != false',
  }),
  item('cors', 'Other sites may ask only what they should (CORS)', 'CORS настроен правильно', {
    role: 'security',
    if: 'website != false',
    check: { cors: param('cors') },
    confirm: instead('90d'),
  }),
  item('csrf', 'Requests forged by other sites are refused (CSRF)', 'Защита от CSRF включена', {
    role: 'security',
    if: 'website != false',
    check: { csrf: param('csrf') },
    confirm: instead('90d'),
  }),
  item('headers', 'Security headers protect browsers (CSP, HSTS, …)', 'Защитные заголовки настроены (CSP, HSTS, …)', {
    role: 'security',
    if: 'website != false',
    check: { headers: { url: param('baseUrl'), tls: optional('trust') } },
  }),
  item('sql-injection', 'SQL is asked with parameters alone', 'SQL-запросы параметризованы', {
    ...claim('180d'),
    if: 'postgres != false',
  }),
  item('input', 'Input is validated', 'Входные данные проверяются', claim('180d')),
  item('rotation-database', 'Passwords of the database were rotated', 'Пароли базы данных ротированы', {
    role: 'security',
    severity: 'warning',
    if: 'postgres != false',
    check: inVault('vaultDatabasePath', '90d'),
    confirm: instead('90d'),
  }),
  item('rotation-api-keys', 'API keys were rotated', 'Ключи API ротированы', {
    role: 'security',
    severity: 'warning',
    check: inVault('vaultApiKeysPath', '90d'),
    confirm: instead('90d'),
  }),
  item('rotation-jwt', 'Keys that sign JWTs were rotated', 'Ключи подписи JWT ротированы', {
    role: 'security',
    severity: 'warning',
    if: 'jwt != false',
    check: inVault('vaultJwtPath', '90d'),
    confirm: instead('90d'),
  }),
  item('audit-admins', 'What administrators do is logged', 'Действия администраторов записываются', claim()),
  item('audit-events', 'Security events are logged', 'События безопасности записываются', claim()),
  item('audit-tampering', 'Logs cannot be changed afterwards', 'Логи защищены от подделки', claim()),
]);
