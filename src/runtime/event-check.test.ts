import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedPrometheus } from '../../test/programs/shared-prometheus.ts';
import { documentsIn } from './documents.ts';
import { realPorts } from './world.ts';

const shared = await sharedPrometheus();
const { skip } = shared;

test(
  'before a release the events of objectives are looked at: mistakes reject it, and what chooses nothing is said once',
  skip,
  async () => {
    const nowMs = Date.now() - 5_000;
    await shared.prometheus.push(
      ['200', '404'].map((code) => ({ labels: { __name__: 'asked_total', job: 'shop', code }, samples: [[nowMs, 3]] })),
    );
    const said: string[] = [];
    const [spec] = documentsIn(
      `apiVersion: rampart/v1
kind: Service
metadata: { name: shop }
spec:
  target: { process: { command: [node, server.js] } }
  router: { builtin: { listen: 127.0.0.1:8080 } }
  source: { prometheus: { url: "${shared.prometheus.url}" } }
  objectives:
    - { name: answers, target: 99%, window: 30d, events: { bad: 'asked_total{code=~"5.."}', total: asked_total } }
    - { name: fast, target: 99%, window: 30d, below: 500ms, events: { histogram: asked_total } }
    - { name: requests, target: 99%, window: 30d }
`,
      'shop.yaml',
      '/nowhere',
    );
    assert(spec);
    const source = realPorts('/nowhere', {}, (line) => said.push(line)).source(spec, []);
    assert(source);
    for (let round = 0; round < 2; round += 1) assert.deepEqual(await source.check('1.0.0', AbortSignal.timeout(5_000)), []);
    assert.deepEqual(said.sort(), [
      'shop: objective answers, events.bad: code=~"5.." matches no series of asked_total; code has 200, 404',
      'shop: objective fast, events.histogram: there is no metric asked_total_bucket; names like it are asked_total',
    ]);
    await shared.prometheus.push([
      { labels: { __name__: 'asked_total_bucket', job: 'shop', le: '+Inf' }, samples: [[nowMs + 1, 3]] },
    ]);
    await shared.prometheus.push([
      { labels: { __name__: 'asked_total_bucket', job: 'shop', le: '1' }, samples: [[nowMs + 1, 3]] },
    ]);
    const bounds = await source.check('1.0.0', AbortSignal.timeout(5_000));
    assert.match(bounds.join(), /^objective fast, events\.histogram: below 500ms is no bound of its buckets.*; it has 1s$/);
  },
);
