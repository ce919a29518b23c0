import http from 'node:http';
import type { Socket } from 'node:net';
import { messageOf, UserError } from '../../errors.ts';
import { addressOf } from './record.ts';
import type { NginxConfig } from './schema.ts';

/** Longest answer that is read: a route with a thousand instances and more. */
const answerBytesMax = 1_048_576;

/** What the status location of nginx answered. */
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
  { method = 'GET', query = '', body, agent }: StatusRequest = {},
): Promise<StatusAnswer> {
  const where = addressOf(status);
  const unreachable = (what: string, cause?: unknown): UserError =>
    new UserError('E_ROUTER_UNREACHABLE', what, {
      where,
      fix: `Start nginx, or reload it when it runs, with \`include ${include};\` inside of http {}.`,
      cause,
    });
  const answer = await new Promise<StatusAnswer>((resolve, reject) => {
    const options = { host: status.host, port: status.port, path: `/${key}${query}`, method, agent: agent ?? false, signal };
    const request = http.request(options, (response) => {
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
  }).catch((error: unknown) => {
    throw unreachable(`nginx does not answer at ${where}: ${messageOf(error)}`, error);
  });
  if (answer.status !== 200 && answer.status !== 409)
    throw unreachable(`nginx does not serve what stands in ${include}: ${where} answers ${answer.status}`);
  return answer;
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
