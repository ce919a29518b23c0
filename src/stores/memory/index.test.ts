import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anEvent, eventLogConformance } from '../conformance.ts';
import { memory, openMemoryLog } from './index.ts';

eventLogConformance('memory', { capabilities: memory.capabilities, place: async () => ({ open: async () => openMemoryLog() }) });

test('without hashing the events are the same but for their hash', async () => {
  const [plain, hashed] = [openMemoryLog({ hashing: false }), openMemoryLog()];
  for (const log of [plain, hashed]) {
    await log.append(await log.claim('one'), [
      { stream: 'a', expectedVersion: 0, events: [anEvent(), anEvent({ release: 'r' })] },
    ]);
  }
  const withoutHash = (await hashed.readAll(0, 10)).map((event) => ({ ...event, hash: '' }));
  assert.deepEqual(await plain.readAll(0, 10), withoutHash);
  assert.equal((await plain.verify()).kind, 'intact');
});
