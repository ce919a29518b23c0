import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Story } from '../release/story.fixture.ts';
import { lookText } from './runbook-look.ts';

test('how many releases have ended is counted, also where not all of them are shown', () => {
  const story = new Story().release();
  for (let i = 0; i < 3; i += 1) story.confirm().seconds(11);
  story.confirm().retire();
  const [release] = story.state.ended;
  assert(release);
  const looked = (count: number) => {
    const state = { ...story.state, live: null, ended: Array.from({ length: count }, () => release) };
    return lookText('releases', { state, signals: null, gauges: [], alerts: [], nowMs: story.at + 1_000 });
  };
  assert.deepEqual(looked(1).said, { en: '1 ended in the last 24 h', ru: 'завершились за последние 24 ч: 1' });
  const many = looked(12);
  assert.equal(many.lines.length, 5);
  assert.deepEqual(many.said, {
    en: '12 ended in the last 24 h; the last 5 are shown',
    ru: 'завершились за последние 24 ч: 12; показаны последние 5',
  });
});
