import { type Delivered, type Deliveries, dueAlerts, kept, postableAlert } from '../../alerts/delivery.ts';
import type { Alert, AlertsState } from '../../alerts/types.ts';
import type { AlertmanagerSpec } from '../../spec/alertmanager.ts';
import { durationText } from '../../spec/unit-text.ts';
import type { Clock } from '../clock.ts';
import { type AlertmanagerClient, alertmanagerClient, type Outcome } from './alertmanager-client.ts';

/** How often it is looked for what is to be told. */
const lookMs = 250;
/** As many as Prometheus sends at once. */
const batchMax = 64;
/** Waits after an Alertmanager that is away: twice as long each time. */
const awayMinMs = 1_000;
const awayMaxMs = 60_000;
/** One that refuses everything is asked again so often: somebody may have set it right. */
const closedMs = 60_000;
/** Clocks that differ by less are nothing to speak of. */
const offMs = 60_000;

export type AlertOutboxOptions = {
  readonly alertmanagers: readonly AlertmanagerSpec[];
  /** Where people find the console; null: nowhere. */
  readonly publicUrl: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly alerts: { readonly state: AlertsState };
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/** How an Alertmanager takes what it is told. Times are unix milliseconds. */
export type AlertmanagerStatus = {
  readonly url: string;
  /** Whether it has taken the last message; true before the first one. */
  readonly ok: boolean;
  readonly lastDeliveredAtMs: number | null;
  /** The last thing that went wrong, also when all is well again. */
  readonly lastProblem: { readonly atMs: number; readonly text: string } | null;
  /** Alerts, begun or ended, that are to be told and have not been taken yet. */
  readonly waiting: number;
};

/**
 * Tells Alertmanagers of the alerts of objectives: of those that are open again and again, of their ends until they were taken. Follows from
 * what is on record alone, so a restart loses nothing. Each Alertmanager is told by itself: none waits for another.
 */
export class AlertOutbox {
  readonly #lines: readonly Line[];

  constructor(options: AlertOutboxOptions) {
    this.#lines = options.alertmanagers.map((spec) => new Line(spec, options));
  }

  get status(): readonly AlertmanagerStatus[] {
    return this.#lines.map(({ status }) => status);
  }

  /** Tells nobody any more. Alertmanagers end what they have heard of only when they hear nothing for long. */
  async stop(): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.stop()));
  }
}

/** One Alertmanager. */
class Line {
  readonly #spec: AlertmanagerSpec;
  readonly #options: AlertOutboxOptions;
  readonly #client: AlertmanagerClient;
  readonly #name: string;
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  #delivered: Deliveries = new Map();
  #failures = 0;
  #isOff = false;
  #status: Omit<AlertmanagerStatus, 'url' | 'waiting'> = { ok: true, lastDeliveredAtMs: null, lastProblem: null };

  constructor(spec: AlertmanagerSpec, options: AlertOutboxOptions) {
    this.#spec = spec;
    this.#options = options;
    this.#client = alertmanagerClient(spec, options.environment);
    // What is behind the question mark may be a secret.
    this.#name = spec.url.split('?')[0] ?? '';
    this.#loop = this.#run();
  }

