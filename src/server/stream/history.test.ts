import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NewEvent } from '../../stores/log.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { history } from './history.ts';
import { isAbout, type Topic } from './topic.ts';

const topics: readonly Topic[] = [
  { kind: 'service', service: 'shop' },
  { kind: 'service', service: 'cart' },
  { kind: 'release', service: 'shop', release: 'shop-1' },
  { kind: 'overview' },
];

const none = async () => [];

/** What is put on record in one go: how many events of which service, of a release or of none, and whether they say something. */
const burst = fc.record({
  service: fc.constantFrom('shop', 'cart', 'mail'),
  release: fc.constantFrom('1', '2', null),
  count: fc.integer({ min: 1, max: 450 }),
  isSilent: fc.boolean(),
});

test('the past of topics after a position is what was said about them, in order, each thing once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(burst, { maxLength: 12 }),
      fc.subarray([...topics]),
      fc.double({ min: 0, max: 1.1, noNaN: true }),
      async (bursts, asked, share) => {
        const log = openMemoryLog({ hashing: false });
        const token = await log.claim('test');
        const versions = new Map<string, number>();
        const said: { readonly seq: number; readonly service: string; readonly release: string | null }[] = [];
        let seq = 0;
        for (const { service, release: number, count, isSilent } of bursts) {
          const release = number && `${service}-${number}`;
          const events: NewEvent[] = Array.from({ length: count }, () => ({
            at: 1,
            kind: 'woke',
            release,
            actor: 'controller',
            data: { event: { kind: 'woke', at: 1 }, said: isSilent ? null : 'something', phase: null },
          }));
          const stream = `service/${service}`;
          await log.append(token, [{ stream, expectedVersion: versions.get(service) ?? 0, events }]);
          versions.set(service, (versions.get(service) ?? 0) + count);
          for (let index = 0; index < count; index += 1) {
            seq += 1;
            if (!isSilent) said.push({ seq, service, release });
          }
        }
        const after = Math.floor(seq * share);
        const found: number[] = [];
        for await (const entries of history({ log, incidentEvents: none }, asked, after, 'en'))
          found.push(...entries.map((entry) => entry.seq));
        const wanted = said.filter((one) => one.seq > after && asked.some((topic) => isAbout(topic, one.service, one.release)));
        assert.deepEqual(
          found,
          wanted.map((one) => one.seq),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('a long past lets others have their turn', async () => {
  const log = openMemoryLog({ hashing: false });
  const token = await log.claim('test');
  const event = {
    at: 1,
    kind: 'woke',
    release: null,
    actor: 'controller',
    data: { event: { kind: 'woke', at: 1 }, said: null, phase: null },
  };
  await log.append(token, [{ stream: 'service/shop', expectedVersion: 0, events: Array.from({ length: 2_000 }, () => event) }]);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  let pages = 0;
  for await (const _entries of history({ log, incidentEvents: none }, [{ kind: 'service', service: 'shop' }], 0, 'en'))
    pages += 1;
  clearInterval(timer);
  assert(pages > 5);
  assert(turns > 0, 'no timer had its turn');
});
