import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kubernetes } from '../../../test/programs/kubernetes.ts';
import { type ClusterSubject, clusterPlace, ownService, serviceName, servicesOf } from '../kubernetes-place.fixture.ts';
import { allStable, split } from '../kubernetes-suite.fixture.ts';
import { soon, until } from '../users.fixture.ts';
import { gatewayApi } from './index.ts';
import type { Rule } from './rules.ts';

export const routesOf = '/apis/gateway.networking.k8s.io/v1/NS/httproutes';

type Found = { readonly spec: { readonly rules: readonly Rule[] } };

/** An HTTPRoute with two paths to the service and one to somebody else. */
export const gatewayApiSubject: ClusterSubject = {
  name: 'gateway-api',
  plugin: gatewayApi,
  config: { route: 'checkout', service: 'checkout' },
  objects: [
    [servicesOf, ownService('checkout')],
    [
      routesOf,
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name: 'checkout' },
        spec: {
          parentRefs: [{ name: 'public' }],
          hostnames: ['shop.example'],
          rules: [
            { backendRefs: [{ name: 'checkout', port: 80 }], timeouts: { request: '10s' } },
            { matches: [{ path: { value: '/help' } }], backendRefs: [{ name: 'help', port: 80 }] },
            { matches: [{ path: { value: '/pay' }, method: 'POST' }], backendRefs: [{ name: 'checkout', port: 80 }] },
          ],
        },
      },
    ],
  ],
  holder: [routesOf, 'checkout'],
  resource: 'httproutes.gateway.networking.k8s.io',
  async tamper(place, weight) {
    const { spec } = await place.read<Found>(routesOf, 'checkout');
    const rules = spec.rules.map((rule) => ({
      ...rule,
      backendRefs: rule.backendRefs?.map((ref) =>
        ref.name === serviceName('1.1.0')
          ? { ...ref, weight }
          : ref.name === serviceName('1.0.0')
            ? { ...ref, weight: 100 - weight }
            : ref,
      ),
    }));
    await place.edit(routesOf, 'checkout', { spec: { rules } });
  },
};

/** What this kind does beyond the others. */
export function gatewayApiTests(cluster: () => Kubernetes): void {
  test('gateway-api: without a stable version the user’s Service has what the candidate has not, and all of it at the end', async (t) => {
    const place = await clusterPlace(cluster(), gatewayApiSubject, t);
    const refs = async () =>
      (await place.read<Found>(routesOf, 'checkout')).spec.rules.map(({ backendRefs = [] }) =>
        backendRefs.map(({ name, port, weight }) => `${name}:${port}=${weight}`).join(' '),
      );
    const router = place.client();
    await router.setRoute({ ...split(30), stable: null }, { token: 1, seq: 1 }, soon());
    const first = `checkout:80=70 ${serviceName('1.1.0')}:8080=30`;
    assert.deepEqual(await refs(), [first, 'help:80=1', first]);
    await router.close(soon());
    assert.deepEqual(await refs(), ['checkout:80=100', 'help:80=1', 'checkout:80=100']);
    assert.equal((await place.read(routesOf, 'checkout')).metadata.annotations, undefined);
  });

  test('gateway-api: a manifest that is applied again takes the rules, which is read, and Rampart sets them right', async (t) => {
    const place = await clusterPlace(cluster(), gatewayApiSubject, t);
    const before = await place.read<Found>(routesOf, 'checkout');
    const router = place.client();
    const route = split(30, [{ header: 'x-canary', equals: 'yes' }]);
    await router.setRoute(route, { token: 1, seq: 1 }, soon());
    await router.readRoute(soon());
    await place.edit(routesOf, 'checkout', { spec: { rules: before.spec.rules } }, 'kubectl-client-side-apply');
    await until(async () => (await router.readRoute(soon()))?.fence.seq === 0);
    assert.deepEqual((await router.readRoute(soon()))?.route, { ...route, weight: 0, match: [] });
    await router.setRoute(route, { token: 1, seq: 2 }, soon());
    assert.deepEqual((await router.readRoute(soon()))?.route, route);
    await router.close(soon());
    assert.deepEqual((await place.client().readRoute(soon()))?.route, allStable);
  });
}
