import { z } from 'zod';
import { clusterFields, objectNameSchema } from '../kubernetes-config.ts';

/** Configuration of a router by ingress-nginx, as users write it under `router: { ingress-nginx: … }`. */
export const IngressNginxConfig = z.strictObject({
  ingress: objectNameSchema('an Ingress', 'checkout')
    .max(240)
    .describe(
      'Your Ingress. Rampart owns the backends of one Service in it, and makes a second one beside it for the candidate.',
    ),
  service: objectNameSchema('a Service', 'checkout').describe('The Service that the paths of the Ingress name now.'),
  ...clusterFields,
});
export type IngressNginxConfig = z.output<typeof IngressNginxConfig>;
