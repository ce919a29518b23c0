import { promises as dns } from 'node:dns';
import { messageOf, systemCode } from '../../errors.ts';
import type { Text } from '../../spec/text.ts';
import type { Found, RecordKind } from './records.ts';

/** Records of one kind, or why there is no telling. A name that does not exist has none, and `missing` says so. */
export type Looked =
  | { readonly kind: 'found'; readonly records: Found; readonly isMissing: boolean }
  | { readonly kind: 'failed'; readonly text: Text };

/** Asks name servers for records. */
export type Lookup = { look(kind: RecordKind, name: string): Promise<Looked>; cancel(): void };

const reasons: Readonly<Record<string, Text>> = {
  ESERVFAIL: { en: 'the name server has failed (SERVFAIL)', ru: 'ошибка сервера имён (SERVFAIL)' },
  EREFUSED: { en: 'the name server refuses the question (REFUSED)', ru: 'сервер имён отклонил запрос (REFUSED)' },
  ETIMEOUT: { en: 'the name server does not answer', ru: 'сервер имён не отвечает' },
  ECONNREFUSED: { en: 'no name server listens there', ru: 'там нет сервера имён' },
  ENOTIMP: { en: 'the name server does not know this kind of question', ru: 'сервер имён не знает такого запроса' },
  EFORMERR: { en: 'the name server does not understand the question', ru: 'сервер имён не понял запрос' },
  EBADRESP: { en: 'the answer of the name server cannot be read', ru: 'ответ сервера имён не читается' },
};

/**
 * @param servers - Their addresses; undefined: those of the machine.
 * @param withinMs - Longest until one of them has answered.
 */
export function lookupAt(servers: readonly string[] | undefined, withinMs: number): Lookup {
  // Two tries, of which the second one waits for twice as long: 1 + 2 parts.
  const resolver = new dns.Resolver({ timeout: Math.max(30, Math.floor(withinMs / 3)), tries: 2, maxTimeout: withinMs });
  if (servers) resolver.setServers(servers);
  return {
    async look(kind, name) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<Looked>((resolve) => {
        timer = setTimeout(() => resolve({ kind: 'failed', text: reasons.ETIMEOUT ?? '' }), withinMs);
      });
      try {
        return await Promise.race([ask(resolver, kind, name), late]);
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: () => resolver.cancel(),
  };
}

async function ask(resolver: dns.Resolver, kind: RecordKind, name: string): Promise<Looked> {
  try {
    return { kind: 'found', records: await read(resolver, kind, name), isMissing: false };
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'ENOTFOUND' || code === 'ENODATA') return { kind: 'found', records: [], isMissing: code === 'ENOTFOUND' };
    return { kind: 'failed', text: reasons[code] ?? messageOf(error) };
  }
}

async function read(resolver: dns.Resolver, kind: RecordKind, name: string): Promise<Found> {
  switch (kind) {
    case 'a':
      return await resolver.resolve4(name);
    case 'aaaa':
      return await resolver.resolve6(name);
    case 'cname':
      return await resolver.resolveCname(name);
    case 'ns':
      return await resolver.resolveNs(name);
    case 'txt':
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
    case 'mx':
      return (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`);
    case 'srv':
      return (await resolver.resolveSrv(name)).map(
        ({ priority, weight, port, name: host }) => `${priority} ${weight} ${port} ${host}`,
      );
    case 'caa':
      return (await resolver.resolveCaa(name)).map(({ critical, ...rest }) => {
        const [tag = '', value = ''] = Object.entries(rest).find(([key]) => key !== 'type') ?? [];
        return `${critical} ${tag} ${value}`;
      });
  }
}
