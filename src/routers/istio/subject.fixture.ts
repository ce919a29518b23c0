import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Kubernetes } from '../../../test/programs/kubernetes.ts';
import { type ClusterSubject, clusterPlace, ownService, servicesOf } from '../kubernetes-place.fixture.ts';
import { allStable, refused, split } from '../kubernetes-suite.fixture.ts';
import { soon } from '../users.fixture.ts';
import type { HttpRoute } from './http-routes.ts';
import { istio } from './index.ts';
import { type Subset, subsetName } from './subsets.ts';

export const virtualServicesOf = '/apis/networking.istio.io/v1/NS/virtualservices';
export const destinationRulesOf = '/apis/networking.istio.io/v1/NS/destinationrules';

type Found = { readonly spec: { readonly http: readonly HttpRoute[] } };

/** A VirtualService with two routes to the service and one to somebody else, and no DestinationRule. */
export const istioSubject: ClusterSubject = {
  name: 'istio',
  plugin: istio,
  config: { virtualService: 'checkout', host: 'checkout' },
  objects: [
    [servicesOf, ownService('checkout')],
    [
      virtualServicesOf,
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'checkout' },
        spec: {
          hosts: ['shop.example'],
          gateways: ['public'],
          http: [
            { match: [{ uri: { prefix: '/help' } }], route: [{ destination: { host: 'help' } }] },
            {
              name: 'pay',
              match: [{ uri: { prefix: '/pay' } }, { headers: { 'x-pay': { exact: 'yes' } } }],
              route: [{ destination: { host: 'checkout', port: { number: 80 } } }],
              timeout: '10s',
            },
            { route: [{ destination: { host: 'checkout' }, headers: { request: { remove: ['x-debug'] } } }] },
          ],
        },
      },
    ],
  ],
  holder: [virtualServicesOf, 'checkout'],
  resource: '(virtualservices|destinationrules).networking.istio.io',
  async tamper(place, weight) {
    const { spec } = await place.read<Found>(virtualServicesOf, 'checkout');
    const http = spec.http.map((each) => ({
      ...each,
      route: each.route?.map((one) => {
        const { subset } = one.destination;
        if (subset === subsetName('1.1.0')) return { ...one, weight };
        return subset === subsetName('1.0.0') ? { ...one, weight: 100 - weight } : one;
      }),
    }));
    await place.edit(virtualServicesOf, 'checkout', { spec: { http } });
  },
};

/** What this kind does beyond the others. */
export function istioTests(cluster: () => Kubernetes): void {
  type Rule = { readonly spec: { readonly subsets: readonly Subset[] } };
  const place = (t: TestContext) => clusterPlace(cluster(), istioSubject, t);
  const create = (namespace: string, host: string) =>
    cluster().admin.request(
      {
        method: 'POST',
        path: destinationRulesOf.replace('/NS/', `/namespaces/${namespace}/`),
        body: {
          apiVersion: 'networking.istio.io/v1',
          kind: 'DestinationRule',
          metadata: { name: 'checkout' },
          spec: {
            host,
            subsets: [{ name: 'theirs', labels: { team: 'payments' } }],
            trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } },
          },
        },
      },
      soon(),
    );

  test('istio: the subsets of the versions in the route stand in the DestinationRule, beside those of others', async (t) => {
    const { namespace, client, read } = await place(t);
    await create(namespace, 'checkout');
    const subsets = async () => (await read<Rule>(destinationRulesOf, 'checkout')).spec.subsets.map(({ name }) => name);
    const router = client();
    await router.setRoute(split(20), { token: 1, seq: 1 }, soon());
    assert.deepEqual(await subsets(), ['theirs', subsetName('1.0.0'), subsetName('1.1.0')]);
    const { spec } = await read<Found>(virtualServicesOf, 'checkout');
    assert.deepEqual(
      spec.http.map(({ route = [] }) => route.map(({ destination, weight }) => `${destination.subset} ${weight}`).join()),
      ['undefined undefined', ...Array(2).fill(`${subsetName('1.0.0')} 80,${subsetName('1.1.0')} 20`)],
    );
    await router.setRoute(allStable, { token: 1, seq: 2 }, soon());
    assert.deepEqual(await subsets(), ['theirs', subsetName('1.0.0')]);
    await router.setRoute({ ...split(10), stable: null }, { token: 1, seq: 3 }, soon());
    await router.close(soon());
    assert.deepEqual(await subsets(), ['theirs']);
    const given = await read<Found>(virtualServicesOf, 'checkout');
    assert.deepEqual(given.spec.http[2]?.route, [
      { destination: { host: 'checkout' }, headers: { request: { remove: ['x-debug'] } }, weight: 100 },
    ]);
  });

  test('istio: a subset that somebody takes away is told, and a DestinationRule of another host is refused', async (t) => {
    const { client, edit } = await place(t);
    const router = client();
    await router.setRoute(split(20), { token: 1, seq: 1 }, soon());
    await edit(destinationRulesOf, 'checkout', { spec: { subsets: [] } });
    assert.equal((await client().readRoute(soon()))?.fence.seq, 0);
    await router.setRoute(split(20), { token: 1, seq: 2 }, soon());
    assert.equal((await client().readRoute(soon()))?.fence.seq, 2);
    await edit(destinationRulesOf, 'checkout', { spec: { host: 'other' } });
    await refused(router.setRoute(split(30), { token: 1, seq: 3 }, soon()), 'E_ROUTE_REFUSED', /before is still in force/);
  });
}
