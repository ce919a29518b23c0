import { messageOf, UserError } from '../../errors.ts';
import { replaceFile } from '../../system/replace-file.ts';
import { Ledger } from '../ledger.ts';
import { checkedRoute, routeProblem } from '../route-check.ts';
import type { RouteReading, RouterTraffic, SampleQuery } from '../router.ts';
import { WeightHistory } from '../weight-history.ts';
import { capabilities } from './capabilities.ts';
import type { Crew } from './crew.ts';
import { EndpointLedger } from './endpoint-ledger.ts';
import type { Report, RouteOrder } from './engine.ts';
import { now } from './machine.ts';
import { matcherOf } from './match.ts';
import { lapse, lapseIfDue, leaseLeftMs, needsLease, type RouteState, readingOf, renewLease, writeRoute } from './route-state.ts';

/** What survives the process, as it stands in the state file. */
export type StoredState = {
  readonly format: 1;
  readonly boot: string;
  /** Port that was taken when port 0 was asked for; 0 before that. */
  readonly port: number;
  readonly route: RouteState | null;
};

/** Longest that Node's timers can wait. */
const timerMaxMs = 2_147_483_647;
const saveAgainMs = 1_000;

/**
 * Keeps the route of the router process: who may write, the lease, the file it comes back from, and the counts. Changes happen
 * one after the other, in the order they came.
 */
export class RouteKeeper {
  readonly ledger: Ledger;
  readonly refused = new Map<string, number>();
  private readonly asked = new EndpointLedger(now().monotonicMs);
  private readonly crew: Crew;
  private readonly file: string;
  private readonly boot: string;
  private readonly where: string;
  private readonly history = new WeightHistory();
  private state: RouteState | null;
  private port = 0;
  private leaseMs: number;
  private before: Promise<unknown> = Promise.resolve();
  private leaseTimer: NodeJS.Timeout | undefined;
  private saveTimer: NodeJS.Timeout | undefined;
  private reporting: Promise<readonly Report[]> | null = null;

  constructor(
    crew: Crew,
    options: {
      readonly file: string;
      readonly boot: string;
      readonly service: string;
      readonly stored: StoredState | undefined;
      readonly leaseMs: number;
      readonly edgesMs: readonly number[];
    },
  ) {
    this.crew = crew;
    this.file = options.file;
    this.boot = options.boot;
    this.where = `router of ${options.service}`;
    this.leaseMs = options.leaseMs;
    const moment = now();
    this.state = options.stored?.route ?? null;
    // After a restart the part of this second that an earlier process served is missing.
    this.ledger = new Ledger(Math.floor(moment.wallMs / 1_000) + (this.state ? 1 : 0), options.edgesMs);
    if (this.state && needsLease(this.state.route)) {
      // After a restart of the machine nobody can tell how long the router was away.
      const sameBoot = options.boot !== '' && options.stored?.boot === options.boot;
      this.state = sameBoot ? lapseIfDue(this.state, this.leaseMs, moment) : lapse(this.state, moment);
    }
    if (this.state) this.history.note(this.state.route, moment.wallMs);
  }

  /** What the crew starts with. */
  get order(): RouteOrder | null {
    return this.state && this.orderOf(this.state);
  }

  /** Notes where the router listens, and keeps it. From here on the lease runs. */
  async started(port: number): Promise<void> {
    this.port = port;
    await this.save(true);
    this.watchLease();
  }

  /** @param sentAtMs - On the machine's monotonic clock, not after now. */
  async setRoute(body: unknown, sentAtMs: number): Promise<RouteReading> {
    return await this.inTurn(async () => {
      const checked = checkedRoute(body);
      if ('refused' in checked) throw this.refusal(checked.refused);
      const problem = routeProblem(checked.route, capabilities, matcherOf);
      if (problem !== null) throw this.refusal(problem);
      await this.lapseNow();
      const written = writeRoute(this.state, { ...checked, sentAtMs }, this.leaseMs, now());
      if (written.kind === 'stale') throw this.stale(written.why);
      if (written.kind === 'late') throw this.late(written.why);
      if (written.kind === 'repeated') return await this.renewed(written.state);
      // Traffic for the candidate only once it is certain that a restart knows about it. Taking traffic back waits for
      // nothing, not even for a disk that is full.
      const isRisky = needsLease(checked.route);
      const previous = this.state;
      if (isRisky) {
        this.state = written.state;
        try {
          await this.save(true);
        } catch (error) {
          this.state = previous;
          throw this.refusal(`the route cannot be stored: ${messageOf(error)}`);
        }
      }
      this.state = written.state;
      await this.crew.apply(this.orderOf(written.state));
      this.history.note(written.state.route, written.state.appliedAtMs);
      this.watchLease();
      if (!isRisky) await this.saveUntilDone(true);
      return readingOf(written.state);
    });
  }

  async readRoute(): Promise<RouteReading | null> {
    return await this.inTurn(async () => {
      await this.lapseNow();
      return this.state && readingOf(this.state);
    });
  }

  async renewLease(token: number, sentAtMs: number): Promise<RouteReading | null> {
    return await this.inTurn(async () => {
      await this.lapseNow();
      if (this.state === null) return null;
      const renewed = renewLease(this.state, token, sentAtMs);
      if ('stale' in renewed) throw this.stale(renewed.stale);
      return await this.renewed(renewed);
    });
  }

