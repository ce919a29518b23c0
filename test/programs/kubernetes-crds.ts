import { setTimeout as delay } from 'node:timers/promises';
import type { KubernetesApi } from '../../src/kubernetes/api.ts';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const integer = (minimum: number, maximum: number, more: Schema = {}): Schema => ({
  type: 'integer',
  format: 'int32',
  minimum,
  maximum,
  ...more,
});
const object = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });
const list = (items: Schema, more: Schema = {}): Schema => ({ type: 'array', items, ...more });
/** What the routers do not look at goes through as it is. */
const anything: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** HTTPRoute as in the standard channel of Gateway API 1.2, with its defaults and limits for rules, matches and backends. */
const httpRoute: Schema = object({
  parentRefs: list(anything, { maxItems: 32 }),
  hostnames: list(text, { maxItems: 16 }),
  rules: list(
    object({
      matches: list(
        object({
          path: object(
            {
              type: { ...text, enum: ['Exact', 'PathPrefix', 'RegularExpression'], default: 'PathPrefix' },
              value: { ...text, default: '/' },
            },
            { default: { type: 'PathPrefix', value: '/' } },
          ),
          headers: list(
            object(
              {
                type: { ...text, enum: ['Exact', 'RegularExpression'], default: 'Exact' },
                name: { ...text, minLength: 1, maxLength: 256, pattern: "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$" },
                value: { ...text, minLength: 1, maxLength: 4096 },
              },
              { required: ['name', 'value'] },
            ),
            { maxItems: 16, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
          ),
          method: text,
        }),
        { maxItems: 64, default: [{ path: { type: 'PathPrefix', value: '/' } }] },
      ),
      filters: list(anything, { maxItems: 16 }),
      backendRefs: list(
        object(
          {
            // The whole definition has "" as its default, which servers before 1.21 refuse.
            group: text,
            kind: { ...text, default: 'Service' },
            name: { ...text, minLength: 1, maxLength: 253 },
            namespace: text,
            port: integer(1, 65_535),
            weight: integer(0, 1_000_000, { default: 1 }),
            filters: list(anything, { maxItems: 16 }),
          },
          { required: ['name'] },
        ),
        { maxItems: 16 },
      ),
      timeouts: object({ request: text, backendRequest: text }),
    }),
    { minItems: 1, maxItems: 16, default: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }] }] },
  ),
});

/** VirtualService and DestinationRule as in Istio 1.24, as far as HTTP routes and subsets go. Their lists are atomic. */
const destination = object({ host: text, subset: text, port: object({ number: integer(0, 65_535) }) }, { required: ['host'] });
const stringMatch = object({ exact: text, prefix: text, regex: text });
const virtualService: Schema = object({
  hosts: list(text),
  gateways: list(text),
  http: list(
    object({
      name: text,
      match: list(
        object(
          { uri: stringMatch, headers: { type: 'object', additionalProperties: stringMatch } },
          { 'x-kubernetes-preserve-unknown-fields': true },
        ),
      ),
      route: list(
        object({ destination, weight: { type: 'integer', format: 'int32' }, headers: anything }, { required: ['destination'] }),
      ),
      timeout: text,
      retries: anything,
    }),
  ),
});
const destinationRule: Schema = object(
  {
    host: text,
    trafficPolicy: anything,
    subsets: list(
      object(
        { name: text, labels: { type: 'object', additionalProperties: text }, trafficPolicy: anything },
        { required: ['name'] },
      ),
    ),
  },
  { required: ['host'] },
);

const definitions = {
  httproutes: {
    group: 'gateway.networking.k8s.io',
    kind: 'HTTPRoute',
    singular: 'httproute',
    versions: ['v1', 'v1beta1'],
    spec: httpRoute,
  },
  virtualservices: {
    group: 'networking.istio.io',
    kind: 'VirtualService',
    singular: 'virtualservice',
    versions: ['v1', 'v1beta1'],
    spec: virtualService,
  },
  destinationrules: {
    group: 'networking.istio.io',
    kind: 'DestinationRule',
    singular: 'destinationrule',
    versions: ['v1', 'v1beta1'],
    spec: destinationRule,
  },
  volumesnapshots: {
    group: 'snapshot.storage.k8s.io',
    kind: 'VolumeSnapshot',
    singular: 'volumesnapshot',
    versions: ['v1'],
    spec: anything,
  },
} as const;

export type Definition = keyof typeof definitions;

/** Installs definitions (CRDs), which behave in the API server as the whole ones do, and waits until they are served. */
export async function installDefinitions(api: KubernetesApi, names: readonly Definition[], signal: AbortSignal): Promise<void> {
  for (const plural of names) {
    const { group, kind, singular, versions, spec } = definitions[plural];
    const schema = { openAPIV3Schema: object({ spec, status: anything }, { required: ['spec'] }) };
    await api.request(
      {
        method: 'POST',
        path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        body: {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: {
            name: `${plural}.${group}`,
            annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/891' },
          },
          spec: {
            group,
            scope: 'Namespaced',
            names: { kind, plural, singular, listKind: `${kind}List` },
            versions: versions.map((name, i) => ({ name, served: true, storage: i === 0, subresources: { status: {} }, schema })),
          },
        },
      },
      signal,
    );
  }
  for (const plural of names) {
    const { group } = definitions[plural];
    for (;;) {
      const found = await api.find(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${group}`, signal);
      const { status } = found as unknown as { status?: { conditions?: { type: string; status: string }[] } };
      if (status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True')) break;
      await delay(50, undefined, { signal });
    }
  }
}
