import type http from 'node:http';
import { isAbsolute, join } from 'node:path';
import type { TlsSettings } from '../spec/connection.ts';
import { agentKeeper, exchange, type Reply } from '../system/http-exchange.ts';
import type { Answer } from './answers.ts';
import type { CheckContext } from './check.ts';
import { pemText } from './pem-text.ts';
import { unreachable } from './unreachable.ts';

const bytesMax = 1_048_576;

/** A server that cannot be reached, or is not trusted. What it comes to is an answer like any other. */
export class NotReached extends Error {
  readonly answer: Answer;
  constructor(answer: Answer, cause: unknown) {
    super('the server cannot be reached', { cause });
    this.answer = answer;
  }
}

/** One request; see `requests`. */
export type StoreRequest = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Sends requests to one server until it is closed. */
export type Requests = {
  /**
   * Any answer of the server, whatever its status.
   *
   * @param signal - In place of that of the check: for what has to be done after its end.
   * @throws NotReached
   */
  send(request: StoreRequest, signal?: AbortSignal): Promise<Reply>;
  close(): void;
};

/**
 * @param url - Address of the server, without a password.
 * @param withinMs - Longest that one request may take.
 */
export function requests(
  { url, tls }: { readonly url: string; readonly tls?: TlsSettings | undefined },
  withinMs: number,
  { signal: whole, folder }: Pick<CheckContext, 'signal' | 'folder'>,
): Requests {
  const agents = new Set<http.Agent>();
  const agent = agentKeeper({ url, tls }, (file) => pemText(isAbsolute(file) ? file : join(folder, file)));
  return {
    async send({ method, url: at, headers, body = '' }, signal = whole) {
      const timeout = AbortSignal.timeout(withinMs);
      const now = agent();
      agents.add(now);
      const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const options = { method, headers: { ...headers, ...length }, agent: now, signal: AbortSignal.any([signal, timeout]) };
      try {
        return await exchange(at, options, body, bytesMax, () => new Error(`an answer of more than ${bytesMax} bytes`));
      } catch (error) {
        signal.throwIfAborted();
        throw new NotReached(unreachable(at.host, error, timeout.aborted ? withinMs : null), error);
      }
    },
    close() {
      for (const one of agents) one.destroy();
    },
  };
}
