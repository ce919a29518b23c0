import { Worker } from 'node:worker_threads';
import type { Backend } from '../../src/routers/router.ts';

/** Two versions that answer at once, and what they know of their requests. */
export type Backends = {
  /** A version with its first `count` instances. */
  version(name: 'stable' | 'candidate', count?: number): Backend;
  /** When the last request came to the candidate, in unix milliseconds; 0 before the first. */
  lastOfCandidate(): Promise<number>;
  /** Which of these requests came to any version. */
  received(numbers: readonly number[]): Promise<readonly number[]>;
  end(): Promise<void>;
};

/** Starts them on free ports. */
export async function startBackends(): Promise<Backends> {
  const worker = new Worker(new URL('./versions.ts', import.meta.url));
  const heard = <Message>(): Promise<Message> =>
    new Promise((resolve, reject) => {
      worker.once('message', (message: Message) => {
        worker.off('error', reject);
        resolve(message);
      });
      worker.once('error', reject);
    });
  const ports = await heard<Readonly<Record<string, readonly number[]>>>();
  return {
    version: (name, count = 1) => ({
      version: name,
      endpoints: (ports[name] ?? []).slice(0, count).map((port) => ({ host: '127.0.0.1', port })),
    }),
    async lastOfCandidate() {
      worker.postMessage('last');
      return (await heard<Readonly<Record<string, number>>>()).candidate ?? 0;
    },
    async received(numbers) {
      worker.postMessage(numbers);
      return await heard<readonly number[]>();
    },
    end: async () => void (await worker.terminate()),
  };
}
