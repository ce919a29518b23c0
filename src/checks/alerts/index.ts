import { defineCheck } from '../check.ts';
import { atAlertmanager } from './alertmanager.ts';
import { ownAlerts, quietNow } from './own.ts';
import { inRuleFiles } from './rules.ts';
import { AlertsConfig } from './schema.ts';

/** Alerts are defined, quiet, and reach somebody: those of Rampart, those of rule files, or those of an Alertmanager. */
export const alerts = defineCheck({
  title: { en: 'Alerts', ru: 'Алерты' },
  schema: AlertsConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 30_000,
  async run(config, context) {
    switch (config.kind) {
      case 'own':
        return ownAlerts(config.config, context);
      case 'rules':
        return await inRuleFiles(config.config, context);
      case 'quiet':
        return quietNow(config.config, context);
      case 'alertmanager':
        return await atAlertmanager(config.config, context);
    }
  },
});
