import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { noCounts, type Sample } from '../analysis/sample.ts';
import { SignalKeeper } from './signal-keeper.ts';
import { openSignalStore } from './signal-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-signals-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const t0 = 1_700_000_040;
const versions = { stable: '1.0.0', candidate: null };

function samples(from: number, count: number, n: number): readonly Sample[] {
  const stable = n === 0 ? noCounts : { n, errors: 1, classes: {}, histogram: [40, n], slower: [] };
  return Array.from({ length: count }, (_, i) => ({ second: from + i, edgesMs: [], weight: 0, stable, candidate: null }));
}

function keeperOn(file: string, warnings: string[] = []): SignalKeeper {
  return new SignalKeeper(
    openSignalStore(file, (text) => warnings.push(text)),
    4,
  );
}

test('a restart keeps the minutes of the day, and forgets what is older', () => {
  const file = join(folder, 'day.db');
  const first = keeperOn(file);
  first.take('shop', samples(t0, 600, 10), versions);
  first.take('idle', samples(t0, 600, 0), versions);
  const before = first.points('shop', 60, 0, (t0 + 600) * 1_000);
  first.close();
  const second = keeperOn(file);
  assert.deepEqual(second.points('shop', 60, 0, (t0 + 700) * 1_000), before.slice(0, 9), 'all but the minute that was not over');
  assert.deepEqual(second.points('idle', 60, 0, (t0 + 700) * 1_000), []);
  assert.equal(second.signals('shop', (t0 + 700) * 1_000), null, 'what was is not what is');
  second.close();
  const third = keeperOn(file);
  assert.deepEqual(third.points('shop', 60, 0, (t0 + 2 * 86_400) * 1_000), []);
  third.close();
});

test('a file that is no database, or that cannot be made, costs charts and nothing else', () => {
  const warnings: string[] = [];
  const broken = join(folder, 'broken.db');
  writeFileSync(broken, 'this is no database, and long enough to be taken for one that is damaged'.repeat(100));
  const rescued = keeperOn(broken, warnings);
  rescued.take('shop', samples(t0, 120, 1), versions);
  rescued.close();
  assert.deepEqual(warnings, [], 'it is begun anew');
  const memory = keeperOn(join(folder, 'nowhere', 'signals.db'), warnings);
  memory.take('shop', samples(t0, 120, 1), versions);
  assert.equal(memory.points('shop', 60, 0, (t0 + 120) * 1_000).length, 2);
  memory.close();
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /kept in memory only/);
});

test('a disk without room is told of once, costs minutes only, and is written to again when it has room', () => {
  const warnings: string[] = [];
  const file = join(folder, 'full.db');
  const store = openSignalStore(file, (text) => warnings.push(text));
  const keeper = new SignalKeeper(store);
  // Whoever else holds the file for writing stands for the disk: SQLite refuses the write in the same way.
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  for (let minute = 0; minute < 3; minute += 1) keeper.take('shop', samples(t0 + minute * 60, 60, 5), versions);
  keeper.take('shop', samples(t0 + 180, 1, 5), versions);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /cannot be written/);
  assert.equal(keeper.points('shop', 60, 0, (t0 + 180) * 1_000).length, 4, 'memory has all of it');
  other.exec('ROLLBACK');
  other.close();
  keeper.close();
  const next = keeperOn(file, warnings);
  assert.equal(next.points('shop', 60, 0, (t0 + 200) * 1_000).length, 3, 'what waited was written');
  next.close();
  assert.equal(warnings.length, 1);
});

