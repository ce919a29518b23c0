import { builtin } from './builtin/index.ts';
import { nginx } from './nginx/index.ts';
import type { RouterPlugin } from './router.ts';

/** Every kind of router: the key is its name in a service document and its folder here. */
export const routers = { builtin, nginx } as const satisfies Record<string, RouterPlugin>;
