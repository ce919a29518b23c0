import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../test/acceptance/stage.ts';
import type { Sample } from '../../analysis/sample.ts';
import { UserError } from '../../errors.ts';
import { Flags } from '../../server/flags/flags.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import type { Route, TrafficRouter } from '../router.ts';
import { flag } from './index.ts';

const never = () => new AbortController().signal;
const backend = (version: string) => ({ version, endpoints: [{ host: '127.0.0.1', port: 80 }] });
const route = (weight: number, more: Partial<Route> = {}): Route => ({
  stable: backend('off'),
  candidate: backend('on'),
  weight,
  match: [],
  ...more,
});

async function opened(config: { results?: boolean } = {}) {
  const log = openMemoryLog();
  const flags = await Flags.open(log, await log.claim('tests'), () => Date.now());
  const beta = {
    state: 'ENABLED',
    variants: { on: true, off: false },
    defaultVariant: 'off',
    targeting: null,
    metadata: {},
  } as const;
  const by = { actor: 'tess', from: { address: 'local', via: 'owner', credential: null }, why: '' } as const;
  await flags.apply(by, [{ name: 'shop', owner: null, flags: { beta } }], false);
  const make = (): TrafficRouter =>
    flag.create(flag.schema.parse({ key: 'beta', ...config }), {
      service: 'shop',
      folder: '/nowhere',
      edgesMs: [100],
      leaseMs: 5_000,
      flags: flags.routing,
    });
  const router = make();
  await router.open(never());
  return { flags, router, make, by };
}

const refused = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;

test('a share is read back from the record, also by another client, and older writers change nothing', async () => {
  const { router, make } = await opened();
  assert.equal(await router.readRoute(never()), null);
  for (const [seq, weight] of [0, 0.5, 33.3333, 100].entries()) {
    await router.setRoute(route(weight), { token: 2, seq }, never());
    const again = make();
    await again.open(never());
    const reading = await again.readRoute(never());
    assert.deepEqual([reading?.route, reading?.fence, reading?.lapsed], [route(weight), { token: 2, seq }, false]);
  }
  await router.setRoute(route(100), { token: 2, seq: 3 }, never());
  for (const fence of [
    { token: 1, seq: 9 },
    { token: 2, seq: 2 },
    { token: 2, seq: 3 },
  ])
    await assert.rejects(router.setRoute(route(1), fence, never()), refused('E_STALE_FENCE'));
  assert.equal((await router.renewLease(2, never()))?.route.weight, 100);
});

test('what a flag cannot give out is refused: a header, an unknown variant, a candidate that is not ready', async () => {
  const { router } = await opened();
  const fence = { token: 1, seq: 1 };
  const bad = [
    route(10, { match: [{ header: 'x', equals: 'y' }] }),
    route(10, { candidate: backend('onn') }),
    route(10, { candidate: { version: 'on', endpoints: [] } }),
    route(10, { candidate: null }),
  ];
  for (const one of bad) await assert.rejects(router.setRoute(one, fence, never()), refused('E_ROUTE_REFUSED'));
  assert.equal(await router.readRoute(never()), null);
  assert.deepEqual(await router.check?.('onn', never()), ['beta has no variant onn; it has on, off']);
  assert.deepEqual(await router.check?.('on', never()), []);
});

test('what people have switched off is read as off, and is given out by no release until it is reset', async () => {
  const { router, flags, by } = await opened();
  await router.setRoute(route(50), { token: 1, seq: 1 }, never());
  await flags.off({ ...by, why: 'orders fail' }, 'beta');
  assert.deepEqual((await router.readRoute(never()))?.route, { stable: backend('off'), candidate: null, weight: 0, match: [] });
  await assert.rejects(router.setRoute(route(60), { token: 1, seq: 2 }, never()), /switched off by tess \(orders fail\)/);
  await router.setRoute(route(0, { candidate: null }), { token: 1, seq: 3 }, never());
  await flags.reset(by, 'beta');
  await router.setRoute(route(60), { token: 1, seq: 4 }, never());
  assert.equal((await router.readRoute(never()))?.route.weight, 60);
});

test('reported results are exact counts of each variant that is given out, by the second', async () => {
  const { router, flags } = await opened();
  await router.setRoute(route(50), { token: 1, seq: 1 }, never());
  const from = Math.floor(Date.now() / 1_000);
  const results = [
    { variant: 'on', failed: true, ms: 150 },
    { variant: 'on', failed: false, ms: 20 },
    { variant: 'off', failed: false, ms: 10 },
    { variant: 'another', failed: true, ms: 10 },
  ];
  // Both in a second of which nothing is missing.
  await until('the second is over', () => Math.floor(Date.now() / 1_000) > from);
  assert(flags.routing.report('beta', results));
  const query = { stable: 'off', candidate: 'on', afterSecond: from, limit: 10 };
  let sample: Sample | undefined;
  await until('the second is counted', async () => {
    [sample] = await router.samples(query, never());
    return sample !== undefined;
  });
  assert.deepEqual([sample?.candidate?.n, sample?.candidate?.errors, sample?.candidate?.slower], [2, 1, [1]]);
  assert.deepEqual([sample?.stable?.n, sample?.stable?.errors], [1, 0]);
  assert.equal(sample?.weight, 50);
  await router.close(never());
  assert(!flags.routing.report('beta', results), 'nobody counts them any more');
});

test('without results the counts are left to the source', async () => {
  const { router } = await opened({ results: false });
  assert.deepEqual([router.capabilities.counts, router.capabilities.latency], [false, false]);
});

test('a service that is gone leaves its flag to people, with all users on the stable variant', async () => {
  const { router, flags, by } = await opened();
  await router.setRoute(route(0, { stable: backend('on'), candidate: null }), { token: 1, seq: 1 }, never());
  await router.close(never());
  const { level, route: left } = flags.flag('beta');
  assert.deepEqual([left, level?.level], [null, { kind: 'share', variant: 'on', sharePpm: 1_000_000 }]);
  await flags.share(by, 'beta', 0, undefined);
});
