import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { sumOf } from '../../slo/events.ts';
import { CountStore, type NewCell } from './count-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-counts-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const begin = 1_764_352_800;
const stored = (warnings: string[] = [], file = ':memory:') => new CountStore(file, (text) => warnings.push(text));
const slot = (index: number, bad: number, total: number, version = '1.0.0', isLeftOut = false): NewCell => {
  const fromS = begin + index * 10;
  return { objective: 'shop/availability', fromS, toS: fromS + 10, version, isLeftOut, bad, total };
};

test('what is asked for is what was written, whatever the cells, the versions, and what comes late', () => {
  const slots = fc.array(
    fc.record({
      index: fc.integer({ min: 0, max: 640 }),
      total: fc.integer({ min: 0, max: 1_000 }),
      bad: fc.integer({ min: 0, max: 10 }),
      version: fc.constantFrom('1.0.0', '1.1.0', ''),
      isLeftOut: fc.boolean(),
    }),
    { maxLength: 120 },
  );
  fc.assert(
    fc.property(
      slots,
      fc.integer({ min: 0, max: 640 }),
      fc.integer({ min: 1, max: 640 }),
      fc.constantFrom(10, 60, 300, 3_600),
      (all, from, span, cellS) => {
        const store = stored();
        // In their order in the main, as time passes; some come late.
        const inOrder = all.toSorted((a, b) => Math.floor(a.index / 20) - Math.floor(b.index / 20));
        for (let at = 0; at < inOrder.length; at += 7)
          store.write(
            inOrder
              .slice(at, at + 7)
              .map(({ index, bad, total, version, isLeftOut }) => slot(index, Math.min(bad, total), total, version, isLeftOut)),
            [],
          );
        const [fromS, toS] = [begin + from * 10, begin + (from + span) * 10];
        const inside = all
          .filter(({ index }) => index >= from && index < from + span)
          .map(({ bad, total, ...rest }) => ({ ...rest, total, bad: Math.min(bad, total) }));
        const found = store.cells('shop/availability', fromS, toS, cellS);
        for (const [at, cell] of found.entries()) assert.ok(cell.fromS >= (found[at - 1]?.fromS ?? 0), 'oldest first');
        for (const version of ['1.0.0', '1.1.0', ''])
          for (const isLeftOut of [true, false])
            assert.deepEqual(
              sumOf(found.filter((cell) => cell.version === version && cell.isLeftOut === isLeftOut)),
              sumOf(inside.filter((one) => one.version === version && one.isLeftOut === isLeftOut)),
            );
        store.close();
      },
    ),
    { numRuns: 200 },
  );
});

test('what is left out is decided anew in cells of every length', () => {
  const store = stored();
  store.write(
    Array.from({ length: 650 }, (_, index) => slot(index, 1, 10)),
    [],
  );
  const [fromS, toS] = [begin + 95 * 10, begin + 600 * 10];
  const isLeftOut = (atMs: number) => atMs >= fromS * 1_000 && atMs < toS * 1_000;
  store.reclassify('shop/availability', fromS, toS, isLeftOut);
  for (const cellS of [10, 60, 300, 3_600]) {
    const cells = store.cells('shop/availability', begin, begin + 6_500, cellS);
    assert.deepEqual(sumOf(cells.filter((cell) => cell.isLeftOut)), { bad: 505, total: 5_050 }, `${cellS}`);
    assert.deepEqual(sumOf(cells), { bad: 650, total: 6_500 });
  }
  store.reclassify('shop/availability', fromS, toS, () => false);
  assert.deepEqual(sumOf(store.cells('shop/availability', begin, begin + 6_500).filter((cell) => cell.isLeftOut)), sumOf([]));
  store.close();
});

test('short cells are cleared once no window needs them, and hours stay', () => {
  const store = stored();
  store.keep(30 * 86_400_000);
  for (let index = 0; index < 6 * 86_400; index += 360) store.write([slot(index / 10, 0, 1)], []);
  const cells = (cellS: number) => store.cells('shop/availability', begin, begin + 6 * 86_400, cellS).length;
  assert.ok(cells(10) <= 21, `${cells(10)}`);
  assert.equal(sumOf(store.cells('shop/availability', begin, begin + 7 * 86_400, 3_600)).total, 1_440);
  store.close();
});

test('what happened long ago in a short time is found in the cells that are still kept of it', () => {
  const store = stored();
  for (let index = 0; index < 86_400; index += 360) store.write([slot(index / 10, 1, 2)], []);
  const found = store.cells('shop/availability', begin + 3_600, begin + 7_200);
  assert.deepEqual(sumOf(found), { bad: 10, total: 20 });
  assert.ok(
    found.every(({ fromS, toS }) => toS - fromS === 300),
    'slots of then are gone',
  );
  store.close();
});

test('a feed goes on where it was, and a file that is none is begun anew', () => {
  const file = join(folder, 'counts.db');
  const first = stored([], file);
  first.write([slot(0, 0, 5)], [{ feed: 'service/shop', second: begin + 9 }]);
  first.close();
  const second = stored([], file);
  assert.equal(second.mark('service/shop'), begin + 9);
  assert.deepEqual(sumOf(second.cells('shop/availability', begin, begin + 10)), { bad: 0, total: 5 });
  second.close();
  writeFileSync(file, 'this is no database, and longer than the head of one, so that it is read as what it is: text'.repeat(20));
  const third = stored([], file);
  assert.equal(third.mark('service/shop'), 0);
  third.write([slot(0, 0, 5)], []);
  assert.deepEqual(sumOf(third.cells('shop/availability', begin, begin + 10)), { bad: 0, total: 5 });
  third.close();
});

test('where nothing can be written counts live in memory, and that is said', () => {
  const warnings: string[] = [];
  const store = stored(warnings, join(folder, 'nowhere', 'counts.db'));
  store.write([slot(0, 1, 5)], []);
  assert.deepEqual(sumOf(store.cells('shop/availability', begin, begin + 10)), { bad: 1, total: 5 });
  assert.match(warnings[0] ?? '', /^counts of objectives are kept in memory only: /);
  store.close();
});
