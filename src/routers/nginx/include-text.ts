import { digest, type IncludeSource, namesOf } from './include-parts.ts';
import { luaConfig } from './lua-config.ts';
import { type RouteRecord, recordIn, recordText } from './record.ts';
import { reloadConfig } from './reload-config.ts';
import type { NginxConfig } from './schema.ts';

/** What the first line of an include file says, and whether the rest is as it was written. */
export type IncludeSeen = {
  readonly service: string;
  readonly mode: NginxConfig['mode'];
  readonly key: string;
  readonly isIntact: boolean;
  readonly record: RouteRecord | null;
};

const firstLine = /^# rampart-nginx 1 ([a-z0-9-]+) (reload|lua) ([0-9a-f]{32}) ([0-9a-f]{64})\n/;

/** The whole include file for nginx's `http {}`. */
export function includeText(source: IncludeSource): string {
  const { service, key, config, record } = source;
  const note = recordText(record).replace(/^(?=.)/gm, '# | ');
  const body = `# Written by Rampart for the service ${service}. Changes by hand are found, and written over.
${note}${config.mode === 'lua' ? luaConfig(source) : reloadConfig(source)}${commonConfig(source)}`;
  return `# rampart-nginx 1 ${service} ${config.mode} ${key} ${digest(body)}\n${body}`;
}

/** What an include file says about itself; null when Rampart has not written it. */
export function includeSeen(text: string): IncludeSeen | null {
  const found = firstLine.exec(text);
  if (!found) return null;
  const [line, service = '', mode, key = '', written] = found;
  const body = text.slice(line.length);
  const note = [...body.matchAll(/^# \| (.*)$/gm)].map(([, word]) => `${word}\n`).join('');
  return {
    service,
    mode: mode === 'lua' ? 'lua' : 'reload',
    key,
    isIntact: digest(body) === written,
    record: recordIn(note),
  };
}

/** The log that is counted: one line for each request that a version got. See log-line.ts. */
function commonConfig({ service, config }: IncludeSource): string {
  const name = namesOf(service);
  const fields = [
    '$msec',
    `$${name}_first`,
    `$${name}_last`,
    '$status',
    '$request_time',
    '$upstream_connect_time',
    '$upstream_header_time',
    '$request_completion',
    `$${name}_open`,
  ];
  return `map $upstream_http_content_type $${name}_open { default ""; "~*^text/event-stream" 1; }
log_format ${name} ${fields.map((field, i) => `"${i > 0 ? '\\t' : ''}${field}"`).join(' ')};
access_log ${config.log} ${name} if=$${name}_first;
`;
}
