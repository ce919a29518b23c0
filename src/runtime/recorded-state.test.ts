import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventLog } from '../stores/log.ts';
import { openMemoryLog } from '../stores/memory/index.ts';
import { RecordedState, type Recording } from './recorded-state.ts';

type Added = { readonly kind: 'added'; readonly actor: string; readonly data: { readonly by: number } };

const recording = (stream: string): Recording<number, Added> => ({
  stream,
  empty: 0,
  take: (sum, { data }) => sum + data.by,
  kinds: ['added'],
  what: 'sums',
  held: 'nothing is added',
});
const added = (by: number): Added => ({ kind: 'added', actor: 'test', data: { by } });

async function pair(log: EventLog) {
  const token = await log.claim('test');
  const a = new RecordedState(recording('a'), log, token, () => 1);
  const b = new RecordedState(recording('b'), log, token, () => 1);
  return { a, b };
}

test('two states change in one transaction, each in its turn, whoever asks in whatever order', async () => {
  const log = openMemoryLog({ hashing: false });
  let appends = 0;
  const counting: EventLog = {
    ...log,
    append: (...given) => {
      appends += 1;
      return log.append(...given);
    },
  };
  const { a, b } = await pair(counting);
  const heard: string[] = [];
  a.listen((events, state) => heard.push(`a ${events.length} ${state}`));
  b.listen((events, state) => heard.push(`b ${events.length} ${state}`));
  await Promise.all([
    a.change((sum) => [added(sum + 1)]),
    RecordedState.changeBoth(a, b, (x, y) => [[added(x + 10)], [added(y + 5)]]),
    RecordedState.changeBoth(b, a, (y, x) => [[added(y)], [added(x)]]),
    b.change((sum) => [added(sum)]),
    RecordedState.changeBoth(a, b, () => [[], []]),
  ]);
  assert.deepEqual([a.state, b.state, appends], [24, 20, 4]);
  assert.deepEqual(heard, ['a 1 1', 'a 1 12', 'b 1 5', 'b 1 10', 'a 1 24', 'b 1 20']);
});

test('where the log takes nothing neither state has changed, and both go on with what it has once it is well', async () => {
  const log = openMemoryLog({ hashing: false });
  let failing: 'before' | 'after' | null = null;
  const token = await log.claim('test');
  const shaky: EventLog = {
    ...log,
    append: async (...given) => {
      if (failing === 'before') throw new Error('no space');
      const results = await log.append(...given);
      if (failing === 'after') throw new Error('no answer');
      return results;
    },
  };
  const a = new RecordedState(recording('a'), shaky, token, () => 1);
  const b = new RecordedState(recording('b'), shaky, token, () => 1);
  const both = () => RecordedState.changeBoth(a, b, () => [[added(1)], [added(2)]]);
  failing = 'before';
  await assert.rejects(both(), { code: 'E_LOG_FAILING' });
  assert.deepEqual([a.state, b.state], [0, 0]);
  failing = 'after';
  await assert.rejects(both(), { code: 'E_LOG_FAILING' });
  failing = null;
  await both();
  assert.deepEqual([a.state, b.state], [2, 4]);
});
