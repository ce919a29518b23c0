import { Worker } from 'node:worker_threads';
import type { LoadOptions, Seen, UserCounts } from './users.ts';

/** Users at work against a port. */
export type Load = {
  /** What was answered since the last call. */
  take(): Promise<UserCounts>;
  /** Lets every request under way end, and answers with what is left. */
  stop(): Promise<UserCounts>;
};

/** Starts users that send `perSecond` requests a second. */
export function startLoad(options: LoadOptions): Load {
  const worker = new Worker(new URL('./users.ts', import.meta.url), { workerData: options });
  const asked = (message: 'take' | 'stop'): Promise<UserCounts> =>
    new Promise((resolve, reject) => {
      worker.once('message', (counts: UserCounts) => {
        worker.off('error', reject);
        resolve(counts);
      });
      worker.once('error', reject);
      worker.postMessage(message);
    });
  let stopped: Promise<UserCounts> | null = null;
  return { take: () => asked('take'), stop: () => (stopped ??= asked('stop')) };
}

/** Failures that are not a faulty version's own: requests that were lost. */
export function lostIn({ versions }: UserCounts, faulty: ReadonlySet<string>): number {
  return Object.entries(versions).reduce((sum, [version, seen]) => sum + (faulty.has(version) ? 0 : seen.failures), 0);
}

/** What users saw of one version; zeros when they saw none of it. */
export function seenOf({ versions }: UserCounts, version: string): Readonly<Seen> {
  return versions[version] ?? { answers: 0, failures: 0, firstFailureAtMs: null, lastAnswerAtMs: 0 };
}
