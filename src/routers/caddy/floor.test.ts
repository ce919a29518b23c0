import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Floor } from './floor.ts';
import type { Mark } from './handler.ts';

const stable = { version: '1', endpoints: [{ host: '127.0.0.1', port: 8080 }] };
const mark = (token: number, seq: number, tokenSeen = token): Mark => ({
  service: 'shop',
  route: { stable, candidate: null, weight: 0, match: [] },
  fence: { token, seq },
  tokenSeen,
  appliedAtMs: 1,
});
const floorOf = (t: TestContext): Floor => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-caddy-floor-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return new Floor(join(folder, 'made/by/it'));
};

test('of two writes at once the later is kept, whichever is noted last', async (t) => {
  const floor = floorOf(t);
  await Promise.all([mark(1, 2), mark(1, 1)].map((each) => floor.raise(each)));
  assert.deepEqual(await floor.read(), mark(1, 2));
  await Promise.all([mark(2, 1), mark(1, 9)].map((each) => floor.raise(each)));
  assert.deepEqual(await floor.read(), mark(2, 1));
});

test('a token that was seen is not forgotten', async (t) => {
  const floor = floorOf(t);
  await floor.raise(mark(1, 1, 5));
  await floor.raise(mark(1, 2));
  assert.deepEqual(await floor.read(), mark(1, 2, 5));
});
