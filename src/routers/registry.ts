import { builtin } from './builtin/index.ts';
import { caddy } from './caddy/index.ts';
import { haproxy } from './haproxy/index.ts';
import { nginx } from './nginx/index.ts';
import type { RouterPlugin } from './router.ts';

/** Every kind of router: the key is its name in a service document and its folder here. */
export const routers = { builtin, caddy, haproxy, nginx } as const satisfies Record<string, RouterPlugin>;
