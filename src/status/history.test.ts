import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyOf } from './history.ts';
import type { ComponentSpan } from './types.ts';

const at = (text: string): number => Date.parse(text);
const span = (text: string, state: ComponentSpan['state']): ComponentSpan => ({ fromMs: at(text), state });

test('ninety days, each with the worst of it and its exact times', () => {
  const { days, uptime } = historyOf(
    {
      createdAtMs: at('2026-11-27T12:00:00Z'),
      spans: [
        span('2026-11-27T12:00:00Z', 'operational'),
        span('2026-11-28T23:50:00Z', 'major_outage'),
        span('2026-11-29T00:10:00Z', 'partial_outage'),
        span('2026-11-29T00:20:00Z', 'operational'),
      ],
    },
    'UTC',
    at('2026-11-29T12:00:00Z'),
  );
  assert.equal(days.length, 90);
  assert.deepEqual(
    days
      .slice(-4)
      .map(({ date, worst, watchedMs, partialMs, majorMs }) => [
        date,
        worst,
        watchedMs / 3_600_000,
        partialMs / 60_000,
        majorMs / 60_000,
      ]),
    [
      ['2026-11-26', null, 0, 0, 0],
      ['2026-11-27', 'operational', 12, 0, 0],
      ['2026-11-28', 'major_outage', 24, 0, 10],
      ['2026-11-29', 'major_outage', 12, 10, 10],
    ],
  );
  assert.equal(uptime, 1 - (20 + 0.3 * 10) / (48 * 60));
});

test('days are those of the page’s time zone, also where one has 23 or 25 hours', () => {
  const { days } = historyOf(
    { createdAtMs: 0, spans: [{ fromMs: 0, state: 'operational' }] },
    'Europe/Berlin',
    at('2026-10-26T11:00:00Z'),
  );
  assert.deepEqual(
    days.slice(-3).map(({ date, fromMs, watchedMs }) => [date, new Date(fromMs).toISOString(), watchedMs / 3_600_000]),
    [
      ['2026-10-24', '2026-10-23T22:00:00.000Z', 24],
      ['2026-10-25', '2026-10-24T22:00:00.000Z', 25],
      ['2026-10-26', '2026-10-25T23:00:00.000Z', 12],
    ],
  );
});
