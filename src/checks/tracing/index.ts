import { defineCheck } from '../check.ts';
import { inJaeger, inTempo } from './arriving.ts';
import { takesTraces } from './otlp.ts';
import { sampledRate } from './sampling.ts';
import { TracingConfig } from './schema.ts';

/** Traces of a service are made, arrive, and are not too many. */
export const tracing = defineCheck({
  title: { en: 'Tracing', ru: 'Трассировка' },
  schema: TracingConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 120_000,
  async run(config, context) {
    switch (config.kind) {
      case 'jaeger':
        return await inJaeger(config.config, context);
      case 'tempo':
        return await inTempo(config.config, context);
      case 'otlp':
        return await takesTraces(config.config, context);
      case 'sampling':
        return await sampledRate(config.config, context);
    }
  },
});
