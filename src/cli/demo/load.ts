import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { UserCounts } from './users.ts';

/** Users at work against a port. */
export type Load = {
  /** What they have counted so far. */
  counts(): Promise<UserCounts>;
  /** Lets every request under way end, and answers with the final counts. */
  stop(): Promise<UserCounts>;
};

/** Starts users that send `perSecond` requests a second. */
export function startLoad(port: number, perSecond: number, users: number): Load {
  // Sources and compiled package differ in the ending of their files.
  const worker = new Worker(new URL(`./users${extname(import.meta.url)}`, import.meta.url), {
    workerData: { port, perSecond, users },
  });
  const next = (isEnough: (counts: UserCounts) => boolean): Promise<UserCounts> =>
    new Promise((resolve, reject) => {
      const onMessage = (counts: UserCounts): void => {
        if (!isEnough(counts)) return;
        worker.off('message', onMessage);
        worker.off('error', reject);
        resolve(counts);
      };
      worker.on('message', onMessage);
      worker.once('error', reject);
    });
  return {
    counts() {
      const answer = next(() => true);
      worker.postMessage('count');
      return answer;
    },
    stop() {
      const answer = next((counts) => counts.answered === counts.sent);
      worker.postMessage('stop');
      return answer;
    },
  };
}
