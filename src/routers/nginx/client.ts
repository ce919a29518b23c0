import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import { type FencedRoute, staleToken, standingOf } from '../fencing.ts';
import { routeProblem } from '../route-check.ts';
import type { Fence, Route, RouteReading, RouterCapabilities, RouterContext, SampleQuery, TrafficRouter } from '../router.ts';
import { reloadNginx, testConfiguration } from './commands.ts';
import { type IncludeOnDisk, readInclude, writeInclude } from './include-file.ts';
import { includeText } from './include-text.ts';
import { LogCounts } from './log-counts.ts';
import { checkMatch, endpointProblem, type RouteRecord, recordIn, recordText } from './record.ts';
import { weightByHand } from './reload-config.ts';
import type { NginxConfig } from './schema.ts';
import { askStatus, HeldConnection } from './status.ts';

/** Longest wait until the workers of a reload serve, below the time that the runtime gives a route. */
const confirmMs = 2_400;
/** Answers in a row, each on a new connection, that have to be the new ones. */
const confirmations = 3;
const lookMs = 5;

/** What the running nginx says is in force. */
type Served = { readonly record: RouteRecord | null; readonly token: number; readonly lapsed: boolean };

/** Drives the user's nginx by one include file, and by reloads or its Lua module. What is in force is read from nginx itself. */
export class NginxClient implements TrafficRouter {
  readonly capabilities: RouterCapabilities;
  readonly #config: NginxConfig;
  readonly #context: RouterContext;
  /** The include file once more, in Rampart's own folder. */
  readonly #copy: string;
  readonly #counts: LogCounts;
  /** Writes wait for each other: two that overlap would restore each other's file. */
  #writing: Promise<unknown> = Promise.resolve();
  /** Highest token that this client has written or renewed with. */
  #tokenHeld = -1;

  constructor(config: NginxConfig, context: RouterContext) {
    this.#config = config;
    this.#context = context;
    this.#copy = join(context.folder, 'nginx-include.conf');
    this.#counts = new LogCounts(config.log, context.edgesMs);
    const isLua = config.mode === 'lua';
    this.capabilities = {
      weightStepPercent: 0.01,
      match: true,
      lease: isLua,
      counts: true,
      latency: true,
      sticky: false,
      shares: 'dealt',
      resetsIdle: !isLua,
    };
  }

