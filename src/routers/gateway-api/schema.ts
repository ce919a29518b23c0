import { z } from 'zod';
import { clusterFields, objectNameSchema } from '../kubernetes-config.ts';

/** Configuration of a router by an HTTPRoute of the Gateway API, as users write it under `router: { gateway-api: … }`. */
export const GatewayApiConfig = z.strictObject({
  route: objectNameSchema('an HTTPRoute', 'checkout').describe('Your HTTPRoute. Rampart owns the weights of one Service in it.'),
  service: objectNameSchema('a Service', 'checkout').describe(
    'The Service that the rules of the route name now. Wherever they do, Rampart splits the requests between the versions.',
  ),
  ...clusterFields,
});
export type GatewayApiConfig = z.output<typeof GatewayApiConfig>;
