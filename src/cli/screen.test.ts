import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { ReleaseView, ServiceView } from '../views/service-view.ts';
import { countText, type EventLine, serviceScreen, wrapped } from './screen.ts';

const release: ReleaseView = {
  id: 'shop-m5x2k1-7f',
  service: 'shop',
  version: '1.1.0',
  stable: '1.0.0',
  strategy: 'canary',
  by: 'tess',
  why: '',
  group: null,
  startedAtMs: 0,
  state: 'progressing',
  doing: 'observe for 5s',
  untilMs: 4_000,
  steps: [
    'send 10 % of requests',
    'observe for 5s',
    'send 50 % of requests',
    'observe for 4s',
    'send all requests',
    'bake for 5s',
    'retire',
  ].map((text, index) => ({
    text,
    state: index < 1 ? 'done' : index === 1 ? 'now' : 'next',
    kind: 'weight',
    weight: null,
    minMs: null,
    maxMs: null,
  })),
  verbs: [],
  weight: 10,
  verdict: {
    kind: 'undecided',
    sentence: '1.1.0 had 7 of the 20 requests that this step asks for',
  } as ReleaseView['verdict'],
  totals: { candidate: { requests: 1_207, errors: 34 }, stable: { requests: 12_093, errors: 0 } },
  findings: [],
  summary: null,
};

const view: ServiceView = {
  name: 'shop',
  owner: null,
  stable: { version: '1.0.0', release: 'shop-1', sinceMs: 0 },
  previous: [],
  route: { candidate: '1.1.0', weight: 10, inForce: true },
  instances: [
    { id: 'shop/1.0.0/0', version: '1.0.0', address: '127.0.0.1:22223', state: 'ready', restarts: 0, problem: null },
    { id: 'shop/1.1.0/0', version: '1.1.0', address: '127.0.0.1:5', state: 'crashed', restarts: 2, problem: 'exit code 1' },
  ],
  restart: null,
  live: release,
  queued: null,
  ended: [],
};

const events: readonly EventLine[] = [
  { seq: 1, at: 0, said: 'release of 1.1.0 by tess' },
  { seq: 2, at: 1, said: null },
  { seq: 3, at: 2, said: 'starts 1.1.0' },
  { seq: 4, at: 3, said: '1.1.0 is ready' },
  { seq: 5, at: 4, said: 'step 1 of 7: send 10 % of requests' },
];

test('a screen is never wider or higher than its paper, and always shows the last events', () => {
  for (const width of [40, 60, 80, 200])
    for (const height of [12, 16, 24, 30, 50]) {
      const lines = serviceScreen(view, events, 0, { width, height, colour: true }).map(stripVTControlCharacters);
      assert(lines.length < height, `${width} × ${height}: ${lines.length} lines`);
      for (const line of lines) assert(line.length <= width, `${width} × ${height}: ${line}`);
      assert.match(lines.at(-1) ?? '', /step 1 of 7/);
      assert.match(lines.at(-3) ?? '', /starts 1\.1\.0/);
    }
});

test('a held release is said to be held once', () => {
  const live: ReleaseView = { ...release, state: 'held', doing: 'held: the checklist is not ready' };
  const lines = serviceScreen({ ...view, live }, events, 0, { width: 100, height: 40, colour: false });
  assert.ok(lines.includes('now     held: the checklist is not ready (4 s left)'), lines.join('\n'));
});

test('60 columns are enough for every number', () => {
  const lines = serviceScreen(view, events, 0, { width: 60, height: 24, colour: false });
  assert.deepEqual(lines.slice(0, 10), [
    'shop  1.0.0 → 1.1.0  (canary, shop-m5x2k1-7f)',
    `traffic ${'█'.repeat(11)} 90 % 1.0.0 · 10 % 1.1.0`,
    '        1.0.0  12,093 requests, 0 failed (0.00 %)',
    '        1.1.0   1,207 requests, 34 failed (2.82 %)',
    'guard   undecided: 1.1.0 had 7 of the 20 requests that this',
    '        step asks for',
    'now     progressing: observe for 5s (4 s left)',
    'steps',
    '    ✓  1. send 10 % of requests',
    '    ▶  2. observe for 5s',
  ]);
  assert(lines.includes('    shop/1.0.0/0  127.0.0.1:22223  ready'));
  assert(lines.includes('    shop/1.1.0/0  127.0.0.1:5      crashed, restarted 2×: e…'));
});

test('what is left of a wait is told in a unit that fits', () => {
  const left = (untilMs: number): string =>
    serviceScreen({ ...view, live: view.live && { ...view.live, untilMs } }, events, 0, { width: 100, height: 40, colour: false })
      .join('\n')
      .match(/\((.*) left\)/)?.[1] ?? '';
  assert.deepEqual([119_000, 600_000, 86_400_000, 259_200_000].map(left), ['119 s', '10 min', '24 h', '3 days']);
});

test('a line without colours is the same text as one with', () => {
  const paper = { width: 100, height: 40 };
  const plain = serviceScreen(view, events, 0, { ...paper, colour: false });
  const coloured = serviceScreen(view, events, 0, { ...paper, colour: true });
  assert.deepEqual(coloured.map(stripVTControlCharacters), plain);
  assert.notDeepEqual(coloured, plain);
});

test('a service without a release says how the last one ended', () => {
  const idle: ServiceView = {
    ...view,
    live: null,
    ended: [
      {
        release: 'shop-2',
        service: 'shop',
        version: '1.1.0',
        outcome: 'rolled-back',
        reason: '1.1.0 fails 4 of 20 requests where 1.0.0 fails 0 of 180',
        secondsToSafety: 1.6,
        failedRequests: 4,
        candidateRequests: 21,
        steps: 1,
        startedAtMs: 0,
        endedAtMs: 1,
      },
    ],
  };
  const text = serviceScreen(idle, [], 0, { width: 100, height: 40, colour: false }).join('\n');
  assert.match(text, /^shop {2}1\.0\.0$/m);
  assert.match(text, /^last {4}1\.1\.0 rolled-back: 1\.1\.0 fails 4 of 20/m);
  assert.match(text, /1\.6 s from the first sign of the fault to safety, 4 failed requests/);
  assert.match(
    serviceScreen({ ...idle, ended: [], stable: null }, [], 0, { width: 80, height: 24, colour: false }).join('\n'),
    /no version yet[\s\S]*no release yet/,
  );
});

test('long texts break at spaces behind their label, and counts have thousands apart', () => {
  assert.deepEqual(wrapped('now ', 'a word that is a bit long', 24), ['now a word that is a bit', '    long']);
  assert.equal(countText(1_234_567), '1,234,567');
});
