import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../errors.ts';
import type { Append, EventLog, NewEvent } from './log.ts';
import type { StoreCapabilities } from './store.ts';

/** A store as the suite needs it. */
export type StoreUnderTest = {
  readonly capabilities: StoreCapabilities;
  /** A new empty place for a log, removed after the test. `open` opens the log there; for a store that is not durable a new one. */
  place(t: TestContext): Promise<{ open(): Promise<EventLog> }>;
};

/**
 * A folder of its own that is removed after the test: in memory where the machine has such a file system, so that a test does not wait
 * for the disk's flush unless it is about that.
 */
export function temporaryFolder(t: TestContext, on: 'memory' | 'disk' = 'memory'): string {
  const shared = '/dev/shm';
  const folder = mkdtempSync(join(on === 'memory' && existsSync(shared) ? shared : tmpdir(), 'rampart-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An event with defaults for what a test does not care about. */
export function anEvent(more: Partial<NewEvent> = {}): NewEvent {
  return { at: 1_700_000_000_000, kind: 'noted', release: null, actor: 'controller', data: { n: 1 }, ...more };
}

/** For `assert.rejects`: the rejection is a `UserError` with this code, which says where and what to do. */
export function userError(code: string, message: RegExp = /./): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof UserError)) throw error;
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.notEqual(error.where, '');
    assert.notEqual(error.fix, '');
    return true;
  };
}

