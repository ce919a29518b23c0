import { z } from 'zod';
import { choice } from '../../spec/choice.ts';
import { duration } from '../../spec/units.ts';
import { program } from '../program.ts';

const text = z.string().min(1).max(10_000);
const names = z.array(z.string().min(1).max(500)).min(1).max(500);

const all = z.literal(true);
const allOr = (some: typeof names) => choice([all, some], (value) => (Array.isArray(value) ? some : all));

const bounds = {
  below: z.number().optional().describe('It is less than this.'),
  atMost: z.number().optional().describe('It is not more than this.'),
  above: z.number().optional().describe('It is more than this.'),
  atLeast: z.number().optional().describe('It is not less than this.'),
};

const query = z
  .strictObject({
    query: text.meta({ description: 'PromQL that answers one value, or one for each series.', examples: ['up{job="shop"}'] }),
    name: z.string().min(1).max(100).optional().describe('What people read; default: the query.'),
    ...bounds,
  })
  .refine(({ below, atMost, above, atLeast }) => [below, atMost, above, atLeast].some((bound) => bound !== undefined), {
    message: 'expected a bound: below, atMost, above or atLeast',
  });

/** A Prometheus server knows what it should. */
export const PrometheusCheckConfig = program('the address of a Prometheus API, such as http://prometheus:9090', {
  rules: allOr(names).optional().describe('true: rules are loaded and healthy; a list: alerts of these names are among them.'),
  targets: allOr(names)
    .optional()
    .describe('true: every target that is scraped is up; a list: those of these jobs, each with one at least.'),
  retention: duration({ minMs: 3_600_000, maxMs: 3_660 * 86_400_000, example: '15d' })
    .optional()
    .describe('How long data is kept, at least.'),
  queries: z.array(query).min(1).max(100).optional().describe('Queries whose answers have to be within bounds.'),
  metrics: names.optional().describe('Metrics that had a sample in the last five minutes, by name.'),
})
  .refine(
    ({ rules, targets, retention, queries, metrics }) =>
      [rules, targets, retention, queries, metrics].some((one) => one !== undefined),
    { message: 'expected at least one of rules, targets, retention, queries and metrics' },
  )
  .describe('A Prometheus server has its rules, targets and data.');
export type PrometheusCheckConfig = z.output<typeof PrometheusCheckConfig>;
