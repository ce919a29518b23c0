import { z } from 'zod';

/**
 * Objects with the fields that are looked at here. They come from a cluster or from files of people, so nothing in them is taken for
 * granted; `null` stands where YAML has a key without a value.
 */
const labels = z
  .record(z.string(), z.coerce.string())
  .nullish()
  .transform((given) => given ?? {});
const metadata = z.object({
  name: z.string(),
  namespace: z.string().nullish(),
  labels,
  deletionTimestamp: z.string().nullish(),
});
const requirement = z.object({ key: z.string(), operator: z.string(), values: z.array(z.coerce.string()).optional() });
const selector = z
  .object({ matchLabels: z.record(z.string(), z.coerce.string()).optional(), matchExpressions: z.array(requirement).optional() })
  .nullish();
const quantities = z.record(z.string(), z.union([z.string(), z.number()])).nullish();
const number = z.number().nullish();
const countOrShare = z.union([z.number(), z.string()]).nullish();

const securityContext = z
  .object({
    runAsNonRoot: z.boolean().nullish(),
    runAsUser: number,
    privileged: z.boolean().nullish(),
    allowPrivilegeEscalation: z.boolean().nullish(),
  })
  .nullish();
const container = z.object({
  name: z.string(),
  resources: z.object({ requests: quantities, limits: quantities }).nullish(),
  readinessProbe: z.unknown().optional(),
  livenessProbe: z.unknown().optional(),
  securityContext,
});
const podSpec = z.object({
  containers: z.array(container).min(1),
  initContainers: z.array(container).nullish(),
  serviceAccountName: z.string().nullish(),
  automountServiceAccountToken: z.boolean().nullish(),
  securityContext,
  hostNetwork: z.boolean().nullish(),
  hostPID: z.boolean().nullish(),
  hostIPC: z.boolean().nullish(),
});

const workload = z.object({
  metadata,
  spec: z.object({
    replicas: number,
    selector,
    template: z.object({ metadata: z.object({ labels }).nullish(), spec: podSpec }),
  }),
});
const condition = z.object({ type: z.string(), status: z.string(), reason: z.string().nullish(), message: z.string().nullish() });
const conditions = z
  .array(condition)
  .nullish()
  .transform((given) => given ?? []);
const containerStatus = z.object({
  name: z.string(),
  restartCount: z.number(),
  state: z
    .object({
      waiting: z.object({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
      running: z.object({ startedAt: z.string().nullish() }).nullish(),
    })
    .nullish(),
});
const rules = z
  .array(
    z.object({ apiGroups: z.array(z.string()).nullish(), resources: z.array(z.string()).nullish(), verbs: z.array(z.string()) }),
  )
  .nullish();
const binding = z.object({
  metadata,
  roleRef: z.object({ kind: z.string(), name: z.string() }),
  subjects: z.array(z.object({ kind: z.string(), name: z.string(), namespace: z.string().nullish() })).nullish(),
});
const peers = z.array(z.record(z.string(), z.unknown()).nullish()).nullish();

/** The schema of every kind that is looked at, by its name. */
export const kinds = {
  Deployment: workload,
  StatefulSet: workload,
  DaemonSet: workload,
  Node: z.object({
    metadata,
    spec: z.object({ unschedulable: z.boolean().nullish() }).nullish(),
    status: z.object({ conditions }).nullish(),
  }),
  Pod: z.object({
    metadata,
    status: z
      .object({
        phase: z.string().nullish(),
        reason: z.string().nullish(),
        conditions,
        containerStatuses: z.array(containerStatus).nullish(),
      })
      .nullish(),
  }),
  HorizontalPodAutoscaler: z.object({
    metadata,
    spec: z.object({
      scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
      minReplicas: number,
      maxReplicas: z.number(),
    }),
    status: z.object({ conditions }).nullish(),
  }),
  PodDisruptionBudget: z.object({
    apiVersion: z.string().nullish(),
    metadata,
    spec: z.object({ selector, minAvailable: countOrShare, maxUnavailable: countOrShare }),
  }),
  NetworkPolicy: z.object({
    metadata,
    spec: z.object({ podSelector: selector, policyTypes: z.array(z.string()).nullish(), ingress: peers, egress: peers }),
  }),
  LimitRange: z.object({
    metadata,
    spec: z.object({ limits: z.array(z.object({ type: z.string(), default: quantities, defaultRequest: quantities })) }),
  }),
  Role: z.object({ metadata, rules }),
  ClusterRole: z.object({ metadata, rules }),
  RoleBinding: binding,
  ClusterRoleBinding: binding,
};

export type Kind = keyof typeof kinds;
export type ObjectOf<One extends Kind> = z.output<(typeof kinds)[One]>;
export type Container = z.output<typeof container>;
export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet';
export type Workload = z.output<typeof workload> & { readonly kind: WorkloadKind };

/** `Deployment checkout`. */
export function nameOf({ kind, metadata }: Workload): string {
  return `${kind} ${metadata.name}`;
}

/** Labels of the pods of a workload. */
export function podLabels({ spec }: Workload): Readonly<Record<string, string>> {
  return spec.template.metadata?.labels ?? {};
}
