import { candidate } from './candidate/index.ts';
import type { CheckPlugin } from './check.ts';
import { cors } from './cors/index.ts';
import { csrf } from './csrf/index.ts';
import { dns } from './dns/index.ts';
import { headers } from './headers/index.ts';
import { http } from './http/index.ts';
import { httpsRedirect } from './https-redirect/index.ts';
import { smtp } from './smtp/index.ts';
import { tcp } from './tcp/index.ts';
import { tls } from './tls/index.ts';

/** Every kind of check: the key is its name in a checklist and its folder here. */
export const checks = {
  candidate,
  cors,
  csrf,
  dns,
  headers,
  http,
  'https-redirect': httpsRedirect,
  smtp,
  tcp,
  tls,
} as const satisfies Record<string, CheckPlugin>;
