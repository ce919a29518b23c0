import { UserError } from '../../errors.ts';
import { labelValueOf, objectName, serviceLabel, versionLabel } from '../../kubernetes/names.ts';
import type { Container, Deployment } from './objects.ts';
import { portAnnotation } from './pod-instance.ts';
import type { KubernetesDefinition } from './schema.ts';

/** Has the version as it was written, which a label cannot always hold. */
export const versionAnnotation = 'rampart.dev/version';

export type Wanted = {
  readonly service: string;
  readonly version: string;
  readonly replicas: number;
  readonly definition: KubernetesDefinition;
};

/**
 * The Deployment and the Service of one version, after the pattern of the user's own Deployment. Every version has its own, so that a
 * promotion moves traffic and starts no pod again, and a rollback finds the pods of before. The user's labels stay on the pods: what
 * selects them (a Service, a disruption budget, a network policy) goes on to do so.
 *
 * @throws UserError `E_KUBERNETES_CONTAINER` when the pattern has no such container or port.
 */
export function versionObjects(pattern: Deployment, wanted: Wanted): { readonly deployment: object; readonly service: object } {
  const { definition, service, version, replicas } = wanted;
  const { namespace } = definition;
  const name = objectName(definition.from.deployment, version);
  const own = ownLabels(service, version);
  const template = pattern.spec.template;
  const { container, port } = containerOf(pattern, definition);
  const { 'pod-template-hash': _, ...labels } = template.metadata?.labels ?? {};
  const image = definition.image.replaceAll('{version}', version);
  const metadata = { name, namespace, labels: own, annotations: { [versionAnnotation]: version } };
  const { minReadySeconds, progressDeadlineSeconds, strategy } = pattern.spec;
  return {
    deployment: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: own },
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
        ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
        ...(strategy === undefined ? {} : { strategy }),
        template: {
          metadata: {
            labels: { ...labels, ...own },
            annotations: { ...template.metadata?.annotations, [versionAnnotation]: version, [portAnnotation]: String(port) },
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
  pattern: Pick<Deployment, 'metadata' | 'spec'>,
  definition: KubernetesDefinition,
): { readonly container: Container; readonly port: number } {
  const { containers } = pattern.spec.template.spec;
  const where = `Deployment ${definition.namespace}/${pattern.metadata.name}`;
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
