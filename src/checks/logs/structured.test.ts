import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogsConfig } from './schema.ts';
import { structuredLines } from './structured.ts';

const { config } = LogsConfig.parse({ lines: { file: 'x' } });
const fields = config as { time: string[]; level: string[]; message: string[] };

test('the usual loggers write lines with time, level and message', () => {
  const lines = [
    '{"level":30,"time":1764352800000,"pid":1,"hostname":"h","msg":"pino"}',
    '{"level":"info","message":"winston","timestamp":"2026-11-28 10:00:00"}',
    '{"time":"2026-11-28T10:00:00.123456789Z","level":"INFO","msg":"slog"}',
    '{"level":"info","ts":1764352800.123,"caller":"a.go:1","msg":"zap"}',
    '{"@timestamp":"2026-11-28T10:00:00.123Z","log.level":"INFO","message":"ECS","ecs":{"version":"1.2.0"}}',
    '{"@timestamp":"2026-11-28T10:00:00.123Z","log":{"level":"INFO"},"message":"ECS, nested"}',
    '{"timestamp":"2026-11-28T10:00:00,123","severity":"ERROR","message":"python-json-logger"}',
  ];
  assert.deepEqual(structuredLines(lines, fields).good, lines.length);
});

test('secrets are found by their form and by the names of fields, and what is masked is none', () => {
  const leaks: readonly (readonly [line: string, what: RegExp])[] = [
    ['{"msg":"login","Authorization":"Basic c2hvcDpodW50ZXIy"}', /field Authorization/],
    ['{"msg":"login","user":{"apiKey":"b7f2d1"}}', /field apiKey/],
    ['connecting to postgres://shop:hunter2@db/shop', /password in an address/],
    ['-----BEGIN RSA PRIVATE KEY-----', /private key/],
    [`{"msg":"sent","header":"Bearer ${'a1'.repeat(12)}"}`, /bearer token/],
    [`uploaded with AKIA${'IOSFODNN7EXAMPLE'}`, /AWS access key/],
  ];
  for (const [line, what] of leaks) {
    const [found] = structuredLines([line], fields).secrets;
    assert.match(found?.what ?? '', what, line);
  }
  const clean = [
    '{"msg":"login","password":"***"}',
    '{"msg":"login","token":"[REDACTED]"}',
    '{"msg":"cache","key":"user:7","tokens":118}',
    '{"msg":"asked","url":"https://shop.example/a@b"}',
    '{"msg":"connecting","dsn":"postgres://shop:***@db/shop"}',
  ];
  for (const line of clean) assert.deepEqual(structuredLines([line], fields).secrets, [], line);
});
