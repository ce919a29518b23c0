import assert from 'node:assert/strict';
import { test } from 'node:test';
import { label } from './container.ts';
import { projectName, versionConfig } from './project.ts';
import { ComposeDefinition } from './schema.ts';

const file = '/srv/shop/compose.yaml';

function configOf(
  service: Record<string, unknown>,
  more: Record<string, unknown> = {},
  definition: Record<string, unknown> = {},
) {
  const workload = {
    service: 'shop',
    version: '1.1.0',
    replicas: 1,
    definition: ComposeDefinition.parse({ service: 'web', port: 80, ...definition }),
  };
  const config = { name: 'other', version: '3.9', services: { web: service, db: { image: 'postgres' } }, ...more };
  return JSON.parse(versionConfig(workload, { config, file, marks: ['1.1.0', 'v1.1.0'] }, 'me', definition.image as string));
}

test('a project is named after its version, and no two versions share one', () => {
  assert.equal(projectName('rampart', 'shop', '1.0.0'), 'rampart-shop-1_0_0');
  const versions = ['1.0.0', '1_0_0', '1-0-0', '1.0+0', 'v1.0.0', 'V1.0.0', '10.0'];
  const names = versions.map((version) => projectName('rampart', 'shop', version));
  assert.equal(new Set(names).size, versions.length);
  for (const name of names) assert.match(name, /^[a-z0-9][a-z0-9_-]*$/);
  assert.notEqual(projectName('rampart', 'a-1', '0'), projectName('rampart', 'a', '1.0'));
});

test('of the file only the service is left, without what two versions cannot both have', () => {
  const { name, services, networks, volumes } = configOf(
    {
      image: 'shop:v1.1.0',
      build: { context: '.' },
      container_name: 'web',
      depends_on: { db: {} },
      ports: [{ published: 80, target: 80 }],
      labels: { team: 'pay' },
      deploy: { replicas: 3, resources: { limits: { memory: '64M' } } },
      volumes: ['data:/data:rw', '/srv/conf:/conf:ro', { type: 'volume', source: 'cache', target: '/cache' }],
      environment: { A: 'b$$c' },
    },
    { volumes: { data: {}, cache: { name: 'x' }, other: {} }, networks: { back: {} } },
  );
  assert.equal(name, undefined);
  assert.deepEqual(Object.keys(services), ['web']);
  const { labels, ...web } = services.web;
  assert.deepEqual(web, {
    image: 'shop:v1.1.0',
    deploy: { resources: { limits: { memory: '64M' } } },
    volumes: ['data:/data:rw', '/srv/conf:/conf:ro', { type: 'volume', source: 'cache', target: '/cache' }],
    environment: { A: 'b$$c' },
    networks: { default: null },
    ports: ['127.0.0.1::80/tcp'],
    restart: 'unless-stopped',
  });
  assert.deepEqual(
    [labels.team, labels[label.owner], labels[label.service], labels[label.version]],
    ['pay', 'me', 'shop', '1.1.0'],
  );
  assert.deepEqual(JSON.parse(labels[label.watch]), {
    port: 80,
    path: null,
    intervalMs: 1_000,
    timeoutMs: 1_000,
    unhealthyAfter: 3,
  });
  assert.deepEqual(Object.keys(volumes), ['data', 'cache']);
  assert.deepEqual(Object.keys(networks), ['default']);
  assert.equal(networks.default.labels[label.version], '1.1.0');
});

test('networks of the project are labelled, those of others stay as they are, and one more can be joined', () => {
  const own = configOf(
    { image: 'shop:1.1.0', networks: { front: null, shared: { aliases: ['shop'] } } },
    { networks: { front: { driver: 'bridge', labels: { a: 'b' } }, shared: { external: true, name: 'mall' } } },
    { network: 'shop_default' },
  );
  assert.deepEqual(own.services.web.networks, { front: null, shared: { aliases: ['shop'] }, default: null });
  assert.equal(own.networks.front.labels.a, 'b');
  assert.equal(own.networks.front.labels[label.owner], 'me');
  assert.deepEqual(own.networks.shared, { external: true, name: 'mall' });
  assert.deepEqual(own.networks.default, { external: true, name: 'shop_default' });
});

test('what cannot be a version is refused at its place in the file', () => {
  const where = `${file}, services.web`;
  const cases: readonly [run: () => unknown, want: object][] = [
    [() => configOf({ image: 'shop:latest' }), { code: 'E_COMPOSE_SAME', where }],
    [() => configOf({ build: '.' }), { code: 'E_COMPOSE_IMAGE', where }],
    [
      () => configOf({ image: 'shop:1.1.0', network_mode: 'host' }),
      { code: 'E_COMPOSE_NETWORK', where: `${where}.network_mode` },
    ],
    [
      () => configOf({ image: 'a' }, {}, { service: 'wbe' }),
      { code: 'E_COMPOSE_SERVICE', message: `${file} has no service wbe; did you mean web?`, fix: /web, db/ },
    ],
    [() => configOf({ image: 'a' }, { services: 'none' }), { code: 'E_COMPOSE_FILE' }],
  ];
  for (const [run, want] of cases) assert.throws(run, want);
  assert.equal(configOf({ image: 'shop' }, {}, { image: 'shop:1.1.0' }).services.web.image, 'shop:1.1.0');
  assert.equal(configOf({ image: 'shop' }, {}, { cwd: '/srv/releases/{version}' }).services.web.image, 'shop');
});
