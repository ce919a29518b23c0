import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../release/decide.ts';
import { places } from '../release/places.fixture.ts';
import { Story } from '../release/story.fixture.ts';
import type { Decision, ServiceEvent } from '../release/types.ts';
import type { EventLog, NewEvent } from '../stores/log.ts';
import { openMemoryLog } from '../stores/memory/index.ts';
import { streamOf, toRecord } from './record.ts';
import { LoggedReplay } from './replays.ts';

/** A story whose events are kept in the form of the log. */
class RecordedStory extends Story {
  readonly records: NewEvent[] = [];

  override tell(happening: Parameters<Story['tell']>[0]): Decision {
    const event = { ...happening, at: this.at } as ServiceEvent;
    const before = this.state;
    const told = super.tell(happening);
    assert.deepEqual(decide(before, event).state, told.state);
    this.records.push(toRecord(event, before, told));
    return told;
  }

  /** Releases of 2.0.0, 3.0.0 and so on, one after the other: good ones, and one that fails. */
  course(count: number): this {
    this.install();
    for (let major = 2; major < count + 2; major += 1) {
      this.at += 60_000;
      this.request(`${major}.0.0`).validated().seconds(2).instances(`${major}.0.0`, 'ready').confirm();
      for (let turn = 0; this.state.live !== null && turn < 60; turn += 1)
        this.seconds(4, major === 3 ? 0.5 : 0)
          .confirm()
          .retire();
      assert.equal(this.state.live, null, this.now);
    }
    return this;
  }

  get ids(): readonly string[] {
    return this.records.filter(({ kind }) => kind === 'requested').map(({ release }) => release ?? '');
  }
}

test('a release is replayed from where the service stood when it was asked for, with the same result as from the first event', async () => {
  const story = new RecordedStory().course(5);
  await assertSame(story.records, story.ids);
});

test('so is one that was asked for while another was under way, and one that took the place of a waiting one', async () => {
  const story = new RecordedStory().course(2);
  story.request('7.0.0').validated().instances('7.0.0', 'ready').confirm().seconds(3);
  story.request('8.0.0').seconds(2).request('9.0.0');
  story.verb('abort').confirm().seconds(12).retire();
  story.validated().instances('9.0.0', 'ready').confirm();
  for (let turn = 0; story.state.live !== null && turn < 60; turn += 1) story.seconds(4).confirm().retire();
  assert.equal(story.state.live, null, story.now);
  await assertSame(story.records, story.ids);
});

for (const [place, go] of Object.entries(places))
  test(`a release that is ${place} is replayed the same`, async () => {
    const story = new RecordedStory();
    go(story);
    await assertSame(story.records, story.ids);
  });

test('a replay reads nothing of what came long before', async () => {
  const story = new RecordedStory().course(5);
  const { log, stream } = await logOf(story.records);
  const read: number[] = [];
  const counting: EventLog = {
    ...log,
    read: async (name, after, limit) => {
      read.push(after);
      return await log.read(name, after, limit);
    },
  };
  const last = story.ids.at(-1) ?? '';
  const asked = (await log.readRelease(last, 0, 1))[0];
  assert(asked && asked.stream === stream);
  await (await LoggedReplay.of(counting, last, null)).read();
  assert(Math.min(...read) >= asked.version - 2, String(read));
});

async function assertSame(records: readonly NewEvent[], ids: readonly string[]): Promise<void> {
  const now = await logOf(records);
  // As logs were written before the basis was on record.
  const old = await logOf(records.map((record) => ({ ...record, data: { ...(record.data as object), basis: undefined } })));
  for (const id of ids)
    assert.deepEqual(
      await (await LoggedReplay.of(now.log, id, null)).read(),
      await (await LoggedReplay.of(old.log, id, null)).read(),
    );
}

async function logOf(records: readonly NewEvent[]): Promise<{ readonly log: EventLog; readonly stream: string }> {
  const log = openMemoryLog();
  const stream = streamOf('shop');
  const token = await log.claim('tests');
  await log.append(token, [{ stream, expectedVersion: 0, events: records }]);
  return { log, stream };
}
