import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerDefaults, controllerDocument } from './controller.ts';
import { parseDocuments } from './document.ts';
import { SpecError } from './problem.ts';

const kinds = { Controller: controllerDocument };
const document = (spec: string): string => `apiVersion: rampart/v1\nkind: Controller\nspec:\n${spec}`;
const parsed = (spec: string) => parseDocuments(document(spec), 'controller.yaml', kinds)[0]?.value;

test('a document that says nothing means the defaults', () => {
  assert.deepEqual(parseDocuments('apiVersion: rampart/v1\nkind: Controller\n', 'c.yaml', kinds)[0]?.value, controllerDefaults);
  assert.deepEqual(controllerDefaults.rateLimits, {
    token: { perMinute: 60, perHour: 1_000 },
    user: { perMinute: 600 },
    anonymous: { perMinute: 300 },
    flags: { perMinute: 60_000 },
    alerts: { perMinute: 6_000 },
  });
  assert.deepEqual(controllerDefaults.cors.origins, []);
  assert.equal(controllerDefaults.oidc, null);
});

test('Alertmanagers are read, with the times that they are sent to', () => {
  const spec = parsed(`  alertmanagers:
    - url: http://am:9093/prefix
      headers: { Authorization: { env: AM_TOKEN, prefix: "Bearer " } }
    - { url: http://other:9093, interval: 10s, resolveTimeout: 1m, timeout: 2s, generatorUrl: https://rampart.example }
  receivedAlerts: { serviceLabels: [app], page: [P0, P1], webhookTimeout: 1d }
`);
  const [first, second] = spec?.alertmanagers ?? [];
  assert.deepEqual(first, {
    url: 'http://am:9093/prefix',
    headers: { Authorization: { env: 'AM_TOKEN', prefix: 'Bearer ' } },
    timeoutMs: 5_000,
    intervalMs: 30_000,
    resolveTimeoutMs: 300_000,
    generatorUrl: null,
  });
  assert.deepEqual([second?.intervalMs, second?.resolveTimeoutMs, second?.timeoutMs], [10_000, 60_000, 2_000]);
  assert.deepEqual(spec?.receivedAlerts, {
    ...controllerDefaults.receivedAlerts,
    serviceLabels: ['app'],
    page: ['P0', 'P1'],
    webhookTimeoutMs: 86_400_000,
  });
  assert.deepEqual(controllerDefaults.alertmanagers, []);
});

test('a full document is read', () => {
  const spec = parsed(`  publicUrl: https://rampart.example/
  trustProxy: [127.0.0.1, 10.0.0.0/8]
  cors: { origins: [https://wall.example] }
  sessions: { idle: 1h, max: 1d }
  oidc:
    issuer: https://accounts.example
    clientId: rampart
    clientSecret: { env: OIDC_SECRET }
    roles: [ { claim: groups, equals: sre, role: operator, services: [checkout] }, { claim: groups, equals: leads, role: admin } ]
`);
  assert.equal(spec?.publicUrl, 'https://rampart.example');
  assert.deepEqual(spec?.sessions, { idleMs: 3_600_000, maxMs: 86_400_000 });
  assert.deepEqual(spec?.oidc?.clientSecret, { env: 'OIDC_SECRET' });
  assert.deepEqual(spec?.oidc?.roles, [
    { claim: 'groups', equals: 'sre', role: 'operator', services: ['checkout'] },
    { claim: 'groups', equals: 'leads', role: 'admin', services: '*' },
  ]);
});

const wrong: readonly [spec: string, message: RegExp][] = [
  ['  publicURL: https://a.example\n', /^4:3 unknown key "publicURL"; did you mean "publicUrl"\?/],
  ['  publicUrl: rampart.example\n', /^4:14 expected an address such as https:\/\/rampart\.example/],
  ['  publicUrl: https://u:p@a.example\n', /expected an address without a password/],
  ['  cors: { origins: ["*"] }\n', /^4:21 expected an origin such as https:\/\/wall\.example/],
  ['  cors: { origins: [https://a.example/path] }\n', /without a path/],
  ['  trustProxy: [proxy.example]\n', /expected an address or a network/],
  ['  trustProxy: [127.0.0.1, 999.1.1.1]\n', /^4:27 expected an address or a network/],
  ['  trustProxy: [10.0.0.0/33]\n', /expected an address or a network/],
  ['  trustProxy: [1.2.3]\n', /expected an address or a network/],
  ['  trustProxy: ["2001:db8::/129"]\n', /expected an address or a network/],
  ['  trustProxy: [0.0.0.0/0]\n', /not every address there is/],
  ['  trustProxy: ["::/0"]\n', /not every address there is/],
  ['  rateLimits: { token: { perMinute: 0 } }\n', /perMinute|expected|>=1|at least/i],
  ['  sessions: { idle: 5s }\n', /expected a duration from 1m/],
  ['  alertmanagers: [{ url: am:9093 }]\n', /^4:26 expected the address of an Alertmanager/],
  ['  alertmanagers: [{ url: http://u:hunter2@am:9093 }]\n', /expected an address without a password/],
  ['  alertmanagers: [{ url: http://am:9093, headers: { Authorization: hunter2 } }]\n', /expected \{ env: NAME \}/],
  [
    '  alertmanagers: [{ url: http://am:9093, basic: { user: x, password: { env: P } }, headers: { authorization: { env: A } } }]\n',
    /expected no basic beside a header Authorization/,
  ],
  ['  alertmanagers: [{ url: https://am:9093, tls: { ca: ca.pem } }]\n', /expected the whole path of a PEM file/],
  ['  alertmanagers: [{ url: http://am:9093, interval: 2m }]\n', /^4:52 expected at most a third of resolveTimeout/],
  ['  alertmanagers: [{ url: http://am:9093 }, { url: http://am:9093/ }]\n', /alertmanager 1 has this address already/],
  ['  receivedAlerts: { max: 5000 }\n', /4,?000/],
  ['  oidc: { issuer: https://a.example, clientId: x, clientSecret: hunter2 }\n', /expected \{ env: NAME \} or \{ file: PATH \}/],
  ['  oidc: { issuer: https://a.example, clientId: x, clientSecret: { env: "a b" } }\n', /environment variable/],
];
for (const [spec, message] of wrong)
  test(`${spec.trim()} is refused with its place`, () => {
    assert.throws(
      () => parsed(spec),
      (error) => {
        assert(error instanceof SpecError);
        const text = error.problems.map((one) => `${one.line}:${one.column} ${one.message}`).join('\n');
        assert.match(text, message);
        assert.doesNotMatch(text, /hunter2/);
        return true;
      },
    );
  });
