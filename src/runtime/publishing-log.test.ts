import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedEvent } from '../stores/log.ts';
import { memory } from '../stores/memory/index.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { publishing } from './publishing-log.ts';

const happening = { at: 1, kind: 'woke', release: null, actor: 'controller', data: {} };
const to = (stream: string, expectedVersion: number) => ({ stream, expectedVersion, events: [happening, happening] });

test('subscribers hear of what is on record, in its order, until they end their subscription', async () => {
  const warnings: string[] = [];
  const log = publishing(await memory.open({ hashing: true }), (text) => warnings.push(text));
  const token = await log.claim('tests');
  const heard: LoggedEvent[] = [];
  const spans: boolean[] = [];
  log.subscribe(() => {
    throw new Error('out of paper');
  });
  const end = log.subscribe((events) => heard.push(...events));
  log.timed((_ms, ok) => spans.push(ok));

  await log.append(token, [to('service/a', 0), to('service/b', 7), to('service/c', 0)]);
  const places = heard.map(({ stream, version, seq }) => `${seq} ${stream} ${version}`);
  const wanted = ['1 service/a 1', '2 service/a 2', '3 service/c 1', '4 service/c 2'];
  assert.deepEqual(places, wanted, 'what met a conflict is not on record');
  assert.deepEqual(heard, await log.readAll(0, 10));
  assert.deepEqual(warnings, ['a listener of the log: out of paper'], 'it harms neither the writer nor the others');

  await log.append(token, []);
  assert.deepEqual(spans, [true], 'a question whether the token is good is no append');
  end();
  await log.append(token, [to('service/b', 0)]);
  assert.equal(heard.length, 4);
  await assert.rejects(log.append(token - 1, [to('service/a', 2)]));
  assert.deepEqual(spans, [true, true, false]);
  assert.equal(log.latency.append.count, 3);
  assert.equal(log.latency.read.count, 1);
  await log.close();
});

test('durations are counted as Prometheus counts them: each bucket has those below it, too', () => {
  const histogram = new LatencyHistogram();
  for (const seconds of [0.0001, 0.001, 0.02, 90]) histogram.add(seconds);
  const { count, sumSeconds, buckets } = histogram;
  assert.deepEqual({ count, sumSeconds }, { count: 4, sumSeconds: 90.0211 });
  const below = (bound: number) => buckets.find(({ seconds }) => seconds === bound)?.count;
  assert.deepEqual([0.0005, 0.001, 0.01, 0.025, 5].map(below), [1, 2, 2, 3, 3]);
});
