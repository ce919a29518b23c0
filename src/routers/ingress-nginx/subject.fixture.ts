import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kubernetes } from '../../../test/programs/kubernetes.ts';
import type { KubernetesObject } from '../../kubernetes/api.ts';
import { type ClusterSubject, clusterPlace, ownService, serviceName, servicesOf } from '../kubernetes-place.fixture.ts';
import { allStable, refused, split } from '../kubernetes-suite.fixture.ts';
import { soon } from '../users.fixture.ts';
import { ingressNginx } from './index.ts';
import type { Rule } from './paths.ts';

export const ingressesOf = '/apis/networking.k8s.io/v1/NS/ingresses';

type Found = KubernetesObject & { readonly spec: { readonly rules: readonly Rule[]; readonly ingressClassName?: string } };

const path = (at: string, name: string, port: object = { number: 80 }) => ({
  path: at,
  pathType: 'Prefix',
  backend: { service: { name, port } },
});

/** An Ingress with two paths to the service and one to somebody else. */
export const ingressNginxSubject: ClusterSubject = {
  name: 'ingress-nginx',
  plugin: ingressNginx,
  config: { ingress: 'checkout', service: 'checkout' },
  objects: [
    [servicesOf, ownService('checkout')],
    [
      ingressesOf,
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'checkout', annotations: { 'nginx.ingress.kubernetes.io/ssl-redirect': 'false' } },
        spec: {
          ingressClassName: 'nginx',
          rules: [
            { host: 'shop.example', http: { paths: [path('/', 'checkout'), path('/help', 'help')] } },
            { host: 'pay.example', http: { paths: [path('/', 'checkout')] } },
          ],
        },
      },
    ],
  ],
  holder: [ingressesOf, 'checkout'],
  resource: 'ingresses.networking.k8s.io',
  matches: [
    { header: 'X-Canary', contains: 'yes' },
    { cookie: 'preview', equals: 'always' },
  ],
  async tamper(place, weight) {
    const annotations = { 'nginx.ingress.kubernetes.io/canary-weight': String(weight) };
    await place.edit(ingressesOf, 'checkout-candidate', { metadata: { annotations } });
  },
};

/** What this kind does beyond the others. */
export function ingressNginxTests(cluster: () => Kubernetes): void {
  test('ingress-nginx: stable stands in the Ingress and the candidate in a canary, which goes with it', async (t) => {
    const place = await clusterPlace(cluster(), ingressNginxSubject, t);
    const backends = async (name: string) =>
      (await place.read<Found>(ingressesOf, name)).spec.rules.map(
        ({ host, http }) =>
          `${host} ${http?.paths.map(({ path: at, backend }) => `${at}>${backend.service?.name}:${backend.service?.port?.number}`).join(' ')}`,
      );
    const [one, two] = [serviceName('1.0.0'), serviceName('1.1.0')];
    const router = place.client();
    await router.setRoute({ ...split(20, [{ header: 'X-Canary', equals: 'yes' }]), stable: null }, { token: 1, seq: 1 }, soon());
    assert.deepEqual(await backends('checkout'), ['shop.example />checkout:80 /help>help:80', 'pay.example />checkout:80']);
    assert.deepEqual(await backends('checkout-candidate'), [`shop.example />${two}:8080`, `pay.example />${two}:8080`]);
    await router.setRoute(split(30), { token: 1, seq: 2 }, soon());
    assert.deepEqual(await backends('checkout'), [`shop.example />${one}:8080 /help>help:80`, `pay.example />${one}:8080`]);
    const { metadata, spec } = await place.read<Found>(ingressesOf, 'checkout-candidate');
    assert.equal(spec.ingressClassName, 'nginx');
    assert.deepEqual(metadata.annotations, {
      'nginx.ingress.kubernetes.io/canary': 'true',
      'nginx.ingress.kubernetes.io/canary-weight': '30',
    });
    await router.setRoute(allStable, { token: 1, seq: 3 }, soon());
    await assert.rejects(place.read(ingressesOf, 'checkout-candidate'), /not found/);
    await router.setRoute({ ...split(20), stable: null }, { token: 1, seq: 4 }, soon());
    await router.close(soon());
    assert.deepEqual(await backends('checkout'), ['shop.example />checkout:80 /help>help:80', 'pay.example />checkout:80']);
    await assert.rejects(place.read(ingressesOf, 'checkout-candidate'), /not found/);
  });

  test('ingress-nginx: what its annotations cannot say is refused before anything is written', async (t) => {
    const place = await clusterPlace(cluster(), ingressNginxSubject, t);
    const router = place.client();
    for (const match of [
      [
        { header: 'a', equals: '1' },
        { header: 'b', equals: '2' },
      ],
      [{ cookie: 'preview', equals: 'on' }],
    ])
      await refused(router.setRoute(split(5, match), { token: 1, seq: 1 }, soon()), 'E_ROUTE_REFUSED', /still in force/);
    await refused(router.setRoute(split(0.5), { token: 1, seq: 1 }, soon()), 'E_ROUTE_REFUSED', /still in force/);
    assert.equal(await router.readRoute(soon()), null);
  });
}
