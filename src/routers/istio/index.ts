import { KubernetesRouter } from '../kubernetes-router.ts';
import { defineRouter } from '../router.ts';
import { IstioConfig } from './schema.ts';
import { IstioVirtualService } from './virtual-service.ts';

/** Splits requests by the weights of a VirtualService that the user's mesh carries out. See README.md. */
export const istio = defineRouter(
  IstioConfig,
  (config, context) => new KubernetesRouter(new IstioVirtualService(config, context), config, context),
);
