import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localDay, localMinute } from './local-minute.ts';

test('a moment in a field is the same one when it is read back, to the minute', () => {
  for (const at of ['2026-03-01T00:00:59', '2026-11-28T18:09:00', '2027-01-01T00:00:30'])
    assert.equal(localMinute(Date.parse(at)), at.slice(0, 16));
});

test('the day of a moment is that of the browser, not that of UTC', () => {
  for (const at of ['2026-03-01T00:00:00', '2026-12-31T23:59:59']) assert.equal(localDay(Date.parse(at)), at.slice(0, 10));
});
