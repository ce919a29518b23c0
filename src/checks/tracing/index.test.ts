import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import { checkConformance } from '../conformance.ts';
import { answering } from '../http-answers.fixture.ts';
import { silentAddress } from '../servers.fixture.ts';
import { tracing } from './index.ts';
import { collector, jaeger, tempo } from './stores.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-tracing-'));
before(() => {
  writeFileSync(join(folder, '.env'), 'export OTEL_TRACES_SAMPLER="parentbased_traceidratio"\nOTEL_TRACES_SAMPLER_ARG=0.05\n');
  writeFileSync(join(folder, 'app.yaml'), 'tracing: { ratio: 50%, text: often }\n');
});
after(() => rmSync(folder, { recursive: true, force: true }));
const some = (count: number) => ({ count: () => count });
const sampled = (given: object) => ({ sampling: given });
const environment = (sampler?: string, argument?: string) => ({
  environment: { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument },
});

/** A service that traces every so many of its requests, and a Jaeger that has these traces. */
async function measured(t: TestContext, every: number, count = 300, others = 0): Promise<object> {
  let requests = 0;
  const url = await answering(t, () => {
    requests += 1;
    return { body: {} };
  });
  const store = await jaeger(t, { count: () => Math.floor(requests / every) + others });
  return sampled({
    measured: { requests: { url, count }, traces: { jaeger: { url: store, service: 'shop' } }, within: '1s' },
  });
}

checkConformance(
  'tracing',
  tracing,
  [
    {
      name: 'Jaeger has recent traces',
      given: async (t) => ({ jaeger: { url: await jaeger(t, some(3)), service: 'shop', min: 2 } }),
      status: 'pass',
      found: /^shop: at least 2 traces in the last 1h$/,
    },
    {
      name: 'Jaeger does not know the service',
      given: async (t) => ({ jaeger: { url: await jaeger(t, some(3)), service: 'billing' } }),
      status: 'fail',
      found: /^Jaeger does not know billing, but shop$/,
      fix: /OTEL_EXPORTER_OTLP_ENDPOINT/,
    },
    {
      name: 'Jaeger has none that is recent',
      given: async (t) => ({ jaeger: { url: await jaeger(t, some(0)), service: 'shop' } }),
      status: 'fail',
      found: /^shop: 0 traces/,
    },
    {
      name: 'a Jaeger that is empty',
      given: async (t) => ({ jaeger: { url: await jaeger(t, some(0), null), service: 'shop' } }),
      status: 'fail',
      found: /does not know shop, but none/,
    },
    {
      name: 'Tempo has recent traces',
      given: async (t) => ({ tempo: { url: await tempo(t, some(1)), service: 'shop' } }),
      status: 'pass',
    },
    {
      name: 'Tempo is not ready',
      given: async (t) => ({ tempo: { url: await tempo(t, some(1), false), service: 'shop' } }),
      status: 'fail',
      found: /\/ready is answered with 503/,
    },
    { name: 'a collector takes traces', given: async (t) => ({ otlp: { url: await collector(t) } }), status: 'pass' },
    {
      name: 'its whole address is known, too',
      given: async (t) => ({ otlp: { url: `${await collector(t)}/v1/traces` } }),
      status: 'pass',
    },
    {
      name: 'something else listens there',
      given: async (t) => ({ otlp: { url: await jaeger(t, some(0)) } }),
      status: 'fail',
      found: /\/v1\/traces is answered with 404/,
      fix: /OTLP receiver/,
    },
    {
      name: 'a rate in an environment file',
      given: () => sampled({ environment: '.env' }),
      context: { folder },
      status: 'pass',
      found: /^5% of the requests is traced \(parentbased_traceidratio 0\.05\)$/,
    },
    {
      name: 'nothing is set, which traces everything',
      given: () => sampled({ environment: true }),
      context: environment(),
      status: 'fail',
      found: /^100% of the requests is traced \(OTEL_TRACES_SAMPLER is not set\)$/,
      fix: /OTEL_TRACES_SAMPLER_ARG=0\.055/,
    },
    {
      name: 'an argument that is no rate, which counts as everything',
      given: () => sampled({ environment: true }),
      context: environment('traceidratio', '5'),
      status: 'fail',
      found: /^100% .*which is no rate/,
    },
    {
      name: 'nothing is traced',
      given: () => sampled({ environment: true }),
      context: environment('always_off'),
      status: 'fail',
      found: /^0% of/,
    },
    {
      name: 'the rate is decided elsewhere',
      given: () => sampled({ environment: true }),
      context: environment('jaeger_remote', 'endpoint=http://localhost:14250'),
      status: 'unproven',
      found: /decided elsewhere/,
    },
    {
      name: 'a rate in a file that is too high',
      given: () => sampled({ file: { path: 'app.yaml', pointer: '/tracing/ratio' } }),
      context: { folder },
      status: 'fail',
      found: /^50% of the requests is traced/,
    },
    {
      name: 'a text in its place',
      given: () => sampled({ file: { path: 'app.yaml', pointer: '/tracing/text' } }),
      context: { folder },
      status: 'unproven',
      found: /"often" is no rate/,
    },
    {
      name: 'a rate that is measured',
      given: (t) => measured(t, 20),
      status: 'pass',
      found: /^15 traces of 300 requests \(5%\)$/,
    },
    {
      name: 'one that is too high',
      given: (t) => measured(t, 1),
      status: 'fail',
      found: /^300 traces of 300 requests \(100%\)$/,
    },
    {
      name: 'one that may be too high by chance',
      given: (t) => measured(t, 8, 80),
      status: 'warn',
      found: /^10 traces of 80 requests \(12\.5%\), which may be chance$/,
    },
    {
      name: 'one that others disturb',
      given: (t) => measured(t, 1, 50, 10),
      status: 'unproven',
      found: /others use the service, too/,
    },
    {
      name: 'nobody answers',
      given: () => ({ jaeger: { url: 'http://127.0.0.1:1', service: 'shop' } }),
      status: 'fail',
      found: /refused/,
    },
  ],
  async (t) => ({ tempo: { url: await silentAddress(t), service: 'shop' } }),
);
