import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
import { until } from '../../../test/acceptance/stage.ts';
import type { ReleaseSummary } from '../../release/summary.ts';
import { controllerDefaults } from '../../spec/controller.ts';
import type { FlagView } from '../../views/flag-view.ts';
import type { ReleaseView, ServiceView } from '../../views/service-view.ts';
import { problemIn, Served } from '../access/server.fixture.ts';

const flags = (variants = '{ on: true, off: false }') => `apiVersion: rampart/v1
kind: FlagSet
metadata: { name: shop }
spec: { flags: { new-checkout: { variants: ${variants}, defaultVariant: off } } }
`;

const service = (port: number, steps: string) => `apiVersion: rampart/v1
kind: Service
metadata: { name: new-checkout }
spec:
  target: { external: { address: 127.0.0.1:${port} } }
  router: { flag: { key: new-checkout } }
  release:
    strategy: { flag: { steps: [ ${steps} ] } }
    guard: { errors: { max: 20% } }
    bake: 1s
`;

/** Users of a program that asks for the flag by the OpenFeature SDK, and reports what became of it. Once a second, until `stop`. */
class Shoppers {
  /** Share of those with `on` for whom it fails. */
  failing = 0;
  readonly #client: Client;
  readonly #report: (results: readonly object[]) => Promise<unknown>;
  readonly #timer: NodeJS.Timeout;
  #asked = 0;

  constructor(client: Client, report: (results: readonly object[]) => Promise<unknown>) {
    this.#client = client;
    this.#report = report;
    this.#timer = setInterval(() => void this.#shop().catch(() => {}), 100);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #shop(): Promise<void> {
    const users = Array.from({ length: 20 }, () => `user-${this.#asked++ % 500}`);
    const details = await Promise.all(
      users.map((targetingKey) => this.#client.getBooleanDetails('new-checkout', false, { targetingKey })),
    );
    await this.#report(
      details.flatMap(({ variant }, index) =>
        variant === undefined ? [] : [{ variant, failed: variant === 'on' && index / users.length < this.failing, ms: 5 }],
      ),
    );
  }
}

