import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedEvent } from '../stores/log.ts';
import { memory } from '../stores/memory/index.ts';
import { publishing } from './publishing-log.ts';

const happening = { at: 1, kind: 'woke', release: null, actor: 'controller', data: {} };
const to = (stream: string, expectedVersion: number) => ({ stream, expectedVersion, events: [happening, happening] });

test('subscribers hear of what is on record, in its order, until they end their subscription', async () => {
  const failures: unknown[] = [];
  const log = publishing(await memory.open({ hashing: true }), (error) => failures.push(error));
  const token = await log.claim('tests');
  const heard: LoggedEvent[] = [];
  const spans: number[] = [];
  log.subscribe(() => {
    throw new Error('a listener of its own');
  });
  const end = log.subscribe((events) => heard.push(...events));
  log.latency.subscribe((ms) => spans.push(ms));
  await log.append(token, [to('service/a', 0), to('service/b', 7)]);
  assert.deepEqual(
    heard.map(({ stream, version, seq }) => [stream, version, seq]),
    [
      ['service/a', 1, 1],
      ['service/a', 2, 2],
    ],
    'what met a conflict is not on record',
  );
  assert.deepEqual(heard, await log.readAll(0, 10));
  await log.append(token, []);
  assert.equal(spans.length, 1, 'a question whether the token is good is no append');
  assert(failures.length === 1 && (spans[0] ?? -1) >= 0);
  end();
  await log.append(token, [to('service/b', 0)]);
  assert.equal(heard.length, 2);
  await assert.rejects(log.append(token - 1, [to('service/a', 2)]));
  assert.equal(spans.length, 2);
  await log.close();
});
