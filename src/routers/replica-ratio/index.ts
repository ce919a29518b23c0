import { KubernetesRouter } from '../kubernetes-router.ts';
import { defineRouter } from '../router.ts';
import { ReplicaRatioConfig } from './schema.ts';
import { ServiceMembers } from './service-members.ts';

/** Splits requests by how many pods of each version are behind one Service, with no mesh and no gateway. See README.md. */
export const replicaRatio = defineRouter(
  ReplicaRatioConfig,
  (config, context) => new KubernetesRouter(new ServiceMembers(config, context), config, context),
);
