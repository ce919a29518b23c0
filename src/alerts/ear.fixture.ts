import { noAlerts, takeAlerts } from './fold.ts';
import { expire, type Heard, type Over, type Receiving, type Reception, receive } from './receive.ts';
import type { WireAlert } from './told.ts';
import type { Alert, AlertEvent, AlertsState } from './types.ts';

/** How the ear of a test takes alerts in. */
export const how: Receiving = {
  via: 'api',
  actor: 'prometheus',
  isService: (name) => name === 'checkout' || name === 'mail',
  may: () => true,
  resolveTimeoutMs: 300_000,
  webhookTimeoutMs: 43_200_000,
  serviceLabels: ['service', 'job'],
  severityLabel: 'severity',
  page: ['page', 'critical'],
  chat: ['warning'],
  source: null,
  max: 3,
};

/** All that has come in, as the runtime keeps it. */
export class Ear {
  state: AlertsState = noAlerts;
  nowMs = Date.parse('2026-01-02T03:00:00Z');
  readonly open = new Map<string, Heard>();
  readonly over = new Map<string, Over>();

  hear(alerts: readonly WireAlert[], more: Partial<Receiving> = {}): Reception {
    const reception = receive(this.state, this, alerts, { ...how, ...more }, this.nowMs);
    this.record(reception.events);
    for (const [key, heard] of reception.open)
      if (heard) this.open.set(key, heard);
      else this.open.delete(key);
    for (const [key, end] of reception.over) this.over.set(key, end);
    return reception;
  }

  record(events: readonly AlertEvent[]): void {
    for (const event of events) this.state = takeAlerts(this.state, { ...event, at: this.nowMs });
  }

  pass(ms: number): readonly AlertEvent[] {
    this.nowMs += ms;
    const events = expire(this.state, this, this.nowMs);
    this.record(events);
    for (const { data } of events) this.open.delete(data.key);
    return events;
  }

  get alerts(): readonly Alert[] {
    return [...this.state.open.values()];
  }

  iso(ms = 0): string {
    return new Date(this.nowMs + ms).toISOString();
  }
}