  get status(): AlertmanagerStatus {
    const nowMs = this.#options.clock.now();
    const waiting = this.#due(nowMs).filter(({ id, state }) => state === 'resolved' || !this.#delivered.has(id)).length;
    return { url: this.#name, ...this.#status, waiting };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  #due(nowMs: number): readonly Alert[] {
    return dueAlerts(this.#options.alerts.state, this.#delivered, nowMs, this.#spec.intervalMs);
  }

  async #run(): Promise<void> {
    const { clock, alerts } = this.#options;
    const { signal } = this.#stopping;
    let waitMs = 0;
    while (!signal.aborted) {
      await clock.after(waitMs, signal);
      if (signal.aborted) return;
      const { delivered, missed } = kept(alerts.state, this.#delivered, clock.now());
      this.#delivered = delivered;
      for (const { id } of missed) this.#problem(`it did not take the end of ${id} in time, and has ended it by itself`);
      const batch = this.#due(clock.now()).slice(0, batchMax);
      waitMs = batch.length === 0 ? lookMs : await this.#tell(batch, signal);
    }
  }

  /** Answers how long to wait, in milliseconds, before anything else is told. */
  async #tell(batch: readonly Alert[], signal: AbortSignal): Promise<number> {
    const outcome = await this.#send(batch, signal);
    // The way it ended is that of this controller.
    if (signal.aborted) return 0;
    switch (outcome.kind) {
      case 'delivered':
        this.#well();
        this.#status = { ...this.#status, lastDeliveredAtMs: this.#options.clock.now() };
        this.#compare(outcome.atMs);
        return lookMs;
      case 'refused': {
        this.#well();
        const [only, second] = batch;
        if (only && second) {
          // One that it does not take must not keep the others from it.
          for (const alert of batch) {
            const waitMs = await this.#tell([alert], signal);
            if (waitMs > lookMs || signal.aborted) return waitMs;
          }
          return lookMs;
        }
        this.#mark(batch, 'refused');
        this.#problem(`it refuses ${only?.id}, which it is not told of again: ${outcome.text}`);
        return lookMs;
      }
      case 'closed':
        this.#failed(outcome.text, `; it is asked again every ${durationText(closedMs)}`);
        return closedMs;
      case 'away': {
        const waitMs = Math.min(awayMaxMs, awayMinMs * 2 ** Math.min(this.#failures, 10));
        this.#failed(outcome.text, '; it is told until it answers');
        return waitMs;
      }
    }
  }

  async #send(batch: readonly Alert[], signal: AbortSignal): Promise<Outcome> {
    const { clock, publicUrl } = this.#options;
    const { resolveTimeoutMs, generatorUrl } = this.#spec;
    const consoleUrl = (generatorUrl ?? publicUrl)?.replace(/\/+$/, '') ?? null;
    const messages = batch.map((alert) => postableAlert(alert, clock.now(), resolveTimeoutMs, consoleUrl));
    const outcome = await this.#client(messages, signal);
    if (outcome.kind === 'delivered') this.#mark(batch, 'taken');
    return outcome;
  }

  #mark(batch: readonly Alert[], how: 'taken' | 'refused'): void {
    const atMs = this.#options.clock.now();
    const marked = batch.map(({ id, state, said }): [string, Delivered] => [
      id,
      { as: how === 'refused' ? how : state === 'resolved' ? 'resolved' : 'firing', atMs, said },
    ]);
    this.#delivered = new Map([...this.#delivered, ...marked]);
  }

  #well(): void {
    this.#failures = 0;
    this.#status = { ...this.#status, ok: true };
  }

  /** To a clock that is ahead by `resolveTimeout` every alert has ended before it comes. */
  #compare(thereMs: number | null): void {
    const aheadMs = thereMs === null ? 0 : thereMs - this.#options.clock.now();
    const isOff = Math.abs(aheadMs) >= offMs;
    if (isOff && !this.#isOff) {
      const by = durationText(Math.floor(Math.abs(aheadMs) / 1_000) * 1_000);
      this.#problem(
        `its clock is ${aheadMs > 0 ? 'ahead' : 'behind'} by ${by}: alerts begin and end there at other times than here`,
      );
    }
    this.#isOff = isOff;
  }

  /** Said once, until it is well again or something else is wrong. */
  #failed(text: string, then: string): void {
    const isNews = this.#failures === 0 || this.#status.lastProblem?.text !== text;
    this.#failures += 1;
    this.#status = { ...this.#status, ok: false, lastProblem: { atMs: this.#options.clock.now(), text } };
    if (isNews) this.#options.warn(`Alertmanager ${this.#name} takes no alerts: ${text}${then}`);
  }

  #problem(text: string): void {
    this.#status = { ...this.#status, lastProblem: { atMs: this.#options.clock.now(), text } };
    this.#options.warn(`Alertmanager ${this.#name}: ${text}`);
  }
}
