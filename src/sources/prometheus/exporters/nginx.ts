import { z } from 'zod';
import { defineExporter, furtherMatchers, matchers, scoped, wholeValue } from './exporter.ts';

const NginxExporter = z
  .strictObject({
    log: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the namespace of the exporter, such as nginx')
      .optional()
      .meta({
        description: 'Namespace in prometheus-nginxlog-exporter, the beginning of the names of its metrics.',
        examples: ['nginx'],
      }),
    where: furtherMatchers,
  })
  .superRefine(({ log }, context) => {
    // Not simply a key that is missing: whoever asks for nginx has to hear which of its exporters will not do.
    if (log === undefined)
      context.addIssue({
        code: 'custom',
        message:
          "expected { log: … }, the namespace of an exporter that reads nginx's log with the version in a label. stub_status (nginx-prometheus-exporter) has one total for all versions, and VTS counts by the address of an instance, which is now one version and now another: neither tells them apart. With router: nginx leave the exporter out: that router counts by itself",
      });
  })
  .meta({ title: "an exporter of nginx's log" });

/**
 * prometheus-nginxlog-exporter with a label for the version (`relabel`). Its histogram needs `$request_time` in the log format.
 *
 * @see https://github.com/martin-helmich/prometheus-nginxlog-exporter
 */
export const nginx = defineExporter({
  schema: NginxExporter,
  queries({ log = '', where }, versionLabel) {
    const by = {
      one: (version: string) => `${versionLabel}="${version}"`,
      any: `${versionLabel}!=""`,
      service: '',
    };
    const select = (metric: string, more = '') =>
      scoped((which) => {
        const all = matchers(which, more, where);
        return all === '' ? `${log}_http_${metric}` : `${log}_http_${metric}{${all}}`;
      }, by);
    return {
      requests: select('response_count_total'),
      errors: select('response_count_total', 'status=~"5.."'),
      latency: { ...select('response_time_seconds_hist_bucket'), unit: 's' },
      tells: [{ label: versionLabel, pattern: wholeValue }],
      fix: `let the exporter take the label ${versionLabel} from the log (relabel), or name the label that holds the version: spec.source.prometheus.versionLabel`,
    };
  },
});
