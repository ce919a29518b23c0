import {
  expire,
  type Heard,
  type Hearing,
  hearingAnew,
  lateMs,
  type Over,
  type ReceivingSource,
  type Reception,
  receive,
} from '../../alerts/receive.ts';
import type { Via, WireAlert } from '../../alerts/told.ts';
import { messageOf, UserError } from '../../errors.ts';
import type { ReceivedAlertsSpec } from '../../spec/alertmanager.ts';
import type { Clock } from '../clock.ts';
import type { AlertsRecorded } from './alert-records.ts';

/** How often silence is looked for, and how long after the log has failed. */
const lookMs = 1_000;
const failedMs = 10_000;
/** Messages that wait for the log. */
const waitingMax = 100;
/** Ends that are kept in mind for what comes late. */
const overMax = 20_000;

export type AlertIntakeOptions = {
  readonly alerts: AlertsRecorded;
  readonly settings: ReceivedAlertsSpec;
  readonly isService: (name: string) => boolean;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
};

/** A message with alerts, and who sends it. */
export type AlertMessage = {
  readonly alerts: readonly WireAlert[];
  readonly via: Via;
  readonly actor: string;
  readonly may: (service: string | null) => boolean;
  /** Alerts that the sender has left out of the message. */
  readonly truncated: number;
  /** The alert source that tells; absent: an Alertmanager or a Prometheus does. */
  readonly source?: ReceivingSource;
};

/** What has come in so far. Times are unix milliseconds. */
export type IntakeStatus = {
  readonly lastAtMs: number | null;
  readonly lastBy: string | null;
  /** When a sender last left alerts out of its message, and how many; null: none has. */
  readonly truncated: { readonly atMs: number; readonly by: string; readonly count: number } | null;
};

/**
 * Takes in the alerts that other programs tell of, and ends those whose senders fall silent. How long each lasts is kept in memory; after
 * a restart each has its time once more.
 */
export class AlertIntake {
  readonly #options: AlertIntakeOptions;
  readonly #open = new Map<string, Heard>();
  readonly #over = new Map<string, Over>();
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  #waiting = 0;
  #status: IntakeStatus = { lastAtMs: null, lastBy: null, truncated: null };

  /** @param options - Its alerts are caught up with the log. */
  constructor(options: AlertIntakeOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  /** Alerts of other programs that may be open at once. */
  get max(): number {
    return this.#options.settings.max;
  }

  get status(): IntakeStatus {
    return this.#status;
  }

  /**
   * Puts what is new of a message on record. Safe to repeat.
   *
   * @throws UserError `E_ALERTS_FULL`, and those of `RecordedState.change`; then nothing has changed, and the sender is to send it again.
   */
  async take(message: AlertMessage): Promise<Reception> {
    // What is decided here comes before what others tell: their messages must not fill the way to the log.
    if (this.#waiting >= waitingMax)
      throw new UserError('E_ALERTS_FULL', 'too many messages with alerts wait for the log', {
        where: 'alerts',
        fix: 'send them again in a few seconds',
      });
    this.#waiting += 1;
    try {
      return await this.#take(message);
    } finally {
      this.#waiting -= 1;
    }
  }

  async #take({ alerts, via, actor, may, truncated, source = undefined }: AlertMessage): Promise<Reception> {
    const { settings, isService } = this.#options;
    const how = { via, actor, isService, may, ...settings, source: source ?? null };
    let taken: { readonly reception: Reception; readonly atMs: number } | null = null;
    await this.#options.alerts.change(
      (state, atMs) => {
        taken = { reception: receive(state, this.#hearing, alerts, how, atMs), atMs };
        return taken.reception.events;
      },
      () => taken && this.#remember(taken.reception),
    );
    const { reception, atMs } = taken as unknown as { reception: Reception; atMs: number };
    // Each alert source has a status of its own.
    if (source) return reception;
    const left = truncated > 0 ? { atMs, by: actor, count: truncated } : this.#status.truncated;
    this.#status = { lastAtMs: atMs, lastBy: actor, truncated: left };
    return reception;
  }

  /** Takes in no more; what is on record stays. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  get #hearing(): Hearing {
    return { open: this.#open, over: this.#over };
  }

  #remember({ open, over }: Reception): void {
    for (const [key, heard] of open)
      if (heard) this.#open.set(key, heard);
      else this.#open.delete(key);
    for (const [key, end] of over) this.#over.set(key, end);
    for (const key of this.#over.keys()) {
      if (this.#over.size <= overMax) break;
      this.#over.delete(key);
    }
  }

  /** Forgets what is over, and begins to wait for what is on record and was not heard of: after a restart, and after a log in doubt. */
  #know(nowMs: number): void {
    const { state } = this.#options.alerts;
    for (const [key, { atMs }] of this.#over) if (nowMs - atMs >= lateMs) this.#over.delete(key);
    for (const key of this.#open.keys()) if (!state.open.has(key)) this.#open.delete(key);
    for (const [key, heard] of hearingAnew(state, this.#open, this.#options.settings.resolveTimeoutMs, nowMs))
      this.#open.set(key, heard);
  }

  async #run(): Promise<void> {
    const { alerts, clock, warn } = this.#options;
    const { signal } = this.#stopping;
    let isTold = false;
    let waitMs = lookMs;
    for (;;) {
      this.#know(clock.now());
      await clock.after(waitMs, signal);
      if (signal.aborted) return;
      waitMs = lookMs;
      const nowMs = clock.now();
      if (expire(alerts.state, this.#hearing, nowMs).length === 0) continue;
      try {
        let ended: readonly string[] = [];
        await alerts.change(
          (state, atMs) => {
            const events = expire(state, this.#hearing, atMs);
            ended = events.map(({ data }) => data.key);
            return events;
          },
          () => {
            for (const key of ended) this.#open.delete(key);
          },
        );
        isTold = false;
      } catch (error) {
        if (error instanceof UserError && error.code === 'E_STOPPED') return;
        if (!isTold) warn(`alerts that nobody repeats stay open: ${messageOf(error)}`);
        isTold = true;
        waitMs = failedMs;
      }
    }
  }
}
