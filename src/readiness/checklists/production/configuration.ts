import { inVault } from '../common.ts';
import { instead, item, optional, param, phase, proven } from '../words.ts';

/** Phase 2 of the checklist: configuration. */
export const configuration = phase('configuration', 'Configuration', 'Конфигурация', [
  item('database-url', 'DATABASE_URL leads to the production database', 'DATABASE_URL указывает на рабочую базу данных', {
    if: 'postgres != false',
    check: {
      environment: {
        from: optional('environment'),
        variables: { DATABASE_URL: { secret: false, pattern: '^postgres(ql)?://' } },
      },
    },
  }),
  item('redis-url', 'REDIS_URL leads to the production Redis', 'REDIS_URL указывает на рабочий Redis', {
    if: 'redis != false',
    check: {
      environment: { from: optional('environment'), variables: { REDIS_URL: { secret: false, pattern: '^rediss?://' } } },
    },
  }),
  item('secret-key', 'SECRET_KEY is strong and random', 'SECRET_KEY сильный и случайный', {
    role: 'security',
    check: { environment: { from: optional('environment'), variables: { SECRET_KEY: { strong: true } } } },
  }),
  item('llm-keys', 'Keys of language models are set', 'Ключи языковых моделей заданы', {
    if: 'llmKeys',
    check: { environment: { from: optional('environment'), present: param('llmKeys') } },
  }),
  item('smtp', 'Variables of e-mail (SMTP_*) are set', 'Переменные почты (SMTP_*) заданы', {
    if: 'smtp != false',
    check: { environment: { from: optional('environment'), present: param('smtpVariables') } },
  }),
  item('s3', 'Variables of file storage (S3_*) are set', 'Переменные хранилища файлов (S3_*) заданы', {
    if: 's3 != false',
    check: { environment: { from: optional('environment'), present: param('s3Variables') } },
  }),
  item('vault-database', 'Credentials of the database are kept in a vault', 'Учётные данные базы данных хранятся в Vault', {
    role: 'security',
    if: 'postgres != false',
    check: inVault('vaultDatabasePath'),
    confirm: instead('90d'),
  }),
  item('vault-api-keys', 'API keys are kept in a vault', 'Ключи API хранятся в Vault', {
    role: 'security',
    check: inVault('vaultApiKeysPath'),
    confirm: instead('90d'),
  }),
  item('vault-jwt', 'Keys that sign JWTs are kept in a vault', 'Ключи подписи JWT хранятся в Vault', {
    role: 'security',
    if: 'jwt != false',
    check: inVault('vaultJwtPath'),
    confirm: instead('90d'),
  }),
  item('vault-oauth', 'Secrets of OAuth 2 clients are kept in a vault', 'Секреты клиентов OAuth 2 хранятся в Vault', {
    role: 'security',
    if: 'oauth != false',
    check: inVault('vaultOauthPath'),
    confirm: instead('90d'),
  }),
  item('feature-flags', 'Experimental features are switched off', 'Экспериментальные функции выключены', {
    role: 'product',
    if: 'flags != false',
    check: { flags: param('flags') },
    confirm: instead('7d'),
  }),
  item('rate-limit-minute', 'A user is limited per minute', 'Запросы пользователя ограничены в минуту', {
    role: 'security',
    check: { 'rate-limit': param('rateLimit') },
    validFor: '7d',
    confirm: instead('90d'),
  }),
  item('rate-limit-hour', 'A user is limited per hour', 'Запросы пользователя ограничены в час', {
    role: 'security',
    severity: 'warning',
    confirm: proven('90d'),
  }),
]);
