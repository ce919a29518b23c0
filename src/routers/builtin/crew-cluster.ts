import cluster, { type Worker } from 'node:cluster';
import type { AddressInfo } from 'node:net';
import { messageOf, systemCode } from '../../errors.ts';
import { freePort } from '../../system/free-port.ts';
import type { Edges } from '../counters.ts';
import type { Crew } from './crew.ts';
import { Engine, type EngineSettings, type Report, type RouteOrder } from './engine.ts';

type Call =
  | {
      readonly kind: 'start';
      readonly settings: EngineSettings;
      readonly host: string;
      readonly port: number;
      readonly order: RouteOrder | null;
    }
  | { readonly kind: 'apply'; readonly order: RouteOrder }
  | { readonly kind: 'lease'; readonly leaseLeftMs: number | null }
  | { readonly kind: 'edges'; readonly edges: Edges }
  | { readonly kind: 'report' }
  | { readonly kind: 'drain'; readonly withinMs: number };
type Reply = {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly message: string; readonly code?: string | undefined };
};

/** A worker that does not answer in this time is ended: it might serve a route that is no longer in force. */
const answerWithinMs = 5_000;
const startWithinMs = 15_000;
/** Pause before a worker that ended is replaced, so that one that cannot live does not take the processor. */
const replaceAfterMs = 200;

/**
 * Several processes behind one address, by node:cluster. A worker that ends is replaced and starts with the order in force;
 * when this process ends, however it ends, its workers end with it.
 */
export function crewOfWorkers(settings: EngineSettings, count: number): Crew {
  const links = new Set<WorkerLink>();
  let address: { host: string; port: number } | null = null;
  let order: RouteOrder | null = null;
  let edges: Edges | null = null;
  let ending = false;

  async function add(): Promise<AddressInfo> {
    const { host, port } = address as { host: string; port: number };
    const link = new WorkerLink(cluster.fork());
    let info: AddressInfo;
    try {
      info = (await link.call({ kind: 'start', settings, host, port, order }, startWithinMs)) as AddressInfo;
    } catch (error) {
      link.end();
      throw error;
    }
    links.add(link);
    link.worker.once('exit', () => {
      links.delete(link);
      if (!ending) setTimeout(replace, replaceAfterMs);
    });
    // The order may have changed while the worker was starting; from here on it hears of every change.
    if (order) await link.call({ kind: 'apply', order });
    if (edges) await link.call({ kind: 'edges', edges });
    return info;
  }

  function replace(): void {
    if (ending) return;
    add().catch((error: unknown) => {
      console.error(`a worker could not be replaced, trying again: ${messageOf(error)}`);
      setTimeout(replace, replaceAfterMs * 5);
    });
  }

  async function all(call: Call, withinMs = answerWithinMs): Promise<unknown[]> {
    const answers = await Promise.all([...links].map((link) => link.call(call, withinMs).catch(() => link.end())));
    return answers.filter((answer) => answer !== undefined);
  }

  return {
    async start(host, port, first) {
      // node:cluster shares a listener between workers that ask for the same port, so all must ask for the one we report.
      address = { host, port: port === 0 ? await freePort(host) : port };
      order = first;
      const info = await add();
      for (let i = 1; i < count; i++) await add();
      return info;
    },
    async apply(next) {
      order = next;
      await all({ kind: 'apply', order: next });
    },
    async extendLease(leaseLeftMs) {
      if (order) order = { ...order, leaseLeftMs };
      await all({ kind: 'lease', leaseLeftMs });
    },
    async setEdges(next) {
      edges = next;
      await all({ kind: 'edges', edges: next });
    },
    async reports() {
      return (await all({ kind: 'report' })) as Report[];
    },
    async drain(withinMs) {
      ending = true;
      await all({ kind: 'drain', withinMs }, withinMs + answerWithinMs);
      for (const link of links) link.end();
    },
    strength: () => ({ running: links.size, wanted: count }),
  };
}

/** Calls to one worker and their answers. */
class WorkerLink {
  readonly worker: Worker;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private lastId = 0;

  constructor(worker: Worker) {
    this.worker = worker;
    worker.on('message', (reply: Reply) => {
      this.waiting.get(reply.id)?.(reply);
      this.waiting.delete(reply.id);
    });
    worker.once('exit', () => {
      for (const [id, answer] of this.waiting) answer({ id, error: { message: 'the worker has ended' } });
      this.waiting.clear();
    });
  }

  async call(call: Call, withinMs = answerWithinMs): Promise<unknown> {
    const id = ++this.lastId;
    let timer: NodeJS.Timeout | undefined;
    const reply = await new Promise<Reply>((resolve) => {
      this.waiting.set(id, resolve);
      timer = setTimeout(() => resolve({ id, error: { message: 'the worker does not answer' } }), withinMs);
      this.worker.send({ id, call }, (error) => {
        if (error) resolve({ id, error: { message: error.message } });
      });
    });
    clearTimeout(timer);
    this.waiting.delete(id);
    if (reply.error) throw Object.assign(new Error(reply.error.message), { code: reply.error.code });
    return reply.value;
  }

  end(): void {
    this.worker.process.kill('SIGKILL');
  }
}

/** What a worker process does: serves, and answers its calls in the order they came. */
export function runWorker(): void {
  let engine: Engine | null = null;
  let before: Promise<unknown> = Promise.resolve();
  process.on('message', ({ id, call }: { id: number; call: Call }) => {
    before = before.then(async () => {
      try {
        const value = await carryOut(call);
        process.send?.({ id, value: value ?? null } satisfies Reply);
      } catch (error) {
        process.send?.({ id, error: { message: messageOf(error), code: systemCode(error) } } satisfies Reply);
      }
    });
  });

  async function carryOut(call: Call): Promise<unknown> {
    if (call.kind === 'start') {
      engine = new Engine(call.settings);
      if (call.order) engine.apply(call.order);
      return await engine.listen(call.host, call.port);
    }
    if (engine === null) throw new Error('the worker was not started');
    switch (call.kind) {
      case 'apply':
        return engine.apply(call.order);
      case 'lease':
        return engine.extendLease(call.leaseLeftMs);
      case 'edges':
        return engine.setEdges(call.edges);
      case 'report':
        return engine.report();
      case 'drain':
        return await engine.drain(call.withinMs);
    }
  }
}
