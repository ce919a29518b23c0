import { arrivalsOf, turnsOf } from './arrivals.ts';
import type { Origin, Sending } from './connection.ts';
import type { LoadPlan, LoadProgress, LoadResult, LoadTarget } from './plan.ts';
import { Pool } from './pool.ts';
import { Tally } from './tally.ts';

const expireEveryMs = 10;
const progressEveryMs = 500;

/** Timers of Node are a millisecond late at times: what is due sooner than this is waited for by looking again and again. */
const timerMs = 2;

/** A user whose request had no answer tries again a little later. */
const afterErrorMs = 100;

/** Sends what a plan says and measures what comes of it. It takes a whole core: run it in a thread of its own. */
export async function generate(plan: LoadPlan, progress: (at: LoadProgress) => void): Promise<LoadResult> {
  const fromMs = plan.rampUpMs + plan.warmUpMs;
  const endMs = fromMs + plan.forMs;
  const startMs = performance.now();
  const now = (): number => performance.now() - startMs;
  const tally = new Tally(fromMs, endMs);
  const { requests, origins } = prepared(plan);
  const pool = new Pool(origins, { tally, now, connectionsMax: plan.connectionsMax, timeoutMs: plan.timeoutMs });
  const turn = turnsOf(plan.targets.map(({ weight }) => weight));
  let open = 0;
  const done = Promise.withResolvers<void>();
  let isLast = false;
  const endIfDone = (): void => {
    if (isLast && open === 0) done.resolve();
  };
  const begin = (dueMs: number, then: ((isAnswered: boolean) => void) | null): void => {
    const request = requests[turn()];
    if (!request) throw new Error('there is nothing to send');
    tally.begun(dueMs, now());
    open += 1;
    const ended = (isAnswered: boolean): void => {
      open -= 1;
      then?.(isAnswered);
      endIfDone();
    };
    const { lane, ...what } = request;
    pool.send(lane, { ...what, dueMs, ended, sentMs: 0, isAgain: false });
  };
  const expiring = setInterval(() => pool.expire(), expireEveryMs);
  const telling = setInterval(
    () => progress({ elapsedMs: Math.min(now(), endMs), wholeMs: endMs, answers: tally.answers, failed: tally.failures }),
    progressEveryMs,
  );
  let busy = 0;
  let atStart = performance.eventLoopUtilization();
  const measuring = [
    setTimeout(() => {
      atStart = performance.eventLoopUtilization();
    }, fromMs),
    setTimeout(() => {
      busy = performance.eventLoopUtilization(atStart).utilization;
    }, endMs),
  ];
  const last = (): void => {
    isLast = true;
    endIfDone();
  };
  if (plan.shape.kind === 'rate') openLoop(plan, plan.shape, endMs, now, begin, last);
  else closedLoop(plan.shape, plan.rampUpMs, endMs, now, begin, last);
  await done.promise;
  clearInterval(expiring);
  clearInterval(telling);
  if (busy === 0) busy = performance.eventLoopUtilization(atStart).utilization;
  for (const timer of measuring) clearTimeout(timer);
  pool.close();
  return tally.result(plan.shape.kind === 'rate' ? plan.shape.perSecond : null, busy);
}

type Begin = (dueMs: number, then: ((isAnswered: boolean) => void) | null) => void;

/** Requests begin at their own times. One that the generator comes to late keeps its time, so that what it waited is in its latency. */
function openLoop(
  plan: LoadPlan,
  shape: Extract<LoadPlan['shape'], { kind: 'rate' }>,
  endMs: number,
  now: () => number,
  begin: Begin,
  last: () => void,
): void {
  const arrivals = arrivalsOf(shape, plan.rampUpMs, endMs, plan.seed);
  let dueMs = arrivals();
  const look = (): void => {
    // As many as are due now: those that become due meanwhile have their turn after what has come in.
    const nowMs = now();
    for (; dueMs <= nowMs; dueMs = arrivals()) begin(dueMs, null);
    const waitMs = dueMs - now();
    if (dueMs === Number.POSITIVE_INFINITY) last();
    else if (waitMs > timerMs) setTimeout(look, waitMs - timerMs);
    else setImmediate(look);
  };
  look();
}

/** Each user sends the next request when the one before has ended and the user has waited. */
function closedLoop(
  { users, thinkMs }: Extract<LoadPlan['shape'], { kind: 'users' }>,
  rampUpMs: number,
  endMs: number,
  now: () => number,
  begin: Begin,
  last: () => void,
): void {
  let left = users;
  const next = (dueMs: number): void => {
    if (dueMs >= endMs) {
      left -= 1;
      if (left === 0) last();
      return;
    }
    const send = (): void => {
      begin(dueMs, (isAnswered) => next(now() + (isAnswered ? thinkMs : Math.max(thinkMs, afterErrorMs))));
    };
    const waitMs = dueMs - now();
    if (waitMs > 0) setTimeout(send, waitMs);
    else send();
  };
  for (let user = 0; user < users; user += 1) next((rampUpMs * user) / users);
}

type Request = Pick<Sending, 'text' | 'isHead' | 'isIdempotent'> & { readonly lane: number };

/** Requests as they go over the wire, and where to. */
function prepared({ targets, insecure }: LoadPlan): {
  readonly requests: readonly Request[];
  readonly origins: readonly Origin[];
} {
  const names: string[] = [];
  const origins: Origin[] = [];
  const requests = targets.map((target): Request => {
    const { origin, protocol, hostname, port } = new URL(target.url);
    const isTls = protocol === 'https:';
    if (!names.includes(origin)) {
      names.push(origin);
      origins.push({ isTls, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (isTls ? 443 : 80)), insecure });
    }
    return {
      text: textOf(target),
      isHead: target.method === 'HEAD',
      isIdempotent: target.method !== 'POST' && target.method !== 'PATCH',
      lane: names.indexOf(origin),
    };
  });
  return { requests, origins };
}

function textOf({ url, method, headers, body }: LoadTarget): Buffer {
  const { pathname, search, host } = new URL(url);
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  // How a message is framed is not for headers to say.
  for (const name of ['content-length', 'transfer-encoding', 'connection']) given.delete(name);
  const content = body === null ? null : Buffer.from(body);
  const lines = [
    `${method} ${pathname}${search} HTTP/1.1`,
    `host: ${given.get('host') ?? host}`,
    `user-agent: ${given.get('user-agent') ?? 'rampart-load'}`,
    ...[...given].filter(([name]) => name !== 'host' && name !== 'user-agent').map(([name, value]) => `${name}: ${value}`),
    ...(content || method === 'POST' || method === 'PUT' || method === 'PATCH'
      ? [`content-length: ${content?.length ?? 0}`]
      : []),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content ?? Buffer.alloc(0)]);
}
