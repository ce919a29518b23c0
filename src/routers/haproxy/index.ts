import { defineRouter } from '../router.ts';
import { HaproxyClient } from './client.ts';
import { HaproxyConfig } from './schema.ts';

/** Splits traffic with the user's own HAProxy, over its runtime API. See README.md. */
export const haproxy = defineRouter(HaproxyConfig, (config, context) => new HaproxyClient(config, context));
