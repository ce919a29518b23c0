import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../release/decide.ts';
import { places } from '../release/places.fixture.ts';
import { Story } from '../release/story.fixture.ts';
import type { ReleaseState, ServiceEvent } from '../release/types.ts';
import type { EventLog, NewEvent } from '../stores/log.ts';
import { openMemoryLog } from '../stores/memory/index.ts';
import { foldedRelease, releaseAt } from './past-release.ts';
import { recordedIn, streamOf, toRecord } from './record.ts';

/** A story that keeps its records. */
class Kept extends Story {
  readonly records: NewEvent[] = [];

  override tell(happening: Parameters<Story['tell']>[0]): ReturnType<Story['tell']> {
    const event = { ...happening, at: this.at } as ServiceEvent;
    this.records.push(toRecord(event, this.state, decide(this.state, event)));
    return super.tell(happening);
  }

  async log(strip: (data: Record<string, unknown>) => unknown = (data) => data): Promise<EventLog> {
    const log = openMemoryLog();
    const token = await log.claim('test');
    const events = this.records.map((record) => ({ ...record, data: strip(record.data as Record<string, unknown>) }));
    await log.append(token, [{ stream: streamOf('shop'), expectedVersion: 0, events }]);
    return log;
  }
}

/** Without what only newer records have. */
const old = ({ audit: _audit, basis: _basis, ended: _ended, ...data }: Record<string, unknown>): unknown => data;

const plain = (release: ReleaseState | null): unknown => JSON.parse(JSON.stringify(release));

for (const [place, go] of Object.entries(places)) {
  test(`every release that has ended on the way to ${place} is got back as it was, from new and from old records`, async () => {
    const story = new Kept();
    go(story);
    for (const strip of [undefined, old]) {
      const log = await story.log(strip);
      const records = await log.readAll(0, 10_000);
      for (const ended of story.state.ended) {
        assert.deepEqual(plain(await foldedRelease(log, ended.id)), plain(ended));
        const asked = records.find(({ kind, release }) => kind === 'requested' && release === ended.id);
        const ending = records.find((record) => recordedIn(record).ended?.some(({ summary }) => summary.release === ended.id));
        assert(asked && (strip === old) === (ending === undefined));
        if (!ending) continue;
        const kept = await releaseAt(log, ended.id, { askedSeq: asked.seq, endedSeq: ending.seq });
        assert.deepEqual(plain(kept), plain({ ...ended, guard: null }));
      }
    }
  });
}
