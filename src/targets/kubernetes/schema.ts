import { z } from 'zod';

const dnsLabel = (what: string, example: string) =>
  z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, `expected the name of ${what} such as ${example}`);

/** How the versions of a service run in a cluster, as users write it under `target: { kubernetes: … }`. */
export const KubernetesDefinition = z.strictObject({
  namespace: dnsLabel('a namespace', 'shop').default('default').describe('Where the Deployment is and the versions run.'),
  from: z
    .strictObject({
      deployment: dnsLabel('a Deployment', 'checkout').describe(
        'Your own Deployment. Its pods are the pattern for every version; it is read and never changed.',
      ),
      autoscaler: dnsLabel('a HorizontalPodAutoscaler', 'checkout')
        .optional()
        .describe(
          'Your own HorizontalPodAutoscaler: every version gets one after its pattern. Without it a version has `replicas` pods.',
        ),
    })
    .describe('What the pods of a version look like.'),
  container: dnsLabel('a container', 'app').optional().describe('Which container has the version; the only one when left out.'),
  image: z
    .string()
    .min(1)
    .max(1_000)
    .refine(
      (text) => text.includes('{version}'),
      'expected an image with {version} in it, such as registry.example/checkout:{version}',
    )
    .describe('Image of a version; {version} is replaced.')
    .meta({ examples: ['registry.example/checkout:{version}'] }),
  port: z
    .union([z.int().min(1).max(65_535), dnsLabel('a port', 'http')])
    .optional()
    .describe('Port of the container that takes requests, by number or name; its first one when left out.'),
  replicas: z
    .int()
    .min(1)
    .max(1_000)
    .default(1)
    .describe('How many pods of a version run; with an autoscaler how many it begins with.'),
  disruptions: z
    .strictObject({
      maxUnavailable: z
        .union([z.int().min(0).max(1_000), z.string().regex(/^(100|[1-9]?\d)%$/, 'expected a number or a share such as 25%')])
        .describe('Pods of one version that may be evicted at a time.'),
    })
    .optional()
    .describe('A PodDisruptionBudget for each version. Leave it out where one of your own selects the pods.'),
  kubeconfig: z
    .string()
    .max(4_000)
    .regex(/^\//, 'expected an absolute path such as /etc/rampart/kubeconfig')
    .optional()
    .describe('Kubeconfig file. Left out: $KUBECONFIG, ~/.kube/config, or the service account of the pod that Rampart runs in.'),
  context: z.string().min(1).max(253).optional().describe('Context of the kubeconfig; its current one when left out.'),
});
export type KubernetesDefinition = z.output<typeof KubernetesDefinition>;
