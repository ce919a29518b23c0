import { z } from 'zod';
import { placeholder } from '../promql.ts';
import { anyVersion, defineExporter, furtherMatchers, matchers, namePattern, scoped } from './exporter.ts';

const HaproxyExporter = z
  .strictObject({
    proxy: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,200}$/, "expected the name of a backend in HAProxy's configuration, such as shop")
      .describe('The backend whose servers are the instances.'),
    servers: z
      .string()
      .max(200)
      .refine(
        (text) => text.includes(placeholder),
        'expected {{version}} in the names of the servers, such as {{version}}-{{n}}: a server that is now one version and now another cannot tell them apart. With router: haproxy leave the exporter out: that router reads the same totals itself, each second and by version',
      )
      .refine(
        (text) => /^[A-Za-z0-9_.:-]*$/.test(text.replaceAll(placeholder, '').replace('{{n}}', '')),
        'expected the names of servers with {{version}}, and once {{n}} for a number',
      )
      .refine(
        (text) => !/\{\{version\}\}\d*\{\{n\}\}|\{\{n\}\}\d*\{\{version\}\}/.test(text),
        'expected a sign between {{version}} and {{n}}, such as {{version}}-{{n}}: otherwise one version may be read as another',
      )
      .meta({
        description: 'How the servers of a version are named; {{n}} stands for a number.',
        examples: ['{{version}}-{{n}}'],
      }),
    where: furtherMatchers,
  })
  .meta({ title: "HAProxy's own exporter" });

/** What ends a request without an answer of the server: HAProxy answers 503 or 502 itself then, and counts that for no server. */
const unanswered = 'connection_errors|response_errors|redispatch_warnings';

/**
 * HAProxy's own exporter (`http-request use-service prometheus-exporter`). It has no histogram of times, and no version but in the
 * names of servers.
 */
export const haproxy = defineExporter({
  schema: HaproxyExporter,
  queries({ proxy, servers, where }) {
    const named = {
      one: (version: string) => `server=~"${namePattern(servers, version)}"`,
      any: `server=~"${namePattern(servers, null)}"`,
      service: '',
    };
    const counted = (metrics: string, codes: string) => (which: string) =>
      `{${matchers(`__name__=~"haproxy_server_(${metrics})_total"`, codes, `proxy="${proxy}"`, which, where)}}`;
    return {
      // 1xx are no answers of their own.
      requests: scoped(counted(`http_responses|${unanswered}`, 'code!="1xx"'), named),
      errors: scoped(counted(`http_responses|${unanswered}`, 'code=~"5xx|"'), named),
      latency: null,
      tells: [{ label: 'server', pattern: namePattern(servers, null).replace(anyVersion, `(${anyVersion})`) }],
      fix: `name the servers of backend ${proxy} after ${servers}, or correct the names in spec.source.prometheus.exporter.haproxy`,
    };
  },
});
