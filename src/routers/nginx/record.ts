import { isIP } from 'node:net';
import type { Backend, Endpoint, Fence, Match, Route } from '../router.ts';

/** A route as nginx keeps it: who wrote it, and when. */
export type RouteRecord = {
  readonly route: Route;
  readonly fence: Fence;
  /** Unix milliseconds. */
  readonly appliedAtMs: number;
};

const operators = ['equals', 'contains', 'pattern'] as const;

/**
 * A record in lines of words, which Lua can read without a library; `null`, before the first route, has none. It can stand in a comment
 * and in a long string of Lua: versions and values of matches are encoded, hosts are IP addresses, and names of headers and cookies are
 * tokens of HTTP (RFC 9110, 5.6.2), which have neither blanks nor brackets.
 */
export function recordText(record: RouteRecord | null): string {
  if (record === null) return '';
  const { route, fence, appliedAtMs } = record;
  const lines = [`fence ${fence.token} ${fence.seq}`, `applied ${appliedAtMs}`, `weight ${route.weight}`];
  for (const side of ['stable', 'candidate'] as const) {
    const backend = route[side];
    if (!backend) continue;
    lines.push(`version ${side} ${encodeURIComponent(backend.version)}`);
    for (const { host, port } of backend.endpoints) lines.push(`endpoint ${side} ${host} ${port}`);
  }
  for (const match of route.match) {
    const { kind, name, operator, value } = partsOf(match);
    lines.push(`match ${kind} ${name} ${operator} ${Buffer.from(value).toString('base64url')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The record in such lines; null when they are none, whoever wrote them. */
export function recordIn(text: string): RouteRecord | null {
  let fence: Fence | null = null;
  let appliedAtMs = 0;
  let weight = 0;
  const sides: Record<'stable' | 'candidate', { version: string; endpoints: Endpoint[] } | null> = {
    stable: null,
    candidate: null,
  };
  const match: Match[] = [];
  for (const line of text.split('\n')) {
    const [word, a = '', b = '', c = '', d = ''] = line.split(' ');
    const side = a === 'stable' || a === 'candidate' ? a : null;
    if (word === 'fence') fence = { token: Number(a), seq: Number(b) };
    else if (word === 'applied') appliedAtMs = Number(a);
    else if (word === 'weight') weight = Number(a);
    else if (word === 'version' && side) sides[side] = { version: decodeURIComponent(b), endpoints: [] };
    else if (word === 'endpoint' && side) sides[side]?.endpoints.push({ host: b, port: Number(c) });
    else if (word === 'match') {
      const value = Buffer.from(d, 'base64url').toString();
      if (a === 'cookie') match.push({ cookie: b, equals: value });
      else match.push({ header: b, [c]: value } as Match);
    }
  }
  if (!fence || ![fence.token, fence.seq, appliedAtMs, weight].every(Number.isFinite)) return null;
  return { route: { stable: sides.stable, candidate: sides.candidate, weight, match }, fence, appliedAtMs };
}

/** A match as four words. */
export function partsOf(match: Match): {
  readonly kind: 'header' | 'cookie';
  readonly name: string;
  readonly operator: (typeof operators)[number];
  readonly value: string;
} {
  if ('cookie' in match) return { kind: 'cookie', name: match.cookie, operator: 'equals', value: match.equals };
  if ('equals' in match) return { kind: 'header', name: match.header, operator: 'equals', value: match.equals };
  if ('contains' in match) return { kind: 'header', name: match.header, operator: 'contains', value: match.contains };
  return { kind: 'header', name: match.header, operator: 'pattern', value: match.pattern };
}

/** Throws, with the reason, for a match that nginx cannot serve. */
export function checkMatch(match: Match): void {
  const { kind, name, operator, value } = partsOf(match);
  // nginx drops headers with other characters, or has no name for them.
  if (kind === 'header' && !/^[A-Za-z0-9-]+$/.test(name))
    throw new Error('nginx knows headers by letters, digits and dashes only');
  if (value === '') throw new Error('nginx does not tell an empty value from none');
  if (/[\x00-\x1f\x7f]/.test(value) || Buffer.byteLength(value) > 1_000)
    throw new Error('a value may have 1000 bytes and no control characters');
  if (operator !== 'pattern') return;
  new RegExp(value);
  if (/\(\?P?<[A-Za-z]/.test(value)) throw new Error('a named group would become a variable of nginx');
}

/** Why an endpoint cannot be in nginx's configuration; null: it can. */
export function endpointProblem(route: Route): string | null {
  const all: readonly Backend[] = [route.stable, route.candidate].flatMap((backend) => backend ?? []);
  for (const { version, endpoints } of all)
    for (const { host } of endpoints)
      if (isIP(host) === 0) return `${version} listens at ${host}, and nginx needs an IP address to tell versions apart`;
  return null;
}
