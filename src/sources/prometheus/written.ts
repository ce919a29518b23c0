import { durationText } from '../../spec/unit-text.ts';
import type { PrometheusConfig } from './schema.ts';

/** The configuration as users write it, without what is left to its defaults as a rule. `PrometheusConfig` reads the same from it. */
export function writtenConfig(config: PrometheusConfig): Readonly<Record<string, unknown>> {
  const { interval, timeout, delay, headers, exporter, ...others } = config;
  return {
    ...others,
    interval: durationText(interval),
    timeout: durationText(timeout),
    delay: durationText(delay),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(exporter ? { exporter: { [exporter.kind]: exporter.config } } : {}),
  };
}
