import { z } from 'zod';
import type { ClusterPlace } from '../kubernetes/api.ts';

/** Name of an object in a cluster (RFC 1123 subdomain). */
export function objectNameSchema(what: string, example: string) {
  return z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, `expected the name of ${what} such as ${example}`);
}

/** What the configuration of every router in a cluster has. */
export const clusterFields = {
  namespace: objectNameSchema('a namespace', 'shop').default('default').describe('Where the objects of the service are.'),
  handChanges: z
    .enum(['repair', 'report'])
    .default('repair')
    .describe(
      'What becomes of a share that somebody else has changed: it is set right again, or told and left, so that the release goes back. Traffic is taken from a candidate in any case.',
    ),
  kubeconfig: z
    .string()
    .min(1)
    .max(4_000)
    .optional()
    .describe('Kubeconfig file. Left out: $KUBECONFIG, ~/.kube/config, or the service account of the pod that Rampart runs in.'),
  context: z.string().min(1).max(253).optional().describe('Context of the kubeconfig; its current one when left out.'),
};

export type ClusterConfig = {
  readonly namespace: string;
  readonly handChanges: 'repair' | 'report';
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
};

export function placeOf({ kubeconfig, context }: ClusterConfig): ClusterPlace {
  return { kubeconfig, context };
}
