import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ended, firing, Story } from '../../incidents/story.fixture.ts';
import { textIn } from '../../spec/text.ts';
import { type LoggedIncident, type LoggedRelease, timelineOf } from './timeline.ts';

/** Events as the log numbers them. */
function logged(story: Story): readonly LoggedIncident[] {
  return story.records.map((record, index): LoggedIncident => ({ ...record, seq: 10 + index }));
}

test('every event of an incident is a row in both languages, by time, with those of its release between', () => {
  const story = new Story();
  const alert = firing('availability', { pendingAtMs: story.atMs });
  story.alerts(alert);
  story.pass(60_000);
  story.ask({ kind: 'acknowledge', forMs: 1_800_000 });
  story.ask({ kind: 'note', note: 'n1', text: 'the pool is full' });
  story.pass(60_000);
  story.alerts(ended(alert, story.atMs));
  const records = logged(story);
  const release: LoggedRelease = { seq: 5, at: records[0]?.at ?? 0, kind: 'verb', actor: 'boris', said: 'paused by boris' };
  const { entries, leftOut } = timelineOf(
    records,
    [release, { ...release, seq: 6, said: null }],
    (seq) => `https://logs.example.com/${seq}`,
  );
  assert.equal(leftOut, 0);
  assert.equal(entries.length, records.length + 1);
  assert.deepEqual([entries[0]?.who, entries[0] && textIn(entries[0].text, 'ru')], ['boris', 'приостановил(а) boris']);
  for (const { text, kind } of entries)
    if (kind !== 'incident-noted') assert.notEqual(textIn(text, 'en'), textIn(text, 'ru'), kind);
  const note = entries.find(({ isNote }) => isNote);
  assert.deepEqual([note?.text, note?.who], ['the pool is full', 'anna']);
  assert.deepEqual(
    entries.map(({ atMs }) => atMs),
    entries.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
  );
  assert.equal(entries.at(-1)?.url, `https://logs.example.com/${entries.at(-1)?.seq}`);
});

test('a timeline of a storm is bounded, and says how much it leaves out', () => {
  const release: LoggedRelease = { seq: 1, at: 0, kind: 'woke', actor: 'guard', said: 'paused by anna' };
  const many = Array.from({ length: 5_000 }, (_, index) => ({ ...release, seq: index + 1, at: index }));
  const { entries, leftOut } = timelineOf([], many, () => null);
  assert.equal(entries.length + leftOut, 5_000);
  assert.deepEqual([entries[0]?.seq, entries.at(-1)?.seq], [1, 5_000]);
});
