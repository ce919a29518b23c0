import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './document.ts';
import { serviceDocument, versionName } from './service.ts';
import { documentWith, standIns } from './stand-ins.fixture.ts';
import type { ReleasePolicy, ServiceSpec } from './types.ts';

const kinds = { Service: serviceDocument(standIns) };

function specOf(text: string): ServiceSpec {
  const [parsed] = parseDocuments(text, 'a.yaml', kinds);
  assert.ok(parsed);
  return parsed.value;
}

function policyOf(release: string): ReleasePolicy {
  return specOf(documentWith(`  release:\n${release}`)).release;
}

const minutes = 60_000;
const weight = (weightPpm: number, minMs: number) => ({
  kind: 'weight',
  weightPpm,
  minMs,
  maxMs: Math.max(2 * minMs, minMs + 10 * minutes),
  minRequests: 0,
});

test('the smallest document has every default', () => {
  assert.deepEqual(specOf(documentWith()), {
    name: 'checkout',
    owner: null,
    description: null,
    target: {
      kind: 'process',
      config: { command: ['node', 'server.js'], cwd: '.', env: {}, replicas: 1, health: { path: '/health' } },
    },
    router: { kind: 'builtin', config: { listen: { host: '127.0.0.1', port: 8080 } } },
    objectives: [],
    release: {
      strategy: {
        kind: 'canary',
        steps: [weight(50_000, 5 * minutes), weight(250_000, 5 * minutes), weight(500_000, 5 * minutes)],
      },
      guard: {
        errors: { worseByPpm: 5_000, maxPpm: 50_000 },
        latency: [
          { quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 2_000 },
          { quantilePpm: 990_000, worseByPpm: null, maxMs: 5_000 },
        ],
        minRequests: 20,
      },
      bakeMs: 10 * minutes,
      hold: { maxMs: 86_400_000, then: 'rollback' },
      approval: null,
      deadlines: { readyMs: 2 * minutes, routeMs: 30_000, drainMs: 30_000, hookMs: 30_000 },
      retire: { afterMs: 0 },
      smoke: [],
      leaseMs: 10_000,
      preflight: null,
    },
    folder: null,
  });
});

test('the document of the design is read', () => {
  const spec = specOf(`
apiVersion: rampart/v1
kind: Service
metadata: { name: checkout, owner: payments }
spec:
  target:  { process: { command: [node, server.js], health: { path: /health } } }
  router:  { builtin: { listen: 127.0.0.1:8080 } }
  objectives:
    - { name: availability, target: 99.9%, window: 30d }
    - { name: latency, target: 99%, below: 500ms, window: 30d }
  release:
    strategy: { canary: { steps: [ { weight: 10%, for: 10m }, { weight: 25%, for: 10m }, { weight: 50%, for: 10m } ] } }
    guard:
      errors:  { worseBy: 0.5%, max: 5% }
      latency: { p95: { worseBy: 20%, max: 2s }, p99: { max: 5s } }
    bake: 30m
    preflight: { checklist: production }
`);
  assert.equal(spec.owner, 'payments');
  assert.deepEqual(spec.objectives, [
    { name: 'availability', targetPpm: 999_000, windowMs: 2_592_000_000, belowMs: null },
    { name: 'latency', targetPpm: 990_000, windowMs: 2_592_000_000, belowMs: 500 },
  ]);
  assert.deepEqual(spec.release.strategy, {
    kind: 'canary',
    steps: [weight(100_000, 10 * minutes), weight(250_000, 10 * minutes), weight(500_000, 10 * minutes)],
  });
  assert.equal(spec.release.bakeMs, 30 * minutes);
  assert.deepEqual(spec.release.preflight, {
    checklist: 'production',
    phases: null,
    signOffs: [],
    mode: 'enforce',
    waitMs: 86_400_000,
    everyMs: 60_000,
    timeoutMs: 600_000,
    drill: false,
    then: 'hold',
  });
});

