import { z } from 'zod';
import { byKey, choice } from '../../spec/choice.ts';
import { credentials, programUrl, refuseTwoCredentials } from '../../spec/connection.ts';
import { isMapping } from '../../spec/mapping.ts';
import { duration } from '../../spec/units.ts';
import { ExporterChoice, exporterQueries } from './exporters/registry.ts';
import { selectorOf, withMatchers } from './promql.ts';
import { promqlProblem } from './query-problem.ts';

const text = z.string().min(1).max(10_000);

const url = programUrl('the address of a Prometheus API, such as http://prometheus:9090');

const unit = z.enum(['s', 'ms']).default('s').describe('Unit of the observed times.');

const latency = byKey('latency', {
  classic: z
    .strictObject({
      classic: text.meta({
        description: 'Histogram with le buckets, with or without _bucket at the end of its name.',
        examples: ['http_request_duration_seconds{job="shop"}'],
      }),
      unit,
    })
    .meta({ title: 'classic' }),
  native: z
    .strictObject({
      native: text.meta({ description: 'Native histogram.', examples: ['http_request_duration_seconds{job="shop"}'] }),
      unit,
    })
    .meta({ title: 'native' }),
});

const where = z.strictObject({
  where: text.meta({ description: 'Matchers that are added to those of `requests`.', examples: ['code=~"5.."'] }),
});

/** Configuration of the Prometheus source, as users write it under `source: { prometheus: … }`. Times are in milliseconds. */
export const PrometheusConfig = z
  .strictObject({
    url: url.meta({
      description: 'Address of the API without /api/v1; a path before it and parameters are kept.',
      examples: ['http://prometheus:9090'],
    }),
    interval: duration({ minMs: 1_000, maxMs: 60_000, example: '15s' })
      .refine((ms) => ms % 1_000 === 0, 'expected whole seconds')
      .prefault('15s')
      .describe('Time between two readings: the scrape interval of the service, or a multiple of it.'),
    timeout: duration({ minMs: 100, maxMs: 15_000, example: '5s' })
      .prefault('5s')
      .describe('Longest wait for all the answers of one reading together.'),
    delay: duration({ maxMs: 60_000, example: '2s' })
      .prefault('2s')
      .describe('How long after a moment it is asked about, so that scrapes under way and remote writes have arrived.'),
    ...credentials,
    versionLabel: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a label, such as version')
      .default('version')
      .describe('Label that holds the version; a matcher for it is added to each plain metric.'),
    exporter: ExporterChoice.optional().describe(
      'What counts the requests, in place of `requests` and `errors`: its queries are written by Rampart.',
    ),
    requests: text.optional().meta({ description: 'Counter of all requests.', examples: ['http_requests_total{job="shop"}'] }),
    errors: choice([text, where], (value) => (isMapping(value) ? where : text))
      .optional()
      .describe('Counter of the failed requests: a query, or what is added to `requests`.'),
    latency: latency.optional().describe('Histogram of the time that requests take.'),
  })
  .superRefine((config, context) => {
    const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (config.tls && !/^https:/i.test(config.url)) refuse('expected an address with https:// beside tls', 'tls');
    refuseTwoCredentials(config, context);
    const check = (query: string, ...path: string[]) => {
      const problem = promqlProblem(config.versionLabel, 'count', query);
      if (problem !== null) refuse(problem, ...path);
      return problem === null;
    };
    const { exporter, requests, errors, latency } = config;
    if (exporter) {
      for (const key of ['requests', 'errors'] as const)
        if (config[key] !== undefined) refuse(`expected no ${key} beside exporter, which says what they are`, key);
      if (latency && exporterQueries(exporter, config.versionLabel).latency)
        refuse(`expected no latency beside exporter: ${exporter.kind} has it`, 'latency');
    }
    const isRight = requests === undefined || check(requests, 'requests');
    const counted = requests === undefined ? (latency === undefined ? null : 'latency') : 'requests';
    if (counted !== null && errors === undefined && !exporter)
      refuse(
        `expected a counter of the failed requests beside ${counted}; without it every request would count as good`,
        'errors',
      );
    if (counted === null && errors !== undefined && !exporter)
      refuse('expected requests or latency beside errors, to know of how many these are', 'errors');
    if (typeof errors === 'string') check(errors, 'errors');
    else if (errors !== undefined && isRight) {
      const combined = requests === undefined ? null : withWhere(requests, errors.where);
      if (combined === null)
        refuse('expected matchers such as code=~"5..", to be added to the plain metric of `requests`', 'errors', 'where');
      else check(combined, 'errors', 'where');
    }
    if (latency && 'classic' in latency) check(latency.classic, 'latency', 'classic');
    if (latency && 'native' in latency) check(latency.native, 'latency', 'native');
  })
  .describe("Anything with Prometheus' HTTP query API: Prometheus, Thanos, Mimir, VictoriaMetrics.");
export type PrometheusConfig = z.output<typeof PrometheusConfig>;

/** `requests` with the matchers of `errors.where` added; null when the one is no plain metric or the others are no matchers. */
export function withWhere(requests: string, matchers: string): string | null {
  const selector = selectorOf(requests);
  if (!selector || !selectorOf(`x{${matchers}}`)) return null;
  return withMatchers(requests, selector, matchers.trim().replace(/,$/, ''));
}
