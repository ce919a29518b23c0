import http from 'node:http';
import { messageOf, systemCode, UserError } from '../../errors.ts';

/** Largest answer that is read: a handler with 20,000 upstreams has a fiftieth of it. */
const answerBytesMax = 32 * 1_048_576;

/** What Caddy has under an id, and what it has to be replaced with nothing else in between. */
export type Found = { readonly handler: unknown; readonly etag: string };

/** How a write ended. `conflict`: somebody has changed the handler since it was read. */
export type Written = 'done' | 'conflict' | { readonly refused: string };

type Reply = { readonly status: number; readonly body: string; readonly etag: string | undefined };

/** Caddy's admin API for one `@id`. Errors are `E_ROUTER_UNREACHABLE`, or `E_ROUTE_REFUSED` when there is no such id. */
export class Admin {
  readonly #admin: string;
  readonly #id: string;
  readonly #timeoutMs: number;

  constructor(admin: string, id: string, timeoutMs: number) {
    this.#admin = admin.replace(/\/+$/, '');
    this.#id = id;
    this.#timeoutMs = timeoutMs;
  }

  get where(): string {
    return `${this.#admin}${this.#own}`;
  }

  get #own(): string {
    return `/id/${this.#id}`;
  }

  /** The logs of the whole configuration, by name. */
  async logs(signal: AbortSignal): Promise<unknown> {
    const reply = await this.#ask('GET', '/config/logging', {}, undefined, signal);
    if (reply.status !== 200) throw this.#unexpected(reply);
    return jsonOf(reply.body)?.logs;
  }

  async read(signal: AbortSignal): Promise<Found> {
    const reply = await this.#ask('GET', this.#own, {}, undefined, signal);
    if (reply.status !== 200) throw this.#unexpected(reply);
    const handler = jsonOf(reply.body);
    if (handler === undefined) throw this.#unreachable('what answers there is not the admin API of a Caddy', undefined);
    if (reply.etag === undefined)
      throw new UserError('E_ROUTE_REFUSED', 'this Caddy names no version of its configuration (no ETag)', {
        where: this.where,
        fix: 'Use Caddy 2.5.2 or newer: without an ETag a change of somebody else could be overwritten.',
      });
    return { handler, etag: reply.etag };
  }

  async replace(handler: unknown, etag: string, signal: AbortSignal): Promise<Written> {
    const headers = { 'content-type': 'application/json', 'if-match': etag };
    const reply = await this.#ask('PATCH', this.#own, headers, JSON.stringify(handler), signal);
    if (reply.status === 200) return 'done';
    if (reply.status === 412) return 'conflict';
    const said = saidBy(reply);
    // Caddy goes on with the configuration it has.
    if (said.startsWith('loading new config')) return { refused: said };
    throw this.#unexpected(reply);
  }

  #ask(
    method: string,
    path: string,
    headers: http.OutgoingHttpHeaders,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<Reply> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]);
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) =>
        reject(this.#unreachable(limit.aborted ? 'no answer in time' : (systemCode(error) ?? messageOf(error)), error));
      // A connection of its own for each call: every change of the configuration begins a new admin server and closes the old one's.
      const options = {
        method,
        agent: false,
        signal: limit,
        headers: { ...headers, 'content-length': Buffer.byteLength(body ?? '') },
      };
      const request = http.request(`${this.#admin}${path}`, options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          if (text.length > answerBytesMax) request.destroy(new Error('an answer without an end'));
        });
        response.on('error', fail);
        response.on('end', () =>
          // Caddy works the ETag out while it writes, so it comes after the body.
          resolve({ status: response.statusCode ?? 0, body: text, etag: response.trailers.etag ?? response.headers.etag }),
        );
      });
      request.on('error', fail);
      request.end(body);
    });
  }

  #unexpected(reply: Reply): UserError {
    const said = saidBy(reply);
    if (said.startsWith('unknown object ID'))
      return new UserError('E_ROUTE_REFUSED', `Caddy's configuration has nothing with the @id ${this.#id}`, {
        where: this.where,
        fix: `Add {"@id": "${this.#id}", "handler": "subroute"} to the "handle" list of the route whose requests Rampart is to split, before the handler that serves them now.`,
      });
    if (reply.status === 403)
      return new UserError('E_ROUTER_UNREACHABLE', `Caddy's admin API refuses this address: ${said}`, {
        where: this.where,
        fix: 'Use the address of admin.listen, or add the host to admin.origins in the configuration of Caddy.',
      });
    const isCaddy = reply.body.startsWith('{"error":');
    return isCaddy
      ? new UserError('E_ROUTER_UNREACHABLE', `Caddy's admin API answered ${reply.status}: ${said}`, {
          where: this.where,
          fix: 'See the log of Caddy.',
        })
      : this.#unreachable(`what answers there (${reply.status}) is not the admin API of a Caddy`, undefined);
  }

  #unreachable(why: string, cause: unknown): UserError {
    return new UserError('E_ROUTER_UNREACHABLE', `Caddy's admin API cannot be reached: ${why}`, {
      where: this.where,
      fix: 'Start Caddy, or give spec.router.caddy.admin the address that its admin.listen says.',
      cause,
    });
  }
}

function saidBy({ body, status }: Reply): string {
  const error = jsonOf(body)?.error;
  // Of anything else its first characters say what it is.
  return typeof error === 'string' ? error.slice(0, 1_000) : body.slice(0, 200) || `status ${status}`;
}

/** The object in a text; undefined when there is none. */
function jsonOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
