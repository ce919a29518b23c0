/**
 * One controller with many live releases, in a process of its own so that nothing else is on its core and in its heap. Started by
 * `engine-turn.ts` with `--expose-gc`; answers over the channel with what it has measured.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../src/runtime/clock.ts';
import { Controller } from '../../src/runtime/controller.ts';
import { ServiceTurn } from '../../src/runtime/service-turn.ts';
import { SignalKeeper } from '../../src/runtime/signal-keeper.ts';
import { openSignalStore } from '../../src/runtime/signal-store.ts';
import { openSqliteLog } from '../../src/stores/sqlite/index.ts';
import { canarySpec } from './canary-spec.ts';
import { instantWorld } from './instant-world.ts';
import { type Spread, spreadOf } from './spread.ts';

export type EngineTask = {
  readonly file: string;
  readonly releases: number;
  readonly seconds: number;
  /** How many of the candidates turn bad while it is measured. */
  readonly spoiled: number;
};

export type EngineResult = {
  /** From the end of a second to the decision on its counts, in milliseconds. */
  readonly afterSecondMs: Spread;
  /** From the end of the first second whose counts decide against a candidate to its route being written, in milliseconds. */
  readonly toRouteMs: Spread;
  readonly cpuShare: number;
  readonly bytesPerRelease: number;
  readonly rssBytesPerRelease: number;
  readonly looks: number;
  readonly secondsMissed: number;
  readonly longestPauseMs: number;
};

const edgesMs = [500];
/** What a release is let run before it is measured: its guard has then chosen what it compares. */
const settleMs = 15_000;

const task = JSON.parse(process.argv[2] ?? '{}') as EngineTask;
const world = instantWorld(edgesMs);
const log = await openSqliteLog(task.file);
const warnings: string[] = [];
let ids = 0;
const controller = await Controller.start({
  log,
  clock: systemClock,
  ports: world.ports,
  owner: 'bench',
  newId: (service) => `${service}-${(ids += 1)}`,
  signals: new SignalKeeper(openSignalStore(`${task.file}.signals`, (text) => warnings.push(text))),
  warn: (service, text) => warnings.push(`${service}: ${text}`),
});

const names = Array.from({ length: task.releases }, (_, index) => `service-${index}`);
const before = memory();
await Promise.all(names.map((name) => controller.request({ spec: canarySpec(name), version: '1.0.0', by: 'bench', why: '' })));
await all((name) => controller.service(name)?.stable?.version === '1.0.0' && controller.service(name)?.live === null, 'stable');
await Promise.all(names.map((name) => controller.request({ spec: canarySpec(name), version: '2.0.0', by: 'bench', why: '' })));
await all((name) => controller.service(name)?.live?.exposure.weight === 10, 'under way');
await delay(settleMs);

const lateness: number[] = [];
let secondsSeen = 0;
const decidedSecond = new Map<string, number>();
const submit = ServiceTurn.prototype.submit;
ServiceTurn.prototype.submit = function (this: ServiceTurn, event) {
  const wasGuarded = this.head.live?.phase.kind === 'stepping';
  const answer = submit.call(this, event);
  if (event.kind === 'sampled') {
    // The oldest second of a look has waited longest.
    const second = event.samples[0]?.second ?? 0;
    lateness.push(Date.now() - (second + 1) * 1_000);
    secondsSeen += event.samples.length;
    if (wasGuarded && this.head.live?.phase.kind === 'rolling-back')
      decidedSecond.set(this.name, event.samples.at(-1)?.second ?? second);
  }
  return answer;
};
const toRoute: number[] = [];
world.onRoute = (service, route) => {
  const second = decidedSecond.get(service);
  if (second === undefined || route.candidate !== null) return;
  decidedSecond.delete(service);
  toRoute.push(Date.now() - (second + 1) * 1_000);
};

let longestPauseMs = 0;
let lastMs = performance.now();
const pulse = setInterval(() => {
  const nowMs = performance.now();
  longestPauseMs = Math.max(longestPauseMs, nowMs - lastMs - 5);
  lastMs = nowMs;
}, 5);
const startedMs = performance.now();
const cpuBefore = process.cpuUsage();
for (let count = 0; count < task.spoiled; count += 1) {
  world.spoil(names[Math.floor((count * task.releases) / task.spoiled)] ?? '');
  await delay((task.seconds * 1_000 * 0.8) / task.spoiled);
}
await delay(Math.max(0, task.seconds * 1_000 - (performance.now() - startedMs)));
const cpu = process.cpuUsage(cpuBefore);
const elapsedMs = performance.now() - startedMs;
clearInterval(pulse);
const looks = lateness.length;
const live = names.filter((name) => controller.service(name)?.live?.phase.kind === 'stepping').length;
const result: EngineResult = {
  afterSecondMs: spreadOf(lateness),
  toRouteMs: spreadOf(toRoute),
  cpuShare: (cpu.user + cpu.system) / 1_000 / elapsedMs,
  looks,
  secondsMissed: Math.max(0, live * Math.floor(elapsedMs / 1_000 - 1) - secondsSeen),
  longestPauseMs,
  ...perRelease(before),
};
if (warnings.length > 0) console.error(warnings.slice(0, 5).join('\n'));
await controller.stop();
await log.close();
process.send?.(result, () => process.exit(0));

function memory(): { heap: number; rss: number } {
  // Twice: the first may only find what the second can free.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, rss };
}

function perRelease(start: { heap: number; rss: number }): { bytesPerRelease: number; rssBytesPerRelease: number } {
  lateness.length = 0;
  const end = memory();
  return {
    bytesPerRelease: Math.round((end.heap - start.heap) / task.releases),
    rssBytesPerRelease: Math.round((end.rss - start.rss) / task.releases),
  };
}

async function all(holds: (name: string) => boolean | undefined, what: string): Promise<void> {
  const deadlineMs = performance.now() + 120_000;
  while (!names.every(holds)) {
    if (performance.now() > deadlineMs) {
      const late = names.filter((name) => !holds(name));
      const state = controller.service(late[0] ?? '');
      throw new Error(
        `${late.length} of ${names.length} are not ${what}: ${JSON.stringify(state?.live?.phase)} ${warnings.slice(0, 3)}`,
      );
    }
    await delay(100);
  }
}