test('a canary may have every kind of step', () => {
  const policy = policyOf(`
    deadlines: { hook: 7s }
    strategy:
      canary:
        steps:
          - approve: true
          - match:
              - { header: User-Agent, pattern: "Canary" }
              - { header: X-Canary, contains: beta }
              - { cookie: beta, equals: "1" }
            for: 1m
            atMost: 2m
          - { weight: 1%, for: 0s, requests: 100 }
          - { pause: 10m }
          - { pause: until-resumed }
          - hook: { command: [/opt/bin/warm, --all] }
          - hook:
              name: tell
              http: { url: "https://ci.example:8443/x?y", method: PUT, headers: { X-A: b }, body: hi, expect: 204 }
              timeout: 5s
              attempts: 3
              compensate: { http: { url: "http://ci.example/undo" } }
          - approve: { expires: 1h }
`);
  assert.deepEqual(policy.strategy, {
    kind: 'canary',
    steps: [
      { kind: 'approve', expiresMs: 86_400_000 },
      {
        kind: 'match',
        match: [
          { header: 'User-Agent', pattern: 'Canary' },
          { header: 'X-Canary', contains: 'beta' },
          { cookie: 'beta', equals: '1' },
        ],
        minMs: minutes,
        maxMs: 2 * minutes,
        minRequests: 0,
      },
      { kind: 'weight', weightPpm: 10_000, minMs: 0, maxMs: 10 * minutes, minRequests: 100 },
      { kind: 'pause', ms: 10 * minutes },
      { kind: 'pause', ms: null },
      {
        kind: 'hook',
        hook: {
          name: 'warm',
          action: { kind: 'command', command: ['/opt/bin/warm', '--all'] },
          timeoutMs: 7_000,
          attempts: 1,
          compensate: null,
        },
      },
      {
        kind: 'hook',
        hook: {
          name: 'tell',
          action: {
            kind: 'http',
            url: 'https://ci.example:8443/x?y',
            method: 'PUT',
            headers: { 'X-A': 'b' },
            body: 'hi',
            statusMin: 204,
            statusMax: 204,
          },
          timeoutMs: 5_000,
          attempts: 3,
          compensate: {
            kind: 'http',
            url: 'http://ci.example/undo',
            method: 'POST',
            headers: {},
            body: null,
            statusMin: 200,
            statusMax: 299,
          },
        },
      },
      { kind: 'approve', expiresMs: 3_600_000 },
    ],
  });
});

test('blue-green may test, ask and run a hook before the switch', () => {
  assert.deepEqual(policyOf('    strategy: { blueGreen: {} }').strategy, {
    kind: 'blueGreen',
    test: null,
    approve: null,
    hook: null,
    keepMs: 10 * minutes,
  });
  const { strategy } = policyOf(`
    strategy:
      blueGreen:
        test: { match: [{ cookie: green, equals: "1" }], for: 1m }
        approve: true
        hook: { command: [./check.sh] }
        keep: 1h
`);
  assert.deepEqual(strategy, {
    kind: 'blueGreen',
    test: { match: [{ cookie: 'green', equals: '1' }], minMs: minutes, maxMs: 11 * minutes, minRequests: 0 },
    approve: { expiresMs: 86_400_000 },
    hook: {
      name: 'check.sh',
      action: { kind: 'command', command: ['./check.sh'] },
      timeoutMs: 30_000,
      attempts: 1,
      compensate: null,
    },
    keepMs: 60 * minutes,
  });
});

test('a latency limit replaces its default, `off` takes it away, other quantiles are added in order', () => {
  const { guard } = policyOf(
    '    guard: { latency: { p99.9: { max: 9s }, p95: { max: 3s }, p99: { max: off }, p50: { worseBy: 150% } } }',
  );
  assert.deepEqual(guard.latency, [
    { quantilePpm: 500_000, worseByPpm: 1_500_000, maxMs: null },
    { quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 3_000 },
    { quantilePpm: 999_000, worseByPpm: null, maxMs: 9_000 },
  ]);
});

test('a guard may warn before it goes back, and is silent about that unless told', () => {
  const { guard } = policyOf(
    '    guard: { errors: { warn: 1% }, latency: { p95: { warn: 1s }, p90: { warn: 500ms }, p99: { max: off } } }',
  );
  assert.deepEqual(guard.errors, { worseByPpm: 5_000, maxPpm: 50_000, warnPpm: 10_000 });
  assert.deepEqual(guard.latency, [
    { quantilePpm: 900_000, worseByPpm: null, maxMs: null, warnMs: 500 },
    { quantilePpm: 950_000, worseByPpm: 200_000, maxMs: 2_000, warnMs: 1_000 },
  ]);
});

