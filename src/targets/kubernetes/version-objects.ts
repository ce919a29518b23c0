import { UserError } from '../../errors.ts';
import { labelValueOf, objectName, serviceLabel, versionLabel } from '../../kubernetes/names.ts';
import { managedBy } from './disruption-budget.ts';
import { installationAnnotation } from './installation.ts';
import type { Container, Deployment } from './objects.ts';
import { portAnnotation } from './pod-instance.ts';
import type { KubernetesDefinition } from './schema.ts';

/** Has the version as it was written, which a label cannot always hold. */
export const versionAnnotation = 'rampart.dev/version';

/** Has what a version's pods were made after, so that no later change of the user's Deployment rolls pods that have proven themselves. */
export const patternAnnotation = 'rampart.dev/pattern';

export type Wanted = {
  readonly service: string;
  readonly version: string;
  /** null: an autoscaler decides. */
  readonly replicas: number | null;
  readonly definition: KubernetesDefinition;
  readonly installation: string;
};

export type VersionObjects = {
  readonly deployment: object;
  readonly service: object;
  /** For whatever else belongs to the version. */
  readonly metadata: { readonly name: string };
  readonly podLabels: Readonly<Record<string, string>>;
};

/** What of a Deployment its pods are made after. */
export type Pattern = Pick<Deployment['spec'], 'template' | 'minReadySeconds' | 'progressDeadlineSeconds' | 'strategy'>;

export function patternOf({ spec }: Deployment): Pattern {
  const { template, minReadySeconds, progressDeadlineSeconds, strategy } = spec;
  // Without what is not there: it would be null on the wire.
  return JSON.parse(JSON.stringify({ template, minReadySeconds, progressDeadlineSeconds, strategy })) as Pattern;
}

/** The pattern of a version that has been made before. */
export function patternIn(deployment: Deployment | undefined): Pattern | null {
  const text = deployment?.metadata.annotations?.[patternAnnotation];
  return text === undefined ? null : (JSON.parse(text) as Pattern);
}

/**
 * The Deployment and the Service of one version, after the pattern of the user's own Deployment. Every version has its own, so that a
 * promotion moves traffic and starts no pod again, and a rollback finds the pods of before. The user's labels stay on the pods: what
 * selects them (a Service, a disruption budget, a network policy) goes on to do so.
 *
 * @throws UserError `E_KUBERNETES_CONTAINER` when the pattern has no such container or port.
 */
export function versionObjects(pattern: Pattern, wanted: Wanted): VersionObjects {
  const { definition, service, version, replicas, installation } = wanted;
  const { namespace } = definition;
  const name = objectName(service, version);
  const own = ownLabels(service, version);
  const { template, ...rollout } = pattern;
  const { container, port } = containerOf(pattern, definition);
  const { 'pod-template-hash': _, ...labels } = template.metadata?.labels ?? {};
  const image = definition.image.replaceAll('{version}', version);
  const annotations = { [versionAnnotation]: version, [installationAnnotation]: installation };
  const metadata = { name, namespace, labels: { ...own, [managedBy]: 'rampart' }, annotations };
  const podLabels = { ...labels, ...own };
  return {
    metadata,
    podLabels,
    deployment: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...metadata, annotations: { ...annotations, [patternAnnotation]: JSON.stringify(pattern) } },
      spec: {
        ...(replicas === null ? {} : { replicas }),
        selector: { matchLabels: own },
        ...rollout,
        template: {
          metadata: {
            labels: podLabels,
            annotations: { ...template.metadata?.annotations, ...annotations, [portAnnotation]: String(port) },
          },
          spec: {
            ...template.spec,
            containers: template.spec.containers.map((one) => (one.name === container.name ? { ...one, image } : one)),
          },
        },
      },
    },
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: own, ports: [{ name: 'http', port, targetPort: port, protocol: 'TCP' }] },
    },
  };
}

export function ownLabels(service: string, version: string): Readonly<Record<string, string>> {
  return { [serviceLabel]: labelValueOf(service), [versionLabel]: labelValueOf(version) };
}

/** The container that has the version, and the port of it that takes requests. */
export function containerOf(
  pattern: Pattern,
  definition: KubernetesDefinition,
): { readonly container: Container; readonly port: number } {
  const { containers } = pattern.template.spec;
  const where = `Deployment ${definition.namespace}/${definition.from.deployment}`;
  const names = containers.map(({ name }) => name).join(', ');
  const found = definition.container === undefined ? containers : containers.filter(({ name }) => name === definition.container);
  const [container] = found;
  if (!container || found.length > 1)
    throw new UserError(
      'E_KUBERNETES_CONTAINER',
      container ? `it has several containers: ${names}` : `it has no container ${definition.container}, but ${names}`,
      { where, fix: 'name the one whose image has the version: target.kubernetes.container' },
    );
  const { port } = definition;
  const ports = container.ports ?? [];
  const number =
    typeof port === 'number' ? port : (port === undefined ? ports[0] : ports.find(({ name }) => name === port))?.containerPort;
  if (number === undefined)
    throw new UserError(
      'E_KUBERNETES_CONTAINER',
      `container ${container.name} has no port${port === undefined ? '' : ` ${port}`}`,
      {
        where,
        fix: 'name the port that takes requests: target.kubernetes.port',
      },
    );
  return { container, port: number };
}
