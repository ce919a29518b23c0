import { defineRouter } from '../router.ts';
import { FlagRouter } from './client.ts';
import { FlagConfig } from './schema.ts';

/** Gives a feature flag out to a share of the users. See README.md. */
export const flag = defineRouter(FlagConfig, (config, context) => new FlagRouter(config, context));