test('metrics are policies for the guard, and queries for the source beside them', () => {
  const spec = specOf(
    documentWith(`  source: { prometheus: { url: "http://prometheus:9090" } }
  release:
    guard:
      metrics:
        - { name: declined, ratio: { bad: 'payments_total{result="declined"}', of: payments_total }, worseBy: 1%, max: 10%, warn: 5% }
        - { name: cpu, gauge: cpu_percent, worseBy: 20%, max: 95, warn: 80, for: 1m }
        - { name: queue, gauge: queue_length, max: 1000.5 }
`),
  );
  assert.deepEqual(spec.source, { kind: 'prometheus', config: { url: 'http://prometheus:9090' } });
  assert.deepEqual(spec.release.guard.metrics, [
    { kind: 'ratio', name: 'declined', worseByPpm: 10_000, maxPpm: 100_000, warnPpm: 50_000 },
    { kind: 'gauge', name: 'cpu', worseByPpm: 200_000, max: 95, warn: 80, forS: 60 },
    { kind: 'gauge', name: 'queue', worseByPpm: null, max: 1000.5, warn: null, forS: 30 },
  ]);
  assert.deepEqual(spec.release.metricQueries, [
    { kind: 'ratio', name: 'declined', bad: 'payments_total{result="declined"}', of: 'payments_total' },
    { kind: 'gauge', name: 'cpu', query: 'cpu_percent' },
    { kind: 'gauge', name: 'queue', query: 'queue_length' },
  ]);
});

test('an approval may be asked of another than who started the release', () => {
  const another = { expiresMs: 86_400_000, by: 'another' };
  assert.deepEqual(policyOf('    approval: { by: another }\n').approval, another);
  assert.deepEqual(policyOf('    approval: { by: anybody }\n').approval, { expiresMs: 86_400_000 });
  const asking = '[{ approve: { by: another } }, { weight: 5%, for: 5m }]';
  const { strategy } = policyOf(`    strategy: { canary: { steps: ${asking} } }\n`);
  assert.deepEqual(strategy.kind === 'canary' && strategy.steps[0], { kind: 'approve', ...another });
  const green = policyOf('    strategy: { blueGreen: { approve: { by: another } } }\n').strategy;
  assert.deepEqual(green.kind === 'blueGreen' && green.approve, another);
});

test('a parsed service is plain JSON', () => {
  const spec = specOf(documentWith('  release: { smoke: [{ path: /x }], approval: { expires: 1h } }'));
  assert.deepEqual(JSON.parse(JSON.stringify(spec)), spec);
});

const versions: readonly [string, boolean][] = [
  ['1.4.0', true],
  ['2024-05-01_a1b2c3+x', true],
  ['a'.repeat(63), true],
  ['a'.repeat(64), false],
  ['../x', false],
  ['1..2', false],
  ['a/b', false],
  ['.a', false],
  ['', false],
  ['1.0\n', false],
];
for (const [name, ok] of versions)
  test(`the version ${JSON.stringify(name)} is ${ok ? 'accepted' : 'refused'}`, () =>
    assert.equal(versionName.safeParse(name).success, ok));

test('a step may end early where it says so', () => {
  const step = (text: string) => policyOf(`    strategy: { canary: { steps: [ { weight: 10%, for: 10m${text} } ] } }\n`).strategy;
  assert.deepEqual(step(', early: 2m'), {
    kind: 'canary',
    steps: [{ ...weight(100_000, 10 * minutes), earlyMs: 2 * minutes }],
  });
  assert.throws(() => step(', early: 10m'), /early is not shorter than for, so it would change nothing/);
});

test('a share may be asked to keep to its weight', () => {
  const policy = policyOf('    guard: { share: { within: 10% } }\n');
  assert.equal(policy.guard.shareWithinPpm, 100_000);
  assert.equal('shareWithinPpm' in policyOf('    guard: {}\n').guard, false);
  assert.throws(() => policyOf('    guard: { share: { within: 0.1% } }\n'), /expected/);
});