  async samples(query: SampleQuery) {
    await this.collect();
    return this.ledger.samples(query, (second) => this.history.weightOf(query.candidate, second));
  }

  /** What users have asked for in the last minute, and what is under way now. */
  async traffic(): Promise<RouterTraffic> {
    const reports = await this.collect();
    return {
      ...this.asked.traffic(now().monotonicMs),
      inFlight: reports.flatMap(({ inFlight }) => Object.values(inFlight)).reduce((sum, count) => sum + count, 0),
      clientConnections: reports.reduce((sum, { connections }) => sum + connections, 0),
    };
  }

  async setLimits(edgesMs: readonly number[], leaseMs: number): Promise<void> {
    await this.inTurn(async () => {
      this.leaseMs = leaseMs;
      await this.crew.setEdges({ edgesMs, fromSecond: Math.floor(Date.now() / 1_000) + 2 });
      this.ledger.setEdges(edgesMs);
      if (this.state) await this.crew.extendLease(this.orderOf(this.state).leaseLeftMs);
      this.watchLease();
    });
  }

  /** Takes in what the crew has counted since the last time. Calls that overlap share one answer. */
  async collect(): Promise<readonly Report[]> {
    this.reporting ??= this.crew
      .reports()
      .then((reports) => {
        const through = Math.min(...reports.map((report) => report.through));
        if (reports.length > 0)
          this.ledger.add(
            reports.flatMap((report) => report.slots),
            through,
          );
        this.asked.add(
          reports.flatMap((report) => report.asked),
          now().monotonicMs,
        );
        for (const { refused } of reports)
          for (const [status, count] of Object.entries(refused))
            this.refused.set(status, (this.refused.get(status) ?? 0) + count);
        return reports;
      })
      .finally(() => {
        this.reporting = null;
      });
    return await this.reporting;
  }

  /** Waits for what is under way and stops the clocks. The file stays: whoever ends the router for good removes it. */
  async stop(): Promise<void> {
    clearTimeout(this.leaseTimer);
    clearTimeout(this.saveTimer);
    await this.before;
  }

  private async renewed(state: RouteState): Promise<RouteReading> {
    this.state = state;
    await this.crew.extendLease(this.orderOf(state).leaseLeftMs);
    this.watchLease();
    // Not flushed: if this renewal is lost, the lease is shorter, which is the safe side.
    await this.saveUntilDone(false);
    return readingOf(state);
  }

  private async lapseNow(): Promise<void> {
    if (this.state === null) return;
    const lapsed = lapseIfDue(this.state, this.leaseMs, now());
    if (lapsed === this.state) return;
    this.state = lapsed;
    await this.crew.apply(this.orderOf(lapsed));
    this.history.note(lapsed.route, lapsed.appliedAtMs);
    console.error(`${new Date().toISOString()} the lease ran out, all traffic goes to stable`);
    await this.saveUntilDone(true);
  }

  private watchLease(): void {
    clearTimeout(this.leaseTimer);
    const left = this.state === null ? null : this.orderOf(this.state).leaseLeftMs;
    if (left === null) return;
    this.leaseTimer = setTimeout(
      () => this.inTurn(() => this.lapseNow()).then(() => this.watchLease(), reportFailure),
      Math.min(left + 1, timerMaxMs),
    );
  }

  private orderOf(state: RouteState): RouteOrder {
    const left = leaseLeftMs(state, this.leaseMs, now().monotonicMs);
    return { route: state.route, leaseLeftMs: left === Number.POSITIVE_INFINITY ? null : left };
  }

  private async save(durable: boolean): Promise<void> {
    const stored: StoredState = { format: 1, boot: this.boot, port: this.port, route: this.state };
    await replaceFile(this.file, JSON.stringify(stored), { durable, mode: 0o600 });
  }

  /** Saves, or keeps trying in the background: the route is in force either way. */
  private async saveUntilDone(durable: boolean): Promise<void> {
    clearTimeout(this.saveTimer);
    try {
      await this.save(durable);
    } catch (error) {
      reportFailure(error);
      this.saveTimer = setTimeout(() => this.inTurn(() => this.saveUntilDone(true)).catch(reportFailure), saveAgainMs);
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.before.then(work);
    this.before = result.catch(() => {});
    return result;
  }

  private stale(why: string): UserError {
    return new UserError('E_STALE_FENCE', `the route was not changed: ${why}`, {
      where: this.where,
      fix: 'Another controller has written since. Read the route, and stop if this controller no longer owns the log.',
    });
  }

  private late(why: string): UserError {
    return new UserError('E_ROUTE_REFUSED', `the route was refused: ${why}`, {
      where: this.where,
      fix: 'The route before it stays in force. Write it again; see why this router did not answer for so long.',
    });
  }

  private refusal(why: string): UserError {
    return new UserError('E_ROUTE_REFUSED', `the route was refused: ${why}`, {
      where: this.where,
      fix: 'The route before it stays in force. Correct the route and write it again.',
    });
  }
}

function reportFailure(error: unknown): void {
  console.error(`${new Date().toISOString()} ${messageOf(error)}`);
}
