import type { Language } from '../../analysis/sentence.ts';
import type { IncidentRecorded } from '../../incidents/events.ts';
import { recordedIn } from '../../runtime/record.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import { incidentSaid } from '../../views/incident-view.ts';
import { message } from './message.ts';

/** A line of a timeline. */
export type Entry = {
  /** Position in the log: the id of its message. */
  readonly seq: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  /** What happened, in one sentence: of a release in English, as it is on record. */
  readonly said: string;
  /** State of the release afterwards. */
  readonly state: string | null;
  readonly release: string | null;
  /** Null: it is of an incident of no service. */
  readonly service: string | null;
  /** Id of the incident whose line it is; absent: it is a service's. */
  readonly incident?: string;
};

const servicePrefix = 'service/';

/** Name of the service whose record it is; null when it is nobody's. */
export function serviceOf({ stream }: Pick<LoggedEvent, 'stream'>): string | null {
  return stream.startsWith(servicePrefix) ? stream.slice(servicePrefix.length) : null;
}

/** An event as a timeline shows it; null when it says nothing to people, as most counts do. */
export function entryOf(logged: LoggedEvent): Entry | null {
  const service = serviceOf(logged);
  if (service === null) return null;
  // Unpacking the counts of a record only to leave them out would cost more than all the rest.
  const { said, phase } = logged.kind === 'sampled' ? (logged.data as ReturnType<typeof recordedIn>) : recordedIn(logged);
  if (said === null) return null;
  const { seq, at, kind, actor, release } = logged;
  return { seq, at, kind, actor, said, state: phase, release, service };
}

/** An event of an incident of that service as its timeline shows it. */
export function incidentEntry({ seq, at, kind, actor, data }: LoggedEvent, service: string | null, language: Language): Entry {
  const said = incidentSaid({ kind, actor, data } as IncidentRecorded, language);
  return { seq, at, kind, actor, said, state: null, release: null, service, incident: (data as { readonly id: string }).id };
}

export function entryMessage(entry: Entry): Buffer {
  return message('entry', entry, entry.seq);
}
