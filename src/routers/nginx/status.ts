import http from 'node:http';
import type { Socket } from 'node:net';
import { messageOf, UserError } from '../../errors.ts';
import { hostPort } from '../../spec/host-port.ts';
import { workerHeader } from './include-parts.ts';
import { limited } from './limited.ts';
import type { NginxConfig } from './schema.ts';

/** A worker that does not answer in this time hangs: it has nothing to look up. */
const answerWithinMs = 2_000;
/** Longest answer that is read: a route with a thousand instances and more. */
const answerBytesMax = 1_048_576;

/** What the status location of nginx answered: 409 for an outdated writer, 410 for a command that is older than its lease. */
export type StatusAnswer = {
  readonly status: number;
  readonly text: string;
  /** The worker that has answered; null: the include file is one of before, which does not say. */
  readonly worker: string | null;
};

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
      const worker = response.headers[workerHeader];
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, worker: typeof worker === 'string' ? worker : null }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/**
 * How many connections in a row have to find no new worker. One takes 16 before nginx lets the next have its turn
 * (`ngx_reorder_accept_events`), and on a busy machine a few more out of turn.
 */
const enoughOfSame = 32;
/** Longest search for workers. */
const searchMs = 2_000;

/**
 * An idle connection to each of the workers that run now and take any. nginx closes them when it tells these workers to end, after a
 * reload: from then on none of them takes a new connection.
 */
export class HeldConnections {
  readonly #held = new Map<string | null, http.Agent>();
  readonly #closed = new WeakSet<http.Agent>();

  get areClosed(): boolean {
    return [...this.#held.values()].every((agent) => this.#closed.has(agent));
  }

  /** The workers at their other ends; null: of an include file of before, which names none. */
  get workers(): readonly (string | null)[] {
    return [...this.#held.keys()];
  }

  /** Opens connections until no other worker answers any more. */
  async open(config: NginxConfig, key: string, signal: AbortSignal): Promise<void> {
    const deadlineMs = performance.now() + searchMs;
    for (let same = 0; same < enoughOfSame && !this.#held.has(null) && performance.now() < deadlineMs; )
      same = (await this.#findsNew(config, key, signal)) ? 0 : same + 1;
  }

  end(): void {
    for (const agent of this.#held.values()) agent.destroy();
  }

  async #findsNew(config: NginxConfig, key: string, signal: AbortSignal): Promise<boolean> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    agent.on('free', (socket: Socket) => socket.once('close', () => this.#closed.add(agent)));
    let isNew = false;
    try {
      const { worker } = await askStatus(config, key, signal, { agent });
      isNew = !this.#held.has(worker);
      if (isNew) this.#held.set(worker, agent);
    } finally {
      if (!isNew) agent.destroy();
    }
    return isNew;
  }
}
