import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { staleToken, standingOf } from '../fencing.ts';
import { checkedRoute, routeProblem } from '../route-check.ts';
import type { Fence, Route, RouteReading, RouterCapabilities, RouterContext, SampleQuery, TrafficRouter } from '../router.ts';
import { type BackendSeen, backendProblem, command, foreignServers, mapFile, seeBackend } from './backend.ts';
import { CountsKept } from './counts.ts';
import type { LoggedRequest } from './log-line.ts';
import { leaveLog, takeLog } from './log-listener.ts';
import { LoggedCounts } from './logged-counts.ts';
import { matchKey } from './match-key.ts';
import { type MapEntry, mapEntries, mapText, replaceMap } from './match-map.ts';
import { placesOf } from './places.ts';
import { commandsFor, type Plan, planOf } from './plan.ts';
import { readingOf } from './reading.ts';
import { type RouterRecord, readRecord, replaceFile, stateError, writeRecord } from './record.ts';
import { say } from './runtime-api.ts';
import type { HaproxyConfig } from './schema.ts';
import { locked } from './state-lock.ts';

/** What HAProxy can do, driven over its runtime API; latency where its log is taken as well. README.md says why. */
const capabilities: RouterCapabilities = {
  weightStepPercent: 1,
  match: false,
  lease: false,
  counts: true,
  latency: false,
  sticky: false,
  shares: 'dealt',
};

