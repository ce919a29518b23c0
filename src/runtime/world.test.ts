import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulatedService } from '../../test/simulation/spec.ts';
import { capabilities } from '../routers/builtin/capabilities.ts';
import type { RouterCapabilities } from '../routers/router.ts';
import type { SourceCapabilities } from '../sources/source.ts';
import type { ServiceSpec } from '../spec/types.ts';
import { documentsIn } from './documents.ts';
import type { ServicePorts } from './ports.ts';
import { realPorts } from './world.ts';

const ports = realPorts('/nowhere', {}, () => {});
const spec = simulatedService();
const withoutLatency = simulatedService({ guard: { ...spec.release.guard, latency: [] } });

function problems(service: ServiceSpec, router: RouterCapabilities, source: SourceCapabilities | null): readonly string[] {
  const target = { capabilities: { sideBySide: true } };
  return ports.problems(service, service, {
    router: { capabilities: router },
    target,
    source: source && { capabilities: source },
  } as ServicePorts);
}

const blind = { ...capabilities, counts: false };
const cases: readonly [name: string, ServiceSpec, RouterCapabilities, SourceCapabilities | null, RegExp | null][] = [
  ['a router that counts needs no source', spec, capabilities, null, null],
  ['and none that counts', spec, capabilities, { counts: false, latency: false, everyS: 15 }, null],
  ['a router that does not count needs one', spec, blind, null, /would be blind: give spec\.source what counts them/],
  ['and one that counts', spec, blind, { counts: false, latency: false, everyS: 15 }, /would be blind/],
  ['with latency', spec, blind, { counts: true, latency: false, everyS: 15 }, /spec\.source has no latency/],
  ['unless nobody asks for it', withoutLatency, blind, { counts: true, latency: false, everyS: 15 }, null],
  ['one that counts everything is enough', spec, blind, { counts: true, latency: true, everyS: 15 }, null],
];
for (const [name, service, router, source, want] of cases)
  test(name, () => {
    const found = problems(service, router, source);
    if (want === null) assert.deepEqual(found, []);
    else assert.match(found.join('\n'), want);
  });

test('the source of a document is built by its kind, for what the guard watches', () => {
  const [service] = documentsIn(
    `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [node, server.js] } }
  router: { builtin: { listen: 127.0.0.1:8080 } }
  source: { prometheus: { url: "http://127.0.0.1:9090", interval: 30s, requests: a, errors: { where: 'code="500"' } } }
  release: { guard: { metrics: [{ name: b, gauge: c, max: 1 }] } }
`,
    'a.yaml',
    '/nowhere',
  );
  assert(service);
  assert.deepEqual(ports.source(service, [])?.capabilities, { counts: true, latency: false, everyS: 30 });
  assert.equal(ports.source(spec, []), null);
  assert.throws(() => ports.source({ ...service, source: { kind: 'oracle', config: {} } }, []), /no source of kind oracle/);
});
