import { z } from 'zod';
import { parsedSelector } from '../../kubernetes/label-selector.ts';
import { choice } from '../../spec/choice.ts';
import { isMapping } from '../../spec/mapping.ts';
import { duration } from '../../spec/units.ts';

const name = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'expected the name of an object, such as checkout');
const count = z.int().min(0).max(100_000);
const usual = z.literal(true);
const resources = z.array(z.enum(['cpu', 'memory', 'ephemeral-storage'])).max(3);

/** `true`, which is the usual, or what exactly. */
function wanted<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const exactly = z.strictObject(shape);
  return choice([usual, exactly], (value) => (isMapping(value) ? exactly : usual)).transform((given) =>
    given === true ? exactly.parse({}) : given,
  );
}

const expect = z
  .strictObject({
    nodes: wanted({ min: count.default(1).describe('Ready nodes, at least.') })
      .optional()
      .describe('Every node is ready and may be scheduled on.'),
    pods: wanted({
      min: count.default(1).describe('Pods, at least.'),
      restartsMax: count.default(3).describe('Restarts of a container within `restartsWithin`, at most.'),
      restartsWithin: duration({ minMs: 60_000, maxMs: 30 * 86_400_000, example: '1h' })
        .prefault('1h')
        .describe('A container that has run for longer since its last restart is fine, however often it was restarted before.'),
    })
      .optional()
      .describe('Every pod runs and is ready, and is not restarted again and again.'),
    limits: wanted({
      requests: resources.default(['cpu', 'memory']).describe('What has to be requested.'),
      limits: resources.default(['cpu', 'memory']).describe('What has to be limited.'),
    })
      .optional()
      .describe('Every container requests and is limited.'),
    probes: wanted({
      readiness: z.boolean().default(true).describe('A readiness probe is needed.'),
      liveness: z.boolean().default(true).describe('A liveness probe is needed.'),
    })
      .optional()
      .describe('Every container has its probes.'),
    hpa: wanted({
      min: count.min(1).default(1).describe('minReplicas, at least.'),
      max: count.min(1).optional().describe('maxReplicas, at most; default: any number above minReplicas.'),
    })
      .optional()
      .describe('A HorizontalPodAutoscaler scales each workload.'),
    pdb: wanted({ minAvailable: count.optional().describe('Pods that stay, at least; default: any rule that lets not all go.') })
      .optional()
      .describe('A PodDisruptionBudget selects the pods of each workload, and still lets nodes be emptied.'),
    networkPolicies: wanted({
      ingress: z.boolean().default(true).describe('What comes in has to be ruled.'),
      egress: z.boolean().default(true).describe('What goes out has to be ruled.'),
    })
      .optional()
      .describe('Network policies select the pods of each workload.'),
    rbac: z
      .literal(true)
      .optional()
      .describe('The pods have a service account of their own, which has no wildcard rights and is no cluster-admin.'),
    securityContext: z
      .literal(true)
      .optional()
      .describe('No container runs as root or is privileged; one that may gain privileges is a warning.'),
    secrets: z.array(name).min(1).max(100).optional().describe('Secrets that exist, by name.'),
  })
  .refine((given) => Object.values(given).some((one) => one !== undefined), {
    message: 'expected at least one thing to look at, such as limits: true',
  });

const liveOnly = ['nodes', 'pods'] as const;

/** Objects of a cluster, or of manifest files, are as they should be. */
export const KubernetesConfig = z
  .strictObject({
    kubeconfig: z
      .string()
      .max(4_000)
      .regex(/^\//, 'expected an absolute path such as /etc/rampart/kubeconfig')
      .optional()
      .describe('Kubeconfig file; default: $KUBECONFIG, ~/.kube/config, or the service account of the pod that Rampart runs in.'),
    context: z.string().min(1).max(253).optional().describe('Context of the kubeconfig; default: its current one.'),
    manifests: z
      .string()
      .min(1)
      .max(4_000)
      .optional()
      .describe('A YAML file, or a folder with such files, to look at in place of a cluster; relative to the document.'),
    namespace: name.default('default').describe('Where the objects are.'),
    deployment: name.optional().describe('Deployment to look at; default: every workload that `selector` matches.'),
    selector: z
      .string()
      .min(1)
      .max(1_000)
      .refine((text) => parsedSelector(text) !== null, 'expected labels such as app=checkout,tier!=batch')
      .optional()
      .meta({ description: 'Labels of the pods; default: all of the namespace.', examples: ['app=checkout,tier!=batch'] }),
    expect: expect.describe('What is looked at.'),
  })
  .superRefine((config, context) => {
    const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (config.deployment !== undefined && config.selector !== undefined)
      refuse('expected no selector beside deployment, which has one of its own', 'selector');
    if (config.manifests === undefined) return;
    for (const key of ['kubeconfig', 'context'] as const)
      if (config[key] !== undefined) refuse(`expected no ${key} beside manifests: no cluster is asked`, key);
    for (const key of liveOnly)
      if (config.expect[key] !== undefined) refuse(`expected no ${key} beside manifests: files have none`, 'expect', key);
  })
  .describe('Objects of a Kubernetes cluster, or of manifest files, are as they should be.');
export type KubernetesConfig = z.output<typeof KubernetesConfig>;
