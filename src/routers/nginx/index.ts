import { defineRouter } from '../router.ts';
import { NginxClient } from './client.ts';
import { NginxConfig } from './schema.ts';

/** Splits the traffic in the user's own nginx, by one include file. See README.md. */
export const nginx = defineRouter(NginxConfig, (config, context) => new NginxClient(config, context));
