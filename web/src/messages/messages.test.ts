import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { en } from './en.ts';
import { type Entry, filled } from './entry.ts';
import { ru } from './ru.ts';

const keys = Object.keys(en) as (keyof typeof en)[];
const formsOf = (entry: Entry): readonly string[] => (typeof entry === 'string' ? [entry] : Object.values(entry));
const holesOf = (entry: Entry): ReadonlySet<string> => new Set(formsOf(entry).flatMap((text) => text.match(/\{\w+\}/g) ?? []));

test('both languages have the same keys', () => assert.deepEqual(Object.keys(ru).sort(), [...keys].sort()));

test('no two areas have a text of the same key', async () => {
  for (const language of ['en', 'ru']) {
    const files = readdirSync(join(import.meta.dirname, language));
    assert.ok(files.length > 3);
    const areas: Record<string, object>[] = await Promise.all(files.map((file) => import(`./${language}/${file}`)));
    const all = areas.flatMap((area) => Object.values(area).flatMap(Object.keys));
    assert.deepEqual(all.toSorted(), [...keys].sort(), language);
  }
});

test('no text is empty', () => {
  for (const key of keys) for (const text of [...formsOf(en[key]), ...formsOf(ru[key])]) assert.notEqual(text.trim(), '', key);
});

test('both languages put the same values in', () => {
  for (const key of keys) assert.deepEqual(holesOf(ru[key]), holesOf(en[key]), key);
});

test('what is counted in English is counted in Russian', () => {
  for (const key of keys) assert.equal(typeof ru[key], typeof en[key], key);
});

test('Russian says every plural in its own form', () => {
  const plural = new Intl.PluralRules('ru');
  const number = new Intl.NumberFormat('ru-RU');
  const said = [0, 1, 2, 5, 11, 21, 22, 1.5].map((n) => filled(ru['overview.services'], { n }, plural, number));
  assert.deepEqual(said, [
    '0 сервисов',
    '1 сервис',
    '2 сервиса',
    '5 сервисов',
    '11 сервисов',
    '21 сервис',
    '22 сервиса',
    '1,5 сервиса',
  ]);
});

const root = join(import.meta.dirname, '..');
const components = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'));

/** Words between tags, and words in attributes that people read or hear. */
const hardCoded = [
  />\s*([^<>{}=;()]*\p{L}{2,}[^<>{}=;()]*)\s*<\//gu,
  /\b(?:aria-label|title|placeholder|alt|label)="([^"]*\p{L}{2,}[^"]*)"/gu,
];

test('no component has a text of its own', () => {
  assert.ok(components.length > 10);
  for (const file of components) {
    const source = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    for (const pattern of hardCoded)
      for (const [, text] of source.matchAll(pattern)) assert.fail(`${file} says ${JSON.stringify(text)}; move it to messages/`);
  }
});
