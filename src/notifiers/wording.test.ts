import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, example } from './messages.fixture.ts';
import { headline, momentText, shownFacts } from './wording.ts';

test('a moment is told by the clocks of its reader, and in UTC where nobody knows where they are', () => {
  const ms = Date.UTC(2026, 10, 1, 5, 30, 5);
  assert.equal(momentText(ms), '2026-11-01 05:30:05 UTC');
  assert.equal(momentText(ms, 'America/New_York'), '2026-11-01 01:30:05 America/New_York');
  assert.equal(momentText(ms, 'Asia/Kolkata'), '2026-11-01 11:00:05 Asia/Kolkata');
});

test('a message of a release says what happens with it, and no severity: nobody is paged', () => {
  const release = { id: 'shop-1', version: '2.0.0', stable: '1.0.0', news: 'held', step: 1, steps: 7, isRestore: false } as const;
  for (const event of events) {
    const message = example({ event, title: 'shop 2.0.0 is held', release });
    assert.equal(headline(message), 'shop 2.0.0 is held');
    assert(!shownFacts(message).some(({ label }) => label === 'Severity'));
  }
  assert.equal(headline(example({ event: 'trigger' })), 'P0: errors of checkout are above 5 %');
});
