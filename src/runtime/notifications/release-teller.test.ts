import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import { notifiers } from '../../notifiers/registry.ts';
import { decide, newService } from '../../release/decide.ts';
import { Story } from '../../release/story.fixture.ts';
import type { ServiceEvent } from '../../release/types.ts';
import type { EventLog, NewEvent } from '../../stores/log.ts';
import { openSqliteLog } from '../../stores/sqlite/index.ts';
import { systemClock } from '../clock.ts';
import { publishing } from '../publishing-log.ts';
import { streamOf, toRecord } from '../record.ts';
import { RecordedState } from '../recorded-state.ts';
import { messagesStream, outboxRecording } from './outbox-records.ts';
import { noticesStream, releaseNoticesRecording } from './release-records.ts';
import { ReleaseTeller } from './release-teller.ts';
import { SetupKeeper } from './setup-keeper.ts';
import { setupRecording } from './setup-records.ts';

const notices = `apiVersion: rampart/v1
kind: Notifier
metadata: { name: hook }
spec: { webhook: { url: "http://127.0.0.1:1/hook" } }
---
apiVersion: rampart/v1
kind: ReleaseNotices
metadata: { name: releases }
spec: { tell: [ { notifier: hook } ] }
`;

/** The records of a service that is released for the first time: `isOld` as they were before anybody was told. */
function records(name: string, isOld = false): readonly NewEvent[] {
  const events: ServiceEvent[] = [];
  const story = new (class extends Story {
    override tell(happening: Parameters<Story['tell']>[0]): ReturnType<Story['tell']> {
      events.push({ ...happening, at: this.at } as ServiceEvent);
      return super.tell(happening);
    }
  })();
  story.at = Date.now() - 60_000;
  story.install();
  let state = newService(name);
  return events.map((event) => {
    const decision = decide(state, event);
    const record = toRecord(event, state, decision);
    state = decision.state;
    if (!isOld) return record;
    const { news: _, ...data } = record.data as { readonly news?: unknown };
    return { ...record, data };
  });
}

/** A log on disk, and one controller after another that tells of it. */
class Desk {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rampart-teller-'));
  readonly #file = join(this.#folder, 'log.db');
  readonly #open: { stop(): Promise<void> }[] = [];
  token = 0;
  log: ReturnType<typeof publishing> | null = null;

