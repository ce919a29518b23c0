import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localMs, momentOf } from './local-time.ts';

const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

const nights: readonly [zone: string, clock: string, moment: string, note: string][] = [
  ['Europe/Berlin', '2026-03-29T01:59', '2026-03-29T00:59', 'before clocks go forward'],
  ['Europe/Berlin', '2026-03-29T02:00', '2026-03-29T01:00', 'an hour that is not there: its beginning'],
  ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00', 'and its middle'],
  ['Europe/Berlin', '2026-03-29T03:00', '2026-03-29T01:00', 'what clocks show next'],
  ['Europe/Berlin', '2026-03-29T03:01', '2026-03-29T01:01', 'and after it'],
  ['Europe/Berlin', '2026-10-25T02:00', '2026-10-25T00:00', 'an hour that is there twice: its first beginning'],
  ['Europe/Berlin', '2026-10-25T02:59', '2026-10-25T00:59', 'and its first end'],
  ['Europe/Berlin', '2026-10-25T03:00', '2026-10-25T02:00', 'two hours later'],
  ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:00', 'not there'],
  ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30', 'there twice'],
  ['America/New_York', '2026-11-01T02:00', '2026-11-01T07:00', 'after it'],
  ['Australia/Lord_Howe', '2026-04-05T01:30', '2026-04-04T14:30', 'half an hour that is there twice'],
  ['Australia/Lord_Howe', '2026-04-05T02:00', '2026-04-04T15:30', 'after it'],
  ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:30', 'half an hour that is not there'],
  ['Australia/Lord_Howe', '2026-10-04T02:30', '2026-10-03T15:30', 'what clocks show next'],
  ['Asia/Kolkata', '2026-03-29T02:30', '2026-03-28T21:00', 'never changed'],
  ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T10:00', 'a day that was left out'],
  ['UTC', '2026-03-29T02:30', '2026-03-29T02:30', 'the same'],
];
for (const [zone, clock, moment, note] of nights)
  test(`${clock} in ${zone} is ${moment} in UTC: ${note}`, () =>
    assert.equal(iso(momentOf(Date.parse(`${clock}Z`), zone)), moment));

test('a moment is the first one of what clocks show in it or of an earlier one that they show again', () => {
  const from = Date.parse('2026-01-01T00:00Z');
  for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Sao_Paulo'])
    for (let ms = from, reached = 0; ms < from + 365 * 86_400_000; ms += 30 * 60_000) {
      const shown = localMs(ms, zone);
      if (shown > reached) assert.equal(momentOf(shown, zone), ms, `${zone} ${iso(ms)}`);
      else assert(momentOf(shown, zone) < ms, `${zone} ${iso(ms)}`);
      reached = Math.max(reached, shown);
    }
});

test('what clocks show is what the runtime prints', () => {
  for (const zone of ['Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/St_Johns'])
    for (let ms = Date.parse('2026-01-01T00:07Z'); ms < Date.parse('2027-01-01'); ms += 31 * 3_600_000) {
      const printed = new Date(ms).toLocaleString('sv-SE', { timeZone: zone });
      assert.equal(new Date(localMs(ms, zone)).toISOString().slice(0, 19).replace('T', ' '), printed);
    }
});
