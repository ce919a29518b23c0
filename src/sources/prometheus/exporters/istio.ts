import { z } from 'zod';
import { objectName } from '../../../kubernetes/names.ts';
import { byKey } from '../../../spec/choice.ts';
import { anyObject, defineExporter, furtherMatchers, kubernetesName, matchers, scoped, wholeValue } from './exporter.ts';

const reporter = z
  .enum(['destination', 'source'])
  .default('destination')
  .describe('Whose counts: the proxies of the service itself, or those of its callers, which also see what never arrived.');

const IstioExporter = byKey('istio', {
  versionsOf: z
    .strictObject({
      namespace: kubernetesName,
      versionsOf: kubernetesName.describe(
        'The service, as metadata.name has it: in target.kubernetes each of its versions has a Deployment that is named after it.',
      ),
      reporter,
      where: furtherMatchers,
    })
    .meta({ title: 'istio, versions of the Kubernetes target' }),
  service: z
    .strictObject({
      namespace: kubernetesName,
      service: kubernetesName.describe('The Service of all versions, whose pods have the version in a label.'),
      label: z
        .enum(['destination_version', 'destination_canonical_revision'])
        .default('destination_version')
        .describe('What tells the version: the label `version` of the pods, or their canonical revision.'),
      reporter,
      where: furtherMatchers,
    })
    .meta({ title: 'istio, versions by a label of the pods' }),
});

/** States of gRPC that are the server's fault, as OpenTelemetry's conventions for gRPC name them; HTTP says 200 with them. */
const grpcFailures = '2|4|12|13|14|15';

/**
 * Istio's standard metrics.
 *
 * @see https://istio.io/latest/docs/reference/config/metrics/
 */
export const istio = defineExporter({
  schema: IstioExporter,
  queries(config) {
    const { by, tells, fix } = 'versionsOf' in config ? byWorkload(config) : byLabel(config);
    const select = (metric: string, more: string, which: string): string =>
      `${metric}{${matchers(`reporter="${config.reporter}"`, which, more, config.where)}}`;
    return {
      requests: scoped((which) => select('istio_requests_total', '', which), by),
      errors: scoped((which) => {
        const failed = select('istio_requests_total', 'response_code=~"5.."', which);
        const failedCalls = select('istio_requests_total', `response_code!~"5..",grpc_response_status=~"${grpcFailures}"`, which);
        return `${failed} or ${failedCalls}`;
      }, by),
      latency: { ...scoped((which) => select('istio_request_duration_milliseconds_bucket', '', which), by), unit: 'ms' },
      tells: [{ label: tells, pattern: wholeValue }],
      fix,
    };
  },
});

function byWorkload({ namespace, versionsOf }: { readonly namespace: string; readonly versionsOf: string }) {
  const where = `destination_workload_namespace="${namespace}"`;
  const any = anyObject(versionsOf);
  return {
    by: {
      one: (version: string) => `${where},destination_workload="${objectName(versionsOf, version)}"`,
      any: `${where},destination_workload=~"${any}"`,
      service: `${where},destination_workload=~"${versionsOf}|${any}"`,
    },
    tells: 'destination_workload',
    fix: `see that requests go to the Deployments of the versions, and no longer to pods that are of no version`,
  };
}

function byLabel({
  namespace,
  service,
  label,
}: {
  readonly namespace: string;
  readonly service: string;
  readonly label: string;
}) {
  const where = `destination_service_namespace="${namespace}",destination_service_name="${service}"`;
  return {
    by: {
      one: (version: string) => `${where},${label}="${version}"`,
      any: `${where},${label}!~"|unknown|latest"`,
      service: where,
    },
    tells: label,
    fix: `give the pods the version in the label from which Istio takes ${label}, or write versionsOf: in place of service: when Rampart's Kubernetes target runs them`,
  };
}
