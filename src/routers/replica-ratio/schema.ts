import { z } from 'zod';
import { percent } from '../../spec/units.ts';
import { clusterFields, objectNameSchema } from '../kubernetes-config.ts';

/** Configuration of a router by the ratio of pods behind a Service, as users write it under `router: { replica-ratio: … }`. */
export const ReplicaRatioConfig = z.strictObject({
  service: objectNameSchema('a Service', 'checkout-live')
    .max(63)
    .describe('The Service that your clients use. Rampart makes it, and says which pods of which version are behind it.'),
  port: z.int().min(1).max(65_535).default(80).describe('Port of that Service.'),
  within: percent({ minPpm: 0, maxPpm: 1_000_000, example: '5%' })
    .prefault('5%')
    .describe('How far the share of the pods may be from the weight, in points. Farther than that the weight is refused.'),
  ...clusterFields,
});
export type ReplicaRatioConfig = z.output<typeof ReplicaRatioConfig>;
