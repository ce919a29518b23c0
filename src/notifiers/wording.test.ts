import assert from 'node:assert/strict';
import { test } from 'node:test';
import { momentText } from './wording.ts';

test('a moment is told by the clocks of its reader, and in UTC where nobody knows where they are', () => {
  const ms = Date.UTC(2026, 10, 1, 5, 30, 5);
  assert.equal(momentText(ms), '2026-11-01 05:30:05 UTC');
  assert.equal(momentText(ms, 'America/New_York'), '2026-11-01 01:30:05 America/New_York');
  assert.equal(momentText(ms, 'Asia/Kolkata'), '2026-11-01 11:00:05 Asia/Kolkata');
});
