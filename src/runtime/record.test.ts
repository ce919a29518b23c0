import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, newService } from '../release/decide.ts';
import { places } from '../release/places.fixture.ts';
import { Story } from '../release/story.fixture.ts';
import type { ServiceEvent, ServiceState } from '../release/types.ts';
import { openMemoryLog } from '../stores/memory/index.ts';
import { loadService, recordedIn, streamOf, toRecord, toSnapshot } from './record.ts';

/** A story that keeps its events. */
class Kept extends Story {
  readonly events: ServiceEvent[] = [];

  override tell(happening: Parameters<Story['tell']>[0]): ReturnType<Story['tell']> {
    this.events.push({ ...happening, at: this.at } as ServiceEvent);
    return super.tell(happening);
  }
}

async function logOf(events: readonly ServiceEvent[]) {
  const log = openMemoryLog();
  const token = await log.claim('test');
  let state = newService('shop');
  const records = events.map((event) => {
    const decision = decide(state, event);
    const record = toRecord(event, state, decision);
    state = decision.state;
    return record;
  });
  await log.append(token, [{ stream: streamOf('shop'), expectedVersion: 0, events: records }]);
  return { log, token };
}

for (const [place, go] of Object.entries(places)) {
  test(`the log gives back ${place}, with and without a snapshot`, async () => {
    const story = new Kept();
    go(story);
    const { log, token } = await logOf(story.events);
    assert.deepEqual(await loadService(log, 'shop'), { state: story.state, version: story.events.length });
    const half = Math.floor(story.events.length / 2);
    const early = story.events
      .slice(0, half)
      .reduce((state: ServiceState, event) => decide(state, event).state, newService('shop'));
    await log.writeSnapshot(token, streamOf('shop'), half, toSnapshot(early));
    assert.deepEqual(await loadService(log, 'shop'), { state: story.state, version: story.events.length });
  });
}

test('a snapshot of another format is left aside, and everything is folded again', async () => {
  const story = new Kept().install() as Kept;
  const { log, token } = await logOf(story.events);
  await log.writeSnapshot(token, streamOf('shop'), story.events.length, newService('shop'));
  assert.deepEqual((await loadService(log, 'shop')).state, story.state);
});

test('a service without a log is new', async () => {
  assert.deepEqual(await loadService(openMemoryLog(), 'shop'), { state: newService('shop'), version: 0 });
});

test('a log longer than a page is read to its end', async () => {
  const story = new Kept().install();
  for (let i = 0; i < 600; i += 1) story.instances('1.0.0', i % 2 === 0 ? 'unready' : 'ready');
  const { log } = await logOf((story as Kept).events);
  assert.equal((await loadService(log, 'shop')).version, (story as Kept).events.length);
});

test('a record says who caused it, of which release it is, what was said and where that left it', () => {
  const story = new Story().release();
  const before = story.state;
  const decision = story.tell({ kind: 'verb', release: 'r2', verb: 'abort', by: 'anna', why: '' });
  const record = toRecord({ kind: 'verb', at: 5, release: 'r2', verb: 'abort', by: 'anna', why: '' }, before, decision);
  assert.deepEqual({ ...record, data: null }, { at: 5, kind: 'verb', release: 'r2', actor: 'anna', data: null });
  assert.equal((record.data as { said: string }).said, 'abort by anna');
  assert.equal((record.data as { phase: string }).phase, 'rolling-back');
});

test('the record that ends a release belongs to it, and says how it ended', async () => {
  const story = new Kept().release() as Kept;
  story.verb('abort').confirm().seconds(3).retire();
  const { log } = await logOf(story.events);
  const last = (await log.readRelease('r2', 0, 100)).at(-1);
  assert.equal(last?.kind, 'retired');
  assert.equal(last && recordedIn(last).phase, 'rolled-back');
});

test('each kind of event has its actor', () => {
  const state = newService('shop');
  const actor = (event: ServiceEvent): string => toRecord(event, state, decide(state, event)).actor;
  assert.equal(actor({ kind: 'sampled', at: 1, samples: [] }), 'guard');
  assert.equal(actor({ kind: 'retired', at: 1, version: '1.0.0' }), 'target');
  assert.equal(actor({ kind: 'route-read', at: 1, reading: null }), 'router');
  assert.equal(actor({ kind: 'woke', at: 1 }), 'controller');
});
