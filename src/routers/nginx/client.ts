import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import { type FencedRoute, lateCommand, staleToken, standingOf } from '../fencing.ts';
import { routeProblem } from '../route-check.ts';
import type { Fence, Route, RouteReading, RouterCapabilities, RouterContext, SampleQuery, TrafficRouter } from '../router.ts';
import { reloadNginx, testConfiguration } from './commands.ts';
import type { IncludeOnDisk } from './include-file.ts';
import { withToken } from './include-text.ts';
import { KeptInclude } from './kept-include.ts';
import { limited } from './limited.ts';
import { LogCounts } from './log-counts.ts';
import { checkMatch, endpointProblem, type RouteRecord, recordIn, recordText } from './record.ts';
import { weightByHand } from './reload-config.ts';
import type { NginxConfig } from './schema.ts';
import { askStatus, HeldConnections } from './status.ts';

/** Parts of a change with a limit each: another writer's turn, the test, the reload, new workers that answer. */
const parts = 4;
/** What a change may take besides them: its questions to nginx. */
const besidesMs = 3_000;
/** Longest that an nginx that does not answer is asked for a reason. */
const diagnosisMs = 4_000;
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
  readonly #include: KeptInclude;
  readonly #counts: LogCounts;
  /** Highest token that this client has written or renewed with. */
  #tokenHeld = -1;

  constructor(config: NginxConfig, context: RouterContext) {
    this.#config = config;
    this.#context = context;
    this.#include = new KeptInclude(config, context);
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
      ...(isLua ? {} : { setRouteMs: parts * config.timeout + besidesMs }),
    };
  }

  /** nginx cannot load a file that is not there, so the first opening makes it, and says how to include it. */
  async open(signal: AbortSignal): Promise<void> {
    const { include } = this.#config;
    const found = await this.#include.read();
    if (!found) await this.#include.restore(signal);
    const isWanted = !found || found.mode === this.#config.mode;
    try {
      const key = (found ?? (await this.#include.needed())).key;
      await this.#served(key, signal);
      if (isWanted) return;
    } catch (error) {
      await this.#diagnose(signal);
      throw error;
    }
    throw new UserError('E_ROUTER_FILE', `${include} was written for \`mode: ${found?.mode}\``, {
      where: include,
      fix: `Set router.nginx.mode back, or remove the file, release, and reload nginx: until then its traffic stays as it is.`,
    });
  }

  /** What is wrong with the configuration says more than that nobody answers. A test that takes its time says nothing. */
  async #diagnose(signal: AbortSignal): Promise<void> {
    try {
      await testConfiguration(this.#config, signal, Math.min(this.#config.timeout, diagnosisMs));
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'E_ROUTER_TIMEOUT') throw error;
    }
  }

  async setRoute(given: Route, fence: Fence, signal: AbortSignal): Promise<void> {
    const problem = routeProblem(given, this.capabilities, checkMatch) ?? endpointProblem(given);
    if (problem !== null)
      throw new UserError('E_ROUTE_REFUSED', `nginx does not take this route: ${problem}`, {
        where: this.#config.include,
        fix: 'Change what the message names.',
      });
    const sentAtMs = Date.now();
    await this.#include.inTurn(signal, async () => {
      signal.throwIfAborted();
      const found = await this.#include.needed();
      const served = await this.#served(found.key, signal);
      // As it comes back: the same words in the same order.
      const wanted = recordIn(recordText({ route: given, fence, appliedAtMs: Date.now() }));
      if (!wanted) throw new Error('a route does not survive being written');
      const inForce = newest(found.record, served.record);
      const standing = standingOf(fenced(inForce, Math.max(found.tokenSeen, served.token)), wanted.route, fence);
      if (typeof standing === 'object') throw this.#stale(standing.stale);
      // What has lapsed stays so until a newer route: this one may be late.
      if (standing === 'repeated' && served.lapsed) return;
      const record = standing === 'repeated' && inForce ? inForce : wanted;
      const text = this.#include.text(found.key, record, fence.token);
      const isServed = recordText(served.record) === recordText(record);
      if (this.#config.mode === 'lua') await this.#put(found, record, text, sentAtMs, signal);
      else if (!isServed || found.text !== text) await this.#reload(found, record, text, signal);
      this.#tokenHeld = Math.max(this.#tokenHeld, fence.token);
      this.#counts.noteRoute(record.route, record.appliedAtMs);
    });
  }

  async readRoute(signal: AbortSignal): Promise<RouteReading | null> {
    const found = await this.#include.needed();
    return this.#reading(found, await this.#served(found.key, signal));
  }

  async renewLease(token: number, signal: AbortSignal): Promise<RouteReading | null> {
    const sentAtMs = Date.now();
    const found = await this.#include.needed();
    if (token < found.tokenSeen) throw this.#stale(staleToken(token, found.tokenSeen));
    if (token > found.tokenSeen && found.record) await this.#noteToken(token, signal);
    this.#tokenHeld = Math.max(this.#tokenHeld, token);
    if (this.#config.mode === 'lua') {
      const query = `?token=${token}&until=${sentAtMs + this.#context.leaseMs}`;
      const { status, text } = await askStatus(this.#config, found.key, signal, { method: 'POST', query });
      if (status === 409) throw this.#stale(staleToken(token, servedIn(text).token));
      return this.#reading(found, servedIn(text));
    }
    const served = await this.#served(found.key, signal);
    const seen = served.token;
    if (token < seen) throw this.#stale(staleToken(token, seen));
    return this.#reading(found, served);
  }

  async samples(query: SampleQuery, signal: AbortSignal) {
    return await this.#counts.samples(query, () => Date.now(), signal);
  }

  /** nginx is the user's: it goes on with all traffic on stable, also without Rampart. */
  async close(signal: AbortSignal): Promise<void> {
    await this.#include.inTurn(signal, async () => {
      const found = await this.#include.read();
      const record = found?.record;
      // Somebody newer works here now: what is in force is theirs.
      if (!found || !record || found.tokenSeen > this.#tokenHeld) return;
      if (record.route.weight === 0 && record.route.match.length === 0) return;
      const route: Route = { ...record.route, candidate: null, weight: 0, match: [] };
      const last: RouteRecord = { ...record, route, appliedAtMs: Date.now() };
      const text = this.#include.text(found.key, last, found.tokenSeen);
      if (this.#config.mode === 'lua') await this.#put(found, last, text, Date.now(), signal);
      else await this.#reload(found, last, text, signal);
    });
  }

  /** The route into the workers' memory, and then into the file, for the next start. */
  async #put(found: IncludeOnDisk, record: RouteRecord, text: string, sentAtMs: number, signal: AbortSignal): Promise<void> {
    const { leaseMs } = this.#context;
    const query = `?until=${sentAtMs + leaseMs}`;
    const body = recordText(record);
    const answer = await askStatus(this.#config, found.key, signal, { method: 'PUT', query, body });
    if (answer.status === 409) throw this.#stale('somebody newer has written meanwhile');
    if (answer.status === 410)
      throw new UserError('E_ROUTE_REFUSED', `nginx does not take this route: ${lateCommand(Date.now() - sentAtMs, leaseMs)}`, {
        where: this.#config.include,
        fix: 'The route before it stays in force. Write it again; see why nginx did not answer for so long.',
      });
    if (found.text !== text) await this.#include.write(text);
  }

  /** The route into the file, tested, and then into new workers. What does not pass the test leaves everything as it was. */
  async #reload(found: IncludeOnDisk, record: RouteRecord, text: string, signal: AbortSignal): Promise<void> {
    await this.#include.write(text);
    try {
      await testConfiguration(this.#config, signal);
    } catch (error) {
      await this.#include.write(found.text);
      throw error;
    }
    const held = new HeldConnections();
    try {
      await held.open(this.#config, found.key, signal);
      await reloadNginx(this.#config, signal);
      await this.#confirmed(found.key, record, held, signal);
    } catch (error) {
      // Left in the file, somebody else's reload would bring the candidate traffic that nobody watches. A way back stays there.
      if (isMore(record.route, found.record?.route)) await this.#include.write(found.text);
      throw error;
    } finally {
      held.end();
    }
  }

  /** Waits until new workers answer with this record and the old ones take no more connections. */
  async #confirmed(key: string, record: RouteRecord, held: HeldConnections, signal: AbortSignal): Promise<void> {
    const { include, reload, timeout } = this.#config;
    const waited = async (inner: AbortSignal): Promise<void> => {
      let inARow = 0;
      while (inARow < confirmations || !held.areClosed) {
        const served = await this.#served(key, inner);
        if ((served.record?.fence.token ?? 0) > record.fence.token) throw this.#stale('somebody newer has written meanwhile');
        inARow = recordText(served.record) === recordText(record) ? inARow + 1 : 0;
        await pause(lookMs, undefined, { signal: inner });
      }
    };
    const late = (cause: unknown): UserError =>
      new UserError('E_ROUTER_RELOAD', `nginx was reloaded and serves what it served before, after ${timeout / 1_000} s`, {
        where: include,
        fix: `See nginx's error log; see that \`${reload.join(' ')}\` reloads the nginx that includes this file. One that loads its configuration for longer: raise router.nginx.timeout.`,
        cause,
      });
    await limited(timeout, signal, waited, late);
  }

  #reading(found: IncludeOnDisk, served: Served): RouteReading | null {
    const { record, lapsed } = served;
    if (!record) return null;
    let route = record.route;
    if (lapsed) route = { ...route, weight: 0, match: [] };
    if (this.#config.mode === 'reload' && !found.isIntact) {
      // nginx cannot say which weights it has loaded: what somebody has written into the file counts as in force.
      const weight = weightByHand(found.text, this.#include.text(found.key, found.record, -1), this.#context.service, route);
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

  /** Puts a renewal on record, in the file's first line: nginx has nothing to load, and every later writer reads it. */
  async #noteToken(token: number, signal: AbortSignal): Promise<void> {
    await this.#include.inTurn(signal, async () => {
      const { text, tokenSeen } = await this.#include.needed();
      if (token < tokenSeen) throw this.#stale(staleToken(token, tokenSeen));
      if (token > tokenSeen) await this.#include.write(withToken(text, token));
    });
  }

  #stale(what: string): UserError {
    return new UserError('E_STALE_FENCE', what, {
      where: this.#config.include,
      fix: 'Another controller steers this service: stop one of the two.',
    });
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
