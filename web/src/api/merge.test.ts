import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withEntry, withHappening, withNewAnswer, withNewer, withSeries } from './merge.ts';
import type { Mark, Series, SeriesPoint, TimelineEvent } from './schema.ts';
import type { StreamEntry } from './types.ts';

const event = (seq: number): TimelineEvent => ({
  seq,
  at: seq,
  kind: 'woke',
  actor: 'a',
  hash: '',
  said: `s${seq}`,
  state: null,
});
const entry = (seq: number): StreamEntry => ({ ...event(seq), release: 'r', service: 's' });
const point = (from: number, second = from, seconds = 1): SeriesPoint => ({
  from,
  second,
  seconds,
  weight: 5,
  step: 1,
  candidate: null,
  stable: null,
  verdict: 'undecided',
  sentence: '',
  metrics: [],
});
const mark = (second: number): Mark => ({ second, weight: 5, step: 1, kind: 'step' });
const series = (points: readonly SeriesPoint[], marks: readonly Mark[] = []): Series => ({
  release: 'r',
  service: 's',
  version: '2',
  stable: '1',
  policy: { errors: { worseByPpm: 1, maxPpm: 1 }, latency: [], minRequests: 1 },
  recorded: null,
  recordedByGuard: false,
  abort: null,
  seconds: points.length,
  candidateRequests: 0,
  failedRequests: 0,
  differences: [],
  every: 1,
  after: 0,
  complete: true,
  points,
  marks,
});
const seqs = (events: readonly TimelineEvent[] | undefined) => events?.map(({ seq }) => seq);

test('a record that comes twice is there once, and stands at its place', () => {
  const once = withEntry([event(1), event(5)], entry(3));
  assert.deepEqual(seqs(once), [1, 3, 5]);
  assert.equal(withEntry(once, entry(3)), once);
});

test('a line of the timeline of an incident comes to its place, once', () => {
  const line = { ...entry(3), release: null, service: null, incident: 'i' };
  const happened = withHappening([{ seq: 5, at: 5, kind: 'k', actor: 'a', hash: '', said: 's5' }], line);
  assert.deepEqual(
    happened?.map(({ seq, said }) => [seq, said]),
    [
      [3, 's3'],
      [5, 's5'],
    ],
  );
  assert.equal(withHappening(happened, line), happened);
});

test('a record of a timeline that nobody has asked for is let go', () => assert.equal(withEntry(undefined, entry(1)), undefined));

test('an answer keeps what the stream has brought meanwhile', () => {
  assert.deepEqual(seqs(withNewer([event(1), event(2)], [event(2), event(3)])), [1, 2, 3]);
  assert.deepEqual(seqs(withNewer([event(1)], undefined)), [1]);
});

test('a point whose span was not over is replaced, and never by an older one', () => {
  const merged = withSeries(series([point(10), point(20, 22, 3)]), { points: [point(20, 25, 6), point(30)], marks: [] });
  assert.deepEqual(
    merged?.points.map(({ from, second }) => [from, second]),
    [
      [10, 10],
      [20, 25],
      [30, 30],
    ],
  );
  const older = withSeries(merged, { points: [point(20, 21, 2)], marks: [] });
  assert.equal(older?.points[1]?.second, 25);
});

test('a mark that comes twice is there once', () => {
  const merged = withSeries(series([], [mark(1)]), { points: [], marks: [mark(1), mark(2)] });
  assert.deepEqual(
    merged?.marks.map(({ second }) => second),
    [1, 2],
  );
});

test('an hour of seconds is kept', () => {
  const many = Array.from({ length: 4_000 }, (_, index) => point(index));
  const merged = withSeries(series([]), { points: many, marks: [] });
  assert.equal(merged?.points.length, 3_600);
  assert.equal(merged?.points[0]?.from, 400);
});

test('an answer about the newest part keeps what was there before it', () => {
  const kept = series([point(1), point(2), point(3)], [mark(1)]);
  const answer = { ...series([point(3, 3), point(4)], [mark(4)]), after: 2, seconds: 4, candidateRequests: 40 };
  const merged = withNewAnswer(kept, answer);
  assert.deepEqual(
    merged.points.map(({ from }) => from),
    [1, 2, 3, 4],
  );
  assert.deepEqual(
    merged.marks.map(({ second }) => second),
    [1, 4],
  );
  assert.deepEqual([merged.seconds, merged.candidateRequests, merged.complete], [4, 40, true]);
});
