import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { hostPort } from '../../spec/host-port.ts';
import { staleToken, standingOf } from '../fencing.ts';
import { checkedRoute, routeProblem } from '../route-check.ts';
import type {
  Endpoint,
  Fence,
  Route,
  RouteReading,
  RouterCapabilities,
  RouterContext,
  SampleQuery,
  TrafficRouter,
} from '../router.ts';
import { withWriteLock } from '../write-lock.ts';
import { type BackendSeen, backendProblem, command, foreignServers, mapFile, seeBackend } from './backend.ts';
import { CountsKept } from './counts.ts';
import type { LoggedRequest } from './log-line.ts';
import { subscribeLog, takeWaiting, unsubscribeLog } from './log-listener.ts';
import { LoggedCounts } from './logged-counts.ts';
import { matchKey } from './match-key.ts';
import { type MapEntry, mapEntries, mapText, replaceMap } from './match-map.ts';
import { placesOf } from './places.ts';
import { commandsFor, type Place, type Plan, planOf } from './plan.ts';
import { readingOf } from './reading.ts';
import { type RouterRecord, readRecord, stateError, writeRecord, writeState } from './record.ts';
import { say } from './runtime-api.ts';
import type { HaproxyConfig } from './schema.ts';

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

/** How long another writer is waited for: its change takes some milliseconds. */
const lockMs = 2_000;

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
  readonly #countLogged = (request: LoggedRequest): void => {
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
    const record = await this.#withLock(signal, () => this.#record());
    this.#note(seen, record);
    const { log, backend } = this.#config;
    if (log) await subscribeLog(log.host, log.port, backend, this.#countLogged);
  }

  async setRoute(given: Route, fence: Fence, signal: AbortSignal): Promise<void> {
    const checked = checkedRoute({ route: given, fence });
    if ('refused' in checked) throw this.#refusal(checked.refused, 'This is a fault of Rampart: please report it.');
    const { route } = checked;
    try {
      await this.#writeRoute(route, fence, signal);
    } catch (error) {
      if (!isWayBack(route) || !(error instanceof UserError) || error.code !== 'E_ROUTER_STATE') throw error;
      // Who has written last cannot be known, and users are hurt meanwhile: stable gets everything, and the state stays a problem.
      const seen = await seeBackend(this.#config, signal);
      const { servers } = this.#planned(route, seen, null, await placesOf(route, null));
      await this.#applyPlan(seen, route, servers, null, signal);
      throw error;
    }
  }

  async #writeRoute(route: Route, fence: Fence, signal: AbortSignal): Promise<void> {
    await this.#withLock(signal, async () => {
      const record = await this.#record();
      const standing = standingOf(record, route, fence);
      if (typeof standing === 'object') throw this.#stale(standing.stale);
      const seen = await seeBackend(this.#config, signal);
      const problem = this.#problemOf(route, seen);
      if (problem) throw this.#refusal(problem.what, problem.fix);
      const placeOf = await placesOf(route, record);
      const { servers, shortage } = this.#planned(route, seen, record, placeOf);
      const next: RouterRecord =
        record && standing === 'repeated'
          ? { ...record, servers, isClosed: false }
          : {
              service: this.#context.service,
              fence,
              written: route,
              tokenSeen: fence.token,
              appliedAtMs: Date.now(),
              servers,
              isClosed: false,
            };
      this.#note(seen, record);
      // The first requests may be answered and logged before it is seen that everything is in force.
      this.#versions = new Map([...this.#versions, ...versionsOf(next)]);
      // More traffic only once it is certain that everybody will know who has written. Taking it back waits for nothing.
      if (!isWayBack(route)) await writeRecord(this.#recordFile, next);
      const after = await this.#applyPlan(seen, route, servers, record, signal);
      if (isWayBack(route)) await writeRecord(this.#recordFile, next);
      await writeState(this.#serversFile, after.serversState, false);
      this.#tokenHeld = Math.max(this.#tokenHeld, fence.token);
      this.#note(after, next);
      if (shortage) throw shortage;
    });
  }

  async readRoute(signal: AbortSignal): Promise<RouteReading | null> {
    const [record, seen] = await Promise.all([this.#record(), seeBackend(this.#config, signal)]);
    return readingOf(record, seen.all, this.#config.servers, seen.matches ?? []);
  }

  async renewLease(token: number, signal: AbortSignal): Promise<RouteReading | null> {
    const record = await this.#record();
    if (record && token < record.tokenSeen) throw this.#stale(staleToken(token, record.tokenSeen));
    if (record && token > record.tokenSeen) await this.#takeOver(token, signal);
    this.#tokenHeld = Math.max(this.#tokenHeld, token);
    return await this.readRoute(signal);
  }

  async samples(query: SampleQuery, signal: AbortSignal) {
    const [record, seen] = await Promise.all([this.#record(), seeBackend(this.#config, signal)]);
    const { log } = this.#config;
    // HAProxy has written down what it has counted: it may only wait to be read.
    if (log) await takeWaiting(log.host, log.port);
    this.#note(seen, record);
    if (log && this.#logged && this.#counts.isHardlyLogged(this.#logged))
      throw new UserError('E_ROUTER_LOG', `HAProxy answers requests that its log does not tell at ${hostPort(log)}`, {
        where: 'router.haproxy.log',
        fix: `Write \`log ${hostPort(log)} local0\` and \`option httplog\` for the frontend, without dontlog-normal, and reload HAProxy.`,
      });
    return this.#counts.samples(query, this.#context.edgesMs, this.#logged);
  }

  async close(signal: AbortSignal): Promise<void> {
    const { log, backend } = this.#config;
    if (log) await unsubscribeLog(log.host, log.port, backend, this.#countLogged);
    await this.#withLock(signal, async () => {
      const record = await this.#record();
      // Somebody newer works here now: what is in force is theirs.
      if (!record || record.isClosed || record.tokenSeen > this.#tokenHeld) return;
      const seen = await seeBackend(this.#config, signal);
      const route = { ...record.written, candidate: null, weight: 0, match: [] };
      const { servers, shortage } = this.#planned(route, seen, record, await placesOf(route, record));
      const after = await this.#applyPlan(seen, route, servers, record, signal);
      await writeState(this.#serversFile, after.serversState, false);
      // It stays for its fence: an outdated writer is refused now as before.
      await writeRecord(this.#recordFile, { ...record, written: route, servers, appliedAtMs: Date.now(), isClosed: true });
      if (shortage) throw shortage;
    });
  }

  /**
   * Which server is what. A way back that does not fit is never refused before stable has every server that there is; what is missing
   * is to be told afterwards.
   */
  #planned(
    route: Route,
    { own, stats }: BackendSeen,
    before: RouterRecord | null,
    placeOf: (endpoint: Endpoint) => Place,
  ): { readonly servers: Plan; readonly shortage: UserError | null } {
    const planned = planOf(route, own, stats.servers, before, placeOf);
    if ('servers' in planned) return { servers: planned.servers, shortage: null };
    const { backend, servers: prefix } = this.#config;
    const shortage = this.#refusal(
      `the route needs ${planned.serversNeeded} servers in backend ${backend}, and ${own.length} have names that begin with ${prefix}`,
      `Write \`server-template ${prefix} 1-${planned.serversNeeded * 2} 127.0.0.1:1 disabled\` in this backend, and reload HAProxy.`,
    );
    const stable = route.stable && { ...route.stable, endpoints: route.stable.endpoints.slice(0, own.length) };
    const part = planOf({ ...route, stable, candidate: null }, own, stats.servers, before, placeOf);
    if (!isWayBack(route) || !('servers' in part)) throw shortage;
    return { servers: part.servers, shortage };
  }

  /** Has the servers follow the plan, and looks whether they are there: accepted is not in force. */
  async #applyPlan(
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
    await writeState(file, mapText(entries), false);
  }

  async #takeOver(token: number, signal: AbortSignal): Promise<void> {
    await this.#withLock(signal, async () => {
      const record = await this.#record();
      if (!record) return;
      if (token < record.tokenSeen) throw this.#stale(staleToken(token, record.tokenSeen));
      await writeRecord(this.#recordFile, { ...record, tokenSeen: token });
    });
  }

  /** Counts up to now. What servers were since the last time stands in the record that was in force. */
  #note(seen: BackendSeen, record: RouterRecord | null): void {
    const reading = readingOf(record, seen.all, this.#config.servers, seen.matches ?? []);
    const versions = versionsOf(record);
    // Those that are learned stay: a look that began before a write may end in the middle of it.
    this.#versions = new Map([...this.#versions, ...versions]);
    this.#counts.note({
      atMs: Date.now(),
      servers: seen.stats.servers,
      run: seen.run,
      versions,
      weight: reading?.route.weight ?? 0,
    });
  }

  /** What this service has on record. What another one has left behind counts as nothing: its tokens are of another log. */
  async #record(): Promise<RouterRecord | null> {
    const record = await readRecord(this.#recordFile);
    if (!record || record.service === this.#context.service) return record;
    if (record.isClosed) return null;
    throw this.#refusal(
      `backend ${this.#config.backend} belongs to service ${record.service}, and this is ${this.#context.service}`,
      `Give this service a backend of its own, or remove ${this.#recordFile} when ${record.service} is no more.`,
    );
  }

  #withLock<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const file = this.#lockFile;
    return withWriteLock({ file, patienceMs: lockMs, unusable: (cause) => stateError(file, 'locked', cause) }, signal, work);
  }

  #problemOf(route: Route, seen: BackendSeen): { readonly what: string; readonly fix: string } | null {
    const problem = routeProblem(route, capabilities, (match) => {
      if (!this.#config.match) throw new Error('router.haproxy.match is not on');
      matchKey(match);
    });
    if (problem !== null) return { what: problem, fix: 'See what this router can do in docs/guides/haproxy.md.' };
    // Only what would give the candidate traffic is refused: a way back must never be.
    if (isWayBack(route)) return null;
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
      fix: `Another controller has taken over this service; this one may write no more. If its data folder is gone for good, remove ${this.#recordFile}.`,
    });
  }

  get #where(): string {
    return `${this.#config.socket}, backend ${this.#config.backend}`;
  }
}

/** Which version each server of a record is. */
function versionsOf(record: RouterRecord | null): ReadonlyMap<string, string> {
  return new Map(Object.entries(record?.servers ?? {}).map(([name, { version }]) => [name, version]));
}

/** Whether a route takes everything from the candidate: that must never be refused. */
function isWayBack({ weight, match }: Route): boolean {
  return weight === 0 && match.length === 0;
}
