import { defineCheck } from '../check.ts';
import { inFiles } from './files.ts';
import { GrafanaConfig } from './schema.ts';
import { onServer } from './server.ts';

/** Dashboards of Grafana are there and show something: on its server, or in the files that it is given. */
export const grafana = defineCheck({
  title: { en: 'Grafana dashboards', ru: 'Панели Grafana' },
  schema: GrafanaConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 60_000,
  async run(config, context) {
    switch (config.kind) {
      case 'server':
        return await onServer(config.config, context);
      case 'files':
        return await inFiles(config.config, context);
    }
  },
});
