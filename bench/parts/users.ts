/**
 * Users in a thread of their own: requests at a fixed rate whatever the answers take (open loop), over connections that are kept,
 * nobody trying twice. They write down for themselves what they saw, version by version. Started by `load.ts`.
 */
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/** What users saw of one version. Times are unix milliseconds at the client. */
export type Seen = { answers: number; failures: number; firstFailureAtMs: number | null; lastAnswerAtMs: number };

/**
 * A request that failed, by its number: answered with an error, cut off in the middle of its answer, or without any answer on a connection
 * that had served before or on a new one.
 */
export type Failure = {
  readonly number: number;
  readonly kind: 'status' | 'broken' | 'reused' | 'fresh';
  /** From when it was sent to when it failed. */
  readonly ageMs: number;
};

export type UserCounts = {
  /** Since the last count. */
  readonly answered: number;
  /** By the version that answered; `none` when no version did. */
  readonly versions: Readonly<Record<string, Seen>>;
  readonly examples: readonly string[];
  /** The first of them, all in order. */
  readonly failures: readonly Failure[];
  /** Longest time by which a request was sent later than its turn: the client's own delay, in milliseconds. */
  readonly lateMaxMs: number;
};

export type LoadOptions = {
  readonly port: number;
  readonly perSecond: number;
  readonly users: number;
  /** Number of the first request. */
  readonly from?: number;
  /** Every n-th request is for `/slow`; by default none. */
  readonly slowEvery?: number;
};

const slotMs = 5;
const timeoutMs = 10_000;
const examplesMax = 10;
const failuresMax = 10_000;

const { port, perSecond, users, from = 1, slowEvery } = workerData as LoadOptions;
const agent = new Agent({ keepAlive: true, maxSockets: 512 });
const cookies = new Array<string | undefined>(users).fill(undefined);
const versions: Record<string, Seen> = {};
const examples: string[] = [];
const failures: Failure[] = [];
let sent = 0;
let answered = 0;
let told = 0;
let lateMaxMs = 0;
let stopping = false;
const startedMs = performance.now();

const timer = setInterval(() => {
  const elapsedMs = performance.now() - startedMs;
  const due = Math.floor((elapsedMs / 1_000) * perSecond);
  if (sent < due) lateMaxMs = Math.max(lateMaxMs, elapsedMs - ((sent + 1) / perSecond) * 1_000);
  while (sent < due) one(sent % users);
}, slotMs);

parentPort?.on('message', (message: string) => {
  if (message === 'stop') {
    stopping = true;
    clearInterval(timer);
  }
  if (!stopping || answered === sent) report();
});

function one(user: number): void {
  sent += 1;
  const isOrder = sent % 10 === 0;
  const cookie = cookies[user];
  const number = from + sent - 1;
  const sentMs = performance.now();
  const headers = {
    'x-request': String(number),
    ...(cookie === undefined ? {} : { cookie }),
    ...(isOrder ? { 'content-type': 'application/json' } : {}),
  };
  const method = isOrder ? 'POST' : 'GET';
  const path = isOrder ? '/orders' : slowEvery !== undefined && sent % slowEvery === 0 ? '/slow' : '/';
  let isDone = false;
  const end = (version: string, failure: string | null, kind: Failure['kind'] = 'status'): void => {
    // An answer that breaks tells so twice.
    if (isDone) return;
    isDone = true;
    if (failure !== null && failures.length < failuresMax) failures.push({ number, kind, ageMs: performance.now() - sentMs });
    note(version, failure);
  };
  const outgoing = request({ agent, host: '127.0.0.1', port, method, path, headers, timeout: timeoutMs }, (response) => {
    const [given] = response.headers['set-cookie'] ?? [];
    if (given) cookies[user] = given.split(';')[0];
    const version = String(response.headers['x-shop-version'] ?? 'none');
    const status = response.statusCode ?? 0;
    response.resume();
    response.once('error', (error) => end(version, error.message, 'broken'));
    response.once('end', () => end(version, status >= 500 || status === 0 || version === 'none' ? `status ${status}` : null));
  });
  outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
  outgoing.once('error', (error) => end('none', error.message, outgoing.reusedSocket ? 'reused' : 'fresh'));
  outgoing.end(isOrder ? '{"product":1}' : undefined);
}

function note(version: string, failure: string | null): void {
  const nowMs = Date.now();
  const seen = (versions[version] ??= { answers: 0, failures: 0, firstFailureAtMs: null, lastAnswerAtMs: 0 });
  seen.answers += 1;
  seen.lastAnswerAtMs = nowMs;
  if (failure !== null) {
    seen.failures += 1;
    seen.firstFailureAtMs ??= nowMs;
    if (examples.length < examplesMax) examples.push(`${version}: ${failure}`);
  }
  answered += 1;
  if (stopping && answered === sent) report();
}

function report(): void {
  const counts: UserCounts = {
    answered: answered - told,
    versions: structuredClone(versions),
    examples: [...examples],
    failures: [...failures],
    lateMaxMs,
  };
  told = answered;
  // What follows is counted anew, so that each release of the same version can be told from the one before.
  for (const version of Object.keys(versions)) delete versions[version];
  examples.length = 0;
  failures.length = 0;
  parentPort?.postMessage(counts);
  if (!stopping) return;
  agent.destroy();
  parentPort?.close();
}
