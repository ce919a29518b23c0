import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { stores } from './registry.ts';

test('every folder of this shelf is registered under its name, and nothing else is', () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
  assert.deepEqual(Object.keys(stores).sort(), folders.sort());
});

test('every store tells people what it is for and what its config means', () => {
  for (const [kind, store] of Object.entries(stores)) {
    assert.match(store.purpose, /^[A-Z].*\.$/, kind);
    const { properties } = z.toJSONSchema(store.config, { io: 'input' });
    for (const [key, property] of Object.entries(properties ?? {})) {
      assert(typeof property === 'object' && property.description, `${kind}.${key}`);
    }
  }
});

test('an unknown key in a config is refused', () => {
  assert.equal(stores.memory.config.safeParse({ hashing: true, size: 3 }).success, false);
  assert.equal(stores.sqlite.config.safeParse({ file: 'x', colour: 'red' }).success, false);
  assert.deepEqual(stores.sqlite.config.parse({ file: 'x' }), { file: 'x', busyTimeoutMs: 1_000 });
});
