import { isDeepStrictEqual } from 'node:util';
import type { Sample } from '../../analysis/sample.ts';
import { UserError } from '../../errors.ts';
import { staleToken, standingOf } from '../fencing.ts';
import { checkedRoute, routeProblem } from '../route-check.ts';
import type { Fence, Route, RouteReading, RouterCapabilities, RouterContext, SampleQuery, TrafficRouter } from '../router.ts';
import { Admin } from './admin.ts';
import { Floor, later } from './floor.ts';
import { contentOf, readingOf } from './found.ts';
import { emptyHandler, handlerOf, type Mark } from './handler.ts';
import { LogCounts } from './log-counts.ts';
import { logProblem, logSnippet } from './log-settings.ts';
import { matcherOf } from './match.ts';
import type { CaddyConfig } from './schema.ts';
import { dialsOf } from './upstreams.ts';

/** How often a write is tried again when somebody else changes the same handler at the same time. */
const triesMax = 5;

/** What is under the id now. */
type Now = { readonly handler: unknown; readonly etag: string; readonly mark: Mark | null };

/** Client of a Caddy that belongs to the user. */
export class CaddyRouter implements TrafficRouter {
  readonly capabilities: RouterCapabilities;
  readonly #config: CaddyConfig;
  readonly #service: string;
  readonly #admin: Admin;
  readonly #floor: Floor;
  readonly #counts: LogCounts | null;
  /** Highest token that this client has written with: only then may `close` change anything. */
  #token: number | null = null;

  constructor(config: CaddyConfig, { service, folder, edgesMs }: RouterContext) {
    this.#config = config;
    this.#service = service;
    this.#admin = new Admin(config.admin, config.id, config.timeout);
    this.#floor = new Floor(folder);
    this.#counts = config.log === undefined ? null : new LogCounts(config.log, edgesMs, Date.now());
    this.capabilities = {
      weightStepPercent: 0.1,
      match: true,
      lease: false,
      counts: this.#counts !== null,
      latency: this.#counts !== null,
      sticky: false,
      shares: 'dealt',
      resetsIdle: true,
    };
  }

