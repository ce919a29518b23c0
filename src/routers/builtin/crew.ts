import type { AddressInfo } from 'node:net';
import type { Edges } from '../counters.ts';
import { Engine, type EngineSettings, type Report, type RouteOrder } from './engine.ts';

/** Those who serve requests: this process itself, or several workers. What is told to a crew holds for all of it. */
export type Crew = {
  /** Starts to serve at the address with this order in force. Rejects with Node's error when the address cannot be had. */
  start(host: string, port: number, order: RouteOrder | null): Promise<AddressInfo>;
  /** Resolves when every worker has the route in force. */
  apply(order: RouteOrder): Promise<void>;
  extendLease(leaseLeftMs: number | null): Promise<void>;
  setEdges(edges: Edges): Promise<void>;
  reports(): Promise<readonly Report[]>;
  drain(withinMs: number): Promise<void>;
  /** How many serve, and how many should. */
  strength(): { readonly running: number; readonly wanted: number };
};

/** A crew of one: the router process serves by itself, without a hop. */
export function crewOfOne(settings: EngineSettings): Crew {
  const engine = new Engine(settings);
  return {
    async start(host, port, order) {
      if (order) engine.apply(order);
      return await engine.listen(host, port);
    },
    async apply(order) {
      engine.apply(order);
    },
    async extendLease(leaseLeftMs) {
      engine.extendLease(leaseLeftMs);
    },
    async setEdges(edges) {
      engine.setEdges(edges);
    },
    async reports() {
      return [engine.report()];
    },
    drain: (withinMs) => engine.drain(withinMs),
    strength: () => ({ running: 1, wanted: 1 }),
  };
}
