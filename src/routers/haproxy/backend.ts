import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { entriesIn, type MapEntry } from './match-map.ts';
import { say } from './runtime-api.ts';
import type { HaproxyConfig } from './schema.ts';
import { type BackendStats, backendStats, type ServerRow, serverRows } from './server-rows.ts';

/** A backend of the user's HAProxy, as it is at one moment. */
export type BackendSeen = {
  /** Those that are for Rampart to fill, in their order. */
  readonly own: readonly ServerRow[];
  /** All that may get requests while the backend is well: no backups. */
  readonly all: readonly ServerRow[];
  readonly stats: BackendStats;
  /** Which run of HAProxy has answered: another one counts from zero. */
  readonly run: string;
  /** Lines of the map of matches; null: HAProxy has no such map. */
  readonly matches: readonly MapEntry[] | null;
  /** HAProxy's own words for all servers, which it reads back from its server-state-file. */
  readonly serversState: string;
};

/** The map of a backend's matches. HAProxy reads it when it starts, so its path is its name. */
export function mapFile(state: string, backend: string): string {
  return join(state, `${backend}.map`);
}

/** Asks HAProxy for the backend. */
export async function seeBackend(
  { socket, backend, servers, match, state }: HaproxyConfig,
  signal: AbortSignal,
): Promise<BackendSeen> {
  // 6: backends and servers; -1: all of them. In one go, because a way back to stable waits for the answer.
  const answer = await say(
    socket,
    [
      `show servers state ${backend}`,
      ...(match ? [`show map ${mapFile(state, backend)}`] : []),
      `show stat ${backend} 6 -1`,
      'show info',
    ],
    signal,
  );
  if (/^Can't find backend/m.test(answer))
    throw new UserError('E_ROUTE_REFUSED', `HAProxy has no backend ${backend}`, {
      where: `${socket}, backend ${backend}`,
      fix: "Name a backend of HAProxy's configuration in router.haproxy.backend, or add it there and reload HAProxy.",
    });
  const statsAt = Math.max(0, answer.indexOf('# pxname'));
  // Each answer ends with an empty line.
  const serversState = `${answer.split('\n\n')[0]}\n`;
  const rows = serverRows(serversState);
  const infoAt = Math.max(statsAt, answer.indexOf('\n\n', statsAt));
  const stats = backendStats(answer.slice(statsAt, infoAt));
  // In a container every run has the same number.
  const run = ['Pid', 'Start_time_sec']
    .map((name) => new RegExp(`^${name}: (\\d+)$`, 'm').exec(answer.slice(infoAt))?.[1])
    .join(' ');
  return {
    own: rows.filter(({ name }) => name.startsWith(servers)),
    all: rows.filter(({ name }) => !stats.servers.get(name)?.isBackup),
    stats,
    run,
    matches: !match
      ? []
      : answer.includes('Unknown map identifier')
        ? null
        : entriesIn(answer.slice(serversState.length, statsAt)),
    serversState,
  };
}

/** Sends commands that change servers. They are silent, or say what they have changed; anything else is a complaint. */
export async function command(
  { socket, backend }: HaproxyConfig,
  commands: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (commands.length === 0) return;
  const answer = await say(socket, commands, signal);
  const complaints = answer
    .split('\n')
    .filter((line) => line.trim() !== '' && !/stats socket command'$|^no need to change/.test(line));
  const refused = complaints.concat(answer.split('\n').filter((line) => line.startsWith('Invalid')));
  if (refused.length === 0) return;
  throw new UserError('E_ROUTE_REFUSED', `HAProxy refuses: ${[...new Set(refused)].slice(0, 3).join(' ')}`, {
    where: `${socket}, backend ${backend}`,
    fix: refused.some((line) => line.includes('Permission denied'))
      ? 'Give the socket `level admin` in the `global` section, and reload HAProxy.'
      : 'See what HAProxy says about this backend; its configuration may have changed since Rampart opened it.',
  });
}

/**
 * Why a backend cannot take a share of requests by weight, in words and with what to do; null when it can.
 *
 * @param level - HAProxy's word for what this socket may do.
 */
export function backendProblem(
  { backend, servers, state }: HaproxyConfig,
  { own, stats, matches }: BackendSeen,
  level: string,
): { readonly what: string; readonly fix: string } | null {
  if (level !== 'admin')
    return {
      what: `HAProxy gives this socket the level ${level}, and only admin may change servers`,
      fix: 'Write `stats socket … level admin` in the `global` section, and reload HAProxy.',
    };
  if (stats.mode !== 'http')
    return {
      what: `backend ${backend} is in mode ${stats.mode}, in which HAProxy neither divides nor counts requests`,
      fix: 'Write `mode http` in this backend and its frontend, and reload HAProxy.',
    };
  if (stats.algorithm !== 'roundrobin')
    return {
      what: `backend ${backend} has balance ${stats.algorithm}, under which weights do not make exact shares`,
      fix: 'Write `balance roundrobin` in this backend, and reload HAProxy.',
    };
  if (own.length < 2)
    return {
      what: `backend ${backend} has ${own.length === 0 ? 'no server' : 'one server'} whose name begins with ${servers}, and stable and candidate need one each`,
      fix: `Write \`server-template ${servers} 1-10 127.0.0.1:1 disabled\` in this backend, and reload HAProxy.`,
    };
  const map = mapFile(state, backend);
  if (matches === null)
    return {
      what: `backend ${backend} does not use ${map}, so no request would be matched`,
      fix: `Make that file (\`touch ${map}\`), write \`use-server %[req.hdrs,map_reg(${map})] if { req.hdrs,map_reg(${map}) -m found }\` in this backend, and reload HAProxy.`,
    };
  return null;
}

/** Servers that are not Rampart's and take a part of the requests, which then no version has. */
export function foreignServers({ servers }: HaproxyConfig, { all }: BackendSeen): readonly string[] {
  return all.filter(({ name, isIn, weight }) => !name.startsWith(servers) && isIn && weight > 0).map(({ name }) => name);
}
