import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { decide } from '../../release/decide.ts';
import { Story } from '../../release/story.fixture.ts';
import type { ServiceEvent } from '../../release/types.ts';
import { type PublishingLog, publishing } from '../../runtime/publishing-log.ts';
import { toRecord } from '../../runtime/record.ts';
import type { NewEvent } from '../../stores/log.ts';
import { openSqliteLog } from '../../stores/sqlite/index.ts';
import { listAudit } from './audit-list.ts';
import { auditTable } from './audit-table.ts';
import type { Projection } from './projection.ts';
import { ReadModel } from './read-model.ts';
import { listReleases, placeOf } from './release-list.ts';
import { releaseTable } from './release-table.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const sight = { services: null, access: true };

/** A story of a service whose records are kept. */
class Kept extends Story {
  readonly records: NewEvent[] = [];

  override tell(happening: Parameters<Story['tell']>[0]): ReturnType<Story['tell']> {
    const event = { ...happening, at: this.at } as ServiceEvent;
    const decision = decide(this.state, event);
    this.records.push(toRecord(event, this.state, decision));
    return super.tell(happening);
  }
}

/** A log with a read model over it, in a folder of its own. */
class Desk {
  readonly folder: string;
  readonly warnings: string[] = [];
  log!: PublishingLog;
  token = 0;
  model!: ReadModel;
  #versions = new Map<string, number>();

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'rampart-views-'));
    undo.push(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  get file(): string {
    return join(this.folder, 'views.db');
  }

  async openLog(name = 'log.db'): Promise<void> {
    const log = publishing(await openSqliteLog(join(this.folder, name)));
    undo.push(() => log.close());
    this.log = log;
    this.token = await log.claim('tests');
    this.#versions = new Map();
  }

  async open(...more: readonly Projection[]): Promise<ReadModel> {
    const model = await ReadModel.open({
      log: this.log,
      file: this.file,
      projections: [releaseTable, auditTable, ...more],
      warn: (text) => this.warnings.push(text),
    });
    this.model = model;
    undo.push(() => model.close());
    return model;
  }

  async append(service: string, events: readonly NewEvent[]): Promise<void> {
    const stream = service === 'access' ? service : `service/${service}`;
    const version = this.#versions.get(stream) ?? 0;
    await this.log.append(this.token, [{ stream, expectedVersion: version, events }]);
    this.#versions.set(stream, version + events.length);
  }

  get ids(): readonly string[] {
    return listReleases(this.model, { limit: 100 }, null).releases.map(({ id, state }) => `${id} ${state}`);
  }
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isSo()) {
    assert(performance.now() < deadline, what);
    await delay(5);
  }
}

/** 1.0.0 is installed, 2.0.0 is aborted, and 3.0.0 is under way. */
function history(): Kept {
  const story = new Kept().release() as Kept;
  story.verb('abort').confirm().seconds(3).retire();
  story.request('3.0.0');
  return story;
}

test('lists releases newest first, with how they ended, and follows what is appended', async () => {
  const desk = new Desk();
  await desk.openLog();
  const story = history();
  await desk.append('shop', story.records);
  await desk.open();
  await desk.model.caughtUp;
  const { releases, next } = listReleases(desk.model, { limit: 10 }, null);
  assert.equal(next, null);
  assert.deepEqual(
    releases.map(({ id, version, state, outcome, by }) => ({ id, version, state, outcome, by })),
    [
      { id: 'r3', version: '3.0.0', state: 'validating', outcome: null, by: 'anna' },
      { id: 'r2', version: '2.0.0', state: 'rolled-back', outcome: 'rolled-back', by: 'anna' },
      { id: 'r1', version: '1.0.0', state: 'succeeded', outcome: 'succeeded', by: 'anna' },
    ],
  );
  const known = story.records.length;
  story.verb('abort');
  await desk.append('shop', story.records.slice(known));
  assert.deepEqual(desk.ids[0], 'r3 cancelled', 'what is on record is in the list at once');
  assert.equal(statSync(desk.file).mode & 0o777, 0o600);
});