  constructor(t: TestContext) {
    t.after(async () => {
      await this.down();
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  async up(trouble: { isFailing: boolean; readsAfter?: Promise<void> } = { isFailing: false }) {
    const log = publishing(await openSqliteLog(this.#file));
    this.log = log;
    const token = await log.claim('test');
    this.token = token;
    // Only what a teller writes goes through it.
    const shaky: EventLog = {
      ...log,
      append: (...given) => (trouble.isFailing ? Promise.reject(new Error('no space')) : log.append(...given)),
    };
    const warnings: string[] = [];
    const warn = (text: string): void => void warnings.push(text);
    const setupRecords = new RecordedState(setupRecording, log, token, systemClock.now);
    const messages = new RecordedState(outboxRecording, shaky, token, systemClock.now);
    const told = new RecordedState(releaseNoticesRecording, shaky, token, systemClock.now);
    await Promise.all([setupRecords.catchUp(), messages.catchUp(), told.catchUp()]);
    const setup = new SetupKeeper(setupRecords, { notifiers, checks: {}, alertSources: {} }, warn);
    const teller = new ReleaseTeller({
      log: {
        ...log,
        readAll: async (...given) => {
          await trouble.readsAfter;
          return await log.readAll(...given);
        },
      },
      records: told,
      messages,
      setup,
      ownNotices: () => [],
      formOf: () => ({ releases: 'events', releaseEvents: ['started', 'step', 'succeeded'] }),
      consoleUrl: null,
      clock: systemClock,
      warn,
    });
    this.#open.push(teller, { stop: () => log.close() });
    const apply = (text = notices) => setup.apply({ files: [{ file: 'a.yaml', text }], by: 'anna', why: '', replaces: null });
    const waiting = () =>
      [...messages.state.pending.values()]
        .sort((a, b) => a.seq - b.seq)
        .map(({ message }) => `${message.source} ${message.release?.news}`);
    return { messages, told, apply, waiting, warnings };
  }

  /** Stops it, in the middle of whatever it does. */
  async down(): Promise<void> {
    for (const one of this.#open.splice(0)) await one.stop();
  }

  async append(name: string, events: readonly NewEvent[], expectedVersion = 0): Promise<void> {
    const [result] = (await this.log?.append(this.token, [{ stream: streamOf(name), expectedVersion, events }])) ?? [];
    assert.equal(result?.kind, 'appended');
  }

  async count(stream: string, kind: string): Promise<number> {
    return ((await this.log?.read(stream, 0, 10_000)) ?? []).filter((event) => event.kind === kind).length;
  }
}

test('what is on record of a release is told once, through a controller after the other', async (t) => {
  const desk = new Desk(t);
  const first = await desk.up();
  await first.apply();
  const events = records('shop');
  const half = Math.floor(events.length / 2);
  await desk.append('shop', events.slice(0, half));
  await until('some is queued', () => first.waiting().length > 0);
  await desk.down();
  const second = await desk.up();
  const before = second.waiting().length;
  assert(before > 0);
  await desk.append('shop', events.slice(half), half);
  await until('all is queued', () => second.waiting().includes('shop succeeded'));
  const all = second.waiting();
  assert.equal(all[0], 'shop started');
  assert.equal(all.at(-1), 'shop succeeded');
  assert.equal(all.filter((line) => line === 'shop started').length, 1);
  assert.equal(await desk.count(messagesStream, 'message-queued'), all.length);
  assert.equal(await desk.count(noticesStream, 'release-told'), all.length);
});

test('what came on record while nobody told of it is told by the next controller', async (t) => {
  const desk = new Desk(t);
  const first = await desk.up();
  await first.apply();
  // What a teller says comes on record together with what it has told: while it cannot be written, nothing has happened.
  await desk.down();
  const trouble = { isFailing: true };
  const second = await desk.up(trouble);
  await desk.append('shop', records('shop'));
  await until('it says that nothing is told', () => second.warnings.length > 0);
  assert.match(
    second.warnings[0] ?? '',
    /^notices of releases: nobody is told of releases while the log cannot be written: no space$/,
  );
  assert.deepEqual(second.waiting(), []);
  await desk.down();
  const third = await desk.up();
  await until('all is queued', () => third.waiting().includes('shop succeeded'));
  assert.equal(new Set(third.waiting()).has('shop started'), true);
});

test('what happened before anybody was told, or before somebody was named, is no news', async (t) => {
  const desk = new Desk(t);
  const first = await desk.up();
  await desk.append('old', records('old', true));
  await desk.append('before', records('before'));
  await first.apply();
  await until('how far it is comes on record', () => first.told.state.seq > 0);
  await desk.down();
  const second = await desk.up();
  await desk.append('shop', records('shop'));
  await until('the new one is told of', () => second.waiting().includes('shop succeeded'));
  assert.deepEqual([...new Set(second.waiting().map((line) => line.split(' ')[0]))], ['shop']);
});

test('what happened before anybody was named is no news, though others are named before it was looked through', async (t) => {
  const desk = new Desk(t);
  await desk.up();
  await desk.append('before', records('before'));
  await desk.down();
  const { promise, resolve } = Promise.withResolvers<void>();
  const second = await desk.up({ isFailing: false, readsAfter: promise });
  await second.apply();
  await desk.append('between', records('between'));
  await second.apply(notices.replace('notifier: hook }', 'notifier: hook, language: ru }'));
  resolve();
  await desk.append('shop', records('shop'));
  await until('the new one is told of', () => second.waiting().includes('shop succeeded'));
  assert.deepEqual([...new Set(second.waiting().map((line) => line.split(' ')[0]))], ['between', 'shop']);
});
