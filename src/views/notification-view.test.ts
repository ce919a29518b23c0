import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noSetupState } from '../incidents/setup.ts';
import { messageOf, Stage } from '../notifications/outbox.fixture.ts';
import { receiverViews } from './notification-view.ts';

test('a receiver is paused until the moment that it has named, and not after it', () => {
  const stage = new Stage();
  stage.queue(messageOf('a', 'trigger'));
  stage.turn();
  stage.answer('chat a/trigger/1', { kind: 'retry', afterMs: 5_000, said: 'it answers 429' });
  const setup = { ...noSetupState, current: new Map([['chat', 1]]) };
  const pausedAt = (nowMs: number) => receiverViews(setup, stage.state, nowMs).map(({ pausedUntilMs }) => pausedUntilMs);
  assert.deepEqual(pausedAt(stage.nowMs), [stage.nowMs + 5_000]);
  assert.deepEqual(pausedAt(stage.nowMs + 5_000), [null]);
});
