import { alerts } from './alerts/index.ts';
import { candidate } from './candidate/index.ts';
import { changelog } from './changelog/index.ts';
import type { CheckPlugin } from './check.ts';
import { coverage } from './coverage/index.ts';
import { environment } from './environment/index.ts';
import { flags } from './flags/index.ts';
import { metrics } from './metrics/index.ts';
import { migrations } from './migrations/index.ts';
import { objectives } from './objectives/index.ts';
import { postgres } from './postgres/index.ts';
import { prometheus } from './prometheus/index.ts';
import { redis } from './redis/index.ts';
import { rollbackDrill } from './rollback-drill/index.ts';
import { tcp } from './tcp/index.ts';

/** Every kind of check: the key is its name in a checklist and its folder here. */
export const checks = {
  alerts,
  candidate,
  changelog,
  coverage,
  environment,
  flags,
  metrics,
  migrations,
  objectives,
  postgres,
  prometheus,
  redis,
  'rollback-drill': rollbackDrill,
  tcp,
} as const satisfies Record<string, CheckPlugin>;
