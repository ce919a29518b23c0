import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulatedService } from '../../test/simulation/spec.ts';
import { Story } from '../release/story.fixture.ts';
import type { ServiceState } from '../release/types.ts';
import type { TrafficRouter } from '../routers/router.ts';
import type { WorkloadTarget } from '../targets/target.ts';
import type { Clock } from './clock.ts';
import type { Ports } from './ports.ts';
import { PortsInUse } from './ports-in-use.ts';

const clock: Clock = { now: () => 0, after: () => new Promise(() => {}) };

/** Ports whose routers end when the test says so. */
function bench() {
  const done: string[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  let made = 0;
  const ports = {
    router: () => {
      const number = (made += 1);
      const router: Partial<TrafficRouter> = {
        capabilities: {} as TrafficRouter['capabilities'],
        open: async () => void done.push(`opened ${number}`),
        async close() {
          done.push(`closing ${number}`);
          const end = Promise.withResolvers<void>();
          ends.push(end);
          await end.promise;
          done.push(`closed ${number}`);
        },
      };
      return router as TrafficRouter;
    },
    target: () => ({ onChange: () => () => {}, close: async () => {} }) as unknown as WorkloadTarget<unknown>,
    source: () => null,
  } as Partial<Ports> as Ports;
  return { done, ends, inUse: new PortsInUse(clock, ports, new AbortController().signal, () => {}) };
}

/** Lets everything happen that waits for nothing. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A first release, whose router listens there. */
function firstRelease(listen: string): ServiceState {
  const { state } = new Story().request('1.0.0');
  const spec = { ...simulatedService(), router: { kind: 'builtin', config: { listen } } };
  return state.live ? { ...state, live: { ...state.live, spec } } : assert.fail('nothing is live');
}

test('the next router is opened when the one before it, which may have its address, has gone', async () => {
  const { done, ends, inUse } = bench();
  await inUse.opened(firstRelease('127.0.0.1:1'));
  const dropping = inUse.drop();
  const opening = inUse.opened(firstRelease('127.0.0.1:1'));
  await settle();
  assert.deepEqual(done, ['opened 1', 'closing 1']);
  ends[0]?.resolve();
  await Promise.all([dropping, opening]);
  assert.deepEqual(done, ['opened 1', 'closing 1', 'closed 1', 'opened 2']);
});

test('one that follows from another document waits too, and one that cannot be ended is waited for no longer than it takes', async () => {
  const { done, ends, inUse } = bench();
  await inUse.opened(firstRelease('127.0.0.1:1'));
  const opening = inUse.opened(firstRelease('127.0.0.1:2'));
  await settle();
  assert.deepEqual(done, ['opened 1', 'closing 1']);
  ends[0]?.reject(new Error('nobody answers'));
  await opening;
  assert.deepEqual(done, ['opened 1', 'closing 1', 'opened 2']);
});

test('a router that is being opened is ended after it has opened', async () => {
  const { done, ends, inUse } = bench();
  void inUse.opened(firstRelease('127.0.0.1:1'));
  const dropping = inUse.drop();
  await settle();
  assert.deepEqual(done, ['opened 1', 'closing 1']);
  ends[0]?.resolve();
  await dropping;
});
