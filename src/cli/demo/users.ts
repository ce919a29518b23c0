import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * The users of the demo, in a thread of their own: requests at a fixed rate whatever the answers take (open loop), each user with
 * the cookie that the router gave, nobody trying twice. They count for themselves what they saw.
 */
export type UserCounts = {
  readonly sent: number;
  readonly answered: number;
  /** Failures by the version that answered; `none` when no version did. */
  readonly failures: Readonly<Record<string, number>>;
  readonly examples: readonly string[];
};

type Load = { readonly port: number; readonly perSecond: number; readonly users: number };

const slotMs = 10;
const timeoutMs = 10_000;
const examplesMax = 10;

const { port, perSecond, users } = workerData as Load;
const agent = new Agent({ keepAlive: true, maxSockets: 512 });
const cookies = new Array<string | undefined>(users).fill(undefined);
const failures: Record<string, number> = {};
const examples: string[] = [];
let sent = 0;
let answered = 0;
let stopping = false;
const startedMs = performance.now();

const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - startedMs) / 1_000) * perSecond);
  while (sent < due) one(sent % users);
}, slotMs);

parentPort?.on('message', (message: string) => {
  if (message === 'stop') {
    stopping = true;
    clearInterval(timer);
  }
  report();
});

function one(user: number): void {
  sent += 1;
  let isOver = false;
  // An answer that breaks off is told twice, by the answer and by its request, and is one failure all the same.
  const over = (count: () => void): void => {
    if (isOver) return;
    isOver = true;
    count();
  };
  const isOrder = sent % 10 === 0;
  const cookie = cookies[user];
  const headers = { ...(cookie === undefined ? {} : { cookie }), ...(isOrder ? { 'content-type': 'application/json' } : {}) };
  const outgoing = request(
    {
      agent,
      host: '127.0.0.1',
      port,
      method: isOrder ? 'POST' : 'GET',
      path: isOrder ? '/orders' : '/',
      headers,
      timeout: timeoutMs,
    },
    (response) => {
      const [given] = response.headers['set-cookie'] ?? [];
      if (given) cookies[user] = given.split(';')[0];
      const version = response.headers['x-shop-version'];
      const status = response.statusCode ?? 0;
      response.resume();
      response.once('error', (error) => over(() => failed(version, error.message)));
      response.once('end', () => over(() => (status >= 500 || status === 0 ? failed(version, `status ${status}`) : done())));
    },
  );
  outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
  outgoing.once('error', (error) => over(() => failed(undefined, error.message)));
  outgoing.end(isOrder ? '{"product":1}' : undefined);
}

function failed(version: string | string[] | undefined, why: string): void {
  const key = typeof version === 'string' ? version : 'none';
  failures[key] = (failures[key] ?? 0) + 1;
  if (examples.length < examplesMax) examples.push(`${key}: ${why}`);
  done();
}

function done(): void {
  answered += 1;
  if (stopping && answered === sent) report();
}

function report(): void {
  const counts: UserCounts = { sent, answered, failures: { ...failures }, examples: [...examples] };
  parentPort?.postMessage(counts);
  if (stopping && answered === sent) {
    agent.destroy();
    parentPort?.close();
  }
}