describe('releases of a flag', () => {
  const server = new Served({ rateLimits: { ...controllerDefaults.rateLimits, flags: { perMinute: 1_000_000 } } });
  const program = createServer((_request, response) => response.end('ok'));
  let shoppers: Shoppers;
  let client: Client;
  let reporter = '';
  let port = 0;
  before(async () => {
    await new Promise<void>((listening) => program.listen(0, '127.0.0.1', listening));
    port = (program.address() as AddressInfo).port;
    await server.up();
    await server.own('POST', '/api/v1/flag-sets', { document: flags() });
    reporter = (await server.token('app', [{ role: 'reporter', services: '*' }])).secret;
    const headers: [string, string][] = [['authorization', `Bearer ${reporter}`]];
    await OpenFeature.setProviderAndWait('shoppers', new OFREPProvider({ baseUrl: server.host.url, headers }));
    client = OpenFeature.getClient('shoppers');
    shoppers = new Shoppers(client, (results) =>
      server.ask('POST', '/api/v1/flags/new-checkout/results', { results }, { token: reporter }),
    );
  });
  after(async () => {
    shoppers?.stop();
    await OpenFeature.close();
    await server.close();
    program.close();
  });

  const release = async (version: string, steps = '{ share: 50%, for: 2s }'): Promise<string> =>
    (
      await server.own<{ release: string }>('POST', '/api/v1/releases', {
        document: service(port, steps),
        file: 'a.yaml',
        folder: '/',
        version,
      })
    ).release;
  const viewOf = (id: string) => server.own<ReleaseView>('GET', `/api/v1/releases/${id}`);
  const ended = async (id: string): Promise<ReleaseSummary> => {
    await until(`${id} has ended`, async () => (await viewOf(id)).summary !== null);
    const { summary } = await viewOf(id);
    assert(summary);
    return summary;
  };
  const said = async (): Promise<string> => (await server.own<FlagView>('GET', '/api/v1/flags/new-checkout')).said;
  const put = (how: string, body: unknown = {}) =>
    server.ask('POST', `/api/v1/flags/new-checkout/${how}`, body, { token: server.ownerToken });

  test('a version that is no variant is refused before anything moves, with those that there are', async () => {
    const { outcome, reason } = await ended(await release('onn'));
    assert.equal(outcome, 'rejected');
    assert.match(reason, /new-checkout has no variant onn; it has on, off/);
  });

  test('the first version is off for all; then on is given to a share of the users and watched, and then to all', async () => {
    assert.equal((await ended(await release('off'))).outcome, 'succeeded');
    assert.equal(await said(), 'everybody has off, by the releases of new-checkout');
    const id = await release('on', '{ share: 10%, for: 3s }, { share: 50%, for: 4s }');
    const having = new Map<number, Set<string>>();
    let last = 0;
    await until('it has ended', async () => {
      const { route } = await server.own<FlagView>('GET', '/api/v1/flags/new-checkout');
      if (route && route.percent > 0 && route.percent < 100) {
        const users = Array.from({ length: 60 }, (_, index) => `user-${index}`);
        const has = await Promise.all(
          users.map((targetingKey) => client.getBooleanValue('new-checkout', false, { targetingKey })),
        );
        if (route.percent >= last) having.set(route.percent, new Set(users.filter((_, index) => has[index])));
        last = route.percent;
      }
      return (await viewOf(id)).summary !== null;
    });
    const { outcome, reason } = await ended(id);
    assert.equal(outcome, 'succeeded', reason);
    const view = await viewOf(id);
    assert.deepEqual([...having.keys()], [10, 50]);
    for (const user of having.get(10) ?? []) assert(having.get(50)?.has(user), `${user} has lost it while its share grew`);
    assert.deepEqual(view.steps.map(({ text }) => text).slice(0, 5), [
      'give it to 10 % of users',
      'observe for 3s',
      'give it to 50 % of users',
      'observe for 4s',
      'give it to all users',
    ]);
    assert(view.totals.candidate.requests > 20, 'exposure is counted by variant');
    assert(view.totals.stable.requests > 20);
    assert.equal(await said(), 'everybody has on, by the releases of new-checkout');
    assert.equal(await client.getBooleanValue('new-checkout', false), true, 'also for those without a targeting key');
  });

  test('a variant that fails its users is taken from all of them', async () => {
    assert.equal((await ended(await release('off', '{ share: 50%, for: 1s }'))).outcome, 'succeeded');
    shoppers.failing = 0.6;
    const view = await ended(await release('on', '{ share: 20%, for: 60s }'));
    shoppers.failing = 0;
    assert.equal(view.outcome, 'rolled-back');
    assert.match(view.reason, /on fails \d+ of \d+ requests where off fails 0 of/);
    assert.equal(await said(), 'everybody has off, by the releases of new-checkout');
  });

  test('while releases give it out nobody else does, and the kill switch takes it and aborts the release', async () => {
    const id = await release('on', '{ share: 30%, for: 60s }');
    await until('some have it', async () => (await said()).startsWith('30%'));
    assert.match(
      problemIn(await put('share', { sharePpm: 900_000 })),
      /409 E_REFUSED new-checkout is given out by the releases of new-checkout/,
    );
    for (const document of [flags('{ off: false }'), flags().replace('new-checkout', 'another')])
      assert.match(
        problemIn(await server.ask('POST', '/api/v1/flag-sets', { document }, { token: server.ownerToken })),
        /E_REFUSED new-checkout (has no variant on|is missing) in the document, and new-checkout is given out/,
      );
    const removed = await server.ask('DELETE', '/api/v1/flag-sets/shop', undefined, { token: server.ownerToken });
    assert.match(problemIn(removed), /E_REFUSED new-checkout is given out by the releases/);

    assert.equal((await put('off', { why: 'orders fail' })).status, 200);
    assert.equal(await client.getBooleanValue('new-checkout', true, { targetingKey: 'user-1' }), false);
    const view = await ended(id);
    assert.equal(view.outcome, 'rolled-back');
    assert.match(view.reason, /aborted by owner: new-checkout was switched off: orders fail/);

    const refused = await ended(await release('on'));
    assert.equal(refused.outcome, 'rejected');
    assert.match(refused.reason, /was switched off by owner \(orders fail\): `rampart flag reset new-checkout`/);
    assert.equal((await put('reset')).status, 200);
  });

  test('what is in force is so after a restart, and viewers do not report', async () => {
    const id = await release('on', '{ share: 40%, for: 60s }');
    await until('some have it', async () => (await said()).startsWith('40%'));
    await server.down();
    await server.up();
    assert.match(await said(), /^40% have on, the others off, by the releases of new-checkout/);
    const { secret } = await server.token('reader', [{ role: 'viewer', services: '*' }]);
    const answer = await server.ask(
      'POST',
      '/api/v1/flags/new-checkout/results',
      { results: [{ variant: 'on' }] },
      { token: secret },
    );
    assert.match(problemIn(answer), /403 E_FORBIDDEN token reader may not report results of flags of new-checkout/);
    await server.own('POST', `/api/v1/releases/${id}/verbs`, { verb: 'abort' });
    assert.equal((await ended(id)).outcome, 'rolled-back');
    const { instances } = await server.own<ServiceView>('GET', '/api/v1/services/new-checkout');
    assert.deepEqual(
      instances.map(({ version, state }) => `${version} ${state}`),
      ['off ready'],
    );
  });
});
