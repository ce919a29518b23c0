import { z } from 'zod';
import { program } from '../program.ts';

/** What a service says of itself for Prometheus. */
export const MetricsConfig = program('the address of the metrics, such as http://127.0.0.1:8080/metrics', {
  names: z
    .array(z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, 'expected the name of a metric, such as http_requests_total'))
    .max(500)
    .default([])
    .describe('Metrics that have to be there, with at least one sample.'),
  format: z
    .enum(['any', 'prometheus', 'openmetrics'])
    .default('any')
    .describe('Form of the answer; any: whatever its content type says.'),
  lint: z.boolean().default(true).describe('Whether names and helps that are against the usual rules are a warning.'),
}).describe('A service exposes its metrics for Prometheus, in valid form.');
export type MetricsConfig = z.output<typeof MetricsConfig>;
