import { join } from 'node:path';
import { UserError } from '../../src/errors.ts';
import { builtin } from '../../src/routers/builtin/index.ts';
import { BuiltinConfig } from '../../src/routers/builtin/schema.ts';
import { caddy } from '../../src/routers/caddy/index.ts';
import { CaddyConfig } from '../../src/routers/caddy/schema.ts';
import { haproxy } from '../../src/routers/haproxy/index.ts';
import { HaproxyConfig } from '../../src/routers/haproxy/schema.ts';
import { nginx } from '../../src/routers/nginx/index.ts';
import { NginxConfig } from '../../src/routers/nginx/schema.ts';
import type { RouterContext, TrafficRouter } from '../../src/routers/router.ts';
import { Caddy, caddyProgram } from '../../test/programs/caddy.ts';
import { Haproxy } from '../../test/programs/haproxy.ts';
import { Nginx, nginxProgram } from '../../test/programs/nginx.ts';
import { type Workplace, weighLikeUs } from './processes.ts';
import { program } from './programs.ts';
import { until } from './wait.ts';

/** A router at work, with what splits its traffic. */
export type RouterAtWork = {
  readonly router: TrafficRouter;
  readonly port: number;
  /** What is promised, in milliseconds: until a route is read back (99 of 100, none where nothing is), and until the last request after it. */
  readonly promised: { readonly inForceMs: number | null; readonly backMs: number };
  end(): Promise<void>;
};

type Start = (
  place: Workplace,
  say: (text: string) => void,
  signal: AbortSignal,
) => Promise<RouterAtWork | { readonly missing: string }>;

const fast = { inForceMs: 50, backMs: 50 };

/** Every router whose changes of weight are measured. Each has its own real program. */
export const routersAtWork: Readonly<Record<string, Start>> = {
  async builtin(place, _say, signal) {
    const router = builtin.create(BuiltinConfig.parse({ listen: '127.0.0.1:0' }), context(place));
    await router.open(signal);
    // Before the first route it listens already, so its process is known.
    const { listen, pid } = await router.health(signal);
    weighLikeUs(pid);
    return { router, port: listen.port, promised: fast, end: () => router.close(AbortSignal.timeout(20_000)) };
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
    return { router, port: running.port, promised: fast, end: () => running.close() };
  },
  'nginx-lua': (place, _say, signal) => startNginx('lua', { inForceMs: null, backMs: 50 }, place, signal),
  'nginx-reload': (place, _say, signal) => startNginx('reload', { inForceMs: null, backMs: 250 }, place, signal),
  async caddy(place, _say, signal) {
    const found = await caddyProgram();
    if ('missing' in found) return found;
    const running = await Caddy.start(found.path, { logs: false });
    const router = caddy.create(CaddyConfig.parse({ admin: running.admin, id: 'shop' }), context(place));
    await router.open(signal);
    return { router, port: running.port, promised: { inForceMs: null, backMs: 50 }, end: () => running.close() };
  },
};

async function startNginx(
  mode: 'lua' | 'reload',
  promised: RouterAtWork['promised'],
  place: Workplace,
  signal: AbortSignal,
): Promise<RouterAtWork | { readonly missing: string }> {
  const found = await nginxProgram();
  if ('missing' in found) return found;
  const running = await Nginx.make(found.path, 'rampart_bench');
  const { include, log, status } = running;
  const words = { include, log, status, mode, test: running.command('-t'), reload: running.command('-s', 'reload') };
  const router = nginx.create(NginxConfig.parse(words), context(place));
  // The first opening writes the file that nginx is to include, and says that nobody serves it yet.
  await router.open(signal).catch((error: unknown) => {
    if (!(error instanceof UserError) || error.code !== 'E_ROUTER_UNREACHABLE') throw error;
  });
  await running.up();
  // It listens before it has workers.
  const worker = await until('nginx has workers', 5_000, signal, async () => Number(running.workers()[0]) || null);
  weighLikeUs(worker);
  await router.open(signal);
  return { router, port: running.port, promised, end: () => running.close() };
}

function context(place: Workplace): RouterContext {
  return { service: 'bench', folder: join(place.folder, 'router'), edgesMs: [500], leaseMs: 30_000 };
}
