import { defineCheck } from '../check.ts';
import { inElasticsearch } from './elasticsearch.ts';
import { inLines } from './lines.ts';
import { inLoki } from './loki.ts';
import { LogsConfig } from './schema.ts';

/** Logs arrive in a store and are kept, or are written so that programs can read them. */
export const logs = defineCheck({
  title: { en: 'Logs', ru: 'Журналы' },
  schema: LogsConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    switch (config.kind) {
      case 'loki':
        return await inLoki(config.config, context);
      case 'elasticsearch':
        return await inElasticsearch(config.config, context);
      case 'lines':
        return await inLines(config.config, context);
    }
  },
});
