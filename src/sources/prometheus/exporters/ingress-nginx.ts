import { z } from 'zod';
import { objectName } from '../../../kubernetes/names.ts';
import { byKey } from '../../../spec/choice.ts';
import { placeholder } from '../promql.ts';
import {
  anyObject,
  defineExporter,
  furtherMatchers,
  kubernetesName,
  literal,
  matchers,
  namePattern,
  wholeValue,
} from './exporter.ts';

const ingress = {
  namespace: kubernetesName,
  ingress: kubernetesName.describe('The main Ingress, not the one with the canary annotations.'),
  port: kubernetesName.optional().describe('Name of the port in the backends of the Ingress; left out where they have numbers.'),
  exported: z
    .boolean()
    .default(false)
    .describe(
      'Whether Prometheus has renamed the labels to exported_namespace and exported_service, as it does without honor_labels where the target has labels of these names.',
    ),
  where: furtherMatchers,
};

const IngressNginxExporter = byKey('ingress-nginx', {
  versionsOf: z
    .strictObject({
      ...ingress,
      versionsOf: kubernetesName.describe(
        'The service, as metadata.name has it: in target.kubernetes each of its versions has a Service that is named after it.',
      ),
    })
    .meta({ title: 'ingress-nginx, versions of the Kubernetes target' }),
  service: z
    .strictObject({
      ...ingress,
      service: z
        .string()
        .refine(
          (text) => text.includes(placeholder),
          'expected {{version}} in the name of the Services, such as shop-{{version}}: Services that are now one version and now another (shop-stable, shop-canary) cannot tell them apart. Give each version a Service of its own',
        )
        .refine(
          (text) => /^[a-z0-9-]*$/.test(text.replaceAll(placeholder, '')),
          'expected the name of a Service with {{version}} in it, such as shop-{{version}}',
        )
        .meta({ description: 'How the Service of a version is named.', examples: ['shop-{{version}}'] }),
    })
    .meta({ title: 'ingress-nginx, versions by the names of Services' }),
});

/**
 * The controller's own metrics. `service` is that of the main Ingress whoever answers; a request that the canary Ingress took has in
 * `canary` the upstream that did: NAMESPACE-SERVICE-PORT. So a version is the main Ingress's Service or the canary's upstream.
 *
 * @see https://kubernetes.github.io/ingress-nginx/user-guide/monitoring/ and ingress-nginx pull request 7696
 */
export const ingressNginx = defineExporter({
  schema: IngressNginxExporter,
  queries(config) {
    const { namespace, port, exported, where } = config;
    const prefix = exported ? 'exported_' : '';
    const base = `${prefix}namespace="${namespace}",ingress="${config.ingress}"`;
    const ports = port === undefined ? '[0-9]+' : literal(port);
    const named = (service: string) => ({
      canary: `${base},canary=~"${literal(namespace)}-${service}-${ports}"`,
      main: `${base},canary="",${prefix}service=~"${service}"`,
    });
    const either = (metric: string, more: string, { canary, main }: { canary: string; main: string }): string =>
      `${metric}{${matchers(canary, more, where)}} or ${metric}{${matchers(main, more, where)}}`;
    const { one, any, fix } = servicesOf(config);
    const query = (metric: string, more = '') => ({
      forVersion: (version: string) => either(metric, more, named(one(version))),
      ofAny: either(metric, more, named(any)),
      // Without its namespace, so that labels which Prometheus has renamed are noticed.
      ofService: `${metric}{${matchers(`ingress="${config.ingress}"`, more, where)}}`,
    });
    return {
      requests: query('nginx_ingress_controller_requests'),
      errors: query('nginx_ingress_controller_requests', 'status=~"5.."'),
      latency: { ...query('nginx_ingress_controller_request_duration_seconds_bucket'), unit: 's' },
      tells: [
        { label: `${prefix}service`, pattern: wholeValue },
        { label: 'canary', pattern: wholeValue },
      ],
      fix,
    };
  },
});

function servicesOf(config: z.output<typeof IngressNginxExporter>) {
  if ('versionsOf' in config) {
    const { versionsOf } = config;
    return {
      one: (version: string) => objectName(versionsOf, version),
      any: anyObject(versionsOf),
      fix: 'see that the Ingress names the Service of a version; with the Prometheus Operator write exported: true',
    };
  }
  const { service } = config;
  return {
    one: (version: string) => namePattern(service, version),
    any: namePattern(service, null),
    fix: `see that the Ingress names a Service such as ${service}; with the Prometheus Operator write exported: true`,
  };
}