test('finds by every filter, and goes on where a page ended', async () => {
  const desk = new Desk();
  await desk.openLog();
  for (const service of ['shop', 'cart']) {
    const records = history().records.map((record) => ({ ...record, release: record.release && `${service}-${record.release}` }));
    await desk.append(service, JSON.parse(JSON.stringify(records).replaceAll(/"r(\d)"/g, `"${service}-r$1"`)));
  }
  await desk.open();
  await desk.model.caughtUp;
  const ids = (query: object, services: readonly string[] | null = null) =>
    listReleases(desk.model, { limit: 10, ...query }, services).releases.map(({ id }) => id);
  assert.deepEqual(ids({}), ['cart-r3', 'cart-r2', 'cart-r1', 'shop-r3', 'shop-r2', 'shop-r1']);
  assert.deepEqual(ids({ service: 'shop', state: 'ended' }), ['shop-r2', 'shop-r1']);
  assert.deepEqual(ids({ state: 'live' }), ['cart-r3', 'shop-r3']);
  assert.deepEqual(ids({ outcome: 'rolled-back' }, ['cart']), ['cart-r2']);
  assert.deepEqual(ids({ version: '1.0.0', by: 'anna' }), ['cart-r1', 'shop-r1']);
  assert.deepEqual(ids({ by: 'boris' }), []);
  assert.deepEqual(ids({}, []), [], 'who may see nothing sees nothing');
  const [first] = listReleases(desk.model, { limit: 1, service: 'shop', version: '1.0.0' }, null).releases;
  assert(first);
  assert.deepEqual(ids({ before: first.requestedAtMs }), []);
  assert.equal(ids({ after: first.requestedAtMs }).length, 6);
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = listReleases(desk.model, { limit: 4, ...(cursor === undefined ? {} : { cursor }) }, null);
    seen.push(...page.releases.map(({ id }) => id));
    cursor = page.next;
  }
  assert.deepEqual(seen, ids({}));
  const wrong = ['', 'x', Buffer.from('audit 3').toString('base64url'), `${Buffer.from('releases 3').toString('base64url')}=`];
  for (const cursor of wrong)
    assert.throws(() => listReleases(desk.model, { limit: 1, cursor }, null), { code: 'E_INPUT' }, cursor);
});

test('the audit has what was asked for, with from where and what it changed, and shows each what they may see', async () => {
  const desk = new Desk();
  await desk.openLog();
  await desk.append('shop', history().records);
  const from = { address: '::1', via: 'session', credential: 's1' };
  const data = { subject: 'boris', from, why: 'token=abcdefgh', before: null, after: { disabled: false } };
  await desk.append('access', [{ at: 5, kind: 'user-added', release: null, actor: 'anna', data }]);
  await desk.open();
  await desk.model.caughtUp;
  const asked = async (query: object, seen = sight as Parameters<typeof listAudit>[3]) =>
    (await listAudit(desk.model, desk.log, { limit: 10, ...query }, seen)).entries;
  const all = await asked({});
  assert.deepEqual(
    all.map(({ kind, subject, release }) => [kind, subject, release]),
    [
      ['user-added', 'boris', null],
      ['requested', '3.0.0', 'r3'],
      ['verb', 'abort', 'r2'],
      ['requested', '2.0.0', 'r2'],
      ['requested', '1.0.0', 'r1'],
    ],
  );
  assert.deepEqual(all[0]?.from, from);
  assert.equal(all[0]?.why, 'token=[hidden]');
  assert.deepEqual([all[2]?.before, all[2]?.after], [{ state: 'progressing' }, { state: 'rolling-back' }]);
  const count = async (query: object, seen?: Parameters<typeof listAudit>[3]) => (await asked(query, seen)).length;
  assert.equal(await count({}, { services: null, access: false }), 4);
  assert.equal(await count({}, { services: ['cart'], access: false }), 0);
  assert.equal(await count({}, { services: ['cart'], access: true }), 1);
  assert.equal(await count({ kind: 'verb', actor: 'anna', service: 'shop' }), 1);
  assert.equal(await count({ before: 6 }), 1);
});

const breaks: readonly [name: string, spoil: (desk: Desk) => Promise<unknown> | unknown, warning: RegExp | null][] = [
  ['missing', (desk) => rmSync(desk.file), null],
  ['no database', (desk) => writeFileSync(desk.file, 'nothing of the kind '.repeat(500)), /is made anew/],
  [
    'damaged in its middle',
    (desk) => {
      const bytes = readFileSync(desk.file);
      writeFileSync(desk.file, bytes.fill(0x5a, 8_192, bytes.length - 4_096));
    },
    /is made anew/,
  ],
  ['ahead of the log, because the log is another one', (desk) => desk.openLog('other.db'), /not of this log/],
];
for (const [name, spoil, warning] of breaks)
  test(`is made anew when its file is ${name}`, async () => {
    const desk = new Desk();
    await desk.openLog();
    await desk.append('shop', history().records);
    await (await desk.open()).caughtUp;
    await desk.model.close();
    await spoil(desk);
    if ((await desk.log.readAll(0, 1)).length === 0) await desk.append('shop', history().records.slice(0, 1));
    await (await desk.open()).caughtUp;
    assert.equal(desk.ids.length, (await desk.log.readAll(0, 1_000)).filter(({ kind }) => kind === 'requested').length);
    assert.equal(desk.warnings.length, warning ? 1 : 0);
    if (warning) assert.match(desk.warnings[0] ?? '', warning);
  });

