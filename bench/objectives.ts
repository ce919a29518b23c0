import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniform } from '../src/analysis/simulated-traffic.fixture.ts';
import { newService } from '../src/release/decide.ts';
import type { ServiceState } from '../src/release/types.ts';
import { alertRecording } from '../src/runtime/alerts/alert-records.ts';
import type { Clock } from '../src/runtime/clock.ts';
import { CountStore } from '../src/runtime/objectives/count-store.ts';
import { sampleOf } from '../src/runtime/objectives/keeper.fixture.ts';
import { ObjectiveKeeper } from '../src/runtime/objectives/objective-keeper.ts';
import { objectiveRecording } from '../src/runtime/objectives/objective-records.ts';
import { RecordedState } from '../src/runtime/recorded-state.ts';
import { ObjectiveSums } from '../src/slo/evaluate.ts';
import type { Objective, ServiceSpec } from '../src/spec/types.ts';
import { openMemoryLog } from '../src/stores/memory/index.ts';
import type { Bench } from './parts/figure.ts';
import { rounded, spreadOf } from './parts/spread.ts';

const services = 5_000;
const day = 86_400_000;
const objectives: readonly Objective[] = [
  { name: 'availability', targetPpm: 999_000, windowMs: 30 * day, belowMs: null },
  { name: 'latency', targetPpm: 990_000, windowMs: 30 * day, belowMs: 500 },
];

/**
 * Ten thousand objectives of five thousand services: every ten seconds all of their counts come in, go to the disk, and are judged. Time
 * is made, so a turn is as late as its work takes; what routers are asked by is not in it.
 */
export const bench: Bench = async ({ quick, say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  try {
    const bytes = memoryOfOne();
    const file = join(folder, 'objectives.db');
    const { p50, p99, n } = spreadOf(await turnsOf(file, quick ? 30 : 180, say));
    const pages = falsePages(quick ? 3 : 24, say);
    const count = services * objectives.length;
    return [
      {
        figure: 'objectives evaluated every ten seconds',
        limit: { lateP99Ms: { atMost: 1_000 } },
        measured: {
          lateP99Ms: p99,
          lateP50Ms: p50,
          turns: n,
          objectives: count,
          diskBytesEach: Math.round(statSync(file).size / count),
        },
        text: `${count} on one core: p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms after their slot`,
      },
      {
        figure: 'memory of an objective of 30 d',
        limit: { kiB: { atMost: 20 } },
        measured: { kiB: rounded(bytes / 1_024) },
        text: `${(bytes / 1_024).toFixed(1)} KiB with its three alerts`,
      },
      {
        figure: 'false alerts of healthy services with little traffic, in 30 d',
        limit: { pagesMost: { atMost: 0.1 } },
        measured: {
          pagesMost: rounded(Math.max(...pages.map(({ P0 }) => P0))),
          ...Object.fromEntries(pages.map(({ row, all }) => [row, rounded(all)])),
        },
        text: pages.map(({ row, P0, P1, P2 }) => `${row}: ${rounded(P0)} / ${rounded(P1)} / ${rounded(P2)}`).join('; '),
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Memory that one objective keeps, in bytes, once its windows have been filled by 1,000 requests a minute. */
function memoryOfOne(): number {
  const [objective] = objectives;
  if (!objective) throw new Error('no objective');
  const count = 500;
  const used = (): number => {
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const all = Array.from({ length: count }, () => new ObjectiveSums(objective));
  for (const sums of all)
    for (let slot = 1; slot <= 500; slot += 1) sums.add(slot * 10, slot * 10 + 10, { bad: slot % 2, total: 167 });
  const after = used();
  // They are still there when they are counted.
  return all.length === count ? (after - before) / count : Number.NaN;
}

async function turnsOf(file: string, turns: number, say: (text: string) => void): Promise<readonly number[]> {
  let nowMs = Date.parse('2026-11-02T00:00:00Z');
  const log = openMemoryLog({ hashing: false });
  const token = await log.claim('bench');
  const now = (): number => nowMs;
  const clock: Clock = {
    now,
    after: (_, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
  };
  const states: readonly ServiceState[] = Array.from({ length: services }, (_, index) => {
    const name = `service-${index}`;
    const spec = { name, objectives } as unknown as ServiceSpec;
    return { ...newService(name), stable: { version: '1.0.0', spec, release: 'r', sinceMs: nowMs } };
  });
  const byName = new Map(states.map((state) => [state.name, state]));
  const alerts = new RecordedState(alertRecording, log, token, now);
  const records = new RecordedState(objectiveRecording, log, token, now);
  const keeper = await ObjectiveKeeper.open({
    store: new CountStore(file, say),
    records,
    alerts,
    services: () => states,
    service: (name) => byName.get(name),
    readerOf: () => null,
    clock,
    warn: say,
  });
  const took: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const second = Math.floor(nowMs / 1_000);
    nowMs += 10_000;
    const beganMs = performance.now();
    for (const [index, { name }] of states.entries()) {
      // One service in fifty burns.
      const bad = index % 50 === 0 ? 1 : 0;
      const samples = Array.from({ length: 10 }, (_, at) => sampleOf(second + at, { n: 17, bad, slow: bad }));
      keeper.take(name, samples, { stable: '1.0.0', candidate: null });
    }
    await keeper.tick();
    took.push(performance.now() - beganMs);
    if (turn % 20 === 19) say(`${turn + 1} turns, ${alerts.state.open.size} alerts`);
  }
  await keeper.stop();
  return took;
}

type FalseAlerts = { readonly row: string; readonly P0: number; readonly P1: number; readonly P2: number; readonly all: number };

/** Target and requests an hour, as in the table of `math/low_traffic_false_alerts.json`. */
const quietRows = [
  [999_000, 10],
  [999_000, 30],
  [999_000, 100],
  [999_000, 300],
  [990_000, 10],
] as const;

/** How often the usual alerts begin for services that fail half as often as they may, evaluated each minute. */
function falsePages(months: number, say: (text: string) => void): readonly FalseAlerts[] {
  const draw = uniform(20_260_822);
  return quietRows.map(([targetPpm, perHour]) => {
    const begun = { P0: 0, P1: 0, P2: 0 };
    const badShare = (1 - targetPpm / 1e6) / 2;
    const perSlot = perHour / 360;
    for (let month = 0; month < months; month += 1) {
      const sums = new ObjectiveSums({ name: 'quiet', targetPpm, windowMs: 30 * day, belowMs: null });
      const firing = new Set<string>();
      for (let slot = 1; slot <= 259_200; slot += 1) {
        let total = 0;
        // Poisson: the product of draws falls below e^-rate.
        for (let product = draw(); product > Math.exp(-perSlot); product *= draw()) total += 1;
        let bad = 0;
        for (let request = 0; request < total; request += 1) if (draw() < badShare) bad += 1;
        sums.add(slot * 10, slot * 10 + 10, { bad, total });
        if (slot % 6 !== 0) continue;
        for (const { tier, isMet } of sums.read(slot * 10 + 10, 60).tiers) {
          if (!isMet) firing.delete(tier.name);
          else if (!firing.has(tier.name)) {
            firing.add(tier.name);
            begun[tier.name as keyof typeof begun] += 1;
          }
        }
      }
    }
    const row = `${targetPpm / 10_000} % ${perHour}/h`;
    say(`${row}: ${JSON.stringify(begun)} in ${months} months`);
    const each = { P0: begun.P0 / months, P1: begun.P1 / months, P2: begun.P2 / months };
    return { row, ...each, all: each.P0 + each.P1 + each.P2 };
  });
}
