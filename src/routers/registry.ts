import { builtin } from './builtin/index.ts';
import { caddy } from './caddy/index.ts';
import { flag } from './flag/index.ts';
import { gatewayApi } from './gateway-api/index.ts';
import { haproxy } from './haproxy/index.ts';
import { ingressNginx } from './ingress-nginx/index.ts';
import { istio } from './istio/index.ts';
import { nginx } from './nginx/index.ts';
import { replicaRatio } from './replica-ratio/index.ts';
import type { RouterPlugin } from './router.ts';

/** Every kind of router: the key is its name in a service document and its folder here. */
export const routers = {
  builtin,
  caddy,
  flag,
  'gateway-api': gatewayApi,
  haproxy,
  'ingress-nginx': ingressNginx,
  istio,
  nginx,
  'replica-ratio': replicaRatio,
} as const satisfies Record<string, RouterPlugin>;
