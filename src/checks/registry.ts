import { backup } from './backup/index.ts';
import type { CheckPlugin } from './check.ts';
import { migrations } from './migrations/index.ts';
import { postgres } from './postgres/index.ts';
import { redis } from './redis/index.ts';
import { tcp } from './tcp/index.ts';

/** Every kind of check: the key is its name in a checklist and its folder here. */
export const checks = { backup, migrations, postgres, redis, tcp } as const satisfies Record<string, CheckPlugin>;
