import type { Alert } from '../alerts/types.ts';
import { type Answered, type Asking, asked, opening, type Verb, type Wanted } from './asked.ts';
import { overdue, takeIn } from './decide.ts';
import type { IncidentRecorded } from './events.ts';
import { type IncidentsState, noIncidents, takeIncidents } from './fold.ts';
import { type GroupOf, groupByService } from './group.ts';
import type { Incident } from './types.ts';

/** An alert that fires. */
export function firing(name: string, more: Partial<Alert> = {}): Alert {
  const { service = 'checkout', pendingAtMs = 1_000 } = more;
  const key = `${service ?? 'none'}/${name}`;
  return {
    ...{ id: `${key}@${pendingAtMs}`, key, origin: 'objective', name, service, objective: null, tier: null, urgency: 'page' },
    ...{ state: 'firing', pendingAtMs, firedAtMs: pendingAtMs, resolvedAtMs: null, said: `${name} is bad`, silencedBy: null },
    ...{ attribution: null, labels: {}, annotations: {}, url: null },
    ...more,
  };
}

export function ended(alert: Alert, resolvedAtMs: number): Alert {
  return { ...alert, state: 'resolved', resolvedAtMs };
}

/** Incidents over time, as a keeper would have them. */
export class Story {
  state: IncidentsState = noIncidents;
  atMs = Date.UTC(2026, 10, 29, 12);
  readonly records: (IncidentRecorded & { readonly at: number })[] = [];
  readonly #groupOf: GroupOf;

  constructor(groupOf: GroupOf = groupByService) {
    this.#groupOf = groupOf;
  }

  get all(): readonly Incident[] {
    return [...this.state.incidents.values()];
  }

  get last(): Incident {
    const last = this.all.at(-1);
    if (!last) throw new Error('there is no incident');
    return last;
  }

  get kinds(): readonly string[] {
    return this.records.map(({ kind }) => kind.replace('incident-', ''));
  }

  alerts(...alerts: readonly Alert[]): readonly IncidentRecorded[] {
    return this.#keep(takeIn(this.state, alerts, this.#groupOf, this.atMs));
  }

  pass(ms: number): void {
    this.atMs += ms;
    this.#keep(overdue(this.state, this.atMs));
  }

  ask(verb: Verb, by = 'anna', id = this.last.id): Answered {
    const incident = this.state.incidents.get(id);
    if (!incident) throw new Error(`there is no ${id}`);
    return this.#answered(asked(this.state, incident, verb, this.#asking(by)), by);
  }

  open(wanted: Partial<Wanted> & Pick<Wanted, 'key'>, by = 'anna', why = ''): Answered {
    const all = { policy: null, title: 'Down', service: null, severity: 'P1', startedAtMs: this.atMs, ...wanted } as const;
    return this.#answered(opening(this.state, all, { ...this.#asking(by), why }), by);
  }

  #asking(by: string): Asking {
    return { by, why: '', atMs: this.atMs };
  }

  #answered(answered: Answered, by: string): Answered {
    this.#keep(answered.events.map((event) => ({ ...event, actor: by })));
    return answered;
  }

  #keep(events: readonly IncidentRecorded[]): readonly IncidentRecorded[] {
    for (const event of events) {
      const record = { ...event, at: this.atMs };
      this.records.push(record);
      this.state = takeIncidents(this.state, record);
    }
    return events;
  }
}
