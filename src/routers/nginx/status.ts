import http from 'node:http';
import type { Socket } from 'node:net';
import { messageOf, UserError } from '../../errors.ts';
import { hostPort } from '../../spec/host-port.ts';
import { limited } from './limited.ts';
import type { NginxConfig } from './schema.ts';

/** A worker that does not answer in this time hangs: it has nothing to look up. */
const answerWithinMs = 2_000;
/** Longest answer that is read: a route with a thousand instances and more. */
const answerBytesMax = 1_048_576;

/** What the status location of nginx answered: 409 for an outdated writer, 410 for a command that is older than its lease. */
export type StatusAnswer = { readonly status: number; readonly text: string };

/** What can be asked of it. */
export type StatusRequest = {
  readonly method?: 'GET' | 'PUT' | 'POST';
  readonly query?: string;
  readonly body?: string;
  readonly agent?: http.Agent;
};

/**
 * Asks the running nginx what is in force, on a connection of its own so that whichever worker takes new ones answers.
 *
 * @throws UserError `E_ROUTER_UNREACHABLE` when nothing answers, or something that is not this service's include file.
 */
export async function askStatus(
  { status, include }: NginxConfig,
  key: string,
  signal: AbortSignal,
  request: StatusRequest = {},
): Promise<StatusAnswer> {
  const where = hostPort(status);
  const unreachable = (what: string, cause?: unknown): UserError =>
    new UserError('E_ROUTER_UNREACHABLE', what, {
      where,
      fix: `Start nginx, or reload it when it runs, with \`include ${include};\` inside of http {}.`,
      cause,
    });
  const late = (cause: unknown): UserError =>
    unreachable(`nginx takes the call at ${where} and has not answered after ${answerWithinMs / 1_000} s`, cause);
  const answer = await limited(answerWithinMs, signal, (inner) => exchange(status, key, request, inner), late).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      throw error instanceof UserError ? error : unreachable(`nginx does not answer at ${where}: ${messageOf(error)}`, error);
    },
  );
  if (![200, 409, 410].includes(answer.status))
    throw unreachable(`nginx does not serve what stands in ${include}: ${where} answers ${answer.status}`);
  return answer;
}

function exchange(
  { host, port }: NginxConfig['status'],
  key: string,
  { method = 'GET', query = '', body, agent }: StatusRequest,
  signal: AbortSignal,
): Promise<StatusAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, path: `/${key}${query}`, method, agent: agent ?? false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.length > answerBytesMax) request.destroy(new Error('the answer has no end'));
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** An idle connection to one of the workers that run now. nginx closes it when it tells them all to end, after a reload. */
export class HeldConnection {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  async open(config: NginxConfig, key: string, signal: AbortSignal): Promise<StatusAnswer> {
    this.#agent.on('free', (socket: Socket) => socket.once('close', () => (this.#isClosed = true)));
    return await askStatus(config, key, signal, { agent: this.#agent });
  }

  end(): void {
    this.#agent.destroy();
  }
}