test('is made anew when its tables are of another format, and goes on where it was otherwise', async () => {
  const desk = new Desk();
  await desk.openLog();
  await desk.append('shop', history().records);
  const taken: number[] = [];
  const counting = (format: number): Projection => ({
    name: 'counting',
    format,
    tables: 'CREATE TABLE counting (n INTEGER);',
    prepare: () => (event) => taken.push(event.seq),
  });
  await (await desk.open(counting(1))).caughtUp;
  const all = taken.length;
  await desk.model.close();
  await (await desk.open(counting(1))).caughtUp;
  assert.equal(taken.length, all, 'nothing is taken twice');
  await desk.model.close();
  await (await desk.open(counting(2))).caughtUp;
  assert.equal(taken.length, 2 * all);
  assert.match(desk.warnings.join(), /its tables are/);
});

test('what is appended while it catches up is neither lost nor taken twice', async () => {
  const desk = new Desk();
  await desk.openLog();
  const noise = (at: number): NewEvent => ({
    at,
    kind: 'woke',
    release: null,
    actor: 'controller',
    data: { said: null, phase: null },
  });
  await desk.append(
    'cart',
    Array.from({ length: 1_000 }, (_, at) => noise(at)),
  );
  const taken: number[] = [];
  const counting = { name: 'counting', format: 1, tables: '', prepare: () => (event: { seq: number }) => taken.push(event.seq) };
  await desk.open(counting);
  const appending = async (): Promise<void> => {
    for (let at = 0; at < 300; at += 1) await desk.append('shop', [noise(at)]);
  };
  await Promise.all([appending(), desk.model.caughtUp]);
  await until(() => desk.model.rows('SELECT 1').length === 1 && desk.model.health.seq === 1_300, 'it never caught up');
  assert.deepEqual(
    taken,
    Array.from({ length: 1_300 }, (_, index) => index + 1),
  );
  assert.deepEqual(desk.warnings, []);
});

test('a file that cannot be written harms nobody who appends, and is made up for when it can', async () => {
  const desk = new Desk();
  await desk.openLog();
  const story = history();
  await desk.append('shop', story.records.slice(0, 3));
  let isFull = false;
  const filling: Projection = {
    name: 'filling',
    format: 1,
    tables: '',
    prepare: () => () => {
      if (isFull) throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
    },
  };
  await (await desk.open(filling)).caughtUp;
  isFull = true;
  await desk.append('shop', story.records.slice(3));
  await until(() => desk.model.health.problem !== null, 'nobody noticed');
  assert.deepEqual(desk.ids, ['r1 promoting'], 'what it has is still shown');
  isFull = false;
  await until(() => !desk.model.health.isBehind, 'it never tried again');
  assert.equal(desk.ids.length, 3);
  assert.equal(desk.warnings.length, 1, 'one warning, not one per try');
});

test('without a place for its file it works in memory', async () => {
  const desk = new Desk();
  await desk.openLog();
  await desk.append('shop', history().records);
  const model = await ReadModel.open({
    log: desk.log,
    file: join(desk.folder, 'missing', 'views.db'),
    projections: [releaseTable, auditTable],
    warn: (text) => desk.warnings.push(text),
  });
  undo.push(() => model.close());
  await model.caughtUp;
  assert.equal(listReleases(model, { limit: 10 }, null).releases.length, 3);
  assert.match(desk.warnings.join(), /kept in memory/);
});

test('records of before more was kept still make a list', async () => {
  const desk = new Desk();
  await desk.openLog();
  const old = history().records.map((record) => {
    const { audit: _audit, ended: _ended, ...data } = record.data as Record<string, unknown>;
    return { ...record, data };
  });
  await desk.append('shop', old);
  await (await desk.open()).caughtUp;
  assert.deepEqual(desk.ids, ['r3 validating', 'r2 rolled-back', 'r1 succeeded']);
  assert.equal(placeOf(desk.model, 'r3'), undefined);
  assert(placeOf(desk.model, 'r2'));
  const { entries } = await listAudit(desk.model, desk.log, { limit: 10 }, sight);
  assert.deepEqual([entries[1]?.from, entries[1]?.before], [null, null]);
});
