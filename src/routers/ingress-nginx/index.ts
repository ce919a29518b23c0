import { KubernetesRouter } from '../kubernetes-router.ts';
import { defineRouter } from '../router.ts';
import { NginxIngress } from './ingress.ts';
import { IngressNginxConfig } from './schema.ts';

/** Splits requests by the canary annotations that the user's ingress-nginx carries out. See README.md. */
export const ingressNginx = defineRouter(
  IngressNginxConfig,
  (config, context) => new KubernetesRouter(new NginxIngress(config, context), config, context),
);
