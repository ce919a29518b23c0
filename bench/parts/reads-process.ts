/**
 * A controller with its API on a data folder that has a past, in a process of its own as it is for users; its routers and targets answer
 * at once. Started by `api-reads.ts`; says over the channel where it is, and ends when the channel does.
 */
import { systemCode } from '../../src/errors.ts';
import { startHost } from '../../src/server/host.ts';
import { controllerDefaults } from '../../src/spec/controller.ts';
import { instantWorld } from './instant-world.ts';

export type ReadsTask = { readonly data: string };
/** `startMs`: from the process's first line to the API that answers, in milliseconds. */
export type ReadsDoor = { readonly url: string; readonly startMs: number; readonly rssMiB: number };

const task = JSON.parse(process.argv[2] ?? '{}') as ReadsTask;
const fromMs = performance.now();
const host = await startHost({
  data: task.data,
  listen: { host: '127.0.0.1', port: 0 },
  user: 'bench',
  environment: {},
  doorFile: 'api.json',
  settings: controllerDefaults,
  demo: () => ({ status: { state: 'absent', said: null, service: null }, start() {}, stop: async () => {} }),
  ports: instantWorld([500]).ports,
  version: '0.0.0',
  warn: (service, text) => console.error(`${service ?? '-'}: ${text}`),
});
const door: ReadsDoor = {
  url: host.url,
  startMs: performance.now() - fromMs,
  rssMiB: process.memoryUsage().rss / 1_048_576,
};
process.send?.(door);
process.once('disconnect', () => void end());
process.once('SIGTERM', () => void end());

async function end(): Promise<void> {
  try {
    await host.close();
  } catch (error) {
    console.error(systemCode(error) ?? error);
  } finally {
    process.exit(0);
  }
}
