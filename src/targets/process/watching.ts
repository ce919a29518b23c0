import { setTimeout as wait } from 'node:timers/promises';
import { type CheckResult, probe } from '../probe.ts';
import { loopback } from './free-port.ts';
import { isSameProcess } from './process-table.ts';
import type { Rules } from './record.ts';

/** Until it is ready for the first time, a process is asked this often: nobody should wait a whole interval for a fast start. */
const startIntervalMs = 100;
/** How soon the end of a process is noticed that is not our child. */
const pollMs = 200;
const logPollMs = 500;

/** One life of a process, as those who watch it need it. Asked anew each time, because rules and readiness change. */
export type Watched = {
  readonly port: number;
  rules(): Rules;
  wasReady(): boolean;
  checked(result: CheckResult): void;
  livenessLost(reason: string): void;
};

/** Asks for readiness until the signal aborts, first at once. */
export async function watchReadiness(watched: Watched, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { path, timeout, interval } = watched.rules().health;
    const result = await probe({ host: loopback, port: watched.port }, path, timeout, signal);
    if (signal.aborted) return;
    watched.checked(result);
    await pause(watched.wasReady() ? interval : Math.min(interval, startIntervalMs), signal);
  }
}

/**
 * Asks for liveness until the signal aborts or it is lost. Only once the process has been ready: until then a slow start looks the same
 * as a dead one, and the release has its own deadline for that.
 */
export async function watchLiveness(watched: Watched, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const { liveness, health } = watched.rules();
    await pause(liveness?.interval ?? health.interval, signal);
    if (signal.aborted) return;
    if (!liveness || !watched.wasReady()) continue;
    const result = await probe({ host: loopback, port: watched.port }, liveness.path, liveness.timeout, signal);
    if (signal.aborted) return;
    failures = result.ok ? 0 : failures + 1;
    if (result.ok || failures < liveness.failures) continue;
    return watched.livenessLost(`liveness check failed ${failures} ${failures === 1 ? 'time' : 'times'} (${result.detail})`);
  }
}

/** Calls `ended` when a process is gone that is not our child, and so sends us no event. */
export function pollEnd(process: { pid: number; mark: string }, signal: AbortSignal, ended: () => void): void {
  const timer = setInterval(() => {
    if (!isSameProcess(process)) ended();
  }, pollMs);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** Calls `look` so often that a log does not grow far beyond its bound in between. */
export function pollLog(signal: AbortSignal, look: () => void): void {
  const timer = setInterval(look, logPollMs);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // A controller with nothing else to do may end: the next one watches on.
  await wait(ms, undefined, { ref: false, signal }).catch(() => undefined);
}
