import { hostPort } from '../../spec/host-port.ts';
import { commonDivisor } from '../common-divisor.ts';
import type { Endpoint, Match, Route } from '../router.ts';
import { type IncludeSource, namesOf, quoted, statusServer } from './include-parts.ts';
import { partsOf, recordText } from './record.ts';

/** Characters of the record in one variable: a word of nginx's configuration may have 4,095 bytes. */
const chunkChars = 3_000;

/** The part of the include file that splits the traffic in an nginx that is reloaded for each change. */
export function reloadConfig(source: IncludeSource): string {
  const { service, config, record } = source;
  const name = namesOf(service);
  const route = record?.route ?? { stable: null, candidate: null, weight: 0, match: [] };
  return [
    splitUpstreams(name, route, config.status),
    matchMaps(name, route),
    versionMaps(name, route),
    statusOfRecord(name, source, recordText(record)),
  ].join('');
}

/** Weights of one instance of stable and one of the candidate, as small whole numbers; 0: it gets nothing. */
export function weightsOf({ weight, stable, candidate }: Route): readonly [stable: number, candidate: number] {
  const part = Math.round(weight * 100);
  const candidates = candidate?.endpoints.length ?? 0;
  if (candidates === 0) return [1, 0];
  // With different numbers of instances the share of each is different, too.
  const weights = [(10_000 - part) * candidates, part * Math.max(stable?.endpoints.length ?? 0, 1)] as const;
  const divisor = commonDivisor(weights[0], weights[1]);
  return [weights[0] / divisor, weights[1] / divisor];
}

/**
 * The weight in a file that somebody has changed by hand, in percent: the share of the candidate's instances in the upstream that splits.
 * Undefined when more was changed than weights.
 */
export function weightByHand(found: string, written: string, service: string, route: Route): number | undefined {
  const withoutWeights = (text: string) => text.replace(/ weight=\d+/g, '').replace(/^# (rampart|Written|\|).*$/gm, '');
  if (withoutWeights(found) !== withoutWeights(written)) return undefined;
  const block = new RegExp(`upstream ${namesOf(service)}_split \\{([^}]*)\\}`).exec(found)?.[1] ?? '';
  const candidates = new Set(route.candidate?.endpoints.map(hostPort));
  let [all, candidate] = [0, 0];
  for (const [, address = '', weight = '1'] of block.matchAll(/server (\S+?)(?: weight=(\d+))? max_fails=0;/g)) {
    all += Number(weight);
    if (candidates.has(address)) candidate += Number(weight);
  }
  return all > 0 ? (candidate / all) * 100 : undefined;
}

function splitUpstreams(name: string, route: Route, status: Endpoint): string {
  const { stable, candidate, match } = route;
  const [stableWeight, candidateWeight] = weightsOf(route);
  // Where there is no stable version, the status server answers for it: with 503.
  const stables = stable && stable.endpoints.length > 0 ? stable.endpoints : [status];
  const spare = stable ? serversOf(stable.endpoints, ' max_fails=0 backup') : [];
  const servers = [
    ...(stableWeight > 0 ? serversOf(stables, ` weight=${stableWeight} max_fails=0`) : spare),
    ...(candidate && candidateWeight > 0 ? serversOf(candidate.endpoints, ` weight=${candidateWeight} max_fails=0`) : []),
  ];
  let text = upstream(`${name}_split`, servers);
  if (candidate && match.length > 0)
    text += upstream(`${name}_candidate`, [...serversOf(candidate.endpoints, ' max_fails=0'), ...spare]);
  return text;
}

/** With `max_fails=0`, because Rampart looks after instances: one that does not answer leaves the route. */
function serversOf(endpoints: readonly Endpoint[], settings: string): readonly string[] {
  return endpoints.map((endpoint) => `server ${hostPort(endpoint)}${settings};`);
}

function upstream(name: string, servers: readonly string[]): string {
  // With a zone all workers deal from one hand, so that shares are exact. Four seconds, because Node closes idle connections after five.
  return `upstream ${name} {
    zone ${name} ${128 + servers.length * 2}k;
${servers.map((server) => `    ${server}\n`).join('')}    keepalive 64;
    keepalive_timeout 4s;
}
`;
}

function matchMaps(name: string, { match }: Route): string {
  if (match.length === 0) return `map "" $${name} { default ${name}_split; }\n`;
  const each = match.map((one, i) => {
    const { variable, pattern } = patternOf(one);
    return `map ${variable} $${name}_m${i} { default 0; ${quoted(`~${pattern}`)} 1; }\n`;
  });
  const all = match.map((_, i) => `$${name}_m${i}`).join('');
  return `${each.join('')}map "${all}" $${name} { default ${name}_split; "~1" ${name}_candidate; }\n`;
}

/** A match as a regular expression on a variable: plain words in a map are compared without case. */
function patternOf(match: Match): { readonly variable: string; readonly pattern: string } {
  const { kind, name, operator, value } = partsOf(match);
  if (kind === 'cookie') return { variable: '$http_cookie', pattern: `(?:^|; ?)${escaped(name)}=${escaped(value)} *(?:;|$)` };
  const variable = `$http_${name.toLowerCase().replaceAll('-', '_')}`;
  if (operator === 'pattern') return { variable, pattern: value };
  return { variable, pattern: operator === 'equals' ? `^${escaped(value)}$` : escaped(value) };
}

/** Which version a request was tried on first, and which one answered it, by what nginx logs of its attempts (`a, b`). */
function versionMaps(name: string, { stable, candidate }: Route): string {
  const lines = (pattern: (address: string) => string) =>
    [stable, candidate]
      .flatMap((backend) =>
        (backend?.endpoints ?? []).flatMap((endpoint) => {
          const address = hostPort(endpoint);
          const version = `v${encodeURIComponent(backend?.version ?? '')}`;
          // An IPv4 address alone is looked up in a hash, patterns are tried one after the other.
          const exact = endpoint.host.includes(':') ? '' : `    ${address} ${version};\n`;
          return `${exact}    ${quoted(`~${pattern(escaped(address))}`)} ${version};\n`;
        }),
      )
      .join('');
  return `map $upstream_addr $${name}_first {
    default "";
${lines((address) => `^${address}(?:,| |$)`)}}
map $upstream_addr $${name}_last {
    default "";
${lines((address) => `(?:^|[ ,])${address}$`)}}
`;
}

function statusOfRecord(name: string, source: IncludeSource, record: string): string {
  const encoded = Buffer.from(record).toString('base64url');
  const chunks = encoded.match(new RegExp(`.{1,${chunkChars}}`, 'g')) ?? [];
  const variables = chunks.map((chunk, i) => `map "" $${name}_r${i} { default "${chunk}"; }\n`).join('');
  return variables + statusServer(source, `return 200 "${chunks.map((_, i) => `$\{${name}_r${i}}`).join('')}";`);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/#]/g, '\\$&');
}
