import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOf } from './format.ts';

const en = formatOf('en');
const ru = formatOf('ru');
/** Narrow and unbreakable spaces are as good as any. */
const plain = (text: string) => text.replace(/\s/g, ' ');

const durations: readonly [ms: number, en: string, ru: string][] = [
  [0, '0s', '0 с'],
  [-5, '0s', '0 с'],
  [250, '250 ms', '250 мс'],
  [1_000, '1s', '1 с'],
  [65_000, '1m 5s', '1 мин 5 с'],
  [3_600_000, '1h', '1 ч'],
  [90_000_000, '1d 1h', '1 дн. 1 ч'],
];
for (const [ms, english, russian] of durations)
  test(`${ms} ms is ${english}`, () => {
    assert.equal(plain(en.duration(ms)), english);
    assert.match(plain(ru.duration(ms)), new RegExp(russian.replace('дн.', 'д.?н?\\.?')));
  });

test('what is a little ahead, by the way of an answer, is now', () => {
  assert.equal(en.ago(-400), en.ago(0));
  assert.equal(plain(en.ago(125_000)), '2 min ago');
});

test('what is not known is a dash', () => {
  for (const write of [en.number, en.share, en.fineShare, en.ms, en.bytes, en.fine, en.seconds]) assert.equal(write(null), '–');
});

test('bytes are written in the unit that fits', () => {
  assert.equal(plain(en.bytes(213_000_000)), '213 MB');
  assert.equal(plain(en.bytes(0)), '0 byte');
});

test('what is little is not nothing', () => {
  assert.equal(plain(en.fineShare(0.000017)), '0.0017%');
  assert.equal(plain(ru.fineShare(0.553_21)), '55,3 %');
});

test('a target keeps every part of a million, and a burn says how many times', () => {
  assert.equal(plain(en.exactShare(0.99995)), '99.995%');
  assert.equal(plain(ru.exactShare(0.999)), '99,9 %');
  assert.equal(plain(en.times(14.4)), '14.4×');
  for (const write of [en.exactShare, en.times]) assert.equal(write(null), '–');
});
