import { createHash } from 'node:crypto';
import { hostPort } from '../../spec/host-port.ts';
import type { RouteRecord } from './record.ts';
import type { NginxConfig } from './schema.ts';

/** All that an include file is made of. */
export type IncludeSource = {
  readonly service: string;
  /** Path of the status location, which nobody can guess: users' requests may come as far as its server. */
  readonly key: string;
  readonly config: NginxConfig;
  readonly leaseMs: number;
  readonly record: RouteRecord | null;
  /** Highest token that has written or renewed; -1 before the first. */
  readonly tokenSeen: number;
};

/**
 * Names of the service's upstreams and variables. Long service names are shortened: with the default settings of nginx a variable's name
 * may have some 40 characters.
 */
export function namesOf(service: string): string {
  const name = service.replaceAll('-', '_');
  return `rampart_${name.length <= 20 ? name : `${name.slice(0, 11)}_${digest(service).slice(0, 8)}`}`;
}

/** A word of nginx's configuration in quotes. Not for places where nginx replaces variables. */
export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Header of an answer of the status location: which worker has given it. */
export const workerHeader = 'x-rampart-worker';

/** Where nginx tells what is in force. */
export function statusServer({ config, key }: IncludeSource, location: string): string {
  return `server {
    listen ${hostPort(config.status)};
    access_log off;
    keepalive_timeout 60s;
    default_type text/plain;
    location /${key} {
        auth_basic off;
        allow all;
        add_header ${workerHeader} $pid always;
        ${location}
    }
    location / { return 503; }
}
`;
}

/** A text's SHA-256 in hexadecimal digits. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
