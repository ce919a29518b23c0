import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Waits until the process has ended whose id stands in a file. */
export async function hasEnded(file: string): Promise<void> {
  const stat = `/proc/${readFileSync(file, 'utf8').trim()}/stat`;
  const isGone = (): boolean => !existsSync(stat) || / Z /.test(readFileSync(stat, 'utf8'));
  const signal = AbortSignal.timeout(30_000);
  while (!isGone()) await pause(5, undefined, { signal });
}
