import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { canary, Story, weight } from '../../release/story.fixture.ts';
import { publishing } from '../../runtime/publishing-log.ts';
import { SignalKeeper } from '../../runtime/signal-keeper.ts';
import { openSignalStore } from '../../runtime/signal-store.ts';
import { openMemoryLog } from '../../stores/memory/index.ts';
import { ServiceMetrics } from './service-metrics.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-service-metrics-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const story = new Story();
story.release(canary(weight(10))).confirm();
const signals = new SignalKeeper(openSignalStore(join(folder, 'signals.db'), assert.fail));
after(() => signals.close());
const metrics = new ServiceMetrics({
  controller: { services: [story.state], service: (name) => (name === 'shop' ? story.state : undefined) },
  log: publishing(openMemoryLog()),
  signals,
});
after(() => metrics.close());

async function lines(start: string, may: (service: string) => boolean = () => true): Promise<readonly string[]> {
  const text = await metrics.text(may);
  return text.split('\n').filter((line) => line.startsWith(start));
}

test('the weights of stable and candidate are 1 together, and what the release does is named', async () => {
  assert.deepEqual(await lines('rampart_release_weight{'), [
    'rampart_release_weight{service="shop",version="1.0.0",release="r1",side="stable"} 0.9',
    'rampart_release_weight{service="shop",version="2.0.0",release="r2",side="candidate"} 0.1',
  ]);
  const [info = ''] = await lines('rampart_release_step_info{');
  assert.match(info, /version="2\.0\.0",kind="observe",step="2",text="observe for [^"]+",state="progressing",steps="\d+"/);
});

test('saturation is a share of its limit, a number without one, and absent while it is not known', async () => {
  const gauge = (name: string, used: number | null, limit: number | null) => ({
    name,
    used,
    limit,
    unit: null,
    notKnown: used === null ? ({ kind: 'not-yet' } as const) : null,
  });
  signals.measured(
    'shop',
    'target',
    [gauge('memory', 3, 12), gauge('connections', 7, null), gauge('cpu', null, null), gauge('disk', 1, 0)],
    Date.now(),
  );
  assert.deepEqual(await lines('rampart_saturation_'), [
    'rampart_saturation_ratio{service="shop",signal="memory"} 0.25',
    'rampart_saturation_used{service="shop",signal="connections"} 7',
  ]);
});

test('endpoints and statuses are those of the last minute', async () => {
  const endpoint = {
    method: 'GET',
    endpoint: '/orders/:id',
    requestsPerSecond: 5,
    errorShare: 0.1,
    p50: 10,
    p95: 250,
    p99: null,
  };
  signals.heardOf(
    'shop',
    {
      seconds: 60,
      byMethod: { GET: 5 },
      byStatus: { '2xx': 4.5, '5xx': 0.5 },
      endpoints: [endpoint],
      folded: { endpoints: 0, requestsPerSecond: 0 },
    },
    Date.now(),
  );
  assert.deepEqual(await lines('rampart_endpoint_'), [
    'rampart_endpoint_requests_per_second{service="shop",method="GET",endpoint="/orders/:id"} 5',
    'rampart_endpoint_failed_ratio{service="shop",method="GET",endpoint="/orders/:id"} 0.1',
    'rampart_endpoint_latency_seconds{service="shop",method="GET",endpoint="/orders/:id",quantile="0.5"} 0.01',
    'rampart_endpoint_latency_seconds{service="shop",method="GET",endpoint="/orders/:id",quantile="0.95"} 0.25',
  ]);
  assert.deepEqual(await lines('rampart_answers_per_second{'), [
    'rampart_answers_per_second{service="shop",status="2xx"} 4.5',
    'rampart_answers_per_second{service="shop",status="5xx"} 0.5',
  ]);
  assert.deepEqual(await lines('rampart_', () => false), [], 'nothing of it for whoever may not see the service');
});
