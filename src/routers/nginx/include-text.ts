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
  /** Highest token that has written or renewed, as far as this file knows; -1 before the first. */
  readonly tokenSeen: number;
};

/** Its last word is the token of a renewal: it comes and goes without the rest, which nginx would have to load anew. */
const firstLine = /^# rampart-nginx 1 ([a-z0-9-]+) (reload|lua) ([0-9a-f]{32}) ([0-9a-f]{64})(?: (\d{1,15}))?\n/;

/** The whole include file for nginx's `http {}`. */
export function includeText(source: IncludeSource): string {
  const { service, key, config, record, tokenSeen } = source;
  const note = recordText(record).replace(/^(?=.)/gm, '# | ');
  const body = `# Written by Rampart for the service ${service}. Changes by hand are found, and written over.
${note}${config.mode === 'lua' ? luaConfig(source) : reloadConfig(source)}${commonConfig(source)}`;
  const renewedBy = tokenSeen > (record?.fence.token ?? -1) ? ` ${tokenSeen}` : '';
  return `# rampart-nginx 1 ${service} ${config.mode} ${key} ${digest(body)}${renewedBy}\n${body}`;
}

/** The same include file after a renewal with this token. */
export function withToken(text: string, token: number): string {
  return text.replace(
    firstLine,
    (_, service, mode, key, written) => `# rampart-nginx 1 ${service} ${mode} ${key} ${written} ${token}\n`,
  );
}

/** What an include file says about itself; null when Rampart has not written it. */
export function includeSeen(text: string): IncludeSeen | null {
  const found = firstLine.exec(text);
  if (!found) return null;
  const [line, service = '', mode, key = '', written, renewedBy = '-1'] = found;
  const body = text.slice(line.length);
  const note = [...body.matchAll(/^# \| (.*)$/gm)].map(([, word]) => `${word}\n`).join('');
  const record = recordIn(note);
  return {
    service,
    mode: mode === 'lua' ? 'lua' : 'reload',
    key,
    isIntact: digest(body) === written,
    record,
    tokenSeen: Math.max(Number(renewedBy), record?.fence.token ?? -1),
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
