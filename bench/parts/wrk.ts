import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Asked for when all is over, so it changes nothing of what is sent. */
const tells95 = fileURLToPath(new URL('./wrk-p95.lua', import.meta.url));

/** What wrk saw. Latency in microseconds. */
export type WrkResult = {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
  readonly failed: number;
};

/** As fast as one thread with 64 connections can, for some seconds. */
export async function wrk(
  program: string,
  port: number,
  seconds: number,
  headers: readonly string[],
  signal: AbortSignal,
): Promise<WrkResult> {
  const args = ['-t1', '-c64', `-d${seconds}s`, '--latency', '-s', tells95, ...headers.flatMap((header) => ['-H', header])];
  const { stdout } = await run(program, [...args, `http://127.0.0.1:${port}/`], { signal, timeout: (seconds + 20) * 1_000 });
  const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? 0);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? [];
  return {
    requests: number(/(\d+) requests in/),
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50Us: microseconds(/\s50%\s+(\S+)/.exec(stdout)?.[1]),
    p95Us: number(/^p95 (\d+) us$/m),
    p99Us: microseconds(/\s99%\s+(\S+)/.exec(stdout)?.[1]),
    failed: errors.reduce((sum, count) => sum + Number(count), number(/Non-2xx or 3xx responses: (\d+)/)),
  };
}

function microseconds(text: string | undefined): number {
  const found = /^([\d.]+)(us|ms|s|m)$/.exec(text ?? '');
  const factors: Record<string, number> = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000 };
  return Number(found?.[1] ?? Number.NaN) * (factors[found?.[2] ?? ''] ?? Number.NaN);
}
