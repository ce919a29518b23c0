import { randomUUID } from 'node:crypto';
import type { Origin } from '../../access/types.ts';
import type { Alert, AlertsState } from '../../alerts/types.ts';
import { UserError } from '../../errors.ts';
import { labelsOf } from '../../incidents/routing/route-tree.ts';
import {
  type AskedSilence,
  endSilence,
  type KeptSilence,
  knownSilence,
  setSilence,
} from '../../incidents/routing/silence-record.ts';
import type { EndOfAlert } from '../../incidents/routing/silences.ts';
import type { AlertsRecorded } from './alert-records.ts';
import type { SilencesRecorded } from './silence-records.ts';

/** Silences on record, and what people ask of them. */
export class Silences {
  readonly #records: SilencesRecorded;
  readonly #alerts: AlertsRecorded;

  /** @param records - Caught up with the log, as `alerts` are. */
  constructor(records: SilencesRecorded, alerts: AlertsRecorded) {
    this.#records = records;
    this.#alerts = alerts;
  }

  /** All that are kept, the oldest first. */
  get all(): readonly KeptSilence[] {
    return [...this.#records.state.values()];
  }

  /** Events of silences on record. */
  get version(): number {
    return this.#records.version;
  }

  /** When an alert that a silence waits for has ended; null: it fires. */
  readonly endOfAlert: EndOfAlert = (id) => endIn(this.#alerts.state, id);

  /** @throws UserError `E_UNKNOWN_SILENCE`. */
  known(id: string): KeptSilence {
    return knownSilence(this.#records.state, id);
  }

  /**
   * The open alert that a silence is to wait for.
   *
   * @param given - Its id or its key.
   * @throws UserError `E_UNKNOWN_ALERT`.
   */
  awaited(given: string): Alert {
    const { open } = this.#alerts.state;
    const alert = open.get(given) ?? [...open.values()].find(({ id }) => id === given);
    if (alert) return alert;
    throw unknownAlert(given);
  }

  /** Matchers of exactly this alert. */
  matchersOf(alert: Alert): AskedSilence['matcherSets'] {
    return [Object.entries(labelsOf(alert)).map(([name, value]) => ({ name, op: '=', value }))];
  }

  /** Sets or changes one; its id comes once it is on record. */
  async set(asked: AskedSilence): Promise<string> {
    const newId = randomUUID();
    let id = '';
    await this.#records.change((state, atMs) => {
      const done = setSilence(state, asked, newId, this.endOfAlert, atMs);
      id = done.id;
      return done.events.map((event) => ({ ...event, actor: asked.by }));
    });
    return id;
  }

  /** Ends one. Answers whether that changed anything. */
  async end(id: string, by: string, why: string, from: Origin | null): Promise<boolean> {
    let isEnded = false;
    await this.#records.change((state, atMs) => {
      const events = endSilence(state, id, why, from, this.endOfAlert, atMs);
      isEnded = events.length > 0;
      return events.map((event) => ({ ...event, actor: by }));
    });
    return isEnded;
  }
}

export function unknownAlert(given: string): UserError {
  return new UserError('E_UNKNOWN_ALERT', `no open alert is called ${given.slice(0, 200)}`, {
    where: 'untilResolved',
    fix: 'give the id of an alert that fires, or leave it out and say for how long',
  });
}

/** One that is not known any more ended long ago. */
function endIn({ open, ended }: AlertsState, wanted: string): number | null {
  const key = wanted.slice(0, wanted.lastIndexOf('@'));
  if (open.get(key)?.id === wanted) return null;
  return ended.find(({ id }) => id === wanted)?.resolvedAtMs ?? 0;
}
