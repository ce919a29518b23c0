import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comingMs, momentMs } from './moment.ts';

const nowMs = Date.UTC(2026, 4, 8);
const good: readonly [text: string, ms: number][] = [
  ['2026-05-01', Date.UTC(2026, 4, 1)],
  ['2026-05-01T17:04', Date.UTC(2026, 4, 1, 17, 4)],
  ['2026-05-01 17:04:05.25Z', Date.UTC(2026, 4, 1, 17, 4, 5, 250)],
  ['2026-05-01T17:04:05+0200', Date.UTC(2026, 4, 1, 15, 4, 5)],
  ['1777655040', 1_777_655_040_000],
  ['7d', Date.UTC(2026, 4, 1)],
  ['100000w', 0],
];
for (const [text, ms] of good) test(`${text} is a moment`, () => assert.equal(momentMs(text, '--after', nowMs), ms));

for (const text of ['', 'yesterday', '2026-13-01', '2026-02-31', '2026-05-01T25:00', '-5', '1e9', '5 d'])
  test(`${JSON.stringify(text)} is none`, () => assert.throws(() => momentMs(text, '--after', nowMs), { code: 'E_INPUT' }));

const coming: readonly [text: string, ms: number][] = [
  ['+2h', nowMs + 7_200_000],
  ['2026-05-09T00:00Z', Date.UTC(2026, 4, 9)],
];
for (const [text, ms] of coming) test(`${text} is to come`, () => assert.equal(comingMs(text, '--at', nowMs), ms));

for (const [text, fix] of [
  ['10m', 'give +10m from now'],
  ['+2026-05-09', 'give 2026-05-01T17:04:00Z, unix seconds, or +2h from now'],
  ['soon', 'give 2026-05-01T17:04:00Z, unix seconds, or +2h from now'],
] as const)
  test(`${text} is not to come`, () => assert.throws(() => comingMs(text, '--at', nowMs), { code: 'E_INPUT', fix }));