  async open(signal: AbortSignal): Promise<void> {
    this.#note(this.#readingOf(await this.#now(signal)));
    if (!this.#counts || this.#config.log === undefined) return;
    const problem = logProblem(await this.#admin.logs(signal), this.#config.log);
    if (problem !== null)
      throw new UserError('E_ROUTER_LOG', `Caddy does not log its attempts: ${problem}`, {
        where: this.#config.log,
        fix: `Add to logging.logs in the configuration of Caddy: ${logSnippet(this.#config.log)}. Or leave spec.router.caddy.log out and give spec.source what counts.`,
      });
    await this.#counts.catchUp(signal);
  }

  async setRoute(route: Route, fence: Fence, signal: AbortSignal): Promise<void> {
    const written = this.#checked(route, fence);
    this.#counts?.learn(route);
    await this.#change(signal, async ({ handler, mark }) => {
      const inForce = later(mark, await this.#floor.read());
      const standing = standingOf(inForce && { ...inForce, written: inForce.route }, written, fence);
      if (typeof standing === 'object') throw this.#stale(standing.stale);
      // What somebody has put back from before has a mark of before.
      const isThere = mark && isDeepStrictEqual(mark.fence, fence) && isDeepStrictEqual(handler, this.#render(mark));
      if (standing === 'repeated' && isThere) return mark;
      const tokenSeen = Math.max(fence.token, inForce?.tokenSeen ?? 0);
      return { service: this.#service, route: written, fence, tokenSeen, appliedAtMs: Date.now() };
    });
    this.#token = Math.max(fence.token, this.#token ?? 0);
  }

  async readRoute(signal: AbortSignal): Promise<RouteReading | null> {
    return this.#note(this.#readingOf(await this.#now(signal)));
  }

  /** Caddy keeps no lease; a token that is too old is refused all the same, and a higher one is noted. */
  async renewLease(token: number, signal: AbortSignal): Promise<RouteReading | null> {
    const now = await this.#now(signal);
    const inForce = later(now.mark, await this.#floor.read());
    if (inForce && token < inForce.tokenSeen) throw this.#stale(staleToken(token, inForce.tokenSeen));
    this.#token = Math.max(token, this.#token ?? 0);
    const reading = this.#note(this.#readingOf(now));
    if (!now.mark || token <= now.mark.tokenSeen) return reading;
    await this.#change(signal, async ({ mark, handler }) => {
      // What somebody has changed by hand is reported and written again; noting a token must not hide it.
      if (!mark || !isDeepStrictEqual(handler, this.#render(mark))) return null;
      return token > mark.tokenSeen ? { ...mark, tokenSeen: token } : mark;
    });
    return reading;
  }

  async samples(query: SampleQuery, signal: AbortSignal): Promise<readonly Sample[]> {
    return (await this.#counts?.samples(query, signal)) ?? [];
  }

  async close(signal: AbortSignal): Promise<void> {
    if (this.#token === null) return;
    for (let tries = 0; tries < triesMax; tries++) {
      const { mark, etag } = await this.#now(signal);
      if (!mark || mark.tokenSeen > this.#token) return;
      const { stable, candidate } = mark.route;
      // Without a stable version the place is given back: requests go on to what follows it in the user's configuration.
      const handler = stable
        ? this.#render({ ...mark, route: { stable, candidate: null, weight: 0, match: [] } })
        : emptyHandler(this.#config.id);
      if (stable && candidate === null) return;
      const ended = await this.#admin.replace(handler, etag, signal);
      if (ended === 'done') return;
      if (ended !== 'conflict') throw this.#refused(ended.refused, undefined);
    }
    throw this.#busy();
  }

  /**
   * Replaces the handler by that of a new mark, with nothing of anybody else's in between; null changes nothing. The mark that is there
   * is only noted: it may be that of a write whose answer was lost.
   */
  async #change(signal: AbortSignal, next: (now: Now) => Promise<Mark | null>): Promise<void> {
    for (let tries = 0; tries < triesMax; tries++) {
      const now = await this.#now(signal);
      const mark = await next(now);
      if (!mark) return;
      const ended = mark === now.mark ? 'done' : await this.#admin.replace(this.#render(mark), now.etag, signal);
      if (ended === 'conflict') continue;
      if (ended !== 'done') throw this.#refused(ended.refused, undefined);
      await this.#floor.raise(mark);
      this.#note({ ...mark, lapsed: false });
      return;
    }
    throw this.#busy();
  }

  async #now(signal: AbortSignal): Promise<Now> {
    const { handler, etag } = await this.#admin.read(signal);
    const content = contentOf(handler, this.#service);
    if ('foreign' in content)
      throw new UserError('E_ROUTE_REFUSED', `what has the @id ${this.#config.id} is not Rampart's: ${content.foreign}`, {
        where: this.#admin.where,
        fix: `Give spec.router.caddy.id an @id of its own, of a handler like {"@id": "${this.#config.id}", "handler": "subroute"} without routes. Nothing was changed.`,
      });
    return { handler, etag, mark: content.kind === 'ours' ? content.mark : null };
  }

  #readingOf({ handler, mark }: Now): RouteReading | null {
    return mark && readingOf(handler, mark, this.#render(mark));
  }

  #note(reading: RouteReading | null): RouteReading | null {
    if (reading) this.#counts?.note(reading);
    return reading;
  }

  #render(mark: Mark): unknown {
    return handlerOf(this.#config.id, mark, this.#config.proxy);
  }

  /** The route with its keys in the order that a mark has when it is read. */
  #checked(route: Route, fence: Fence): Route {
    const problem = routeProblem(route, this.capabilities, matcherOf) ?? unusableHost(route);
    if (problem !== null) throw this.#refused(problem, undefined);
    const checked = checkedRoute({ route, fence });
    if ('refused' in checked) throw this.#refused(checked.refused, undefined);
    try {
      this.#render({ service: this.#service, route, fence, tokenSeen: 0, appliedAtMs: 0 });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw this.#refused(error.message, error);
    }
    return checked.route;
  }

  #refused(why: string, cause: unknown): UserError {
    return new UserError('E_ROUTE_REFUSED', `Caddy does not take the route: ${why}`, {
      where: this.#admin.where,
      fix: 'The route before is still in force. Change what the message names, and try again.',
      cause,
    });
  }

  #stale(why: string): UserError {
    return new UserError('E_STALE_FENCE', why, {
      where: this.#admin.where,
      fix: 'Another controller has this service now; nothing was changed.',
    });
  }

  #busy(): UserError {
    return new UserError(
      'E_ROUTE_REFUSED',
      `somebody else changed the handler each of ${triesMax} times that it was to be written`,
      {
        where: this.#admin.where,
        fix: 'Find what else writes to this @id, and give it another one.',
      },
    );
  }
}

/** Caddy takes braces in an address for a placeholder and a dash between ports for a range. */
function unusableHost({ stable, candidate }: Route): string | null {
  const odd = [...dialsOf(stable), ...dialsOf(candidate)].find((dial) => !/^(\[[0-9A-Fa-f:.]+\]|[\w.-]+):\d+$/.test(dial));
  return odd === undefined ? null : `${odd} is not an address that Caddy can connect to`;
}
