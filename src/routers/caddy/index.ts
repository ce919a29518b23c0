import { defineRouter } from '../router.ts';
import { CaddyRouter } from './client.ts';
import { CaddyConfig } from './schema.ts';

/** Splits requests in the user's own Caddy, under one `@id` of its configuration. See README.md. */
export const caddy = defineRouter(CaddyConfig, (config, context) => new CaddyRouter(config, context));
