import { join } from 'node:path';
import { builtin } from '../../src/routers/builtin/index.ts';
import { BuiltinConfig } from '../../src/routers/builtin/schema.ts';
import { haproxy } from '../../src/routers/haproxy/index.ts';
import { HaproxyConfig } from '../../src/routers/haproxy/schema.ts';
import type { RouterContext, TrafficRouter } from '../../src/routers/router.ts';
import { Haproxy } from '../../test/programs/haproxy.ts';
import { type Workplace, weighLikeUs } from './processes.ts';
import { program } from './programs.ts';

/** A router at work, with what splits its traffic. */
export type RouterAtWork = { readonly router: TrafficRouter; readonly port: number; end(): Promise<void> };

type Start = (
  place: Workplace,
  say: (text: string) => void,
  signal: AbortSignal,
) => Promise<RouterAtWork | { readonly missing: string }>;

/** Every router whose changes of weight are measured. Each has its own real program. */
export const routersAtWork: Readonly<Record<string, Start>> = {
  async builtin(place, _say, signal) {
    const router = builtin.create(BuiltinConfig.parse({ listen: '127.0.0.1:0' }), context(place));
    await router.open(signal);
    // Before the first route it listens already, so its process is known.
    const { listen, pid } = await router.health(signal);
    weighLikeUs(pid);
    return { router, port: listen.port, end: () => router.close(AbortSignal.timeout(20_000)) };
  },
  async haproxy(place, say, signal) {
    const binary = program('haproxy', say);
    if (binary === null) return { missing: 'no HAProxy here' };
    const running = await Haproxy.start(binary);
    const router = haproxy.create(
      HaproxyConfig.parse({ socket: running.socket, backend: 'shop', state: running.state }),
      context(place),
    );
    await router.open(signal);
    return { router, port: running.port, end: () => running.close() };
  },
};

function context(place: Workplace): RouterContext {
  return { service: 'bench', folder: join(place.folder, 'router'), edgesMs: [500], leaseMs: 30_000 };
}