test('processor time is a share of the machine since the last look, and begins anew with a process', () => {
  const keeper = keeperOn(join(folder, 'usage.db'));
  const used = (atS: number, ...cpuMs: readonly number[]): void =>
    keeper.used(
      'shop',
      cpuMs.map((ms, index) => ({ id: `shop/1.0.0/${index}`, cpuMs: ms, memoryBytes: 1_000_000 })),
      (t0 + atS) * 1_000,
    );
  const share = (): number | null | undefined => keeper.signals('shop', (t0 + 60) * 1_000)?.cpuShare;
  keeper.take('shop', samples(t0, 60, 1), versions);
  used(0, 5_000, 7_000);
  assert.equal(share(), null, 'one look tells nothing of a span');
  used(10, 9_000, 7_000);
  assert.equal(share(), 0.1, '4 s of 10 s on 4 processors');
  used(20, 100, 11_000);
  assert.equal(share(), 0.1, 'the first was started again');
  assert.equal(keeper.signals('shop', (t0 + 60) * 1_000)?.memoryBytes, 2_000_000);
  used(30);
  assert.equal(share(), null, 'nothing runs');
  keeper.close();
});

test('a file that breaks while it is open costs charts and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-signals-'));
  const warnings: string[] = [];
  const file = join(folder, 'signals.db');
  const store = openSignalStore(file, (text) => warnings.push(text));
  try {
    const other = new DatabaseSync(file);
    other.exec('DROP TABLE minutes');
    other.close();
    assert.deepEqual(store.read('shop', 0), []);
    assert.match(warnings.join('; '), /of shop cannot be read/);
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('how full things are is a mean of processor time, and silence after two minutes', () => {
  const keeper = keeperOn(join(folder, 'gauges.db'));
  const at = (second: number) => (t0 + second) * 1_000;
  const use = (cpuMs: number) => [{ id: 'a', cpuMs, memoryBytes: 50, memoryLimitBytes: 200 }];
  const cpu = (second: number) => keeper.gauges('shop', at(second)).find(({ name }) => name === 'cpu');
  keeper.used('shop', use(0), at(0));
  assert.deepEqual(cpu(0)?.notKnown, { kind: 'not-yet' });
  keeper.used('shop', use(40_000), at(10));
  assert.equal(cpu(10)?.used, 1, 'all of four processors');
  keeper.used('shop', use(40_000), at(40));
  assert.equal(cpu(40)?.used, 0.25, 'ten of forty seconds');
  assert.equal(cpu(159)?.used, 0.25);
  assert.deepEqual([cpu(161)?.used, cpu(161)?.notKnown], [null, { kind: 'silent' }]);
  keeper.used('shop', [], at(170));
  assert.deepEqual(keeper.gauges('shop', at(170)), []);
  keeper.close();
});

test('what is read now and then stands in the points that end after it', () => {
  const keeper = keeperOn(join(folder, 'beside.db'));
  const traffic = {
    seconds: 60,
    byMethod: { GET: 9 },
    byStatus: { '2xx': 9 },
    endpoints: [],
    folded: { endpoints: 0, requestsPerSecond: 0 },
  };
  keeper.take('shop', samples(t0, 60, 9), versions);
  keeper.heardOf('shop', traffic, (t0 + 60) * 1_000);
  keeper.measured('shop', 'router', [{ name: 'inFlight', used: 3, limit: null, unit: null, notKnown: null }], (t0 + 60) * 1_000);
  keeper.take('shop', samples(t0 + 60, 70, 9), versions);
  const points = keeper.points('shop', 60, 0, (t0 + 130) * 1_000);
  assert.deepEqual(
    points.map(({ gauges, byMethod }) => [gauges, byMethod]),
    [
      [{}, null],
      [{ inFlight: 3 }, { GET: 9 }],
      [{ inFlight: 3 }, { GET: 9 }],
    ],
  );
  assert.equal(keeper.traffic('shop', (t0 + 179) * 1_000), traffic);
  assert.equal(keeper.traffic('shop', (t0 + 181) * 1_000), null);
  keeper.close();
  const again = keeperOn(join(folder, 'beside.db'));
  assert.deepEqual(again.points('shop', 60, 0, (t0 + 130) * 1_000), points.slice(0, 2), 'a restart keeps them');
  again.close();
});
