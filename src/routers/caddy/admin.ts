import type http from 'node:http';
import { messageOf, systemCode, UserError } from '../../errors.ts';
import { exchange, type Reply } from './exchange.ts';

/** How often a call is made whose connection is reset: each reset takes a change of the configuration at that very moment. */
const triesMax = 5;

/** What Caddy has under an id, and what it has to be replaced with nothing else in between. */
export type Found = { readonly handler: unknown; readonly etag: string };

/** How a write ended. `conflict`: somebody has changed the handler since it was read. */
export type Written = 'done' | 'conflict' | { readonly refused: string };

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

  /**
   * Every change of the configuration, whoever makes it, begins a new admin server and closes the old one, soon after it has answered:
   * connections that the old one has not taken up by then are reset. Such a call is made again, also a write: one that Caddy has received
   * all the same changes nothing a second time, because of its `If-Match`.
   */
  async #ask(
    method: string,
    path: string,
    headers: http.OutgoingHttpHeaders,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<Reply> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]);
    for (let tries = 1; ; tries++) {
      try {
        return await exchange(`${this.#admin}${path}`, { method, headers, signal: limit }, body);
      } catch (error) {
        if (limit.aborted) throw this.#unreachable('no answer in time', error);
        const code = systemCode(error);
        const isReset = code === 'ECONNRESET' || code === 'EPIPE';
        if (!isReset || tries === triesMax) throw this.#unreachable(code ?? messageOf(error), error);
      }
    }
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
