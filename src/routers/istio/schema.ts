import { z } from 'zod';
import { clusterFields, objectNameSchema } from '../kubernetes-config.ts';

/** Configuration of a router by an Istio VirtualService, as users write it under `router: { istio: … }`. */
export const IstioConfig = z.strictObject({
  virtualService: objectNameSchema('a VirtualService', 'checkout').describe(
    'Your VirtualService. Rampart owns the destinations of one host in its http routes.',
  ),
  host: objectNameSchema('a host', 'checkout').describe(
    'The host as the destinations of the routes name it now. Its Service has to select the pods of every version.',
  ),
  destinationRule: objectNameSchema('a DestinationRule', 'checkout')
    .optional()
    .describe('Has a subset for each version; made where it is not there. Left out: the name of the VirtualService.'),
  ...clusterFields,
});
export type IstioConfig = z.output<typeof IstioConfig>;
