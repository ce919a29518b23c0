import { resolve } from 'node:path';
import type { Sample } from '../../analysis/sample.ts';
import { defineRouter, type RouteReading, type RouterContext, type RouterTraffic, type TrafficRouter } from '../router.ts';
import { capabilities } from './capabilities.ts';
import { ask } from './control-client.ts';
import { filesIn } from './files.ts';
import { dismiss, launch } from './launch.ts';
import { BuiltinConfig } from './schema.ts';
import type { RouterHealth } from './settings.ts';

/** The built-in router's client. */
export type BuiltinRouter = TrafficRouter & {
  /** What the running process says about itself, among others where it listens. */
  health(signal: AbortSignal): Promise<RouterHealth>;
  /** Its metrics in Prometheus' text format. */
  metrics(signal: AbortSignal): Promise<string>;
};

/** Splits HTTP/1.1 traffic in a process of its own, which outlives the controller. See README.md. */
export const builtin = defineRouter(BuiltinConfig, (config, context: RouterContext): BuiltinRouter => {
  const { service, edgesMs, leaseMs } = context;
  const files = filesIn(resolve(context.folder));
  return {
    capabilities,
    async open(signal) {
      await launch(files, { service, config, edgesMs, leaseMs }, signal);
    },
    async setRoute(route, fence, signal) {
      await ask(files.socket, 'PUT', '/route', { route, fence }, signal);
    },
    async readRoute(signal) {
      return (await ask(files.socket, 'GET', '/route', undefined, signal)) as RouteReading | null;
    },
    async renewLease(token, signal) {
      return (await ask(files.socket, 'POST', '/lease', { token }, signal)) as RouteReading | null;
    },
    async samples(query, signal) {
      return (await ask(files.socket, 'POST', '/samples', query, signal)) as Sample[];
    },
    async traffic(signal) {
      return (await ask(files.socket, 'GET', '/traffic', undefined, signal)) as RouterTraffic;
    },
    async close(signal) {
      await dismiss(files, config.timeouts.drain, signal);
    },
    async health(signal) {
      return (await ask(files.socket, 'GET', '/health', undefined, signal)) as RouterHealth;
    },
    async metrics(signal) {
      return (await ask(files.socket, 'GET', '/metrics', undefined, signal)) as string;
    },
  };
});
