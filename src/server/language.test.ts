import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Language } from '../analysis/sentence.ts';
import { negotiated } from './language.ts';

const cases: readonly [header: string | undefined, language: Language][] = [
  [undefined, 'en'],
  ['', 'en'],
  ['ru', 'ru'],
  ['RU', 'ru'],
  ['ru-RU', 'ru'],
  ['rus', 'en'],
  ['ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7', 'ru'],
  ['en-GB, ru', 'en'],
  ['ru, en', 'ru'],
  ['en;q=0.5, ru;q=0.8', 'ru'],
  ['en ; q=0.5 , ru ; q=0.8', 'ru'],
  ['de, fr;q=0.9', 'en'],
  ['de, ru;q=0.1', 'ru'],
  ['*', 'en'],
  ['ru;q=0.5, *', 'en'],
  ['*;q=0.1, ru', 'ru'],
  ['en;q=0, *', 'ru'],
  ['ru;q=0', 'en'],
  ['ru;q=0.000, en;q=0', 'en'],
  ['ru;q=2', 'en'],
  ['ru;q=', 'en'],
  ['<script>, ;;;, ru', 'ru'],
  [`${'de,'.repeat(40)}ru`, 'en'],
];
for (const [header, language] of cases)
  test(`Accept-Language ${JSON.stringify(header?.slice(0, 60))} is answered in ${language}`, () =>
    assert.equal(negotiated(header), language));
