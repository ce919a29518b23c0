import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { notifiers } from './registry.ts';

const here = new URL('.', import.meta.url);
const folders = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

test('every notifier folder is registered under its own name, and nothing else is', () => {
  assert.deepEqual(Object.keys(notifiers).sort(), folders.sort());
});

test('every notifier has a page and a suite', () => {
  for (const folder of folders)
    for (const file of ['README.md', 'schema.ts', 'index.test.ts'])
      assert(existsSync(new URL(`${folder}/${file}`, here)), `${folder}/${file}`);
});