/** Registers the tests that every event log must pass. */
export function eventLogConformance(name: string, store: StoreUnderTest): void {
  async function fresh(t: TestContext): Promise<EventLog> {
    const log = await (await store.place(t)).open();
    t.after(() => log.close());
    return log;
  }

  test(`${name}: an empty log has no streams, no events and an intact chain`, async (t) => {
    const log = await fresh(t);
    assert.deepEqual(await log.streams(), []);
    assert.deepEqual(await log.readAll(0, 10), []);
    assert.deepEqual(await log.read('service/a', 0, 10), []);
    assert.equal(await log.readSnapshot('service/a'), null);
    assert.deepEqual(await log.verify(), { kind: 'intact', events: 0, head: '0'.repeat(64) });
  });

  test(`${name}: what was appended is read back by stream, by release and in order of the whole log`, async (t) => {
    const log = await fresh(t);
    const token = await log.claim('one');
    const data = { text: 'ü\0"\\\ud83d\ude00\n', deep: [1, null, { a: true }], half: '\ud800' };
    const [a, b, again] = await log.append(token, [
      { stream: 'service/a', expectedVersion: 0, events: [anEvent({ release: 'r1', data }), anEvent({ data: null })] },
      { stream: 'service/b', expectedVersion: 0, events: [anEvent({ release: 'r1', actor: 'Ada' })] },
      { stream: 'service/a', expectedVersion: 2, events: [anEvent({ release: 'r2', at: -5 })] },
    ]);
    assert(a?.kind === 'appended' && b?.kind === 'appended' && again?.kind === 'appended');
    assert.deepEqual([a.version, b.version, again.version], [2, 1, 3]);
    const all = [...a.events, ...b.events, ...again.events];
    assert.deepEqual(
      all.map((event) => [event.seq, event.stream, event.version]),
      [
        [1, 'service/a', 1],
        [2, 'service/a', 2],
        [3, 'service/b', 1],
        [4, 'service/a', 3],
      ],
    );
    assert.deepEqual(all[0]?.data, data);
    for (const event of all) assert.match(event.hash, /^[0-9a-f]{64}$/);
    assert.deepEqual(await log.readAll(0, 10), all);
    assert.deepEqual(await log.readAll(1, 2), all.slice(1, 3));
    assert.deepEqual(await log.readAll(4, 10), []);
    assert.deepEqual(await log.readAll(0, 0), []);
    assert.deepEqual(await log.read('service/a', 0, 10), [...a.events, ...again.events]);
    assert.deepEqual(await log.read('service/a', 1, 1), [a.events[1]]);
    assert.deepEqual(await log.readRelease('r1', 0, 10), [all[0], all[2]]);
    assert.deepEqual(await log.readRelease('r1', 1, 10), [all[2]]);
    assert.deepEqual(await log.readRelease('r1', 0, 1), [all[0]]);
    assert.deepEqual(await log.readRelease('none', 0, 10), []);
    assert.deepEqual(await log.streams(), ['service/a', 'service/b']);
    assert.deepEqual(await log.verify(), { kind: 'intact', events: 4, head: again.events[0]?.hash });
    assert.deepEqual(await log.verify(3), { kind: 'intact', events: 3, head: again.events[0]?.hash });
    assert.deepEqual(await log.verify(0), { kind: 'intact', events: 0, head: again.events[0]?.hash });
  });

  test(`${name}: a conflict in one stream stores nothing there and leaves the others of the batch valid`, async (t) => {
    const log = await fresh(t);
    const token = await log.claim('one');
    await log.append(token, [{ stream: 'a', expectedVersion: 0, events: [anEvent()] }]);
    const results = await log.append(token, [
      { stream: 'a', expectedVersion: 0, events: [anEvent()] },
      { stream: 'b', expectedVersion: 0, events: [anEvent()] },
      { stream: 'b', expectedVersion: 0, events: [anEvent()] },
      { stream: 'c', expectedVersion: 3, events: [anEvent()] },
      { stream: 'a', expectedVersion: 1, events: [] },
    ]);
    assert.deepEqual(
      results.map(({ kind, version }) => [kind, version]),
      [
        ['conflict', 1],
        ['appended', 1],
        ['conflict', 1],
        ['conflict', 0],
        ['appended', 1],
      ],
    );
    assert.deepEqual(await log.streams(), ['a', 'b']);
    assert.equal((await log.verify()).kind, 'intact');
  });

  test(`${name}: every claim answers a higher token, and an older one stores nothing`, async (t) => {
    const log = await fresh(t);
    const batch: Append[] = [{ stream: 'a', expectedVersion: 0, events: [anEvent()] }];
    await assert.rejects(
      log.append(0, []).then(() => log.append(1, batch)),
      userError('E_STALE_TOKEN', /never claimed/),
    );
    const first = await log.claim('one');
    const second = await log.claim('two');
    assert(second > first && first > 0 && Number.isSafeInteger(second));
    await assert.rejects(log.append(first, batch), userError('E_STALE_TOKEN', /two took the log over/));
    await assert.rejects(log.append(second + 1, batch), userError('E_STALE_TOKEN', /never claimed/));
    await assert.rejects(log.writeSnapshot(first, 'a', 1, {}), userError('E_STALE_TOKEN'));
    assert.deepEqual(await log.readAll(0, 10), []);
    assert.equal((await log.append(second, batch))[0]?.kind, 'appended');
  });

  test(`${name}: an event that would not read back as it is refuses its whole batch`, async (t) => {
    const log = await fresh(t);
    const token = await log.claim('one');
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const bad: Partial<NewEvent>[] = [
      { data: undefined },
      { data: 1n },
      { data: circle },
      { at: 0.5 },
      { at: Number.NaN },
      { kind: '\ud800' },
      { actor: '\udc00' },
      { release: '\ud800' },
    ];
    for (const more of bad) {
      const batch = [
        { stream: 'a', expectedVersion: 0, events: [anEvent()] },
        { stream: 'b', expectedVersion: 0, events: [anEvent(more)] },
      ];
      await assert.rejects(log.append(token, batch), TypeError);
    }
    await assert.rejects(log.append(token, [{ stream: '\ud800', expectedVersion: 0, events: [] }]), TypeError);
    await assert.rejects(log.readAll(0, -1), RangeError);
    assert.deepEqual(await log.streams(), []);
  });

  test(`${name}: nobody changes the record through what was handed in or read`, async (t) => {
    const log = await fresh(t);
    const token = await log.claim('one');
    const data = { list: [1] };
    const [result] = await log.append(token, [{ stream: 'a', expectedVersion: 0, events: [anEvent({ data })] }]);
    data.list.push(2);
    for (const event of [...(result?.kind === 'appended' ? result.events : []), ...(await log.readAll(0, 1))]) {
      try {
        (event.data as typeof data).list.push(3);
      } catch {
        // A store may freeze what it hands out; one that hands out copies does not have to.
      }
    }
    assert.deepEqual((await log.readAll(0, 1))[0]?.data, { list: [1] });
    assert.equal((await log.verify()).kind, 'intact');
  });

  test(`${name}: a snapshot is only ever replaced by a later one, and never stands on an event that is not there`, async (t) => {
    const log = await fresh(t);
    const token = await log.claim('one');
    await log.append(token, [{ stream: 'a', expectedVersion: 0, events: [anEvent(), anEvent(), anEvent()] }]);
    await log.writeSnapshot(token, 'a', 2, { sum: 2 });
    assert.deepEqual(await log.readSnapshot('a'), { version: 2, state: { sum: 2 } });
    await log.writeSnapshot(token, 'a', 1, { sum: 1 });
    await log.writeSnapshot(token, 'a', 4, { sum: 4 });
    await log.writeSnapshot(token, 'a', 0, { sum: 0 });
    assert.deepEqual(await log.readSnapshot('a'), { version: 2, state: { sum: 2 } });
    await log.writeSnapshot(token, 'a', 3, [3]);
    assert.deepEqual(await log.readSnapshot('a'), { version: 3, state: [3] });
    await log.writeSnapshot(token, 'b', 1, {});
    assert.equal(await log.readSnapshot('b'), null);
  });

  test(`${name}: a closed log refuses everything, and closing twice is fine`, async (t) => {
    const log = await fresh(t);
    const token = await log.claim('one');
    await log.close();
    await log.close();
    for (const call of [
      () => log.claim('two'),
      () => log.append(token, []),
      () => log.readAll(0, 1),
      () => log.streams(),
      () => log.readSnapshot('a'),
      () => log.verify(),
    ]) {
      await assert.rejects(call, userError('E_LOG_UNAVAILABLE', /closed/));
    }
  });

  test(`${name}: whatever is appended, the log equals a plain list per stream`, async (t) => {
    await fc.assert(
      fc.asyncProperty(batches, async (script) => {
        const log = await fresh(t);
        const token = await log.claim('one');
        const model = new Map<string, NewEvent[]>();
        for (const batch of script) {
          const lengths = new Map([...model].map(([stream, events]) => [stream, events.length]));
          const appends = batch.map(({ stream, off, events }): Append => {
            const expectedVersion = Math.max(0, (lengths.get(stream) ?? 0) + off);
            if (expectedVersion === (lengths.get(stream) ?? 0)) lengths.set(stream, expectedVersion + events.length);
            return { stream, expectedVersion, events };
          });
          const results = await log.append(token, appends);
          const wanted = appends.map(({ stream, expectedVersion, events }) => {
            const list = model.get(stream) ?? [];
            if (list.length !== expectedVersion) return ['conflict', list.length];
            model.set(stream, [...list, ...events]);
            return ['appended', expectedVersion + events.length];
          });
          assert.deepEqual(
            results.map(({ kind, version }) => [kind, version]),
            wanted,
          );
        }
        for (const [stream, events] of model) {
          const wanted = events.map((event, index) => ({ ...plain(event), stream, version: index + 1 }));
          const found = await log.read(stream, 0, 10_000);
          assert.deepEqual(
            found.map(({ seq, hash, ...event }) => event),
            wanted,
          );
        }
        const all = await log.readAll(0, 10_000);
        assert.deepEqual(
          all.map(({ seq }) => seq),
          all.map((_, index) => index + 1),
        );
        const report = await log.verify();
        assert.deepEqual(report, {
          kind: 'intact',
          events: [...model.values()].flat().length,
          head: all.at(-1)?.hash ?? '0'.repeat(64),
        });
        await log.close();
      }),
      { numRuns: 40 },
    );
  });

  if (store.capabilities.durable) {
    test(`${name}: a log that is opened again has everything, and older tokens stay refused`, async (t) => {
      const place = await store.place(t);
      const before = await place.open();
      const token = await before.claim('one');
      await before.append(token, [{ stream: 'a', expectedVersion: 0, events: [anEvent({ release: 'r' }), anEvent()] }]);
      await before.writeSnapshot(token, 'a', 2, 'state');
      const all = await before.readAll(0, 10);
      await before.close();
      const after = await place.open();
      t.after(() => after.close());
      assert.deepEqual(await after.readAll(0, 10), all);
      assert.deepEqual(await after.readSnapshot('a'), { version: 2, state: 'state' });
      const next = await after.claim('two');
      assert(next > token);
      await assert.rejects(after.append(token, []), userError('E_STALE_TOKEN'));
      assert.equal((await after.append(next, [{ stream: 'a', expectedVersion: 2, events: [anEvent()] }]))[0]?.kind, 'appended');
      assert.equal((await after.verify()).kind, 'intact');
    });
  }

  if (store.capabilities.shared) {
    test(`${name}: of two that have the log open, the last to claim writes and both see it`, async (t) => {
      const place = await store.place(t);
      const [one, two] = [await place.open(), await place.open()];
      t.after(() => Promise.all([one.close(), two.close()]));
      const first = await one.claim('one');
      await one.append(first, [{ stream: 'a', expectedVersion: 0, events: [anEvent()] }]);
      const second = await two.claim('two');
      await assert.rejects(
        one.append(first, [{ stream: 'a', expectedVersion: 1, events: [anEvent()] }]),
        userError('E_STALE_TOKEN'),
      );
      const [result] = await two.append(second, [{ stream: 'a', expectedVersion: 1, events: [anEvent()] }]);
      assert.equal(result?.kind, 'appended');
      assert.deepEqual(
        (await one.readAll(0, 10)).map(({ seq }) => seq),
        [1, 2],
      );
      const third = await one.claim('one');
      assert.deepEqual(await one.append(third, [{ stream: 'a', expectedVersion: 1, events: [anEvent()] }]), [
        { kind: 'conflict', version: 2 },
      ]);
      assert.equal((await two.verify()).kind, 'intact');
    });
  }
}

const events = fc.array(
  fc.record({
    at: fc.maxSafeInteger(),
    kind: fc.string({ unit: 'binary' }),
    release: fc.option(fc.constantFrom('r1', 'r2', '')),
    actor: fc.string({ unit: 'binary' }),
    data: fc.jsonValue(),
  }),
  { maxLength: 4 },
);

const batches = fc.array(
  fc.array(fc.record({ stream: fc.constantFrom('a', 'b', 'c', ''), off: fc.constantFrom(0, 0, 0, -1, 1), events }), {
    maxLength: 4,
  }),
  { maxLength: 6 },
);

/** As JSON gives it back: no `-0`, for instance. */
function plain(event: NewEvent): NewEvent {
  return { ...event, at: event.at + 0, data: JSON.parse(JSON.stringify(event.data)) };
}
