import { recordedIn } from '../../runtime/record.ts';
import type { LoggedEvent } from '../../stores/log.ts';
import { message } from './message.ts';

/** A line of a timeline. */
export type Entry = {
  /** Position in the log: the id of its message. */
  readonly seq: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  /** What happened, in one English sentence, as it is on record. */
  readonly said: string;
  /** State of the release afterwards. */
  readonly state: string | null;
  readonly release: string | null;
  readonly service: string;
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

export function entryMessage(entry: Entry): Buffer {
  return message('entry', entry, entry.seq);
}
