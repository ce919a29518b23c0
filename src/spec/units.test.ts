import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationMs, durationText, percentPpm, percentText, ratePerSecond, sizeBytes } from './unit-text.ts';
import { duration, listenAddress, percent, rate, size } from './units.ts';

const durations: readonly [string, number | undefined][] = [
  ['500ms', 500],
  ['10s', 10_000],
  ['1h30m', 5_400_000],
  ['30d', 2_592_000_000],
  ['1w', 604_800_000],
  ['0s', 0],
  ['10', undefined],
  ['', undefined],
  ['-1s', undefined],
  ['1.5h', undefined],
  ['10 s', undefined],
  ['1S', undefined],
  ['99999999999999999d', undefined],
];
for (const [text, want] of durations) test(`the duration "${text}" is ${want}`, () => assert.equal(durationMs(text), want));

const percentages: readonly [string, number | undefined][] = [
  ['10%', 100_000],
  ['99.9%', 999_000],
  ['0.0001%', 1],
  ['0.00001%', undefined],
  ['10', undefined],
  ['.5%', undefined],
  ['-1%', undefined],
  ['1e2%', undefined],
];
for (const [text, want] of percentages)
  test(`the percentage "${text}" is ${want} ppm`, () => assert.equal(percentPpm(text), want));

test('a size is read in bytes', () => {
  assert.equal(sizeBytes('64KiB'), 65_536);
  assert.equal(sizeBytes('1MB'), undefined);
});

test('a rate is read in events per second', () => {
  assert.deepEqual(['1000/s', '0.5/s', '90/m', '1000', '/s', '1/h'].map(ratePerSecond), [
    1_000,
    0.5,
    1.5,
    undefined,
    undefined,
    undefined,
  ]);
});

test('every duration that is written is read back as the same', () => {
  fc.assert(fc.property(fc.nat({ max: 2 ** 43 }), (ms) => assert.equal(durationMs(durationText(ms)), ms)));
});

test('every percentage that is written is read back as the same', () => {
  fc.assert(fc.property(fc.nat({ max: 1_000_000_000 }), (ppm) => assert.equal(percentPpm(percentText(ppm)), ppm)));
});

const refused: readonly [name: string, message: string | undefined, want: string][] = [
  ['a number', messageOf(duration().safeParse(10)), 'expected a duration such as 30s, found 10'],
  ['another unit', messageOf(duration().safeParse('10 sec')), 'expected a duration such as 30s, found "10 sec"'],
  ['less than nothing', messageOf(duration().safeParse('-10s')), 'expected a duration that is not negative, found "-10s"'],
  ['too little', messageOf(duration({ minMs: 1_000 }).safeParse('10ms')), 'expected a duration from 1s to 366d, found 10ms'],
  ['too much', messageOf(percent().safeParse('101%')), 'expected a percentage from 0% to 100%, found 101%'],
  ['a fraction', messageOf(percent({ example: '99.9%' }).safeParse(0.999)), 'expected a percentage such as 99.9%, found 0.999'],
  ['no size', messageOf(size().safeParse('1M')), 'expected a size such as 1MiB, found "1M"'],
  ['no rate', messageOf(rate({ min: 1, max: 9 }).safeParse(1000)), 'expected a rate such as 1000/s, found 1000'],
  ['too many a second', messageOf(rate({ min: 1, max: 9 }).safeParse('10/s')), 'expected a rate from 1/s to 9/s, found 10/s'],
  ['no port', messageOf(listenAddress().safeParse('::')), 'expected HOST:PORT such as 127.0.0.1:8080, found "::"'],
  ['a port alone', messageOf(listenAddress().safeParse(8080)), 'expected HOST:PORT such as 127.0.0.1:8080, found 8080'],
  [
    'a port too high',
    messageOf(listenAddress().safeParse('a:65536')),
    'expected HOST:PORT such as 127.0.0.1:8080, found "a:65536"',
  ],
];
for (const [name, message, want] of refused) test(`refused in words: ${name}`, () => assert.equal(message, want));

test('an address of IPv6 loses its brackets', () => {
  assert.deepEqual(listenAddress().parse('[::1]:80'), { host: '::1', port: 80 });
});

function messageOf(result: { error?: { issues: readonly { message: string }[] } | undefined }): string | undefined {
  return result.error?.issues[0]?.message;
}
