import { alerts } from './alerts/index.ts';
import { backup } from './backup/index.ts';
import { candidate } from './candidate/index.ts';
import { changelog } from './changelog/index.ts';
import type { CheckPlugin } from './check.ts';
import { command } from './command/index.ts';
import { cors } from './cors/index.ts';
import { coverage } from './coverage/index.ts';
import { csrf } from './csrf/index.ts';
import { dns } from './dns/index.ts';
import { document } from './document/index.ts';
import { environment } from './environment/index.ts';
import { flags } from './flags/index.ts';
import { grafana } from './grafana/index.ts';
import { headers } from './headers/index.ts';
import { http } from './http/index.ts';
import { httpsRedirect } from './https-redirect/index.ts';
import { k6 } from './k6/index.ts';
import { kubernetes } from './kubernetes/index.ts';
import { licenses } from './licenses/index.ts';
import { load } from './load/index.ts';
import { logs } from './logs/index.ts';
import { metrics } from './metrics/index.ts';
import { migrations } from './migrations/index.ts';
import { objectives } from './objectives/index.ts';
import { onCall } from './on-call/index.ts';
import { openapi } from './openapi/index.ts';
import { postgres } from './postgres/index.ts';
import { prometheus } from './prometheus/index.ts';
import { rateLimit } from './rate-limit/index.ts';
import { redis } from './redis/index.ts';
import { rollbackDrill } from './rollback-drill/index.ts';
import { s3 } from './s3/index.ts';
import { secrets } from './secrets/index.ts';
import { smtp } from './smtp/index.ts';
import { snapshots } from './snapshots/index.ts';
import { tcp } from './tcp/index.ts';
import { tls } from './tls/index.ts';
import { tracing } from './tracing/index.ts';
import { vault } from './vault/index.ts';
import { vulnerabilities } from './vulnerabilities/index.ts';

/** Every kind of check: the key is its name in a checklist and its folder here. */
export const checks = {
  alerts,
  backup,
  candidate,
  changelog,
  command,
  cors,
  coverage,
  csrf,
  dns,
  document,
  environment,
  flags,
  grafana,
  headers,
  http,
  'https-redirect': httpsRedirect,
  k6,
  kubernetes,
  licenses,
  load,
  logs,
  metrics,
  migrations,
  objectives,
  'on-call': onCall,
  openapi,
  postgres,
  prometheus,
  'rate-limit': rateLimit,
  redis,
  'rollback-drill': rollbackDrill,
  s3,
  secrets,
  smtp,
  snapshots,
  tcp,
  tls,
  tracing,
  vault,
  vulnerabilities,
} as const satisfies Record<string, CheckPlugin>;