/** Drives one backend of the user's HAProxy. What is in force is in HAProxy; who wrote it lies in the folder of the state. */
export class HaproxyClient implements TrafficRouter {
  readonly capabilities: RouterCapabilities;
  readonly #config: HaproxyConfig;
  readonly #context: RouterContext;
  readonly #recordFile: string;
  readonly #serversFile: string;
  readonly #lockFile: string;
  readonly #counts = new CountsKept();
  readonly #logged: LoggedCounts | null;
  /** Which version each server is, as far as this client knows. */
  #versions: ReadonlyMap<string, string> = new Map();
  readonly #take = (request: LoggedRequest): void => {
    const version = this.#versions.get(request.server);
    if (version !== undefined) this.#logged?.note(version, request, Date.now());
  };
  /** Highest token that this client has written or renewed with. */
  #tokenHeld = -1;

  constructor(config: HaproxyConfig, context: RouterContext) {
    this.#config = config;
    this.#context = context;
    this.capabilities = { ...capabilities, match: config.match, latency: config.log !== undefined };
    this.#logged = config.log ? new LoggedCounts(context.edgesMs) : null;
    this.#recordFile = join(config.state, `${config.backend}.json`);
    this.#serversFile = join(config.state, `${config.backend}.state`);
    this.#lockFile = join(config.state, `${config.backend}.lock`);
  }

  async open(signal: AbortSignal): Promise<void> {
    const { state, socket } = this.#config;
    const level = (await say(socket, ['show cli level'], signal)).trim();
    const seen = await seeBackend(this.#config, signal);
    const problem = backendProblem(this.#config, seen, level);
    if (problem) throw this.#refusal(problem.what, problem.fix);
    await mkdir(state, { recursive: true, mode: 0o755 }).catch((error: unknown) => {
      throw stateError(state, 'made', error);
    });
    const record = await locked(this.#lockFile, signal, () => readRecord(this.#recordFile));
    if (record && record.service !== this.#context.service)
      throw this.#refusal(
        `backend ${this.#config.backend} belongs to service ${record.service}, and this is ${this.#context.service}`,
        `Give this service a backend of its own, or remove ${this.#recordFile} when ${record.service} is no more.`,
      );
    this.#note(seen, record);
    const { log, backend } = this.#config;
    if (log) await takeLog(log.host, log.port, backend, this.#take);
  }

  async setRoute(given: Route, fence: Fence, signal: AbortSignal): Promise<void> {
    const checked = checkedRoute({ route: given, fence });
    if ('refused' in checked) throw this.#refusal(checked.refused, 'This is a fault of Rampart: please report it.');
    const { route } = checked;
    try {
      await this.#writeRoute(route, fence, signal);
    } catch (error) {
      const isWayBack = route.weight === 0 && route.match.length === 0;
      if (!isWayBack || !(error instanceof UserError) || error.code !== 'E_ROUTER_STATE') throw error;
      // Who has written last cannot be known, and users are hurt meanwhile: stable gets everything, and the state stays a problem.
      const seen = await seeBackend(this.#config, signal);
      const planned = planOf(route, seen.own, seen.stats.servers, null, await placesOf(route, null));
      if ('servers' in planned) await this.#bring(seen, route, planned.servers, null, signal);
      throw error;
    }
  }

  async #writeRoute(route: Route, fence: Fence, signal: AbortSignal): Promise<void> {
    await locked(this.#lockFile, signal, async () => {
      const record = await readRecord(this.#recordFile);
      const standing = standingOf(record, route, fence);
      if (typeof standing === 'object') throw this.#stale(standing.stale);
      const seen = await seeBackend(this.#config, signal);
      const problem = this.#problemOf(route, seen);
      if (problem) throw this.#refusal(problem.what, problem.fix);
      const placeOf = await placesOf(route, record);
      const planned = planOf(route, seen.own, seen.stats.servers, record, placeOf);
      if ('serversNeeded' in planned)
        throw this.#refusal(
          `the route needs ${planned.serversNeeded} servers in backend ${this.#config.backend}, and ${seen.own.length} have names that begin with ${this.#config.servers}`,
          `Write \`server-template ${this.#config.servers} 1-${planned.serversNeeded * 2} 127.0.0.1:1 disabled\` in this backend, and reload HAProxy.`,
        );
      const next: RouterRecord =
        record && standing === 'repeated'
          ? { ...record, servers: planned.servers }
          : {
              service: this.#context.service,
              fence,
              written: route,
              tokenSeen: fence.token,
              appliedAtMs: Date.now(),
              servers: planned.servers,
            };
      this.#note(seen, record);
      // More traffic only once it is certain that everybody will know who has written. Taking it back waits for nothing.
      const isRisky = route.weight > 0 || route.match.length > 0;
      if (isRisky) await writeRecord(this.#recordFile, next);
      const after = await this.#bring(seen, route, planned.servers, record, signal);
      if (!isRisky) await writeRecord(this.#recordFile, next);
      await replaceFile(this.#serversFile, after.serversState, false);
      this.#tokenHeld = Math.max(this.#tokenHeld, fence.token);
      this.#note(after, next);
    });
  }

  async readRoute(signal: AbortSignal): Promise<RouteReading | null> {
    const [record, seen] = await Promise.all([readRecord(this.#recordFile), seeBackend(this.#config, signal)]);
    return readingOf(record, seen.all, this.#config.servers, seen.matches ?? []);
  }

  async renewLease(token: number, signal: AbortSignal): Promise<RouteReading | null> {
    const record = await readRecord(this.#recordFile);
    if (record && token < record.tokenSeen) throw this.#stale(staleToken(token, record.tokenSeen));
    if (record && token > record.tokenSeen) await this.#takeOver(token, signal);
    this.#tokenHeld = Math.max(this.#tokenHeld, token);
    return await this.readRoute(signal);
  }

  async samples(query: SampleQuery, signal: AbortSignal) {
    const [record, seen] = await Promise.all([readRecord(this.#recordFile), seeBackend(this.#config, signal)]);
    this.#note(seen, record);
    const { log } = this.#config;
    if (log && this.#logged && this.#counts.isHardlyLogged(this.#logged))
      throw new UserError('E_ROUTER_LOG', `HAProxy answers requests that its log does not tell at ${log.host}:${log.port}`, {
        where: 'router.haproxy.log',
        fix: `Write \`log ${log.host}:${log.port} local0\` and \`option httplog\` for the frontend, without dontlog-normal, and reload HAProxy.`,
      });
    return this.#counts.samples(query, this.#context.edgesMs, this.#logged);
  }

  async close(signal: AbortSignal): Promise<void> {
    const { log, backend } = this.#config;
    if (log) await leaveLog(log.host, log.port, backend, this.#take);
    await locked(this.#lockFile, signal, async () => {
      const record = await readRecord(this.#recordFile);
      // Somebody newer works here now: what is in force is theirs.
      if (!record || record.tokenSeen > this.#tokenHeld) return;
      const seen = await seeBackend(this.#config, signal);
      const route = { ...record.written, candidate: null, weight: 0, match: [] };
      const planned = planOf(route, seen.own, seen.stats.servers, record, await placesOf(route, record));
      if ('serversNeeded' in planned) return;
      const after = await this.#bring(seen, route, planned.servers, record, signal);
      await replaceFile(this.#serversFile, after.serversState, false);
      await rm(this.#recordFile, { force: true });
    });
  }

  /** Brings the servers to the plan, and looks whether they are there: accepted is not in force. */
  async #bring(
    seen: BackendSeen,
    route: Route,
    plan: Plan,
    record: RouterRecord | null,
    signal: AbortSignal,
  ): Promise<BackendSeen> {
    const { backend } = this.#config;
    const commands = commandsFor(backend, seen.own, plan, record);
    const entries = mapEntries(route, plan);
    const isMapDone = mapText(seen.matches ?? []) === mapText(entries);
    if (commands.length === 0 && isMapDone) return seen;
    // What is matched no more goes first, and what is matched anew last: the server that it goes to has to be there.
    if (entries.length === 0 && !isMapDone) await this.#replaceMap(entries, signal);
    await command(this.#config, commands, signal);
    if (entries.length > 0 && !isMapDone) await this.#replaceMap(entries, signal);
    const after = await seeBackend(this.#config, signal);
    const left = commandsFor(backend, after.own, plan, record);
    if (mapText(after.matches ?? []) !== mapText(entries)) left.push(`the map of ${entries.length} matches`);
    if (left.length === 0) return after;
    throw this.#refusal(
      `HAProxy took the commands and has not done: ${left.slice(0, 3).join('; ')}`,
      'Somebody else may be changing these servers, or the backend was reloaded meanwhile; it is tried again.',
    );
  }

  /** In HAProxy first, where it counts, then where HAProxy finds it when it starts. What is lost there is seen and written again. */
  async #replaceMap(entries: readonly MapEntry[], signal: AbortSignal): Promise<void> {
    const file = mapFile(this.#config.state, this.#config.backend);
    await replaceMap(this.#config.socket, file, entries, signal);
    await replaceFile(file, mapText(entries), false);
  }

  async #takeOver(token: number, signal: AbortSignal): Promise<void> {
    await locked(this.#lockFile, signal, async () => {
      const record = await readRecord(this.#recordFile);
      if (!record) return;
      if (token < record.tokenSeen) throw this.#stale(staleToken(token, record.tokenSeen));
      await writeRecord(this.#recordFile, { ...record, tokenSeen: token });
    });
  }

  /** Counts up to now. What servers were since the last time stands in the record that was in force. */
  #note(seen: BackendSeen, record: RouterRecord | null): void {
    const reading = readingOf(record, seen.all, this.#config.servers, seen.matches ?? []);
    this.#versions = new Map(Object.entries(record?.servers ?? {}).map(([name, { version }]) => [name, version]));
    this.#counts.note({
      atMs: Date.now(),
      servers: seen.stats.servers,
      versions: this.#versions,
      weight: reading?.route.weight ?? 0,
    });
  }

  #problemOf(route: Route, seen: BackendSeen): { readonly what: string; readonly fix: string } | null {
    const problem = routeProblem(route, capabilities, (match) => {
      if (!this.#config.match) throw new Error('router.haproxy.match is not on');
      matchKey(match);
    });
    if (problem !== null) return { what: problem, fix: 'See what this router can do in docs/guides/haproxy.md.' };
    // Only what would give the candidate traffic is refused: a way back must never be.
    if (route.weight === 0 && route.match.length === 0) return null;
    if (route.weight > 0 && route.weight < 100 && (route.stable?.endpoints.length ?? 0) === 0)
      return {
        what: `stable has no instance, and HAProxy would give the candidate all requests instead of ${route.weight} %`,
        fix: 'It is tried again as soon as stable has an instance that is ready.',
      };
    const foreign = foreignServers(this.#config, seen);
    if (foreign.length > 0)
      return {
        what: `${foreign.slice(0, 5).join(', ')} in backend ${this.#config.backend} take a part of the requests and are not Rampart's to fill`,
        fix: 'Make them `backup` servers in this backend, or put them into maintenance.',
      };
    return null;
  }

  #refusal(what: string, fix: string): UserError {
    return new UserError('E_ROUTE_REFUSED', what, { where: this.#where, fix });
  }

  #stale(why: string): UserError {
    return new UserError('E_STALE_FENCE', `HAProxy has heard from somebody newer: ${why}`, {
      where: this.#where,
      fix: 'Another controller has taken over this service; this one may write no more.',
    });
  }

  get #where(): string {
    return `${this.#config.socket}, backend ${this.#config.backend}`;
  }
}
