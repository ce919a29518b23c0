import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { targets } from './registry.ts';

test('every target folder is registered under its own name, and nothing else is', () => {
  const folders = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  assert.deepEqual(Object.keys(targets).sort(), folders.sort());
});

test('what a target can be told is explained to editors', () => {
  for (const [kind, target] of Object.entries(targets)) {
    const { properties } = z.toJSONSchema(target.schema, { io: 'input' });
    for (const [key, property] of Object.entries(properties ?? {}))
      assert(typeof property === 'object' && property.description, `${kind}.${key} has no description`);
  }
});
