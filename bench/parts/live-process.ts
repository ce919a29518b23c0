/**
 * A controller with its API and many live releases, in a process of its own so that nothing else is on its core. Started by
 * `live-views.ts`; is told over the channel what to do, and answers with what it has measured.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { startHost } from '../../src/server/host.ts';
import { controllerDefaults } from '../../src/spec/controller.ts';
import { canarySpec } from './canary-spec.ts';
import { instantWorld } from './instant-world.ts';

export type LiveTask = { readonly data: string; readonly releases: number };
export type LiveReady = { readonly url: string; readonly releases: readonly string[] };
/** Verbs are given to the first `of` releases in turn. */
export type LiveRun = { readonly seconds: number; readonly everyMs: number; readonly of: number };
export type LiveResult = {
  /** Of each record that was appended: its place in the log, and when it was durable on the machine's monotonic clock. */
  readonly appended: readonly (readonly [seq: number, ns: string])[];
  /** When each verb was on record, and the state that it led to. */
  readonly verbs: readonly (readonly [state: string, ns: string])[];
  /** Of one core. */
  readonly cpuShare: number;
};

const task = JSON.parse(process.argv[2] ?? '{}') as LiveTask;
const world = instantWorld([500]);
const warnings: string[] = [];
const host = await startHost({
  data: task.data,
  listen: { host: '127.0.0.1', port: 0 },
  user: 'bench',
  environment: {},
  doorFile: 'api.json',
  demo: () => ({ status: { state: 'absent', said: null, service: null }, start: () => {}, stop: async () => {} }),
  settings: controllerDefaults,
  version: '0.0.0',
  ports: world.ports,
  warn: (service, text) => warnings.push(`${service}: ${text}`),
});
const { controller, log } = host;
const names = Array.from({ length: task.releases }, (_, index) => `service-${index}`);
const release = (version: string): Promise<readonly string[]> =>
  Promise.all(names.map((name) => controller.request({ spec: canarySpec(name), version, by: 'bench', why: '' })));
await release('1.0.0');
await all((name) => controller.service(name)?.stable?.version === '1.0.0' && controller.service(name)?.live === null);
const releases = await release('2.0.0');
await all((name) => controller.service(name)?.live?.exposure.weight === 10);

let durableNs = 0n;
let appended: [number, string][] = [];
log.timed(() => {
  durableNs = process.hrtime.bigint();
});
log.subscribe((events) => {
  for (const { seq } of events) appended.push([seq, String(durableNs)]);
});
process.send?.({ url: host.url, releases } satisfies LiveReady);
for (;;) {
  const [run] = (await once(process, 'message')) as [LiveRun | 'end'];
  if (run === 'end') break;
  process.send?.(await measured(run));
}
await host.close();
if (warnings.length > 0) console.error(warnings.slice(0, 5).join('\n'));
process.exit(0);

async function measured({ seconds, everyMs, of }: LiveRun): Promise<LiveResult> {
  appended = [];
  const verbs: [string, string][] = [];
  const beganMs = performance.now();
  const cpuBefore = process.cpuUsage();
  for (let count = 0; performance.now() - beganMs < seconds * 1_000; count += 1) {
    const isPause = Math.floor(count / of) % 2 === 0;
    await controller.verb(releases[count % of] ?? '', isPause ? 'pause' : 'resume', 'bench', '');
    verbs.push([isPause ? 'held' : 'progressing', String(process.hrtime.bigint())]);
    await delay(Math.max(0, beganMs + (count + 1) * everyMs - performance.now()));
  }
  const cpu = process.cpuUsage(cpuBefore);
  const cpuShare = (cpu.user + cpu.system) / 1_000 / (performance.now() - beganMs);
  // What was appended last has to arrive.
  await delay(1_500);
  return { appended, verbs, cpuShare };
}

async function all(holds: (name: string) => boolean | undefined): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!names.every(holds)) {
    if (performance.now() > deadlineMs) throw new Error(`the releases do not begin: ${warnings.slice(0, 3)}`);
    await delay(50);
  }
}
