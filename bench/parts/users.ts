/**
 * Users in a thread of their own: requests at a fixed rate whatever the answers take (open loop), over connections that are kept,
 * nobody trying twice. They write down for themselves what they saw, version by version. Started by `load.ts`.
 */
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/** What users saw of one version. Times are unix milliseconds at the client. */
export type Seen = { answers: number; failures: number; firstFailureAtMs: number | null; lastAnswerAtMs: number };

export type UserCounts = {
  /** Since the last count. */
  readonly answered: number;
  /** By the version that answered; `none` when no version did. */
  readonly versions: Readonly<Record<string, Seen>>;
  readonly examples: readonly string[];
  /** Longest time by which a request was sent later than its turn: the client's own delay, in milliseconds. */
  readonly lateMaxMs: number;
};

export type LoadOptions = { readonly port: number; readonly perSecond: number; readonly users: number };

const slotMs = 5;
const timeoutMs = 10_000;
const examplesMax = 10;

const { port, perSecond, users } = workerData as LoadOptions;
const agent = new Agent({ keepAlive: true, maxSockets: 512 });
const cookies = new Array<string | undefined>(users).fill(undefined);
const versions: Record<string, Seen> = {};
const examples: string[] = [];
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
  const headers = { ...(cookie === undefined ? {} : { cookie }), ...(isOrder ? { 'content-type': 'application/json' } : {}) };
  const method = isOrder ? 'POST' : 'GET';
  let isDone = false;
  const end = (version: string, failure: string | null): void => {
    // An answer that breaks tells so twice.
    if (isDone) return;
    isDone = true;
    note(version, failure);
  };
  const outgoing = request(
    { agent, host: '127.0.0.1', port, method, path: isOrder ? '/orders' : '/', headers, timeout: timeoutMs },
    (response) => {
      const [given] = response.headers['set-cookie'] ?? [];
      if (given) cookies[user] = given.split(';')[0];
      const version = String(response.headers['x-shop-version'] ?? 'none');
      const status = response.statusCode ?? 0;
      response.resume();
      response.once('error', (error) => end(version, error.message));
      response.once('end', () => end(version, status >= 500 || status === 0 || version === 'none' ? `status ${status}` : null));
    },
  );
  outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
  outgoing.once('error', (error) => end('none', error.message));
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
    lateMaxMs,
  };
  told = answered;
  // What follows is counted anew, so that each release of the same version can be told from the one before.
  for (const version of Object.keys(versions)) delete versions[version];
  examples.length = 0;
  parentPort?.postMessage(counts);
  if (!stopping) return;
  agent.destroy();
  parentPort?.close();
}
