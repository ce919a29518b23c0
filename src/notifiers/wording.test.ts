import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, example } from './messages.fixture.ts';
import { headline, shownFacts } from './wording.ts';

test('a message of a release says what happens with it, and no severity: nobody is paged', () => {
  const release = { id: 'shop-1', version: '2.0.0', stable: '1.0.0', news: 'held', step: 1, steps: 7, isRestore: false } as const;
  for (const event of events) {
    const message = example({ event, title: 'shop 2.0.0 is held', release });
    assert.equal(headline(message), 'shop 2.0.0 is held');
    assert(!shownFacts(message).some(({ label }) => label === 'Severity'));
  }
  assert.equal(headline(example({ event: 'trigger' })), 'P0: errors of checkout are above 5 %');
});
