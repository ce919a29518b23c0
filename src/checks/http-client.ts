import http from 'node:http';
import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { type Connection, headerValues } from '../spec/connection.ts';
import { readSecretFile } from '../spec/text-file.ts';
import { agentKeeper, exchange } from '../system/http-exchange.ts';
import type { CheckContext } from './check.ts';
import { type Failure, failureOf, lateness } from './failure-reason.ts';
import type { StatusRange } from './http-schema.ts';
import { pemText } from './pem-text.ts';

/** Largest answer that is read where its text matters; of others only the head does. */
const bodyBytesMax = 4 * 1_048_576;
const headBytesMax = 65_536;

export type Question = {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly withinMs: number;
  /** Whether the text of the answer is wanted: then one without an end is a failure. */
  readonly text?: true;
  /** Largest text that is read; 4 MiB where it is left out. */
  readonly textBytesMax?: number;
  /** Address of this machine that it comes from. */
  readonly from?: string | undefined;
};

export type Answer = {
  readonly url: string;
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Empty where it was not wanted and is long. */
  readonly body: string;
  readonly tookMs: number;
};

/** Asks servers over HTTP. Redirects are answers. */
export type HttpClient = {
  /** What came, or why nothing did. Rejects when nobody wants it any more. */
  ask(question: Question): Promise<Answer | Failure>;
  /** Headers as they are sent, with the values that secrets have now. */
  headers(given: Pick<Connection, 'headers' | 'basic'>): Readonly<Record<string, string>>;
  close(): void;
};

/** Text of the address without what may be a secret. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

export function isFailure(answer: object): answer is Failure {
  return 'fix' in answer;
}

export function isWithin(status: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(({ min, max }) => status >= min && status <= max);
}

/** `200`, `2xx`, `301 or 308`. */
export function rangesText(ranges: readonly StatusRange[]): string {
  return ranges.map(({ min, max }) => (min === max ? String(min) : `${Math.floor(min / 100)}xx`)).join(' / ');
}

/**
 * @param tls - Certificates of the connection, as the document names them.
 * @throws UserError `E_CHECK_SECRET` when a value is not there, `E_CHECK_CONNECTION` when a file of certificates is not.
 */
export function httpClient(tls: Connection['tls'], context: CheckContext): HttpClient {
  // Of every address the same certificates; only https:// asks for them.
  const secure = agentKeeper({ url: 'https:', tls }, (file) => pemText(resolve(context.folder, file)));
  const plain = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const agents = new Set<http.Agent>([plain]);
  const agentOf = (url: URL): http.Agent => {
    const agent = url.protocol === 'https:' ? secure() : plain;
    agents.add(agent);
    return agent;
  };
  return {
    async ask(question) {
      const { url, method = 'GET', headers = {}, body = '', withinMs, text, textBytesMax = bodyBytesMax, from } = question;
      context.signal.throwIfAborted();
      const target = new URL(url);
      const timeout = AbortSignal.timeout(withinMs);
      const length =
        body === '' && /^(GET|HEAD|OPTIONS|DELETE)$/.test(method) ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      // A file of certificates that cannot be read is no failure of the server.
      const agent = agentOf(target);
      const startMs = performance.now();
      const took = () => Math.round(performance.now() - startMs);
      try {
        const options = {
          method,
          agent,
          headers: { 'user-agent': 'rampart-check', accept: '*/*', ...length, ...lowered(headers) },
          signal: AbortSignal.any([context.signal, timeout]),
          ...(from === undefined ? {} : { localAddress: from }),
        };
        const reply = await exchange(target, options, body, text ? textBytesMax : headBytesMax, (head) => new TooLong(head));
        return { url, ...reply, tookMs: took() };
      } catch (error) {
        context.signal.throwIfAborted();
        if (timeout.aborted) return lateness(withinMs, shownUrl(url));
        if (!(error instanceof TooLong)) return failureOf(error, shownUrl(url));
        return text ? endless(textBytesMax) : { url, ...error.head, body: '', tookMs: took() };
      }
    },
    headers(given) {
      const found = headerValues({ url: '', ...given }, context.environment, readSecretFile);
      if ('headers' in found) return lowered(found.headers);
      throw new UserError('E_CHECK_SECRET', found.missing, { where: found.place, fix: found.fix });
    },
    close() {
      for (const agent of agents) agent.destroy();
    },
  };
}

/** More has come than is read. */
class TooLong extends Error {
  readonly head: Pick<Answer, 'status' | 'headers'>;
  constructor(head: Pick<Answer, 'status' | 'headers'>) {
    super('the answer is too long');
    this.head = head;
  }
}

function endless(bytesMax: number): Failure {
  const mebibytes = bytesMax / 1_048_576;
  return {
    text: { en: `the answer has more than ${mebibytes} MiB`, ru: `ответ больше ${mebibytes} МиБ` },
    fix: { en: 'ask an address whose answer is small', ru: 'укажите адрес с небольшим ответом' },
  };
}

function lowered(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
