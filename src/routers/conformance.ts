import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Sample } from '../analysis/sample.ts';
import type { Backend, Endpoint, Route, RouterContext, TrafficRouter } from './router.ts';
import { get, rejects, resetsSeen, shareOf, soon, until, versions } from './users.fixture.ts';

/** A router as the suite needs it. */
export type RouterUnderTest = {
  readonly router: TrafficRouter;
  /**
   * Where its users connect; may change when it is opened again. Absent where what carries its routes out cannot be had in a test: then
   * nothing but what the router says is tried.
   */
  address?(): Promise<Endpoint>;
  /** Two versions that it can send to, where these are more than addresses. */
  readonly versions?: { readonly stable: Backend; readonly candidate: Backend };
  /** The matches that it can serve, where that is not every kind of them. */
  readonly matches?: Route['match'];
  /** Another client of the same router, as a restarted controller would make it. Not opened yet. */
  again(): TrafficRouter;
  /** Kills the program with no chance to say goodbye. Absent when Rampart does not own the program. */
  kill?(): Promise<void>;
  /** Of a program that belongs to the user: kills it, as a crash does. */
  stop?(): Promise<void>;
  /** Starts it again with the user's own configuration, as their service manager does. */
  start?(): Promise<void>;
  /** Stops the program so that it takes calls and answers none, as one that swaps does; null continues it. Absent: it keeps no lease. */
  hang?(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Changes the candidate's weight in force behind Rampart's back, with the program's own means. */
  tamper?(weight: number): Promise<void>;
};

const noUsers = 'what carries its routes out cannot be had here, so that nobody can ask it';

/** Makes an opened router that is gone, with all it left, when the test ends. */
export type MakeRouter = (t: TestContext, context?: Partial<RouterContext>) => Promise<RouterUnderTest>;

/** What every router must do, shown with real traffic on real versions. */
export function routerConformance(name: string, given: MakeRouter): void {
  const make: MakeRouter = async (t, context) => {
    const made = await given(t, context);
    if (made.router.capabilities.resetsIdle) resetsSeen.set(t, 0);
    return made;
  };
  test(`${name}: before the first route there is nothing to read, and requests are refused`, async (t) => {
    const { router, address, kill } = await make(t);
    assert.equal(await router.readRoute(soon()), null);
    // What belongs to the user does meanwhile what it did before.
    if (kill && address) assert.equal((await get(t, await address())).status, 503);
  });

  test(`${name}: a weight is read back, and the traffic follows it`, async (t) => {
    const { router, address, versions: own } = await make(t);
    const { stable, candidate } = own ?? (await versions(t));
    for (const [i, weight] of [0, 10, 50, 100, 25, 0].entries()) {
      const route: Route = { stable, candidate, weight, match: [] };
      await router.setRoute(route, { token: 1, seq: i }, soon());
      const reading = await router.readRoute(soon());
      assert.deepEqual(reading?.route, route);
      assert.deepEqual(reading?.fence, { token: 1, seq: i });
      assert.equal(reading?.lapsed, false);
      if (!address) continue;
      const isDealt = router.capabilities.shares === 'dealt' || weight % 100 === 0;
      const share = await shareOf(t, await address(), candidate.version, isDealt ? 200 : 600);
      // By lot a share of 600 requests is within five standard deviations of its weight but once in two million.
      const within = isDealt ? 1 : 5 * Math.sqrt((weight * (100 - weight)) / 600);
      assert.ok(Math.abs(share - weight) <= within, `${share} % of the requests at ${weight} %`);
    }
  });

  test(`${name}: a user stays with the candidate as its weight grows, and with stable as it shrinks`, async (t) => {
    const { router, address } = await make(t);
    if (!router.capabilities.sticky) return t.skip('this router deals out every request anew');
    if (!address) return t.skip(noUsers);
    const { stable, candidate } = await versions(t);
    const cookies = new Map<string, boolean>();
    let seq = 0;
    await router.setRoute({ stable, candidate, weight: 20, match: [] }, { token: 1, seq: ++seq }, soon());
    const where = await address();
    for (let user = 0; user < 40; user++) {
      const first = await get(t, where);
      const cookie = first.headers['set-cookie']?.[0]?.split(';')[0];
      assert.ok(cookie, 'a new user is given a cookie');
      assert.equal((await get(t, where, { cookie })).version, first.version, 'the second request goes where the first went');
      cookies.set(cookie, first.version === candidate.version);
    }
    for (const weight of [30, 60, 100, 60, 30, 20, 5, 0]) {
      await router.setRoute({ stable, candidate, weight, match: [] }, { token: 1, seq: ++seq }, soon());
      for (const [cookie, before] of cookies) {
        const now = (await get(t, where, { cookie })).version === candidate.version;
        if (now !== before) assert.equal(now, weight > 20 && seq <= 4, `a user changed sides at ${weight} %`);
        cookies.set(cookie, now);
      }
    }
  });

  test(`${name}: a matching header or cookie goes to the candidate whatever the weight`, async (t) => {
    const { router, address, matches } = await make(t);
    if (!router.capabilities.match) return t.skip('this router serves no matches');
    const { stable, candidate } = await versions(t);
    const match: Route['match'] = matches ?? [
      { header: 'X-Canary', equals: 'yes' },
      { header: 'User-Agent', contains: 'beta' },
      { header: 'X-Staff', pattern: '^[a-z]+@example[.]com$' },
      { cookie: 'preview', equals: 'on' },
    ];
    await router.setRoute({ stable, candidate, weight: 0, match }, { token: 1, seq: 1 }, soon());
    assert.deepEqual((await router.readRoute(soon()))?.route, { stable, candidate, weight: 0, match });
    if (!address) return;
    const where = await address();
    const cases: readonly [headers: Record<string, string>, matches: boolean][] = [
      [{ 'x-canary': 'yes' }, true],
      [{ 'x-canary': 'no' }, false],
      [{ 'user-agent': 'app/beta 3' }, true],
      [{ 'x-staff': 'ann@example.com' }, true],
      [{ 'x-staff': 'ann@example.com.evil' }, false],
      [{ cookie: 'a=1; preview=on' }, true],
      [{ cookie: 'a=preview=on; xpreview=on' }, false],
      [{}, false],
    ];
    for (const [headers, matches] of cases)
      assert.equal((await get(t, where, headers)).version, matches ? candidate.version : stable.version, JSON.stringify(headers));
  });

  test(`${name}: writing the same again changes nothing, writing something older is refused`, async (t) => {
    const { router, versions: own } = await make(t);
    const { stable, candidate } = own ?? (await versions(t));
    const route: Route = { stable, candidate, weight: 10, match: [] };
    await router.setRoute(route, { token: 2, seq: 5 }, soon());
    await router.setRoute(route, { token: 2, seq: 5 }, soon());
    const refused: readonly [Route, { token: number; seq: number }][] = [
      [
        { ...route, weight: 99 },
        { token: 1, seq: 9 },
      ],
      [
        { ...route, weight: 99 },
        { token: 2, seq: 4 },
      ],
      [
        { ...route, weight: 99 },
        { token: 2, seq: 5 },
      ],
    ];
    for (const [other, fence] of refused) await rejects(router.setRoute(other, fence, soon()), 'E_STALE_FENCE');
    assert.deepEqual((await router.readRoute(soon()))?.route, route);
    await router.setRoute({ ...route, weight: 20 }, { token: 3, seq: 1 }, soon());
    assert.equal((await router.readRoute(soon()))?.route.weight, 20);
  });

  test(`${name}: a candidate without an instance gets no traffic`, async (t) => {
    const { router, versions: own } = await make(t);
    const { stable } = own ?? (await versions(t));
    const nobody: Backend = { version: 'new', endpoints: [] };
    await rejects(
      router.setRoute({ stable, candidate: nobody, weight: 1, match: [] }, { token: 1, seq: 1 }, soon()),
      'E_ROUTE_REFUSED',
    );
    await rejects(
      router.setRoute({ stable, candidate: null, weight: 1, match: [] }, { token: 1, seq: 1 }, soon()),
      'E_ROUTE_REFUSED',
    );
    await router.setRoute({ stable, candidate: nobody, weight: 0, match: [] }, { token: 1, seq: 1 }, soon());
  });

  test(`${name}: a lease that nobody renews takes all traffic back to stable`, async (t) => {
    const leaseMs = 800;
    const { router, address } = await make(t, { leaseMs });
    if (!router.capabilities.lease) return t.skip('this router keeps no lease');
    if (!address) return t.skip(noUsers);
    const { stable, candidate } = await versions(t);
    const route: Route = { stable, candidate, weight: 100, match: [{ header: 'x-canary', equals: 'yes' }] };
    let seq = 0;
    let sentMs = 0;
    const give = async () => {
      sentMs = performance.now();
      await router.setRoute(route, { token: 3, seq: (seq += 1) }, soon());
    };
    await give();
    let heldUntilMs = sentMs + 1_400;
    await until(async () => {
      const beforeMs = sentMs;
      sentMs = performance.now();
      const reading = await router.renewLease(3, soon());
      // Where the machine itself stood still for a lease, nothing was renewed in time, and it begins again.
      if (performance.now() - beforeMs > leaseMs) {
        await give();
        heldUntilMs = sentMs + 1_400;
      } else assert.equal(reading?.lapsed, false, 'a renewed lease does not lapse');
      return performance.now() > heldUntilMs;
    });
    await rejects(router.renewLease(2, soon()), 'E_STALE_FENCE');
    await until(async () => (await router.readRoute(soon()))?.lapsed === true);
    assert.deepEqual((await router.readRoute(soon()))?.route, { ...route, weight: 0, match: [] });
    assert.equal((await get(t, await address(), { 'x-canary': 'yes' })).version, stable.version);
    assert.equal((await router.renewLease(3, soon()))?.lapsed, true, 'a renewal comes too late');
    await until(async () => {
      await give();
      const reading = await router.readRoute(soon());
      const { version } = await get(t, await address());
      if (performance.now() - sentMs > leaseMs) return false;
      assert.deepEqual([reading?.lapsed, version], [false, candidate.version]);
      return true;
    });
  });

  test(`${name}: what was sent to a program that hung is late when it wakes, but for the way back`, async (t) => {
    const { router, hang, address } = await make(t, { leaseMs: 800 });
    if (!router.capabilities.lease || !hang || !address) return t.skip('this router keeps no lease');
    const { stable, candidate } = await versions(t);
    const route: Route = { stable, candidate, weight: 100, match: [] };
    await router.setRoute(route, { token: 1, seq: 1 }, soon());
    await hang('SIGSTOP');
    const wakesMs = performance.now() + 1_200;
    const late = router.setRoute(route, { token: 1, seq: 2 }, soon());
    // Whoever sent these is gone by the time they are read.
    const renewal = router.renewLease(1, soon());
    const refused = rejects(late, 'E_ROUTE_REFUSED');
    await until(() => performance.now() > wakesMs);
    await hang('SIGCONT');
    await refused;
    await renewal;
    const reading = await router.readRoute(soon());
    assert.deepEqual([reading?.lapsed, reading?.route.weight, reading?.fence.seq], [true, 0, 1]);
    assert.equal((await get(t, await address())).version, stable.version);

    await router.setRoute(route, { token: 1, seq: 3 }, soon());
    await hang('SIGSTOP');
    const backMs = performance.now() + 1_000;
    const back = router.setRoute({ ...route, weight: 0 }, { token: 1, seq: 4 }, soon());
    await until(() => performance.now() > backMs);
    await hang('SIGCONT');
    await back;
    assert.equal((await router.readRoute(soon()))?.fence.seq, 4);
  });

  test(`${name}: after the program was killed it comes back with its route, and is not taken for alive before`, async (t) => {
    const made = await make(t);
    if (!made.kill || !made.address) return t.skip('Rampart does not own this program');
    const { stable, candidate } = await versions(t);
    const route: Route = { stable, candidate, weight: 30, match: [] };
    await made.router.setRoute(route, { token: 1, seq: 7 }, soon());
    await made.kill();
    await rejects(made.router.readRoute(soon()), 'E_ROUTER_UNREACHABLE');
    await rejects(made.router.setRoute(route, { token: 1, seq: 8 }, soon()), 'E_ROUTER_UNREACHABLE');
    const again = made.again();
    await again.open(soon());
    const reading = await again.readRoute(soon());
    assert.deepEqual(reading?.route, route);
    assert.deepEqual(reading?.fence, { token: 1, seq: 7 });
    await rejects(again.setRoute(route, { token: 1, seq: 6 }, soon()), 'E_STALE_FENCE');
    assert.equal(await shareOf(t, await made.address(), candidate.version, 100), 30);
  });

  test(`${name}: a program of the user's that crashes is not taken for alive, and has its route again after its next start`, async (t) => {
    const { router, address, again, stop, start, versions: own } = await make(t);
    if (!stop || !start) return t.skip('this program belongs to Rampart');
    const { stable, candidate } = own ?? (await versions(t));
    const route: Route = { stable, candidate, weight: 50, match: [] };
    await router.setRoute(route, { token: 2, seq: 7 }, soon());
    await stop();
    await rejects(router.readRoute(soon()), 'E_ROUTER_UNREACHABLE');
    await rejects(router.setRoute({ ...route, weight: 60 }, { token: 2, seq: 8 }, soon()), 'E_ROUTER_UNREACHABLE');
    await start();
    const client = again();
    await client.open(soon());
    await rejects(client.setRoute({ ...route, weight: 99 }, { token: 1, seq: 9 }, soon()), 'E_STALE_FENCE');
    // Whatever came of the write that was refused, the program says what is in force.
    const reading = await client.readRoute(soon());
    assert.ok(reading === null || [50, 60].includes(reading.route.weight), JSON.stringify(reading));
    await client.setRoute({ ...route, weight: 100 }, { token: 2, seq: 9 }, soon());
    assert.equal((await client.readRoute(soon()))?.route.weight, 100);
    if (address) assert.equal(await shareOf(t, await address(), candidate.version, 40), 100);
    await client.close(soon());
  });

  test(`${name}: a weight that somebody changed by hand is read as it is, and repaired by the next write`, async (t) => {
    const { router, address, tamper, versions: own } = await make(t);
    if (!tamper) return t.skip('nobody else can change this router');
    const { stable, candidate } = own ?? (await versions(t));
    const route: Route = { stable, candidate, weight: 25, match: [] };
    await router.setRoute(route, { token: 1, seq: 1 }, soon());
    await tamper(75);
    const read = await router.readRoute(soon());
    assert.notEqual(read?.route.weight, 25, 'what is in force is read from the program itself');
    // As the runtime does it: the same route under a new number.
    await router.setRoute(route, { token: 1, seq: 2 }, soon());
    assert.deepEqual((await router.readRoute(soon()))?.route, route);
    if (!address) return;
    const share = await shareOf(t, await address(), candidate.version, 400);
    assert.ok(Math.abs(share - 25) <= (router.capabilities.shares === 'dealt' ? 1 : 11), `${share} %`);
  });

  test(`${name}: several instances of a version share its requests`, async (t) => {
    const { router, address } = await make(t);
    if (!address) return t.skip(noUsers);
    const [one, two] = [await versions(t), await versions(t)];
    const both = (side: 'stable' | 'candidate'): Backend => ({
      ...one[side],
      endpoints: [...one[side].endpoints, ...two[side].endpoints],
    });
    await router.setRoute(
      { stable: both('stable'), candidate: one.candidate, weight: 20, match: [] },
      { token: 1, seq: 1 },
      soon(),
    );
    const share = await shareOf(t, await address(), one.candidate.version, 600);
    assert.ok(Math.abs(share - 20) <= (router.capabilities.shares === 'dealt' ? 1 : 9), `${share} % with two against one`);
    await router.setRoute(
      { stable: one.stable, candidate: both('candidate'), weight: 50, match: [] },
      { token: 1, seq: 2 },
      soon(),
    );
    const after = await shareOf(t, await address(), one.candidate.version, 600);
    assert.ok(Math.abs(after - 50) <= (router.capabilities.shares === 'dealt' ? 1 : 11), `${after} % with one against two`);
  });

  test(`${name}: many changes of the weight under load lose no request`, async (t) => {
    const { router, address } = await make(t);
    if (!address) return t.skip(noUsers);
    const { stable, candidate } = await versions(t);
    await router.setRoute({ stable, candidate, weight: 0, match: [] }, { token: 1, seq: 0 }, soon());
    const where = await address();
    // Those that close connections take their time about it.
    const changes = router.capabilities.resetsIdle ? 12 : 50;
    const clients = 8;
    let running = true;
    const load = Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        const seen = { [stable.version]: 0, [candidate.version]: 0 };
        for (let i = 0; running; i++) {
          const body = (client + i) % 3 === 0 ? 'x'.repeat(i % 5_000) : undefined;
          const answer = await get(t, where, {}, { path: '/', ...(body === undefined ? {} : { method: 'POST', body }) });
          assert.equal(answer.status, 200);
          seen[answer.version] = (seen[answer.version] ?? 0) + 1;
        }
        return seen;
      }),
    );
    for (let seq = 1; seq <= changes; seq++)
      await router.setRoute(
        { stable, candidate: seq % 10 ? candidate : null, weight: seq % 10 ? (seq * 37) % 101 : 0, match: [] },
        { token: 1, seq },
        soon(),
      );
    running = false;
    const seen = await load;
    assert.ok(seen.reduce((sum, each) => sum + (each[candidate.version] ?? 0), 0) > 0, 'the candidate had traffic');
    // Each client has one idle connection at a time, so a change can close no more than one of each under its hands.
    assert.ok((resetsSeen.get(t) ?? 0) <= changes * clients, `${resetsSeen.get(t)} idle connections were reset`);
    t.diagnostic(`${resetsSeen.get(t) ?? 0} idle connections were reset in ${changes} changes`);
  });

  test(`${name}: the counts are what the clients saw`, async (t) => {
    const { router, address } = await make(t, { edgesMs: [20, 1_000] });
    if (!router.capabilities.counts) return t.skip('this router does not count');
    if (!address) return t.skip(noUsers);
    const { stable, candidate } = await versions(t);
    await router.setRoute({ stable, candidate, weight: 40, match: [] }, { token: 1, seq: 1 }, soon());
    const where = await address();
    const saw = { [stable.version]: { n: 0, errors: 0, slow: 0 }, [candidate.version]: { n: 0, errors: 0, slow: 0 } };
    await Promise.all(
      Array.from({ length: 6 }, async (_, client) => {
        for (let i = 0; i < 50; i++) {
          const path = (i + client) % 7 === 0 ? '/fail' : i % 25 === 3 ? '/slow' : '/';
          const answer = await get(t, where, {}, { path });
          const side = saw[answer.version];
          assert.ok(side);
          side.n++;
          if (answer.status >= 500) side.errors++;
          if (path === '/slow') side.slow++;
        }
      }),
    );
    const query = { stable: stable.version, candidate: candidate.version, afterSecond: 0, limit: 1_000 };
    let samples: readonly Sample[] = [];
    await until(async () => {
      samples = await router.samples(query, soon());
      const all = total(samples, (s) => s.stable?.n ?? 0) + total(samples, (s) => s.candidate?.n ?? 0);
      // The second in which the route was set has only a part of its weight: one after it has to be complete.
      return all >= 300 && samples.at(-1)?.weight === 40;
    });
    for (const side of ['stable', 'candidate'] as const) {
      const expected = saw[side === 'stable' ? stable.version : candidate.version];
      assert.equal(
        total(samples, (s) => s[side]?.n ?? 0),
        expected?.n,
      );
      assert.equal(
        total(samples, (s) => s[side]?.errors ?? 0),
        expected?.errors,
      );
      assert.equal(
        total(samples, (s) => s[side]?.classes.status ?? 0),
        expected?.errors,
      );
      for (const sample of samples) {
        const counts = sample[side];
        const erredIn = counts?.firstErrorAtMs && Math.floor(counts.firstErrorAtMs / 1_000);
        if (counts?.errors) assert.ok(erredIn && erredIn >= firstSecondOf(sample) && erredIn <= sample.second, `${erredIn}`);
        else assert.equal(erredIn, undefined);
      }
      if (!router.capabilities.latency) continue;
      assert.ok(total(samples, (s) => s[side]?.slower[0] ?? 0) >= (expected?.slow ?? 0));
      assert.equal(
        total(samples, (s) => s[side]?.slower[1] ?? 0),
        0,
      );
      for (const { [side]: counts } of samples)
        assert.equal(
          counts?.histogram.reduce((sum, value, i) => sum + (i % 2 ? value : 0), 0),
          counts?.n,
        );
    }
    assert.deepEqual(
      samples.slice(1).map(firstSecondOf),
      samples.slice(0, -1).map(({ second }) => second + 1),
      'no second is missing',
    );
    assert.ok(samples.at(-1)?.weight === 40 && samples.every(({ edgesMs }) => edgesMs[0] === 20));
    // All requests may have fallen into one second.
    const last = samples.at(-1)?.second ?? 0;
    assert.deepEqual(
      (await router.samples({ ...query, afterSecond: last - 1, limit: 1 }, soon())).map(({ second }) => second),
      [last],
    );
  });
}

/** A sample of a router that was not looked at for a while covers more than its last second. */
function firstSecondOf({ second, seconds = 1 }: Sample): number {
  return second - seconds + 1;
}

function total(samples: readonly Sample[], count: (sample: Sample) => number): number {
  return samples.reduce((sum, sample) => sum + count(sample), 0);
}