  /** nginx cannot load a file that is not there, so the first opening makes it, and says how to include it. */
  async open(signal: AbortSignal): Promise<void> {
    const { include } = this.#config;
    const found = await this.#include();
    if (!found) await this.#restore();
    const isWanted = !found || found.mode === this.#config.mode;
    try {
      const key = (found ?? (await this.#needed())).key;
      await this.#served(key, signal);
      if (isWanted) return;
    } catch (error) {
      // What is wrong with the configuration says more than that nobody answers.
      await testConfiguration(this.#config, signal);
      throw error;
    }
    throw new UserError('E_ROUTER_FILE', `${include} was written for \`mode: ${found?.mode}\``, {
      where: include,
      fix: `Set router.nginx.mode back, or remove the file, release, and reload nginx: until then its traffic stays as it is.`,
    });
  }

  async setRoute(given: Route, fence: Fence, signal: AbortSignal): Promise<void> {
    const problem = routeProblem(given, this.capabilities, checkMatch) ?? endpointProblem(given);
    if (problem !== null)
      throw new UserError('E_ROUTE_REFUSED', `nginx does not take this route: ${problem}`, {
        where: this.#config.include,
        fix: 'Change what the message names.',
      });
    await this.#alone(async () => {
      signal.throwIfAborted();
      const found = await this.#needed();
      const served = await this.#served(found.key, signal);
      // As it comes back: the same words in the same order.
      const wanted = recordIn(recordText({ route: given, fence, appliedAtMs: Date.now() }));
      if (!wanted) throw new Error('a route does not survive being written');
      const inForce = newest(found.record, served.record);
      const standing = standingOf(fenced(inForce, served.token), wanted.route, fence);
      if (typeof standing === 'object') throw this.#stale(standing.stale);
      // What has lapsed stays so until a newer route: this one may be late.
      if (standing === 'repeated' && served.lapsed) return;
      const record = standing === 'repeated' && inForce ? inForce : wanted;
      const text = this.#text(found.key, record);
      const isServed = recordText(served.record) === recordText(record);
      if (this.#config.mode === 'lua') await this.#put(found, record, text, signal);
      else if (!isServed || found.text !== text) await this.#reload(found, record, text, signal);
      this.#tokenHeld = Math.max(this.#tokenHeld, fence.token);
      this.#counts.noteRoute(record.route, record.appliedAtMs);
    });
  }

  async readRoute(signal: AbortSignal): Promise<RouteReading | null> {
    const found = await this.#needed();
    return this.#reading(found, await this.#served(found.key, signal));
  }

  async renewLease(token: number, signal: AbortSignal): Promise<RouteReading | null> {
    const found = await this.#needed();
    this.#tokenHeld = Math.max(this.#tokenHeld, token);
    if (this.#config.mode === 'lua') {
      const query = `?token=${token}&lease=${this.#context.leaseMs}`;
      const { status, text } = await askStatus(this.#config, found.key, signal, { method: 'POST', query });
      if (status === 409) throw this.#stale(staleToken(token, servedIn(text).token));
      return this.#reading(found, servedIn(text));
    }
    const served = await this.#served(found.key, signal);
    const seen = newest(found.record, served.record)?.fence.token ?? -1;
    if (token < seen) throw this.#stale(staleToken(token, seen));
    return this.#reading(found, served);
  }

  async samples(query: SampleQuery, signal: AbortSignal) {
    return await this.#counts.samples(query, () => Date.now(), signal);
  }

  /** nginx is the user's: it goes on with all traffic on stable, also without Rampart. */
  async close(signal: AbortSignal): Promise<void> {
    await this.#alone(async () => {
      const found = await this.#include();
      const record = found?.record;
      // Somebody newer works here now: what is in force is theirs.
      if (!found || !record || record.fence.token > this.#tokenHeld) return;
      if (record.route.weight === 0 && record.route.match.length === 0) return;
      const route: Route = { ...record.route, candidate: null, weight: 0, match: [] };
      const last: RouteRecord = { ...record, route, appliedAtMs: Date.now() };
      const text = this.#text(found.key, last);
      if (this.#config.mode === 'lua') await this.#put(found, last, text, signal);
      else await this.#reload(found, last, text, signal);
    });
  }

  /** The route into the workers' memory, and then into the file, for the next start. */
  async #put(found: IncludeOnDisk, record: RouteRecord, text: string, signal: AbortSignal): Promise<void> {
    const query = `?lease=${this.#context.leaseMs}`;
    const body = recordText(record);
    const answer = await askStatus(this.#config, found.key, signal, { method: 'PUT', query, body });
    if (answer.status === 409) throw this.#stale('somebody newer has written meanwhile');
    if (found.text !== text) await this.#write(text);
  }

  /** The route into the file, tested, and then into new workers. What does not pass the test leaves everything as it was. */
  async #reload(found: IncludeOnDisk, record: RouteRecord, text: string, signal: AbortSignal): Promise<void> {
    const bound = AbortSignal.any([signal, AbortSignal.timeout(confirmMs)]);
    await this.#write(text);
    try {
      await testConfiguration(this.#config, bound);
    } catch (error) {
      await this.#write(found.text);
      throw error;
    }
    const held = new HeldConnection();
    try {
      await held.open(this.#config, found.key, bound);
      await reloadNginx(this.#config, bound);
      await this.#confirmed(found.key, record, held, bound);
    } catch (error) {
      // Left in the file, somebody else's reload would bring the candidate traffic that nobody watches. A way back stays there.
      if (isMore(record.route, found.record?.route)) await this.#write(found.text);
      throw error;
    } finally {
      held.end();
    }
  }

  /** Waits until new workers answer with this record and the old ones take no more connections. */
  async #confirmed(key: string, record: RouteRecord, held: HeldConnection, signal: AbortSignal): Promise<void> {
    let inARow = 0;
    try {
      while (inARow < confirmations || !held.isClosed) {
        const served = await this.#served(key, signal);
        if ((served.record?.fence.token ?? 0) > record.fence.token) throw this.#stale('somebody newer has written meanwhile');
        inARow = recordText(served.record) === recordText(record) ? inARow + 1 : 0;
        await pause(lookMs, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new UserError('E_ROUTER_RELOAD', `nginx was reloaded and serves what it served before, after ${confirmMs} ms`, {
        where: this.#config.include,
        fix: `See nginx's error log; see that \`${this.#config.reload.join(' ')}\` reloads the nginx that includes this file.`,
        cause: error,
      });
    }
  }

  #reading(found: IncludeOnDisk, served: Served): RouteReading | null {
    const { record, lapsed } = served;
    if (!record) return null;
    let route = record.route;
    if (lapsed) route = { ...route, weight: 0, match: [] };
    if (this.#config.mode === 'reload' && !found.isIntact) {
      // nginx cannot say which weights it has loaded: what somebody has written into the file counts as in force.
      const weight = weightByHand(found.text, this.#text(found.key, found.record), this.#context.service, route);
      if (weight === undefined) return null;
      route = { ...route, weight };
    }
    this.#counts.noteRoute(route, route === record.route ? record.appliedAtMs : Date.now());
    return { route, fence: record.fence, appliedAtMs: record.appliedAtMs, lapsed };
  }

  async #served(key: string, signal: AbortSignal): Promise<Served> {
    const { text } = await askStatus(this.#config, key, signal);
    return servedIn(this.#config.mode === 'lua' ? text : Buffer.from(text, 'base64url').toString());
  }

  #include(): Promise<IncludeOnDisk | null> {
    return readInclude(this.#config.include, this.#context.service);
  }

  async #needed(): Promise<IncludeOnDisk> {
    const found = await this.#include();
    if (found) return found;
    const { include } = this.#config;
    throw new UserError('E_ROUTER_UNREACHABLE', `${include} is gone`, {
      where: include,
      fix: 'Rampart writes it anew when it opens the router again; then reload nginx.',
    });
  }

  #text(key: string, record: RouteRecord | null): string {
    const { service, leaseMs } = this.#context;
    return includeText({ service, key, config: this.#config, leaseMs, record });
  }

  async #write(text: string): Promise<void> {
    // With Lua whoever can read the file can write routes.
    await writeInclude(this.#config.include, text, this.#config.mode === 'lua' ? 0o640 : 0o644);
    await mkdir(this.#context.folder, { recursive: true, mode: 0o700 });
    await writeInclude(this.#copy, text, 0o600);
  }

  /** Makes a file that is missing: as it was last written, because a running nginx knows it by its key, or else the first one. */
  async #restore(): Promise<void> {
    const copy = await readInclude(this.#copy, this.#context.service);
    const isUsable = copy?.isIntact && copy.mode === this.#config.mode;
    await this.#write(isUsable ? copy.text : this.#text(randomBytes(16).toString('hex'), null));
  }

  #stale(what: string): UserError {
    return new UserError('E_STALE_FENCE', what, {
      where: this.#config.include,
      fix: 'Another controller steers this service: stop one of the two.',
    });
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#writing.then(work, work);
    this.#writing = mine.catch(() => {});
    return mine;
  }
}

function servedIn(text: string): Served {
  const record = recordIn(text);
  return {
    record,
    token: Number(/^token (-?\d+)$/m.exec(text)?.[1] ?? record?.fence.token ?? -1),
    lapsed: /^lapsed$/m.test(text),
  };
}

function newest(a: RouteRecord | null, b: RouteRecord | null): RouteRecord | null {
  if (!a || !b) return a ?? b;
  return isNewer(b, a) ? b : a;
}

function isNewer(a: RouteRecord, b: RouteRecord): boolean {
  return a.fence.token > b.fence.token || (a.fence.token === b.fence.token && a.fence.seq > b.fence.seq);
}

function fenced(record: RouteRecord | null, token: number): FencedRoute | null {
  if (!record) return null;
  return { fence: record.fence, written: record.route, tokenSeen: Math.max(record.fence.token, token) };
}

/** Whether the candidate has more with this route than it had before. */
function isMore({ weight, match }: Route, before: Route | undefined): boolean {
  if (weight > (before?.weight ?? 0)) return true;
  return match.length > 0 && JSON.stringify(match) !== JSON.stringify(before?.match);
}
