import { KubernetesRouter } from '../kubernetes-router.ts';
import { defineRouter } from '../router.ts';
import { GatewayHttpRoute } from './http-route.ts';
import { GatewayApiConfig } from './schema.ts';

/** Splits requests by the weights of an HTTPRoute that the user's gateway carries out. See README.md. */
export const gatewayApi = defineRouter(
  GatewayApiConfig,
  (config, context) => new KubernetesRouter(new GatewayHttpRoute(config, context), config, context),
);
