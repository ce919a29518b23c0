import { defineCheck } from '../check.ts';
import { atFile } from './file.ts';
import { atOfrep } from './ofrep.ts';
import { ownFlags } from './own.ts';
import { FlagsConfig } from './schema.ts';

/** Feature flags stand where they should: Rampart's own, those of a flag server, or those of a file. */
export const flags = defineCheck({
  title: { en: 'Feature flags', ru: 'Флаги функций' },
  schema: FlagsConfig,
  capabilities: { own: false, alone: false },
  timeoutMs: 30_000,
  async run(config, context) {
    switch (config.kind) {
      case 'own':
        return ownFlags(config.config, context);
      case 'ofrep':
        return await atOfrep(config.config, context);
      case 'file':
        return await atFile(config.config, context);
    }
  },
});
